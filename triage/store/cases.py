"""Cases in the store: made, opened, changed, erased. Every function works within the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Connection, Row, and_, case, insert, null, select, update

from triage.errors import TriageError
from triage.store.erasing import erase
from triage.store.keys import KeyRing, KeyRingError, Sealer
from triage.store.records import (
    Asked,
    Case,
    Event,
    Exhibit,
    ExhibitState,
    Locate,
    Message,
    Read,
    Run,
    Standing,
    State,
    Told,
    as_told,
)
from triage.store.tables import (
    ASSESSMENTS,
    CASE_KEYS,
    CASES,
    COMMENT_RUNS,
    EVENTS,
    EXHIBITS,
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


def new_id() -> str:
    """An identifier that tells nothing: 128 random bits, in hexadecimal."""
    return uuid4().hex


class Cases:
    """The cases, opened with the keys of `ring`; `locate` says where a case is, from what was told."""

    def __init__(self, ring: KeyRing, locate: Locate | None = None) -> None:
        self.ring, self.locate = ring, locate or as_told

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
        wrapped = connection.scalar(select(CASE_KEYS.c.wrapped).where(CASE_KEYS.c.case_id == case_id))
        if wrapped is None:
            raise UnknownCaseError("Ce dossier n'existe pas, ou il a été effacé.")
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
            "told": self.ring.sealer(wrapped).seal(told.model_dump_json().encode()),
        }
        connection.execute(insert(CASES).values(**values, **ranking.columns))
        connection.execute(insert(CASE_KEYS).values(case_id=case_id, wrapped=wrapped))
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
        query = select(CASES).where(CASES.c.id == case_id)
        row = connection.execute(query.with_for_update() if lock else query).first()
        if row is None:
            raise UnknownCaseError("Ce dossier n'existe pas, ou il a été effacé.")
        sealer = self.sealer(connection, case_id)
        exhibits = tuple(_exhibit(one, sealer) for one in _belonging(connection, EXHIBITS, case_id, "number"))
        return Case(
            id=row.id,
            received_at=row.received_at,
            changed_at=row.changed_at,
            state=cast(State, row.state),
            level=row.level,
            rank=row.rank,
            types=tuple(row.types.split()),
            flags=tuple(row.flags.split()),
            claimed_by=row.claimed_by,
            claimed_at=row.claimed_at,
            told=Told.model_validate_json(sealer.open(row.told)),
            exhibits=exhibits,
            runs=_runs(connection, case_id, sealer) if exhibits else (),
            messages=tuple(
                Message(one.id, one.at, one.by, sealer.open(one.text).decode(), one.read_at, one.author)
                for one in _belonging(connection, MESSAGES, case_id)
            ),
            events=tuple(
                Event(one.at, one.kind, sealer.open(one.detail).decode())
                for one in _belonging(connection, EVENTS, case_id)
            ),
            asked=tuple(Asked(one.at, one.kind, one.state) for one in _belonging(connection, REQUESTS, case_id)),
            standing=standing_of(row),
        )

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
            raise UnknownCaseError("Ce dossier n'existe pas, ou il a été effacé.")
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
        connection.execute(insert(ASSESSMENTS).values(**row))

    def note(self, connection: Connection, case_id: str, kind: str, detail: str, now: datetime) -> None:
        """Adds to the chronology of the case."""
        sealed = self.sealer(connection, case_id).seal(detail.encode())
        connection.execute(insert(EVENTS).values(id=new_id(), case_id=case_id, at=now, kind=kind, detail=sealed))

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
        erase(connection, case_id, now)


def standing_of(row: Row[Any]) -> Standing:
    """A row of CASES as a record."""
    columns = {name: getattr(row, name) for name in Standing.__dataclass_fields__}
    return Standing(**columns | {"types": tuple(row.types.split()), "flags": tuple(row.flags.split())})


def _belonging(connection: Connection, table: Any, case_id: str, order: str = "at") -> Sequence[Row[Any]]:  # noqa: ANN401
    return connection.execute(select(table).where(table.c.case_id == case_id).order_by(table.c[order])).all()


def _exhibit(row: Row[Any], sealer: Sealer) -> Exhibit:
    about = Read.model_validate_json(sealer.open(row.about))
    state = cast(ExhibitState, row.state)
    return Exhibit(row.id, row.number, row.received_at, row.kind, row.media_type, row.size, state, about)


def _runs(connection: Connection, case_id: str, sealer: Sealer) -> tuple[Run, ...]:
    of_case = select(EXHIBITS.c.id).where(EXHIBITS.c.case_id == case_id)
    rows: Iterable[Row[Any]] = connection.execute(select(COMMENT_RUNS).where(COMMENT_RUNS.c.exhibit_id.in_(of_case)))
    return tuple(
        Run(one.exhibit_id, one.position, one.total, one.done, json.loads(sealer.open(one.progress))) for one in rows
    )
