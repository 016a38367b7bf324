"""Who speaks: unverified until an agent has called the town hall or the préfecture back, at the directory's number.

Never at a number that the report gives. Nothing waits for it: no level, no place in the queue, no alert depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from triage.desk import journal
from triage.desk.handling.joining import held_together
from triage.desk.office import DeskError, Office
from triage.desk.queue.placing import tell
from triage.document.folding import fold
from triage.store import notes
from triage.store.desk_tables import DIRECTORY
from triage.store.people import Person
from triage.store.records import Standing

IDENTITY = "identity"
# More entries than that are not chosen from: the name is typed.
MOST_SHOWN = 12


@dataclass(frozen=True)
class Caller:
    """An entry of the directory that can be called back."""

    id: str
    kind: str
    name: str
    commune: str
    phone: str
    checked_on: str


def callers(office: Office, connection: Connection, standing: Standing, named: str = "") -> list[Caller]:
    """Whom to call: the town hall of the commune and the préfecture; or those with `named` in their name."""
    words = fold(named).split()
    found = [
        one
        for one in _entries(office, connection, standing)
        if (all(word in fold(one.name) for word in words) if words else _expected(one, standing))
    ]
    return sorted(found, key=lambda one: (one.commune != standing.commune, one.name))[:MOST_SHOWN]


def verify(office: Office, person: Person, case_id: str, entry: str, result: str, note: str, now: datetime) -> Standing:
    """Keeps what calling an entry of the directory told of who speaks.

    Raises DeskError for an entry or a result that is not of the lists, NotHeldError, ForbiddenError, UnknownCaseError.
    """
    chosen = office.policies.conduct.results.get(result)
    if chosen is None:
        raise DeskError("Choisissez ce que l'appel a donné.")
    with office.database.write() as connection:
        standing = held_together(office, connection, person, case_id, now)
        known = {one.id: one for one in _entries(office, connection, standing)}
        if entry not in known:
            raise DeskError("Choisissez dans l'annuaire la mairie ou la préfecture que vous avez appelée.")
        called = known[entry]
        office.cases.stand(connection, case_id, identity=chosen.id)
        text = f"Rappel de {called.name}, au {called.phone} : {chosen.label}."
        sealer = office.cases.sealer(connection, case_id)
        notes.add(connection, sealer, case_id, person.id, f"{text}\n\n{note.strip()}".strip(), now)
        if chosen.told:
            office.cases.note(connection, case_id, IDENTITY, chosen.told, now)
        after = office.cases.standing(connection, case_id)
        tell(connection, IDENTITY, after, now)
        why = f"{called.name}\n\n{note.strip()}".strip()  # whom one calls says which commune: gone with the case
        journal.record(office, connection, person, IDENTITY, now, case_id, chosen.id, why)
        return after


def _entries(office: Office, connection: Connection, standing: Standing) -> Sequence[Caller]:
    """Those of the département, or of everywhere when it is not known."""
    columns = (DIRECTORY.c.id, DIRECTORY.c.kind, DIRECTORY.c.name, DIRECTORY.c.commune, DIRECTORY.c.phone)
    sorts = DIRECTORY.c.kind.in_(office.policies.conduct.identity.callers)
    query = select(*columns, DIRECTORY.c.checked_on).where(sorts & (DIRECTORY.c.phone != ""))
    if standing.departement:
        query = query.where(DIRECTORY.c.departement == standing.departement)
    return [Caller(*row) for row in connection.execute(query)]


def _expected(one: Caller, standing: Standing) -> bool:
    """The town hall of the commune told, and whoever answers for the whole département."""
    return bool(standing.commune and one.commune == standing.commune) or (
        not one.commune and bool(standing.departement)
    )
