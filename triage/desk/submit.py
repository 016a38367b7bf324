"""Receives a report: assessed, kept for good, and only then acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from triage.desk.campaigns import finding
from triage.desk.evidence import File, attach
from triage.desk.handling.concerning import note_named
from triage.desk.inputs import Inputs
from triage.desk.making import as_answer, make
from triage.desk.office import DeskError, Office, derived_receipt, hashed, new_receipt
from triage.desk.queue.placing import place
from triage.desk.understanding import Understood
from triage.store import apart
from triage.store.cases import Answer
from triage.store.database import StoreError
from triage.store.records import Told

# Shorter idempotency keys can be guessed, and a guessed one must not lead to somebody's case.
SHORTEST_KEY = 16
RECEIVED = "received"


class KeyReusedError(DeskError):
    """An idempotency key came again with another content."""


@dataclass(frozen=True)
class Submitted:
    """What was received: the case, the code that opens it, and the files that were refused, with the reason."""

    case_id: str
    receipt: str
    understood: Understood
    refused: tuple[str, ...] = field(default=())
    again: bool = False


def submit(
    office: Office,
    told: Told,
    files: Sequence[File],
    now: datetime,
    key: str = "",
    body: bytes = b"",
    channel: str = "web",
    source: bytes = b"",
) -> Submitted:
    """Keeps a report and its evidence. The same `key` with the same `body` gives the same case and the same code.

    `source`: what tells apart, for a day, where reports come from; a keyed hash, kept for as long as floods are
    looked for.

    Raises IntakeError when the text cannot be read, StoreError when nothing could be kept, DeskError for a bad key.
    """
    if key and len(key) < SHORTEST_KEY:
        raise DeskError(f"La clé d'idempotence compte au moins {SHORTEST_KEY} caractères tirés au hasard.")
    engine, inputs = office.engine, Inputs(told, now, now, RECEIVED)
    understood = make(engine, inputs)
    once = (office.ring.digest("once", key), office.ring.digest("body", body)) if key else None
    receipt = derived_receipt(office.ring, key, body) if key else new_receipt()
    try:
        with office.database.write() as connection:
            answer = as_answer(engine, understood, inputs)
            made = _keep(office, connection, told, files, now, understood, answer, receipt, once, channel)
            if source and not made.again:
                apart.note_source(connection, made.case_id, source, now)
    except StoreError:
        earlier = _earlier(office, once, receipt, understood) if once else None
        if earlier is None:
            raise
        return earlier
    return made


def _keep(
    office: Office,
    connection: Connection,
    told: Told,
    files: Sequence[File],
    now: datetime,
    understood: Understood,
    answer: Answer,
    receipt: str,
    once: tuple[bytes, bytes] | None,
    channel: str,
) -> Submitted:
    cases = office.cases
    known = cases.by_key(connection, once[0]) if once else None
    if once and known:
        return _same(known, once, receipt, understood)
    case_id = cases.add(connection, told, understood.ranking, now, hashed(office.ring, receipt), once, channel)
    level = understood.diagnostic.level
    cases.record(connection, case_id, level.id, answer, now)
    cases.note(connection, case_id, RECEIVED, f"Récit reçu. Niveau : {level.label}.", now)
    refused = list(attach(office, connection, case_id, files, now))
    note_named(office, connection, case_id, told, now)
    place(office, connection, case_id, now, new=True)
    finding.ask(connection, case_id, now)
    return Submitted(case_id, receipt, understood, tuple(refused))


def _earlier(office: Office, once: tuple[bytes, bytes], receipt: str, understood: Understood) -> Submitted | None:
    """What the same request made an instant before, in another process: the store took one and refused the other."""
    with office.database.read() as connection:
        known = office.cases.by_key(connection, once[0])
    return _same(known, once, receipt, understood) if known else None


def _same(known: tuple[str, bytes], once: tuple[bytes, bytes], receipt: str, understood: Understood) -> Submitted:
    case_id, body = known
    if body != once[1]:
        raise KeyReusedError("Cette clé d'idempotence a déjà servi pour un autre contenu : prenez-en une nouvelle.")
    return Submitted(case_id, receipt, understood, again=True)
