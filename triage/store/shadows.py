"""What a model that is tried beside the served one answers. Every function works within the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, insert, select

from triage.store.cases import Ranking, new_id
from triage.store.desk_tables import DECISIONS
from triage.store.history import Made
from triage.store.tables import ASSESSMENTS, SHADOW_ANSWERS


@dataclass(frozen=True)
class Pair:
    """Two answers to the same assessment: of the model that served, and of the one tried.

    `agent_level` and `agent_types` are what an agent decided first of the case, on what this assessment said; empty
    when nobody did.
    """

    case_id: str
    assessment_id: str
    at: datetime
    served: str | None
    served_level: str
    served_types: tuple[str, ...]
    served_flags: tuple[str, ...]
    level: str
    types: tuple[str, ...]
    flags: tuple[str, ...]
    agent_level: str
    agent_types: tuple[str, ...]


def waiting(connection: Connection, version: str, rules: str, since: datetime, most: int) -> list[tuple[str, str]]:
    """The oldest assessments (case, assessment) made by these rules since then that `version` has not answered yet."""
    answered = and_(SHADOW_ANSWERS.c.assessment_id == ASSESSMENTS.c.id, SHADOW_ANSWERS.c.version == version)
    query = select(ASSESSMENTS.c.case_id, ASSESSMENTS.c.id).outerjoin(SHADOW_ANSWERS, answered)
    wanted = (ASSESSMENTS.c.at >= since) & (ASSESSMENTS.c.rules == rules) & ASSESSMENTS.c.inputs.is_not(None)
    rows = connection.execute(
        query.where(wanted, SHADOW_ANSWERS.c.id.is_(None)).order_by(ASSESSMENTS.c.at, ASSESSMENTS.c.id).limit(most)
    )
    return [(row.case_id, row.id) for row in rows]


def add(connection: Connection, made: Made, version: str, ranking: Ranking, held: bool) -> None:
    """Keeps what `version` answers to the assessment, beside what was served."""
    shown = made.shown
    row = {
        "assessment_id": made.id,
        "case_id": made.case_id,
        "version": version,
        "at": made.at,
        "level": ranking.level,
        "types": " ".join(ranking.types),
        "flags": " ".join(ranking.flags),
        "served": made.model,
        "served_level": made.level,
        "served_types": " ".join(one["type"] for one in shown["threats"]),
        "served_flags": " ".join(one["id"] for one in shown["red_flags"]),
        "held": held,
    }
    connection.execute(insert(SHADOW_ANSWERS).values(id=new_id(), **row))


def pairs(connection: Connection, version: str) -> list[Pair]:
    """All the answers of `version`, the oldest first, but for those to cases of which an agent had decided already."""
    kept = (SHADOW_ANSWERS.c.version == version) & ~SHADOW_ANSWERS.c.held
    answers = connection.execute(select(SHADOW_ANSWERS).where(kept).order_by("at", "id")).all()
    cases = select(SHADOW_ANSWERS.c.case_id).where(kept)
    columns = select(DECISIONS.c.case_id, DECISIONS.c.at, DECISIONS.c.level, DECISIONS.c.types)
    first: dict[str, tuple[str, str]] = {}
    for row in connection.execute(columns.where(DECISIONS.c.case_id.in_(cases)).order_by(DECISIONS.c.at)):
        first.setdefault(row.case_id, (row.level, row.types))
    # An agent decides on what the last assessment before them said: that one alone is compared with theirs.
    last = {row.case_id: row.id for row in answers}
    return [
        Pair(
            row.case_id,
            row.assessment_id,
            row.at,
            row.served,
            row.served_level,
            _ids(row.served_types),
            _ids(row.served_flags),
            row.level,
            _ids(row.types),
            _ids(row.flags),
            *_decided(first.get(row.case_id) if last[row.case_id] == row.id else None),
        )
        for row in answers
    ]


def _decided(found: tuple[str, str] | None) -> tuple[str, tuple[str, ...]]:
    return (found[0], _ids(found[1])) if found else ("", ())


def _ids(text: str) -> tuple[str, ...]:
    return tuple(text.split())
