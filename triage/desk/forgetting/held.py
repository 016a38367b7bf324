"""Everything that is held about a case or an account, opened: whatever the tables are, so that nothing is left out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select

from triage.store import views
from triage.store.desk_tables import DECISIONS, EXPOSURES, MESSAGE_FILES, NEWS, SAMPLE_READS
from triage.store.keys import KeyRingError, Sealer
from triage.store.people import Person
from triage.store.people_tables import AUDIT, ENROLMENTS, PEOPLE, SCOPES, SESSIONS
from triage.store.sealing import key_of
from triage.store.tables import (
    CASE_KEYS,
    CASES,
    COMMENT_RUNS,
    CONTENTS,
    DUTY,
    EVENTS,
    EXHIBITS,
    FEEDBACK,
    MESSAGES,
    METADATA,
    REQUESTS,
)

Row = dict[str, Any]
# What the person told, sent or was told; all the rest of a case is what the desk wrote of it.
TOLD = frozenset(table.name for table in (CASES, MESSAGES, EVENTS, EXHIBITS, COMMENT_RUNS, REQUESTS, FEEDBACK))
# Keys, and contents that are given as files.
_NOT_TOLD = (CASE_KEYS, CONTENTS, NEWS)
_SECRETS = frozenset({"password", "totp", "totp_step", "token", "id_token", "opened"})


def of_case(connection: Connection, sealer: Sealer, case_id: str) -> dict[str, list[Row]]:
    """Table → its rows about the case, what is sealed opened; keyed digests, which tell nothing, are left out."""
    found: dict[str, list[Row]] = {}
    for table in METADATA.sorted_tables:
        key = _key(table)
        if table in _NOT_TOLD or table is AUDIT or key is None:
            continue
        rows = connection.execute(select(table).where(key == case_id) if table is not COMMENT_RUNS else _runs(case_id))
        told = [dict(_opened(table, row._asdict(), sealer)) for row in rows]
        if told:
            found[table.name] = told
    return found


def of_account(connection: Connection, person: Person) -> dict[str, Any]:
    """What is held of somebody of the desk: account, places, sessions, shifts; what they did is counted, and listed."""
    person_id = person.id
    own = {table.name: _own(connection, table, person_id) for table in (SCOPES, ENROLMENTS, SESSIONS)}
    account = connection.execute(select(PEOPLE).where(PEOPLE.c.id == person_id)).one()
    shifts = connection.execute(select(DUTY).where(DUTY.c.who == key_of(connection, person.login)))
    lines = connection.execute(select(AUDIT).where(AUDIT.c.who == person_id).order_by(AUDIT.c.seq))
    counts = {EXPOSURES: EXPOSURES.c.person_id, SAMPLE_READS: SAMPLE_READS.c.person_id, DECISIONS: DECISIONS.c.by}
    return {
        "people": {**_plain(account._asdict()), "login": person.login, "name": person.name},
        **own,
        "views": [vars(one) for one in views.kept(connection, person_id)],
        "duty": [_plain(row._asdict()) for row in shifts],
        "counts": {
            table.name: len(connection.execute(select(column).where(column == person_id)).all())
            for table, column in counts.items()
        },
        "audit": [_plain(row._asdict()) for row in lines],
    }


def as_json(found: Mapping[str, Any], names: Mapping[str, str]) -> bytes:
    """As a file; `names` replace the ids of people, so that no agent is told by an id of their own."""
    text = json.dumps(found, ensure_ascii=False, indent=1, default=str)
    for person_id, name in names.items():
        text = text.replace(person_id, name)
    return text.encode() + b"\n"


def _key(table: Table) -> Any:  # noqa: ANN401 (a column)
    if table is CASES:
        return table.c.id
    if table is COMMENT_RUNS:
        return table.c.exhibit_id
    return table.c.get("case_id")


def _runs(case_id: str) -> Any:  # noqa: ANN401 (a query)
    return select(COMMENT_RUNS).where(
        COMMENT_RUNS.c.exhibit_id.in_(select(EXHIBITS.c.id).where(EXHIBITS.c.case_id == case_id))
    )


def _opened(table: Table, row: Mapping[str, Any], sealer: Sealer) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, bytes):
            if table is MESSAGE_FILES and name == "content":
                continue
            try:
                yield name, _read(sealer.open(value))
            except KeyRingError:  # a keyed digest, or a signature
                continue
        else:
            yield name, value.isoformat() if isinstance(value, datetime) else value


def _read(content: bytes) -> Any:  # noqa: ANN401 (JSON)
    text = content.decode(errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def _own(connection: Connection, table: Table, person_id: str) -> list[Row]:
    return [_plain(row._asdict()) for row in connection.execute(select(table).where(table.c.person_id == person_id))]


def _plain(row: Mapping[str, Any]) -> Row:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if name not in _SECRETS and not isinstance(value, bytes)
    }
