"""What stands at the head of every page of a case: its level, its clock, who holds it, what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from triage.assessment.disposition import Level
from triage.desk.office import Office
from triage.desk.people.rights import ForbiddenError, Right, may, require_case
from triage.desk.queue.reasons import Reason, reasons
from triage.desk.queue.times import lasted
from triage.intake.moment import in_paris
from triage.store import people, queue
from triage.store.desk_tables import EXCLUSIONS
from triage.store.people import Person
from triage.store.records import FINISHED, Standing


@dataclass(frozen=True)
class Head:
    """`holder` is a name, empty when nobody holds the case; `colleagues` may receive it.

    `longest` says how long it may be put off, `until` is what is proposed; both empty when it may not be.
    `mine`: the person holds it; `takes`: a supervisor may take it from its holder; `over`: it is closed, or joined.
    """

    reasons: tuple[Reason, ...]
    types: tuple[str, ...]
    holder: str
    mine: bool
    takes: bool
    over: bool
    identity: Reason
    colleagues: Sequence[Person]
    higher: Sequence[Level]
    longest: str
    until: str
    departements: Sequence[tuple[str, str]]
    forces: Mapping[str, str]


def head_of(office: Office, person: Person, case: Standing, now: datetime) -> Head:
    """The head of the case, for `person`."""
    with office.database.read() as connection:
        extras = queue.extras(connection, [case.id], now)[case.id]
        holder = case.held_by(now)
        mine, supervises = holder == person.id, may(person, Right.SUPERVISE)
        colleagues = _colleagues(connection, case) if mine or supervises else []
        name = people.names(connection, {holder})[holder] if holder else ""
    policy, kinds = office.engine.assessor.policy, office.engine.composer.kinds
    longest = office.policies.queue.longest_snooze(case.level)
    return Head(
        reasons=reasons(office, case, extras, now),
        types=tuple(kinds[one].label for one in case.types if one in kinds),
        holder=name,
        mine=mine,
        takes=supervises and bool(holder) and not mine,
        over=case.state in FINISHED or case.merged_into is not None,
        identity=_identity(office, case),
        colleagues=[one for one in colleagues if one.id != holder],
        higher=policy.levels[case.rank + 1 :],
        longest=lasted(longest) if longest else "",
        until=_proposed(now, longest) if longest else "",
        departements=[(code, one.name) for code, one in office.service.departements.items()],
        forces=office.policies.queue.forces,
    )


def _proposed(now: datetime, longest: timedelta) -> str:
    """Tomorrow at the same hour, or as late as may be: for a field of date and time."""
    when = in_paris(now + min(longest - timedelta(minutes=5), timedelta(days=1)))
    return when.strftime("%Y-%m-%dT%H:%M")


def _identity(office: Office, case: Standing) -> Reason:
    tones = {"verified": "good", "impostor": "late"}
    result = office.policies.conduct.results.get(case.identity)
    return Reason(result.label if result else "Identité non vérifiée", tones.get(case.identity, ""))


def _colleagues(connection: Connection, case: Standing) -> list[Person]:
    """Those who may have the case."""
    excluded = set(connection.scalars(select(EXCLUSIONS.c.person_id).where(EXCLUSIONS.c.case_id == case.id)))
    return [one for one in people.everybody(connection) if _may_have(one, case, one.id in excluded)]


def _may_have(person: Person, case: Standing, excluded: bool) -> bool:
    try:
        require_case(person, case, excluded)
    except ForbiddenError:
        return False
    return True
