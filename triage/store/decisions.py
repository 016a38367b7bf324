"""What agents decided of a case, beside what the engine said: labelled data, and what later reassessments go by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from triage.store.cases import new_id
from triage.store.desk_tables import DECISIONS
from triage.store.keys import Sealer
from triage.store.records import Sealed


class Seen(Sealed):
    """What an agent had before their eyes when they decided.

    `text`: how many characters of the report; `exhibits`: the ids of those read; `messages`: how many of the official.
    `reasons`: the engine's (« flag:arme », « type:menace ») and the rank of the level that each asked for; `types` and
    `flags`: those that it found.
    """

    text: int
    exhibits: tuple[str, ...] = ()
    messages: int = 0
    reasons: dict[str, int] = {}
    types: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """One decision: what stood before it, what stands since, and why. `kind`: « confirmed », « corrected », « raised ».

    Whoever raises the level says nothing of the types and flags: they are empty, before and after. `sources` says what
    was behind each type and flag that the engine had found (« menace=rule raid=model »).
    """

    at: datetime
    by: str
    kind: str
    level_before: str
    level: str
    types_before: tuple[str, ...]
    types: tuple[str, ...]
    flags_before: tuple[str, ...]
    flags: tuple[str, ...]
    sources: str
    rules: str
    model: str | None
    reason: str


# The level alone was raised, by somebody who may not even hold the case: no opinion on the rest, no work on it.
RAISED = "raised"
_LISTS = ("types_before", "types", "flags_before", "flags")


def add(connection: Connection, sealer: Sealer, case_id: str, decision: Decision, seen: Seen | None) -> str:
    """Keeps a decision; its id. `seen`: none for one that says nothing of what the engine found."""
    row: dict[str, Any] = vars(decision) | {name: " ".join(getattr(decision, name)) for name in _LISTS}
    row["reason"] = sealer.seal(decision.reason.encode())
    row["seen"] = sealer.seal(seen.model_dump_json().encode()) if seen else None
    decision_id = new_id()
    connection.execute(insert(DECISIONS).values(id=decision_id, case_id=case_id, **row))
    return decision_id


def of_case(connection: Connection, sealer: Sealer, case_id: str) -> list[Decision]:
    """The decisions on a case, the last first."""
    query = select(DECISIONS).where(DECISIONS.c.case_id == case_id).order_by(DECISIONS.c.at.desc())
    return [_decision(row, sealer) for row in connection.execute(query)]


def last_seen(connection: Connection, sealer: Sealer, case_id: str) -> Seen | None:
    """What the last agent who decided had before their eyes; None when nobody has kept it."""
    kept = (DECISIONS.c.case_id == case_id) & DECISIONS.c.seen.is_not(None)
    sealed = connection.scalar(select(DECISIONS.c.seen).where(kept).order_by(DECISIONS.c.at.desc()).limit(1))
    return Seen.model_validate_json(sealer.open(sealed)) if sealed else None


def _decision(row: Row[Any], sealer: Sealer) -> Decision:
    columns = {name: getattr(row, name) for name in Decision.__dataclass_fields__}
    lists = {name: tuple(getattr(row, name).split()) for name in _LISTS}
    return Decision(**columns | lists | {"reason": sealer.open(row.reason).decode()})
