"""Cases in the store: made, opened, changed, erased. Every function works within the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, and_, case, insert, null, select, update

from triage.errors import TriageError
from triage.store.erasing import erase
from triage.store.keys import KeyRing, KeyRingError, Sealer
from triage.store.opening import THERE, as_case, standing_of
from triage.store.records import Case, Locate, Standing, State, Told, as_told
from triage.store.tables import (
    ASSESSMENTS,
    CASE_KEYS,
    CASES,
    EVENTS,
    FEEDBACK,
    MESSAGES,
    REQUESTS,
)


class UnknownCaseError(TriageError):
    """There is no such case, or it has been erased."""


@dataclass(frozen=True)
class Ranking:
    """What the queue sorts by. `rank` is that of the level, from 0."""

    level: str
    rank: int
    types: tuple[str, ...]
    flags: tuple[str, ...]

    @property
    def columns(self) -> dict[str, Any]:
        """As columns of a case."""
        ids = {"types": " ".join(self.types), "flags": " ".join(self.flags)}
        return {"level": self.level, "rank": self.rank, **ids}


@dataclass(frozen=True)
class Answer:
    """One assessment, as it was shown: why it was made, by which rules and model, and all that it said.

    `inputs` is what it was made from, and `environment` the digest of what it was made on.
    """

    cause: str
    rules: str
    model: str | None
    shown: Mapping[str, Any]
    inputs: bytes
    environment: str


_UNKNOWN = "Ce dossier n'existe pas, ou il a été effacé."
_OPENED = select(CASES, CASE_KEYS.c.wrapped, *THERE).outerjoin(CASE_KEYS, CASE_KEYS.c.case_id == CASES.c.id)


def new_id() -> str:
    """An identifier that tells nothing: 128 random bits, in hexadecimal."""
    return uuid4().hex


class Cases:
    """The cases, opened with the keys of `ring`; `locate` says where a case is, from what was told.

    Made for each transaction: what opens the case that was just added is at hand.
    """

    def __init__(self, ring: KeyRing, locate: Locate | None = None) -> None:
        self.ring, self.locate = ring, locate or as_told
        self._added: tuple[str, Sealer] | None = None

    def check_keys(self, connection: Connection) -> None:
        """Raises KeyRingError when the keys are not those of the store: new cases would be lost with them."""
        wrapped = connection.scalar(select(CASE_KEYS.c.wrapped).limit(1))
        try:
            if wrapped is not None:
                self.ring.sealer(wrapped)
        except KeyRingError:
            raise KeyRingError("Les clés ne sont pas celles de ce registre : restaurez-les d'une sauvegarde.") from None

    def sealer(self, connection: Connection, case_id: str) -> Sealer:
        """What opens a case. Raises UnknownCaseError when its key is gone."""
        if self._added and self._added[0] == case_id:
            return self._added[1]
        wrapped = connection.scalar(select(CASE_KEYS.c.wrapped).where(CASE_KEYS.c.case_id == case_id))
        if wrapped is None:
            raise UnknownCaseError(_UNKNOWN)
        return self.ring.sealer(wrapped)

    def add(
        self,
        connection: Connection,
        told: Told,
        ranking: Ranking,
        now: datetime,
        receipt: bytes | None,
        once: tuple[bytes, bytes] | None,
        channel: str = "web",
    ) -> str:
        """A new case, open; its id. Without a `receipt` nobody outside opens it.

        `once` is the keyed hash of an idempotency key and that of what came with it.
        """
        case_id, wrapped = new_id(), self.ring.new_case_key()
        sealer = self.ring.sealer(wrapped)
        values = {
            "id": case_id,
            "receipt": receipt,
            "asked_once": once[0] if once else None,
            "body": once[1] if once else None,
            "received_at": now,
            "changed_at": now,
            "state": "open",
            "channel": channel,
            "level_since": now,
            **vars(self.locate(connection, told, "")),
            "told": sealer.seal(told.model_dump_json().encode()),
        }
        connection.execute(insert(CASES), {**values, **ranking.columns})
        connection.execute(insert(CASE_KEYS), {"case_id": case_id, "wrapped": wrapped})
        self._added = case_id, sealer
        return case_id

    def by_receipt(self, connection: Connection, receipt: bytes) -> str | None:
        """The id of the case that the keyed hash of a receipt opens."""
        return connection.scalar(select(CASES.c.id).where(CASES.c.receipt == receipt))

    def by_key(self, connection: Connection, asked_once: bytes) -> tuple[str, bytes] | None:
        """The case that an idempotency key made, and the keyed hash of what was sent with it."""
        row = connection.execute(select(CASES.c.id, CASES.c.body).where(CASES.c.asked_once == asked_once)).first()
        return (row.id, row.body) if row else None

    def get(self, connection: Connection, case_id: str, lock: bool = False) -> Case:
        """The case, with all that belongs to it but the contents of evidence. Raises UnknownCaseError.

        `lock`: nobody else changes it until the transaction ends.
        """
        query = _OPENED.where(CASES.c.id == case_id)
        row = connection.execute(query.with_for_update(of=CASES) if lock else query).first()
        if row is None:
            raise UnknownCaseError(_UNKNOWN)
        return self._case(connection, row)

    def of_receipt(self, connection: Connection, receipt: bytes) -> Case | None:
        """The case that the keyed hash of a receipt opens, as `get` gives it. Raises UnknownCaseError once erased."""
        row = connection.execute(_OPENED.where(CASES.c.receipt == receipt)).first()
        return self._case(connection, row) if row else None

    def _case(self, connection: Connection, row: Row[Any]) -> Case:
        if row.wrapped is None:
            raise UnknownCaseError(_UNKNOWN)
        return as_case(connection, row, self.ring.sealer(row.wrapped))

    def tell(self, connection: Connection, case_id: str, told: Told, now: datetime) -> None:
        """Keeps what the person tells now. The commune that was found stays until they tell another place."""
        sealer = self.sealer(connection, case_id)
        row = connection.execute(select(CASES.c.told, CASES.c.commune).where(CASES.c.id == case_id)).one()
        before = Told.model_validate_json(sealer.open(row.told))
        moved = (before.commune, before.departement) != (told.commune, told.departement)
        place = vars(self.locate(connection, told, "" if moved else row.commune))
        sealed = sealer.seal(told.model_dump_json().encode())
        connection.execute(update(CASES).where(CASES.c.id == case_id).values(told=sealed, changed_at=now, **place))

    def rank(self, connection: Connection, case_id: str, ranking: Ranking, now: datetime) -> None:
        """Keeps what the queue sorts by, and since when the case has its level.

        One whose level rises is neither put off nor withdrawn any more: somebody may be in danger.
        """
        rises = CASES.c.rank < ranking.rank
        values = {
            "changed_at": now,
            "level_since": case((CASES.c.level != ranking.level, now), else_=CASES.c.level_since),
            "snoozed_until": case((rises, null()), else_=CASES.c.snoozed_until),
            "state": case((and_(rises, CASES.c.state == "withdrawn"), "open"), else_=CASES.c.state),
            **ranking.columns,
        }
        connection.execute(update(CASES).where(CASES.c.id == case_id).values(**values))

    def standing(self, connection: Connection, case_id: str, lock: bool = False) -> Standing:
        """Where the case stands, without opening it. Raises UnknownCaseError.

        `lock`: nobody else changes it until the transaction ends.
        """
        query = select(CASES).where((CASES.c.id == case_id) & (CASES.c.state != "erased"))
        row = connection.execute(query.with_for_update() if lock else query).first()
        if row is None:
            raise UnknownCaseError(_UNKNOWN)
        return standing_of(row)

    def stand(self, connection: Connection, case_id: str, **columns: Any) -> None:  # noqa: ANN401 (columns of CASES)
        """Keeps where the case stands, by the names of the fields of `Standing`."""
        connection.execute(update(CASES).where(CASES.c.id == case_id).values(**columns))

    def record(self, connection: Connection, case_id: str, level: str, answer: Answer, now: datetime) -> None:
        """Keeps an assessment as it was shown, with what it was made from."""
        sealer = self.sealer(connection, case_id)
        sealed = {
            "answer": sealer.seal(json.dumps(answer.shown, ensure_ascii=False).encode()),
            "inputs": sealer.seal(answer.inputs),
        }
        made = {name: getattr(answer, name) for name in ("cause", "rules", "model", "environment")}
        row = {"id": new_id(), "case_id": case_id, "at": now, "level": level, **made, **sealed}
        connection.execute(insert(ASSESSMENTS), row)

    def note(self, connection: Connection, case_id: str, kind: str, detail: str, now: datetime) -> None:
        """Adds to the chronology of the case."""
        sealed = self.sealer(connection, case_id).seal(detail.encode())
        row = {"id": new_id(), "case_id": case_id, "at": now, "kind": kind, "detail": sealed}
        connection.execute(insert(EVENTS), row)

    def write(
        self, connection: Connection, case_id: str, by: str, text: str, now: datetime, author: str | None = None
    ) -> str:
        """Adds a message of « official » or « agent », `author` being which one; its id."""
        sealed, message_id = self.sealer(connection, case_id).seal(text.encode()), new_id()
        row = {"id": message_id, "case_id": case_id, "at": now, "by": by, "text": sealed, "author": author}
        connection.execute(insert(MESSAGES).values(**row))
        return message_id

    def mark_read(self, connection: Connection, case_id: str, by: str, now: datetime) -> None:
        """The messages written by `by` have been read by the other side."""
        unread = (MESSAGES.c.case_id == case_id) & (MESSAGES.c.by == by) & MESSAGES.c.read_at.is_(None)
        connection.execute(update(MESSAGES).where(unread).values(read_at=now))

    def ask(self, connection: Connection, case_id: str, kind: str, now: datetime) -> None:
        """Adds a request to the agents: a measure's id, or « erasure »."""
        row = {"id": new_id(), "case_id": case_id, "at": now, "kind": kind, "state": "asked"}
        connection.execute(insert(REQUESTS).values(**row))

    def opine(self, connection: Connection, case_id: str, content: Mapping[str, Any], now: datetime) -> None:
        """Keeps what the person said of the answer, for analysts."""
        sealed = self.sealer(connection, case_id).seal(json.dumps(content, ensure_ascii=False).encode())
        connection.execute(insert(FEEDBACK).values(id=new_id(), case_id=case_id, at=now, content=sealed))

    def set_state(self, connection: Connection, case_id: str, state: State, now: datetime) -> None:
        """Where the case stands."""
        connection.execute(update(CASES).where(CASES.c.id == case_id).values(state=state, changed_at=now))

    def erase(self, connection: Connection, case_id: str, now: datetime) -> None:
        """Destroys the case's key and all that belongs to it; a line without any content remains, to be counted."""
        self._added = None
        erase(connection, case_id, now)
