"""What a case went through, besides what its own record holds. Every function works within the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from triage.store.cases import UnknownCaseError
from triage.store.desk_tables import CLAIMS, DECISIONS
from triage.store.keys import Sealer
from triage.store.tables import ASSESSMENTS, FEEDBACK, REQUESTS


@dataclass(frozen=True)
class Judged:
    """One assessment: why it was made, the level it gave, the rules and model that made it."""

    id: str
    at: datetime
    level: str
    cause: str
    rules: str
    model: str | None


@dataclass(frozen=True)
class Made:
    """The same, with all that it said (`shown`), what it was made from (`inputs`) and on (`environment`).

    `inputs` and `environment` are none where they were not kept yet.
    """

    id: str
    case_id: str
    at: datetime
    level: str
    cause: str
    rules: str
    model: str | None
    environment: str | None
    shown: Mapping[str, Any]
    inputs: bytes | None


@dataclass(frozen=True)
class Opinion:
    """What the person said of an answer: the type that they name, their words, and what they had been told."""

    at: datetime
    type: str
    comment: str
    before: tuple[str, ...]


@dataclass(frozen=True)
class Held:
    """A claim: whose, from when until when, and how it ended."""

    who: str
    since: datetime
    until: datetime | None
    ended: str


@dataclass(frozen=True)
class Decided:
    """What an agent found of what the engine said."""

    at: datetime
    by: str
    kind: str
    level_before: str
    level: str


def assessments(connection: Connection, case_id: str) -> list[Judged]:
    """All of them, the oldest first."""
    columns = select(*(ASSESSMENTS.c[name] for name in Judged.__dataclass_fields__))
    rows = connection.execute(columns.where(ASSESSMENTS.c.case_id == case_id).order_by(ASSESSMENTS.c.at))
    return [Judged(*row) for row in rows]


def answer(connection: Connection, sealer: Sealer, case_id: str, assessment_id: str) -> Mapping[str, Any]:
    """All that an assessment of the case said, as it was kept. Raises UnknownCaseError."""
    where = (ASSESSMENTS.c.case_id == case_id) & (ASSESSMENTS.c.id == assessment_id)
    sealed = connection.scalar(select(ASSESSMENTS.c.answer).where(where))
    if sealed is None:
        raise UnknownCaseError("Ce diagnostic n'existe pas dans ce dossier.")
    found: Mapping[str, Any] = json.loads(sealer.open(sealed))
    return found


def made(connection: Connection, sealer: Sealer, case_id: str, assessment_id: str) -> Made:
    """An assessment of the case, opened. Raises UnknownCaseError."""
    where = (ASSESSMENTS.c.case_id == case_id) & (ASSESSMENTS.c.id == assessment_id)
    row = connection.execute(select(ASSESSMENTS).where(where)).first()
    if row is None:
        raise UnknownCaseError("Ce diagnostic n'existe pas dans ce dossier.")
    opened = {"shown": json.loads(sealer.open(row.answer)), "inputs": sealer.open(row.inputs) if row.inputs else None}
    columns = {name: getattr(row, name) for name in Made.__dataclass_fields__ if name not in opened}
    return Made(**columns, **opened)


def latest(connection: Connection, most: int | None = None) -> list[tuple[str, str]]:
    """The last assessments (case, assessment) of all cases, the oldest of them first; all of them without `most`."""
    newest = select(ASSESSMENTS.c.case_id, ASSESSMENTS.c.id).order_by(ASSESSMENTS.c.at.desc(), ASSESSMENTS.c.id.desc())
    return [(row.case_id, row.id) for row in connection.execute(newest.limit(most))][::-1]


def opinions(connection: Connection, sealer: Sealer, case_id: str) -> list[Opinion]:
    """What the person said of the answers, the oldest first."""
    rows = connection.execute(select(FEEDBACK).where(FEEDBACK.c.case_id == case_id).order_by(FEEDBACK.c.at))
    read = [(row.at, json.loads(sealer.open(row.content))) for row in rows]
    return [Opinion(at, c.get("type", ""), c.get("comment", ""), tuple(c.get("before", ()))) for at, c in read]


def claims(connection: Connection, case_id: str) -> list[Held]:
    """Who had the case, the oldest first."""
    columns = select(CLAIMS.c.who, CLAIMS.c.since, CLAIMS.c.until, CLAIMS.c.ended)
    return [Held(*row) for row in connection.execute(columns.where(CLAIMS.c.case_id == case_id).order_by("since"))]


def decisions(connection: Connection, case_id: str) -> list[Decided]:
    """What agents decided of its level, the oldest first."""
    columns = select(*(DECISIONS.c[name] for name in Decided.__dataclass_fields__))
    return [Decided(*row) for row in connection.execute(columns.where(DECISIONS.c.case_id == case_id).order_by("at"))]


def settle_request(connection: Connection, case_id: str, kind: str, state: str) -> bool:
    """Closes what was asked of the agents and waits; whether something did."""
    waits = (REQUESTS.c.case_id == case_id) & (REQUESTS.c.kind == kind) & (REQUESTS.c.state == "asked")
    return connection.execute(update(REQUESTS).where(waits).values(state=state)).rowcount > 0
