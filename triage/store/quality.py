"""The nights' measures in the store. Every function works within the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, true, update

from triage.store.cases import new_id
from triage.store.quality_tables import QUALITY

Count = Sequence[int]  # how many, of how many


@dataclass(frozen=True)
class Night:
    """One measure. `since`: from when decisions are counted; `model` is none when the rules alone serve.

    `accepted`: later nights are compared with it; `settled`: somebody said that what it found is as it should be.

    `frozen` and `sealed`: kind → figures, now and at the promotion; `wrong`: what is judged → the texts on which it is
    wrong, and « set », which texts there were; `decided`, `charts`: by name; `findings`: (check, sentence).
    """

    at: datetime
    since: datetime
    rules: str
    model: str | None
    accepted: bool = False
    settled: bool = False
    texts: int = 0
    frozen: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    sealed: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    wrong: Mapping[str, Sequence[str]] = field(default_factory=dict)
    decided: Mapping[str, Count] = field(default_factory=dict)
    charts: Mapping[str, float] = field(default_factory=dict)
    findings: Sequence[tuple[str, str]] = ()
    id: str = ""


def add(connection: Connection, night: Night) -> str:
    """Keeps a night; its id."""
    made = new_id()
    connection.execute(insert(QUALITY).values(**vars(night) | {"id": made, "findings": list(night.findings)}))
    return made


def last(connection: Connection) -> Night | None:
    """The last night."""
    return _first(connection, true())


def reference(connection: Connection) -> Night | None:
    """The last night that was accepted: what the others are compared with."""
    return _first(connection, QUALITY.c.accepted.is_(True))


def latest(connection: Connection, most: int) -> list[Night]:
    """The last nights, the last first."""
    return [_night(row._asdict()) for row in connection.execute(_select().limit(most))]


def accept(connection: Connection, night_id: str, charts: Mapping[str, float]) -> None:
    """What a night found is as it should be: the others are compared with it, and the charts begin anew."""
    values = {"accepted": True, "settled": True, "charts": dict(charts)}
    connection.execute(update(QUALITY).where(QUALITY.c.id == night_id).values(**values))


def _first(connection: Connection, where: ColumnElement[bool]) -> Night | None:
    row = connection.execute(_select().where(where).limit(1)).first()
    return _night(row._asdict()) if row else None


def _select() -> Any:  # noqa: ANN401 (a query of all the columns)
    return select(QUALITY).order_by(QUALITY.c.at.desc(), QUALITY.c.id)


def _night(columns: Mapping[str, Any]) -> Night:
    findings = tuple((check, sentence) for check, sentence in columns["findings"])
    return Night(**{**columns, "findings": findings})
