"""People and cases that the tests of what agents do share."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import insert

from triage.desk.handling.deciding import version
from triage.desk.office import Office
from triage.desk.queue.claiming import claim
from triage.desk.submit import submit
from triage.store import people
from triage.store.desk_tables import DIRECTORY
from triage.store.people import Person, Role, Scope
from triage.store.records import Case, Standing, Told

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
CALM = "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte ni menace."
THREAT = "Je suis maire. Un homme m'a écrit par SMS hier : « je sais où tu habites, je vais te tuer »."


def somebody(office: Office, role: Role = "agent", *scopes: Scope, unit: str = "") -> Person:
    """Somebody active; everywhere when no scope is given."""
    with office.database.write() as connection:
        number = len(people.everybody(connection))
        name = f"{role.title()} {number}"
        made = people.add(connection, f"p{number}@exemple.fr", name, role, scopes or (Scope(),), unit, NOW)
        people.change(connection, made, state="active")
        return people.get(connection, made)


def sent(office: Office, text: str = THREAT, now: datetime = NOW, **told: object) -> str:
    """The id of a new case."""
    return submit(office, Told(text=text, **told), [], now).case_id


def held(office: Office, person: Person, text: str = THREAT, now: datetime = NOW, **told: object) -> str:
    """The id of a new case that `person` has taken."""
    case_id = sent(office, text, now, **told)
    claim(office, person, case_id, now)
    return case_id


def case(office: Office, case_id: str) -> Case:
    with office.database.read() as connection:
        return office.cases.get(connection, case_id)


def standing(office: Office, case_id: str) -> Standing:
    with office.database.read() as connection:
        return office.cases.standing(connection, case_id)


def shown(office: Office, case_id: str) -> str:
    """What a page open now tells that its reader has seen."""
    return version(case(office, case_id))


def listed(office: Office, unit: str, kind: str, name: str, phone: str = "02 99 00 00 01", commune: str = "") -> str:
    """An entry of the directory, in Ille-et-Vilaine; its id."""
    row = {"id": unit, "kind": kind, "name": name, "departement": "35", "force": "gendarmerie", "commune": commune}
    rest = {"phone": phone, "mail": "", "address": "", "referent": "", "checked_on": "2026-11-02"}
    with office.database.write() as connection:
        connection.execute(insert(DIRECTORY).values(**row, **rest))
    return unit
