"""Where a case is: the commune that was told, completed with its département and force, never against what was told."""

from __future__ import annotations

import pytest

from tests.desk.measures.conftest import NOW, THREAT, directory, holds, somebody, told
from triage.desk import follow_up
from triage.desk.case import load
from triage.desk.measures import siting
from triage.desk.measures.routing import suggest
from triage.desk.measures.sites import site
from triage.desk.office import DeskError, Office
from triage.store.records import Standing


def standing(office: Office, case_id: str) -> Standing:
    with office.database.read() as connection:
        return office.cases.standing(connection, case_id)


def place(office: Office, case_id: str) -> tuple[str, str, str]:
    one = standing(office, case_id)
    return one.commune, one.departement, one.force


@pytest.mark.parametrize(
    ("commune", "found"),
    [
        ("Clairval", ("35901", "35", "gendarmerie")),
        ("CLAIRVAL", ("35901", "35", "gendarmerie")),
        ("mairie de Clairval", ("35901", "35", "gendarmerie")),
        ("Clairval 35901", ("35901", "35", "gendarmerie")),
        ("35740 Clairval", ("35901", "35", "gendarmerie")),
        ("Hautmont s/ Ille", ("35902", "35", "police")),
        ("l’etang ste anne", ("22902", "22", "gendarmerie")),
        ("St-Aubin des Prés (35)", ("35903", "35", "gendarmerie")),
        ("St Aubin des Prés 22901", ("22901", "22", "gendarmerie")),
        ("St Aubin des Prés", ("", "", "")),
        ("35902", ("", "", "")),
        ("Clairval (22)", ("", "", "")),
        ("Nulle-Part 15", ("", "", "")),
        ("", ("", "", "")),
    ],
)
def test_a_commune_is_found_when_it_is_named_without_a_doubt(
    office: Office, commune: str, found: tuple[str, str, str]
) -> None:
    directory(office)
    assert place(office, told(office, commune=commune)) == found


def test_what_was_told_is_never_overridden_and_the_difference_is_shown(each_office: Office) -> None:
    directory(each_office)
    case_id = told(each_office, commune="Clairval", departement="35", force="police")
    assert place(each_office, case_id) == ("35901", "35", "police")
    with each_office.database.read() as connection:
        shown = site(each_office, connection, each_office.cases.get(connection, case_id))
    assert shown.differs == ("Force dite : police. D'après la table : gendarmerie.",)


def test_the_place_outlives_what_is_told_besides(office: Office) -> None:
    directory(office)
    case_id = told(office, commune="Clairval")
    follow_up.tick(office, case_id, {"x"}, {"x"}, NOW)
    follow_up.complete(office, case_id, "Il a recommencé.", NOW)
    assert place(office, case_id) == ("35901", "35", "gendarmerie")


def test_another_place_told_takes_its_place(office: Office) -> None:
    directory(office)
    case_id = told(office, commune="Clairval")
    follow_up.tell_facts(office, case_id, {"commune": "Hautmont-sur-Ille"}, NOW)
    assert place(office, case_id) == ("35902", "35", "police")
    follow_up.tell_facts(office, case_id, {"commune": "Saint-Aubin-des-Prés"}, NOW)
    assert place(office, case_id) == ("", "", "")


def test_an_agent_chooses_among_communes_of_one_name_and_it_stays(office: Office) -> None:
    directory(office)
    agent, case_id = somebody(office), told(office, commune="Saint-Aubin-des-Prés")
    holds(office, agent, case_id)
    with office.database.read() as connection:
        near = site(office, connection, load(office, case_id)).near
    assert [one.code for one in near] == ["22901", "35903"]
    siting.choose(office, agent, case_id, "22901", NOW)
    follow_up.complete(office, case_id, "Il a recommencé.", NOW)
    assert place(office, case_id) == ("22901", "22", "gendarmerie")
    with pytest.raises(DeskError, match="Aucune commune"):
        siting.choose(office, agent, case_id, "99999", NOW)


@pytest.mark.parametrize(
    ("facts", "kind", "units"),
    [
        ({"commune": "Clairval"}, "referent", ["RE-G", "BR-01"]),
        ({"commune": "Hautmont-sur-Ille"}, "referent", ["RE-P", "CO-01"]),
        ({"departement": "35"}, "referent", ["RE-P", "RE-G", "BR-01", "CO-01"]),
        ({"departement": "35", "force": "police"}, "alarme_elu", ["CO-01"]),
        ({"departement": "35", "force": "police"}, "bouton_appel", ["PREF35"]),
        ({"departement": "22"}, "bouton_appel", []),
        ({}, "referent", []),
    ],
)
def test_the_right_unit_is_proposed(office: Office, facts: dict[str, str], kind: str, units: list[str]) -> None:
    directory(office)
    case_id = told(office, THREAT, **facts)
    with office.database.read() as connection:
        found = suggest(connection, office.policies.pack.cycles[kind], standing(office, case_id))
    assert [one.unit.id for one in found] == units
