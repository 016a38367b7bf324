"""An agent says in which commune a case is, where what was told does not name one alone."""

from __future__ import annotations

from datetime import datetime

from triage.desk import journal
from triage.desk.handling.opening import held
from triage.desk.office import DeskError, Office
from triage.desk.queue.placing import place
from triage.store import directory
from triage.store.people import Person


def choose(office: Office, person: Person, case_id: str, code: str, now: datetime) -> None:
    """Puts the case in the commune of that code; what was told of the département and of the force stays.

    Raises DeskError for a code that no commune has, ForbiddenError, NotHeldError.
    """
    with office.database.write() as connection:
        held(office, connection, person, case_id, now)
        if directory.commune(connection, code) is None:
            raise DeskError("Aucune commune de la table n'a ce code. Cherchez-la par son nom.")
        told = office.cases.get(connection, case_id).told
        office.cases.stand(connection, case_id, **vars(office.cases.locate(connection, told, code)))
        place(office, connection, case_id, now, quiet=True)
        journal.record(office, connection, person, "commune", now, case_id, why=code)  # gone with the case
