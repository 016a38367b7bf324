"""What of a case is compared with others: what was told, and what was read in its evidence. Nothing else is opened."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from triage.store.cases import UnknownCaseError
from triage.store.keys import KeyRing
from triage.store.records import Read, Told
from triage.store.tables import CASE_KEYS, CASES, EXHIBITS


@dataclass(frozen=True)
class Compared:
    """What was told, and the kind of each piece of evidence with what was read in it."""

    told: Told
    evidence: tuple[tuple[str, Read], ...]


def opened(connection: Connection, ring: KeyRing, case_id: str) -> Compared:
    """What of the case is compared. Raises UnknownCaseError."""
    query = select(CASES.c.told, CASE_KEYS.c.wrapped).join(CASE_KEYS, CASE_KEYS.c.case_id == CASES.c.id)
    row = connection.execute(query.where(CASES.c.id == case_id)).first()
    if row is None:
        raise UnknownCaseError("Ce dossier n'existe pas, ou il a été effacé.")
    sealer = ring.sealer(row.wrapped)
    pieces = select(EXHIBITS.c.kind, EXHIBITS.c.about).where(EXHIBITS.c.case_id == case_id).order_by(EXHIBITS.c.number)
    evidence = [(one.kind, Read.model_validate_json(sealer.open(one.about))) for one in connection.execute(pieces)]
    return Compared(Told.model_validate_json(sealer.open(row.told)), tuple(evidence))
