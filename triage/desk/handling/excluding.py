"""Conflicts of interest: who does not see a case, because they know somebody in it or because it is about their unit.

A case is never hidden from everybody: what would leave nobody to read it is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from triage.desk import journal
from triage.desk.handling.opening import held, permitted
from triage.desk.handling.reasons import said
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import Right, may, require
from triage.desk.queue.claiming import end_claim
from triage.desk.queue.placing import place, tell
from triage.store import joined, people
from triage.store.cases import new_id
from triage.store.desk_tables import DIRECTORY, EXCLUSIONS
from triage.store.people import Person
from triage.store.records import Standing

EXCLUDED, CONCERNS = "exclude", "concerns"
_NOBODY = "Personne d'autre ne pourrait lire ce dossier. Demandez d'abord à l'administrateur un compte qui le couvre."


@dataclass(frozen=True)
class Exclusion:
    """Somebody kept out of a case, by whom, and why."""

    person_id: str
    at: datetime
    by: str
    reason: str


def exclude(office: Office, by: Person, case_id: str, person_id: str, reason: str, now: datetime) -> None:
    """Keeps somebody out of the case: oneself, or anybody for a supervisor. Whoever held it no longer does.

    Raises DeskError when nobody else could read it, or there is no such person; ForbiddenError, UnknownCaseError.
    """
    reason = said(reason)
    if person_id != by.id:
        require(by, Right.SUPERVISE)
    with office.database.write() as connection:
        standing = permitted(office, connection, by, case_id, lock=True)
        if person_id not in {one.id for one in people.everybody(connection)}:
            raise DeskError("Choisissez quelqu'un dans la liste.")
        main, *others = _family(office, connection, standing)
        _keep_readers(connection, main, lambda one: one.id != person_id)
        for one in (main, *others):
            _keep(office, connection, one.id, Exclusion(person_id, now, by.id, reason))
        _let_go(office, connection, main, lambda one: one.id == person_id, now)
        journal.record(office, connection, by, EXCLUDED, now, case_id, person_id, reason)


def readmit(office: Office, by: Person, case_id: str, person_id: str, reason: str, now: datetime) -> None:
    """Lets somebody see the case again; a supervisor only. Raises ForbiddenError, UnknownCaseError, DeskError."""
    reason = said(reason)
    require(by, Right.SUPERVISE)
    with office.database.write() as connection:
        family = _family(office, connection, permitted(office, connection, by, case_id, lock=True))
        where = EXCLUSIONS.c.case_id.in_([one.id for one in family]) & (EXCLUSIONS.c.person_id == person_id)
        if not connection.execute(delete(EXCLUSIONS).where(where)).rowcount:
            raise DeskError("Cette personne n'est pas écartée de ce dossier.")
        journal.record(office, connection, by, "readmit", now, case_id, person_id, reason)


def set_concerns(office: Office, by: Person, case_id: str, unit: str, reason: str, now: datetime) -> Standing:
    """The case is about a unit of the directory, whose people no longer see it; about none when `unit` is empty.

    Whoever holds the case says so; a supervisor may besides, whoever holds it: it may be somebody of that unit.
    Raises DeskError for another unit, or when nobody could read it any more; NotHeldError, ForbiddenError,
    UnknownCaseError.
    """
    reason = said(reason)
    with office.database.write() as connection:
        standing = permitted(office, connection, by, case_id, lock=True)
        held(office, connection, by, standing.merged_into or case_id, now, take=True)
        if unit and unit not in units(office, connection, standing):
            raise DeskError("Choisissez une unité de l'annuaire.")
        main, *others = _family(office, connection, standing)
        if unit:
            _keep_readers(connection, main, lambda one: one.unit != unit)
        for one in (main, *others):
            office.cases.stand(connection, one.id, concerns=unit)
        if unit:
            _let_go(office, connection, main, lambda one: one.unit == unit, now)
        after = place(office, connection, case_id, now)
        tell(connection, CONCERNS, after, now)
        journal.record(office, connection, by, CONCERNS, now, case_id, unit or "-", reason)
        return after


def units(office: Office, connection: Connection, standing: Standing) -> dict[str, str]:
    """The units that the case may be about, by id: those of its département, or all when it is not known."""
    query = select(DIRECTORY.c.id, DIRECTORY.c.name).where(DIRECTORY.c.kind.in_(office.policies.conduct.identity.units))
    if standing.departement:
        query = query.where(DIRECTORY.c.departement == standing.departement)
    rows = connection.execute(query.order_by(DIRECTORY.c.name))
    return {row.id: row.name for row in rows}


def exclusions(office: Office, connection: Connection, case_id: str) -> list[Exclusion]:
    """Who is kept out of the case."""
    sealer = office.cases.sealer(connection, case_id)
    rows = connection.execute(select(EXCLUSIONS).where(EXCLUSIONS.c.case_id == case_id).order_by(EXCLUSIONS.c.at))
    return [Exclusion(row.person_id, row.at, row.by, sealer.open(row.reason).decode()) for row in rows]


def follow(office: Office, connection: Connection, case_id: str, other_id: str) -> None:
    """Whoever is kept out of a case is kept out of another one, about the same person, too."""
    for one in exclusions(office, connection, case_id):
        _keep(office, connection, other_id, one)


def readers(connection: Connection, standing: Standing) -> list[Person]:
    """Who may read the case."""
    out = _excluded(connection, standing.id)
    return [
        one
        for one in people.everybody(connection)
        if may(one, Right.HANDLE)
        and one.id not in out
        and one.covers(standing.departement, standing.force)
        and not (one.unit and one.unit == standing.concerns)
    ]


def _family(office: Office, connection: Connection, standing: Standing) -> list[Standing]:
    """The main case, locked, and those joined to it: they are about the same person."""
    main = office.cases.standing(connection, standing.merged_into or standing.id, lock=True)
    return [main, *(office.cases.standing(connection, one) for one in joined.joined_to(connection, main.id))]


def _keep(office: Office, connection: Connection, case_id: str, one: Exclusion) -> None:
    if one.person_id in _excluded(connection, case_id):
        return
    sealed = office.cases.sealer(connection, case_id).seal(one.reason.encode())
    row = {"id": new_id(), "case_id": case_id, "person_id": one.person_id, "at": one.at, "by": one.by}
    connection.execute(insert(EXCLUSIONS).values(**row, reason=sealed))


def _keep_readers(connection: Connection, standing: Standing, stays: Callable[[Person], bool]) -> None:
    if not any(stays(one) for one in readers(connection, standing)):
        raise DeskError(_NOBODY)


def _excluded(connection: Connection, case_id: str) -> set[str]:
    return set(connection.scalars(select(EXCLUSIONS.c.person_id).where(EXCLUSIONS.c.case_id == case_id)))


def _let_go(
    office: Office, connection: Connection, standing: Standing, leaves: Callable[[Person], bool], now: datetime
) -> None:
    """Gives the case back when whoever holds it may no longer see it."""
    if standing.claimed_by and leaves(people.get(connection, standing.claimed_by)):
        end_claim(office, connection, standing.id, "excluded", now)
