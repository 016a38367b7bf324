"""What an agent finds of what the engine said: right, or to be corrected, types, flags and level. Labelled data.

How a decision holds against later reassessments: see `triage.desk.decided`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.desk import journal
from triage.desk.case import assessed, load
from triage.desk.decided import messages_of, seen_now
from triage.desk.handling.opening import held
from triage.desk.handling.reasons import said
from triage.desk.office import DeskError, Office
from triage.desk.queue.placing import place, tell
from triage.desk.understanding import Understood
from triage.store import decisions
from triage.store.cases import Ranking
from triage.store.decisions import Decision
from triage.store.people import Person
from triage.store.records import FINISHED, Case, Standing

CONFIRMED, CORRECTED = "confirmed", "corrected"
DECISION = "decision"  # on the live stream
# More types than that say nothing any more.
MOST_TYPES = 8


@dataclass(frozen=True)
class Opinion:
    """What a case is, according to somebody: types (the main one first), flags and level, by their ids."""

    types: tuple[str, ...]
    flags: tuple[str, ...]
    level: str


def version(case: Case) -> str:
    """What of a case an agent had on the page: a decision on another one is refused."""
    read = sum(1 for one in case.exhibits if one.state != "pending")
    return f"{len(case.told.text)}.{len(case.told.answers)}.{read}.{len(messages_of(case))}.{case.rank}"


def confirm(office: Office, person: Person, case_id: str, shown: str, now: datetime) -> Standing:
    """The engine was right. `shown` is the version that the agent had before them.

    Raises DeskError when the case has changed since, NotHeldError, ForbiddenError, UnknownCaseError.
    """
    return _decide(office, person, case_id, shown, None, "", now)


def correct(
    office: Office, person: Person, case_id: str, shown: str, opinion: Opinion, reason: str, now: datetime
) -> Standing:
    """The case is what `opinion` says; the level may be lower. Raises as `confirm` does, DeskError for unknown ids."""
    reason = said(reason)
    check(office, opinion)
    return _decide(office, person, case_id, shown, opinion, reason, now)


def check(office: Office, opinion: Opinion) -> None:
    """Raises DeskError when the opinion is not made of the ids of the rules, or has no type, or too many."""
    assessor = office.engine.assessor
    if not opinion.types:
        raise DeskError("Choisissez au moins un type.")
    if len(opinion.types) > MOST_TYPES:
        raise DeskError(f"Choisissez {MOST_TYPES} types au plus, les principaux.")
    known = {*assessor.policy.base, *assessor.flags, *(level.id for level in assessor.policy.levels)}
    if not known.issuperset((*opinion.types, *opinion.flags, opinion.level)):
        raise DeskError("Choisissez un niveau, et des types et des drapeaux de la liste.")


def at_level(
    office: Office, connection: Connection, standing: Standing, opinion: Opinion, text: str, now: datetime
) -> Standing:
    """Gives the case the types, flags and level that somebody decided, and its place; they hold from now on.

    The official reads `text`, with the two levels, when the level changes.
    """
    policy = office.engine.assessor.policy
    ranking = Ranking(opinion.level, policy.rank(opinion.level), opinion.types, opinion.flags)
    office.cases.rank(connection, standing.id, ranking, now)
    office.cases.stand(connection, standing.id, decided=opinion.level)
    if opinion.level != standing.level:
        labels = f"{policy.level(standing.level).label} → {policy.level(opinion.level).label}"
        office.cases.note(connection, standing.id, "level", f"{text} Niveau : {labels}.", now)
    after = place(office, connection, standing.id, now)
    tell(connection, DECISION, after, now)
    return after


def _decide(
    office: Office, person: Person, case_id: str, shown: str, opinion: Opinion | None, reason: str, now: datetime
) -> Standing:
    case = load(office, case_id)
    found = assessed(office, case, case.told, now)
    with office.database.write() as connection:
        standing = held(office, connection, person, case_id, now)
        if standing.state in FINISHED:
            raise DeskError("Ce dossier est clos : rouvrez-le pour décider.")
        if shown != version(case) or shown != version(office.cases.get(connection, case_id)):
            raise DeskError("Du nouveau est arrivé dans ce dossier depuis que vous lisez cette page : relisez-la.")
        decision = _decision(case, found, person, opinion, reason, now)
        sealer = office.cases.sealer(connection, case_id)
        decision_id = decisions.add(connection, sealer, case_id, decision, seen_now(office.engine, case, found))
        decided = Opinion(decision.types, decision.flags, decision.level)
        after = at_level(office, connection, standing, decided, "Un agent a relu votre dossier.", now)
        about = f"{decision_id} {decision.level_before} {decision.level}"
        journal.record(office, connection, person, f"decide.{decision.kind}", now, case_id, about, reason)
        return after


def _decision(
    case: Case, found: Understood, person: Person, opinion: Opinion | None, reason: str, now: datetime
) -> Decision:
    before = Opinion(case.types, case.flags, case.level)
    after = opinion or before
    return Decision(
        at=now,
        by=person.id,
        kind=CORRECTED if opinion else CONFIRMED,
        level_before=before.level,
        level=after.level,
        types_before=before.types,
        types=after.types,
        flags_before=before.flags,
        flags=after.flags,
        sources=" ".join(_sources(found)),
        rules=found.triaged.rules,
        model=found.triaged.model.version if found.triaged.model else None,
        reason=reason,
    )


def _sources(found: Understood) -> Iterable[str]:
    """What was behind each type and flag that the engine found: a rule, or the model alone."""
    assessment = found.triaged.assessment
    for threat in assessment.threats[:MOST_TYPES]:
        yield f"{threat.type}={_source(threat.hits)}"
    for one in assessment.flags:
        yield f"{one.flag.id}={'model' if one.probability < 1 else 'rule'}"


def _source(hits: Collection[object]) -> str:
    return "rule" if hits else "model"
