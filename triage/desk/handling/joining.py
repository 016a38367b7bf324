"""Joins a case to the main one when the same person reported twice, and parts them again.

The joined case leaves the queue and is no longer claimed; its own code still opens it. What comes in it, a message, a
danger, brings the main case back in the queue (`queue.placing`). Who holds the main case handles both.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, update

from triage.desk import journal
from triage.desk.decided import all_types
from triage.desk.handling.excluding import follow
from triage.desk.handling.opening import held, permitted
from triage.desk.handling.reasons import said
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import ForbiddenError
from triage.desk.queue.claiming import end_claim
from triage.desk.queue.placing import place
from triage.store import joined
from triage.store.cases import Ranking, UnknownCaseError
from triage.store.people import Person
from triage.store.records import FINISHED, Standing
from triage.store.tables import CASES

JOINED, PARTED = "joined", "parted"


def held_together(office: Office, connection: Connection, person: Person, case_id: str, now: datetime) -> Standing:
    """The case, locked, for whoever holds it, or the main case that it is joined to. Raises as `held` does."""
    standing = permitted(office, connection, person, case_id, lock=True)
    if standing.merged_into:
        held(office, connection, person, standing.merged_into, now)
        return standing
    return held(office, connection, person, case_id, now)


def named(office: Office, connection: Connection, person: Person, reference: str) -> Standing:
    """The case that `person` calls by its reference. Raises DeskError, the same for one that is not theirs to see."""
    found = joined.by_reference(connection, reference)
    if len(found) == 1:
        try:
            return permitted(office, connection, person, found[0])
        except (ForbiddenError, UnknownCaseError):
            pass
    raise DeskError("Aucun dossier de votre ressort ne porte cette référence. Vérifiez ses huit signes.")


def join(office: Office, person: Person, case_id: str, reference: str, reason: str, now: datetime) -> Standing:
    """Joins the case, which `person` holds, to the one called `reference`; where that one stands then.

    Raises DeskError when they cannot be joined, NotHeldError, ForbiddenError, UnknownCaseError.
    """
    reason = said(reason)
    with office.database.write() as connection:
        main = named(office, connection, person, reference)
        other = held(office, connection, person, case_id, now)
        main = permitted(office, connection, person, main.id, lock=True)
        _check(other, main)
        connection.execute(update(CASES).where(CASES.c.merged_into == case_id).values(merged_into=main.id))
        office.cases.stand(connection, case_id, merged_into=main.id, snoozed_until=None)
        end_claim(office, connection, case_id, "merged", now)
        _take_over(office, connection, main, other, now)
        office.cases.note(
            connection, case_id, JOINED, "Votre dossier est suivi avec un autre, sur les mêmes faits.", now
        )
        place(office, connection, case_id, now)
        after = office.cases.standing(connection, main.id)
        journal.record(office, connection, person, "merge", now, case_id, main.id, reason)
        journal.record(office, connection, person, "merge.main", now, main.id, case_id)
        return after


def part(office: Office, person: Person, case_id: str, reason: str, now: datetime) -> Standing:
    """The case stands for itself again. Raises DeskError when it is not joined to an open one, ForbiddenError."""
    reason = said(reason)
    with office.database.write() as connection:
        standing = permitted(office, connection, person, case_id, lock=True)
        main_id = standing.merged_into
        if main_id is None:
            raise DeskError("Ce dossier n'est joint à aucun autre.")
        if standing.state in FINISHED:
            raise DeskError("Ce dossier est clos avec le dossier principal : rouvrez d'abord celui-ci.")
        office.cases.stand(connection, case_id, merged_into=None, taken_at=None, level_since=now)
        office.cases.note(connection, case_id, PARTED, "Votre dossier est de nouveau suivi pour lui-même.", now)
        after = place(office, connection, case_id, now)
        place(office, connection, main_id, now)
        journal.record(office, connection, person, "unmerge", now, case_id, main_id, reason)
        return after


def _check(other: Standing, main: Standing) -> None:
    if other.id == main.id:
        raise DeskError("C'est la référence de ce dossier : donnez celle de l'autre.")
    if main.merged_into:
        raise DeskError("Ce dossier-là est lui-même joint à un autre : donnez la référence du dossier principal.")
    if other.state in FINISHED or main.state != "open" or other.merged_into:
        raise DeskError("L'un des deux dossiers est clos, retiré ou déjà joint : ils ne peuvent pas être réunis.")


def _take_over(office: Office, connection: Connection, main: Standing, other: Standing, now: datetime) -> None:
    """The main case is at least at the level of the other, and has its types and flags: nothing of it is hidden.

    Whoever is kept out of one is kept out of both.
    """
    types = all_types(main.types, other.types)
    flags = tuple(dict.fromkeys((*main.flags, *other.flags)))
    level, rank = max(((one.level, one.rank) for one in (main, other)), key=lambda one: one[1])
    office.cases.rank(connection, main.id, Ranking(level, rank, types, flags), now)
    office.cases.stand(connection, main.id, decided=level, concerns=main.concerns or other.concerns)
    follow(office, connection, other.id, main.id)
    follow(office, connection, main.id, other.id)
