"""Takes a case, so that nobody else works on it; gives it back, or to somebody else. Of all who try, one wins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from triage.desk import journal
from triage.desk.handling.opening import held, permitted
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import ForbiddenError
from triage.desk.queue import leases
from triage.desk.queue.placing import tell
from triage.store import people, queue
from triage.store.people import Person, UnknownPersonError
from triage.store.queue import ANY, Filters
from triage.store.records import FINISHED, Standing


class TakenError(DeskError):
    """Somebody else holds the case."""


def claim(office: Office, person: Person, case_id: str, now: datetime) -> Standing:
    """`person` takes the case, or keeps it. Raises TakenError, ForbiddenError, UnknownCaseError, DeskError."""
    with office.database.write() as connection:
        return claim_within(office, connection, person, case_id, now)


def claim_within(office: Office, connection: Connection, person: Person, case_id: str, now: datetime) -> Standing:
    """The same, in the caller's transaction."""
    standing = permitted(office, connection, person, case_id, lock=True)
    if standing.state in FINISHED or standing.merged_into:
        raise DeskError("Ce dossier est clos, ou joint à un autre : il ne se prend plus.")
    holder = standing.held_by(now)
    if holder == person.id:
        leases.renew(office, connection, person, standing, now)
        return office.cases.standing(connection, case_id)
    if holder:
        raise TakenError(f"{people.get(connection, holder).name} a déjà pris ce dossier.")
    return _begin(office, connection, person, standing, now)


def take_next(office: Office, person: Person, now: datetime, filters: Filters = ANY) -> Standing | None:
    """`person` takes the first case that waits, among those that `filters` keep; None when nothing waits.

    Cases that somebody else is taking at this moment are passed over.
    """
    with office.database.write() as connection:
        case_id = queue.next_free(connection, person, filters, now)
        if case_id is None:
            return None
        return _begin(office, connection, person, permitted(office, connection, person, case_id, lock=True), now)


def release(office: Office, person: Person, case_id: str, now: datetime) -> Standing:
    """Gives the case back to the queue. Raises NotHeldError, ForbiddenError, UnknownCaseError."""
    with office.database.write() as connection:
        standing = held(office, connection, person, case_id, now)
        after = leases.end(office, connection, standing, "released", now)
        journal.record(office, connection, person, "release", now, case_id)
        return after


def hand_over(office: Office, person: Person, case_id: str, to: str, now: datetime) -> Standing:
    """Gives the case to the person whose id is `to`; a supervisor may take it from whoever holds it.

    Raises NotHeldError, ForbiddenError, UnknownCaseError, DeskError when `to` is nobody or may not have it.
    """
    with office.database.write() as connection:
        standing = held(office, connection, person, case_id, now, take=True)
        receiver = _receiver(connection, to)
        try:
            permitted(office, connection, receiver, case_id)
        except ForbiddenError as error:
            raise DeskError(
                f"{receiver.name} ne peut pas recevoir ce dossier : choisissez une autre personne."
            ) from error
        after = leases.begin(office, connection, receiver, standing, now, "handed")
        tell(connection, "handed", after, now, receiver.id)
        journal.record(office, connection, person, "hand_over", now, case_id, about=receiver.id)
        return after


def end_claim(office: Office, connection: Connection, case_id: str, ended: str, now: datetime) -> Standing:
    """Ends the claim on a case that its holder closes, merges or transmits, in the caller's transaction."""
    return leases.end(office, connection, office.cases.standing(connection, case_id, lock=True), ended, now)


def sweep(office: Office, now: datetime) -> int:
    """Gives back to the queue the cases whose holders do nothing any more, or may no longer; how many.

    Old news are deleted.
    """
    with office.database.read() as connection:
        gone = [one for one in queue.held(connection, now) if _gone(office, connection, one)]
        over = [*queue.expired(connection, now), *(one.id for one in gone)]
    done = sum(_expire(office, case_id, now) for case_id in over)
    with office.database.write() as connection:
        queue.forget_news(connection, now)
    return done


def _begin(office: Office, connection: Connection, person: Person, standing: Standing, now: datetime) -> Standing:
    """Takes a case that nobody holds; whoever held it before has let the lease end."""
    before = standing.claimed_by
    after = leases.begin(office, connection, person, standing, now)
    if before:
        journal.record(office, connection, journal.SYSTEM, "expire", now, standing.id, about=before)
    journal.record(office, connection, person, "claim", now, standing.id)
    return after


def _receiver(connection: Connection, person_id: str) -> Person:
    """Who is to receive a case. Raises DeskError for nobody."""
    try:
        return people.get(connection, person_id)
    except UnknownPersonError as error:
        raise DeskError("Choisissez dans la liste la personne à qui passer le dossier.") from error


def _expire(office: Office, case_id: str, now: datetime) -> bool:
    """Ends the lease on a case, in a transaction of its own, unless it was made longer or taken anew meanwhile."""
    with office.database.write() as connection:
        standing = office.cases.standing(connection, case_id, lock=True)
        if standing.claimed_by is None or (standing.held_by(now) and not _gone(office, connection, standing)):
            return False
        leases.end(office, connection, standing, "expired", now)
        journal.record(office, connection, journal.SYSTEM, "expire", now, case_id, about=standing.claimed_by)
        return True


def _gone(office: Office, connection: Connection, standing: Standing) -> bool:
    """Whether whoever holds the case may no longer see it: their account was closed, or either has moved."""
    try:
        permitted(office, connection, people.get(connection, standing.claimed_by or ""), standing.id)
    except (ForbiddenError, UnknownPersonError):
        return True
    return False
