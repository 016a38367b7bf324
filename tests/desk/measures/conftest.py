"""What the tests of measures share: people, a small directory, cases in their places."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from triage.desk.measures.importing import import_communes, import_units
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.store import people
from triage.store.people import Person, Role, Scope
from triage.store.records import Told
from triage.store.tables import CASES

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)
THREAT = "Je suis maire. Un homme m'a écrit par SMS hier : « je sais où tu habites, je vais te tuer »."
UNITS = """identifiant;type;nom;département;force;commune;téléphone;courriel;adresse;référent;vérifié le
BR-01;brigade;Brigade de Clairval;35;gendarmerie;35901;02 99 00 00 01;;1 rue du Lavoir, Clairval;;2026-03-01
CO-01;commissariat;Commissariat de Hautmont-sur-Ille;35;police;35902;02 99 00 00 02;;;;2026-03-01
RE-G;referent;Référent du groupement 35;35;gendarmerie;;02 99 00 00 03;referent@exemple.fr;;Adjudante Le Goff;2026-03-01
RE-P;referent;Référent de la police 35;35;police;;02 99 00 00 04;;;Capitaine Morel;2026-03-01
PREF35;prefecture;Préfecture d'Ille-et-Vilaine, cabinet;35;;;02 99 00 00 05;;3 place du Parc, Rennes;;2026-03-01
BR-22;brigade;Brigade de Saint-Aubin;22;gendarmerie;22901;02 96 00 00 01;;;;
"""
COMMUNES = """code;nom;département;force;unité
35901;Clairval;35;gendarmerie;BR-01
35902;Hautmont-sur-Ille;35;police;CO-01
35903;Saint-Aubin-des-Prés;35;gendarmerie;BR-01
22901;Saint-Aubin-des-Prés;22;gendarmerie;BR-22
22902;L'Étang-Sainte-Anne;22;gendarmerie;BR-22
"""


def somebody(office: Office, role: Role = "agent", *scopes: Scope, unit: str = "") -> Person:
    """Somebody new, active; everywhere when no scope is given."""
    with office.database.write() as connection:
        number = len(people.everybody(connection)) + 1
        made = people.add(
            connection, f"p{number}@exemple.fr", f"Personne {number}", role, scopes or (Scope(),), unit, NOW
        )
        people.change(connection, made, state="active")
        return people.get(connection, made)


def directory(office: Office) -> None:
    """The small directory."""
    assert import_units(office, "system: test", "unites.csv", UNITS.encode(), NOW).kept
    assert import_communes(office, "system: test", "communes.csv", COMMUNES.encode(), NOW).kept


def told(office: Office, text: str = THREAT, now: datetime = NOW, **facts: str) -> str:
    """A case."""
    return submit(office, Told(text=text, **facts), [], now).case_id


def holds(office: Office, person: Person, case_id: str, now: datetime = NOW) -> None:
    """`person` has claimed the case."""
    until = now + timedelta(days=400)
    values = {"claimed_by": person.id, "claimed_at": now, "lease_until": until, "taken_at": now}
    with office.database.write() as connection:
        connection.execute(update(CASES).where(CASES.c.id == case_id).values(**values))
