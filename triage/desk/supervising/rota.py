"""The rota, as the desk keeps it: everybody sees it, those who supervise a place change it there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.desk import duty, journal
from triage.desk.alerts import recipients
from triage.desk.alerts.recipients import Place
from triage.desk.duty import Shift
from triage.desk.office import DeskError, Office
from triage.desk.people import sessions
from triage.desk.people.rights import Right, may
from triage.store import people
from triage.store.people import Person, Scope


@dataclass(frozen=True)
class Watch:
    """Who may act for a place now: on the rota, at their desk; and whom an alert would reach by e-mail."""

    on_duty: tuple[Person, ...]
    present: tuple[Person, ...]
    reached: tuple[Person, ...]


def add(
    office: Office, person: Person, login: str, scope: Scope, starts: datetime, ends: datetime, now: datetime
) -> None:
    """Puts somebody on duty. Raises DeskError with what is wrong: nobody there, another's place, the past, too long."""
    with office.database.read() as connection:
        who = people.by_login(connection, login)
    if who is None or who.state != "active" or not may(who, Right.HANDLE):
        raise DeskError("Choisissez une personne dans la liste : un agent ou un responsable dont le compte est actif.")
    if not may_change(person, scope):
        raise DeskError("Cette garde dépasse votre ressort : choisissez un département et une force que vous encadrez.")
    if not who.covers(scope.departement, scope.force):
        raise DeskError("Cette personne ne couvre pas ce département et cette force : vérifiez son compte.")
    longest = office.policies.alerts.longest_shift
    if ends <= now:
        raise DeskError("Cette garde est déjà finie : vérifiez les deux dates.")
    if ends - starts > timedelta(hours=longest):
        raise DeskError(f"Une garde dure au plus {longest} heures : vérifiez les deux dates, ou faites-en plusieurs.")
    with office.database.write() as connection:
        shift_id = duty.put(connection, who.login, starts, ends, scope.departement, scope.force)
        journal.record(office, connection, person, "duty.add", now, about=f"{shift_id} {who.id}")


def remove(office: Office, person: Person, shift_id: str, now: datetime) -> None:
    """Takes a shift off the rota. Raises DeskError for one that is gone, or of another's place."""
    found = next((one for one in duty.shifts(office.database, now) if one.id == shift_id), None)
    if found is None:
        raise DeskError("Cette garde n'est plus au tableau.")
    if not may_change(person, Scope(found.departement, found.force)):
        raise DeskError("Cette garde n'est pas de votre ressort.")
    with office.database.write() as connection:
        duty.take_off(connection, shift_id)
        journal.record(office, connection, person, "duty.remove", now, about=shift_id)


def may_change(person: Person, scope: Scope) -> bool:
    """Whether `person` supervises all of `scope`, not a part of it."""
    whole = (own.departement in ("", scope.departement) and own.force in ("", scope.force) for own in person.scopes)
    return may(person, Right.SUPERVISE) and any(whole)


def visible(person: Person, shift: Shift) -> bool:
    """Whether the shift is of some place of the person's."""
    return person.covers(shift.departement, shift.force)


def candidates(office: Office, person: Person) -> list[Person]:
    """Whom `person` may put on duty: active handlers who work where they do."""
    with office.database.read() as connection:
        everybody = people.everybody(connection)
    return [
        one
        for one in everybody
        if may(one, Right.HANDLE) and any(person.covers(own.departement, own.force) for own in one.scopes)
    ]


def names(office: Office) -> dict[str, str]:
    """The names of the people of the desk, by login."""
    with office.database.read() as connection:
        return {one.login: one.name for one in people.everybody(connection)}


def watch(office: Office, departement: str, force: str, now: datetime) -> Watch:
    """Who is there for that place at this moment, and whom the first alert of an immediate case would be sent to."""
    place = Place(departement, force)
    with office.database.read() as connection:
        roster = recipients.roster(connection, now)
        there = [one for one in sessions.present(connection, now) if recipients.sees(one, place)]
    kind = office.policies.alerts.kinds["immediate"]
    chosen = recipients.chosen(roster, kind, place, now, widened=False)
    reached = tuple(one for one in roster.people if one.id in chosen)
    return Watch(tuple(roster.on_duty(place)), tuple(there), reached)
