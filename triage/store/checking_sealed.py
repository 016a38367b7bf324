"""Checks what is sealed: the key of every case opens, every text too, and every piece is the one received."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Connection, FromClause, LargeBinary, Row, Select, Table, null, select

from triage.errors import TriageError
from triage.store.backups.copying import tables_in
from triage.store.campaign_tables import SIGNATURES
from triage.store.desk_tables import MESSAGE_FILES
from triage.store.keys import KeyRing, KeyRingError, Sealer
from triage.store.people_tables import AUDIT
from triage.store.records import Read, reference_of
from triage.store.tables import CASE_KEYS, CASES, COMMENT_RUNS, CONTENTS, EXHIBITS

_BATCH = 500
# An export of comments is replaced by what is kept of it once it was sorted: its digest is that of the file received.
_REPLACED = "comments"
# Checked one by one, a piece at a time in memory.
_HEAVY = (CONTENTS, MESSAGE_FILES)


def sealed_columns(table: Table) -> list[Column[Any]]:
    """What is sealed in a table: bytes of any length, but for the keyed signatures; keyed digests have a length."""
    return [
        column
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.type.length is None and table is not SIGNATURES
    ]


def key_faults(connection: Connection, ring: KeyRing) -> Iterator[str]:
    """Cases without a key, or whose key does not open."""
    query = select(CASES.c.id, CASE_KEYS.c.wrapped).outerjoin(CASE_KEYS, CASE_KEYS.c.case_id == CASES.c.id)
    for row in _streamed(connection, query.where(CASES.c.state != "erased")):
        if row.wrapped is None:
            yield f"dossier {reference_of(row.id)} : sa clé manque, rien de lui ne s'ouvre plus"
        elif ring.wrapping.mark_of(row.wrapped) is None:
            yield f"dossier {reference_of(row.id)} : sa clé ne s'ouvre pas avec les clés du service"


def missing_contents(connection: Connection) -> Iterator[str]:
    """Pieces without their content."""
    query = select(EXHIBITS.c.case_id, EXHIBITS.c.number).outerjoin(CONTENTS, CONTENTS.c.exhibit_id == EXHIBITS.c.id)
    for row in _streamed(connection, query.where(CONTENTS.c.exhibit_id.is_(None))):
        yield f"dossier {reference_of(row.case_id)}, pièce {row.number} : son contenu manque"


def evidence_faults(connection: Connection, ring: KeyRing) -> Iterator[str]:
    """Pieces that do not open, or are not as they were received."""
    query = (
        select(EXHIBITS, CONTENTS.c.original, CONTENTS.c.preview, CASE_KEYS.c.wrapped)
        .join(CONTENTS, CONTENTS.c.exhibit_id == EXHIBITS.c.id)
        .join(CASE_KEYS, CASE_KEYS.c.case_id == EXHIBITS.c.case_id)
    )
    for row in _streamed(connection, query, 1):
        if what := _wrong_piece(row, ring):
            yield f"dossier {reference_of(row.case_id)}, pièce {row.number} : {what}"


def _wrong_piece(row: Row[Any], ring: KeyRing) -> str:
    try:
        sealer = ring.sealer(row.wrapped)
        about = Read.model_validate_json(sealer.open(row.about))
        content = sealer.open(row.original)
        if row.preview is not None:
            sealer.open(row.preview)
    except (TriageError, ValueError):
        return "elle ne s'ouvre pas"
    if row.kind == _REPLACED and row.state == "read":
        return ""
    same = hashlib.sha256(content).hexdigest() == about.sha256 and len(content) == row.size
    return "" if same else "elle n'est plus celle qui a été reçue"


def sealed_faults(connection: Connection, ring: KeyRing) -> Iterator[str]:
    """Texts that the key of their case, or the service's own, does not open."""
    for table in tables_in(connection):
        columns = [] if table in (CASE_KEYS, CONTENTS) else sealed_columns(table)
        if columns:
            yield from _closed(connection, ring, table, columns)


def _closed(connection: Connection, ring: KeyRing, table: Table, columns: list[Column[Any]]) -> Iterator[str]:
    """One key opens all that follows of the same case: it is opened once."""
    wrapped, sealer = None, None
    for row in _streamed(connection, _with_keys(table, columns), 1 if table in _HEAVY else _BATCH):
        if row.case_id and row.wrapped is None:
            continue  # a case that was erased, or lost its key, which is said already
        if row.case_id and row.wrapped != wrapped:
            wrapped, sealer = row.wrapped, _sealer(ring, row.wrapped)
        opens = sealer if row.case_id else ring.reasons
        for column in columns:
            if opens and not _opens(opens, row._mapping[column]):
                case = f"dossier {reference_of(row.case_id)}" if row.case_id else "service"
                yield f"{case} : {table.name}.{column.name} ne s'ouvre pas"


def _with_keys(table: Table, columns: list[Column[Any]]) -> Select[Any]:
    """The columns, with the case of their row and its key; an empty case for what the service's own keys close."""
    joined: FromClause = table
    if table is CASES:
        case = CASES.c.id
    elif table is COMMENT_RUNS:
        case, joined = EXHIBITS.c.case_id, table.join(EXHIBITS)
    elif "case_id" in table.c:
        case = table.c.case_id
    else:
        return select(*columns, null().label("case_id"), null().label("wrapped"))
    query = select(*columns, case.label("case_id"), CASE_KEYS.c.wrapped)
    query = query.select_from(joined.outerjoin(CASE_KEYS, CASE_KEYS.c.case_id == case))
    return query if table is AUDIT else query.order_by(case)


def _sealer(ring: KeyRing, wrapped: bytes) -> Sealer | None:
    try:
        return ring.sealer(wrapped)
    except KeyRingError:
        return None  # said already


def _opens(sealer: Sealer, sealed: bytes | None) -> bool:
    try:
        return sealed is None or sealer.open(sealed) is not None
    except KeyRingError:
        return False


def _streamed(connection: Connection, query: Select[Any], size: int = _BATCH) -> Iterator[Row[Any]]:
    yield from connection.execute(query.execution_options(yield_per=size))
