"""The measures of a case, and each step that they took. Every function works within the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from triage.store.cases import new_id
from triage.store.desk_tables import MEASURE_STEPS, MEASURES
from triage.store.joined import together
from triage.store.keys import Sealer
from triage.store.opening import standing_of
from triage.store.records import Standing
from triage.store.tables import CASES, REQUESTS


class Detail(BaseModel):
    """What a step noted, kept sealed: a note, the result of an assessment, the unit it went to, its own date."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    note: str = ""
    result: str = ""
    unit: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Step:
    """A step: from the state `before` (empty at the opening) to `state`; `by` a person's id, or « official »."""

    at: datetime
    by: str
    before: str
    state: str
    detail: Detail


@dataclass(frozen=True)
class Measure:
    """A measure. `since`: of its state; `until`: when what is granted ends; `unit`: an entry of the directory."""

    id: str
    case_id: str
    kind: str
    state: str
    since: datetime
    until: datetime | None
    remind_at: datetime | None
    by: str
    unit: str
    steps: tuple[Step, ...] = field(default=())

    @property
    def result(self) -> str:
        """The last result noted."""
        return next((one.detail.result for one in reversed(self.steps) if one.detail.result), "")


def of_case(connection: Connection, case_id: str, sealer: Sealer) -> dict[str, Measure]:
    """The measures of a case, by kind, with their steps."""
    rows = connection.execute(select(MEASURES).where(MEASURES.c.case_id == case_id).order_by(MEASURES.c.since)).all()
    mine = select(MEASURE_STEPS).where(MEASURE_STEPS.c.case_id == case_id).order_by(MEASURE_STEPS.c.at)
    steps: dict[str, list[Step]] = {row.id: [] for row in rows}
    for one in connection.execute(mine):
        detail = Detail.model_validate_json(sealer.open(one.note))
        steps[one.measure_id].append(Step(one.at, one.by, one.before, one.state, detail))
    return {row.kind: _measure(row, tuple(steps[row.id])) for row in rows}


def get(connection: Connection, case_id: str, kind: str) -> Measure | None:
    """A measure of a case, without its steps. The case is locked first by whoever changes it."""
    row = connection.execute(
        select(MEASURES).where((MEASURES.c.case_id == case_id) & (MEASURES.c.kind == kind))
    ).first()
    return _measure(row) if row else None


def add(connection: Connection, case_id: str, kind: str, by: str, now: datetime, **columns: Any) -> str:  # noqa: ANN401
    """A new measure; its id."""
    measure_id = new_id()
    row = {"id": measure_id, "case_id": case_id, "kind": kind, "by": by, "since": now, "unit": "", **columns}
    connection.execute(insert(MEASURES).values(**row))
    return measure_id


def change(connection: Connection, measure_id: str, **columns: Any) -> None:  # noqa: ANN401 (columns of MEASURES)
    """Keeps what changed of a measure."""
    connection.execute(update(MEASURES).where(MEASURES.c.id == measure_id).values(**columns))


def note_step(
    connection: Connection, case_id: str, measure_id: str, step: Step, sealer: Sealer, *, notice: bool = False
) -> None:
    """Adds a step, sealed. `notice`: the official is to be told by e-mail that something new waits."""
    row = {"at": step.at, "by": step.by, "before": step.before, "state": step.state}
    row["noticed_at"] = None if notice else step.at
    sealed = sealer.seal(step.detail.model_dump_json().encode())
    connection.execute(
        insert(MEASURE_STEPS).values(id=new_id(), case_id=case_id, measure_id=measure_id, note=sealed, **row)
    )


def asked(connection: Connection, case_id: str, kind: str) -> bool:
    """Whether the official asked for that measure, whatever became of it."""
    theirs = (REQUESTS.c.case_id == case_id) & (REQUESTS.c.kind == kind)
    return connection.execute(select(REQUESTS.c.id).where(theirs).limit(1)).first() is not None


def settle_request(connection: Connection, case_id: str, kind: str) -> None:
    """What the official asked for has been taken up."""
    asked = (REQUESTS.c.case_id == case_id) & (REQUESTS.c.kind == kind) & (REQUESTS.c.state == "asked")
    connection.execute(update(REQUESTS).where(asked).values(state="done"))


def next_reminder(connection: Connection, case_id: str) -> datetime | None:
    """When the first of the reminders of a case, and of those joined to it, comes, or came."""
    mine = MEASURES.c.case_id.in_(together(case_id))
    first: datetime | None = connection.scalar(select(func.min(MEASURES.c.remind_at)).where(mine))
    return first


def listed(
    connection: Connection, where: Iterable[ColumnElement[bool]], order: ColumnElement[Any], limit: int
) -> list[tuple[Measure, Standing]]:
    """Measures and the cases that they belong to, of those that every condition of `where` keeps."""
    # Both tables have « state » and « id »: each is read with its own columns.
    query = (
        select(*(one.label(f"m_{one.name}") for one in MEASURES.c), *(one.label(one.name) for one in CASES.c))
        .join(CASES, CASES.c.id == MEASURES.c.case_id)
        .where(CASES.c.state != "erased", *where)
        .order_by(order.asc().nulls_last(), MEASURES.c.since.desc())
        .limit(limit)
    )
    return [(_measure(cast(Any, _Prefixed(row))), standing_of(row)) for row in connection.execute(query)]


class _Prefixed:
    """The columns of MEASURES in a row that holds those of CASES too."""

    def __init__(self, row: Row[Any]) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._row, f"m_{name}")


def _measure(row: Row[Any], steps: tuple[Step, ...] = ()) -> Measure:
    return Measure(
        row.id, row.case_id, row.kind, row.state, row.since, row.until, row.remind_at, row.by, row.unit, steps
    )
