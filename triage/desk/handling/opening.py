"""Opens a case for somebody at the desk: access is checked, and the view is written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from triage.desk import journal
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import Right, may, require_case
from triage.desk.queue.leases import renew
from triage.store.desk_tables import EXCLUSIONS
from triage.store.people import Person
from triage.store.records import Case, Standing


class NotHeldError(DeskError):
    """The case has to be claimed before this is done."""


def permitted(
    office: Office,
    connection: Connection,
    person: Person,
    case_id: str,
    lock: bool = False,
    right: Right = Right.HANDLE,
) -> Standing:
    """Where the case stands, for somebody who may see it. Raises ForbiddenError, UnknownCaseError.

    One that is joined to another is seen by whoever may see that one, who handles both.
    `lock`: nobody else changes it until the transaction ends. `right`: what they are about to do with it.
    """
    standing = office.cases.standing(connection, case_id, lock)
    where = (EXCLUSIONS.c.case_id == case_id) & (EXCLUSIONS.c.person_id == person.id)
    excluded = connection.execute(select(EXCLUSIONS.c.id).where(where)).first() is not None
    require_case(person, _reached(office, connection, person, standing), excluded, right)
    return standing


def _reached(office: Office, connection: Connection, person: Person, standing: Standing) -> Standing:
    """The case, where the main one is when that is how `person` comes to see it."""
    if standing.merged_into is None or person.covers(standing.departement, standing.force):
        return standing
    main = office.cases.standing(connection, standing.merged_into)
    return replace(standing, departement=main.departement, force=main.force)


def held(
    office: Office, connection: Connection, person: Person, case_id: str, now: datetime, take: bool = False
) -> Standing:
    """The case, locked, for somebody who has claimed it, or supervises; their lease begins anew.

    `take`: a supervisor may take it from whoever holds it. Raises NotHeldError besides.
    """
    standing = permitted(office, connection, person, case_id, lock=True)
    holder = standing.held_by(now)
    renew(office, connection, person, standing, now)
    if holder != person.id and not ((take or holder is None) and may(person, Right.SUPERVISE)):
        raise NotHeldError("Prenez d'abord ce dossier : un autre agent pourrait le traiter en même temps que vous.")
    return standing


def open_case(office: Office, person: Person, case_id: str, now: datetime, page: str) -> Case:
    """The case, read by somebody who may; the audit keeps that they did, and on which `page`."""
    with office.database.write() as connection:
        renew(office, connection, person, permitted(office, connection, person, case_id, lock=True), now)
        case = office.cases.get(connection, case_id)
        journal.record(office, connection, person, "view", now, case_id, page)
    return case
