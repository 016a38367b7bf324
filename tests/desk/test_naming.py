"""What the journal says of the details: names and references in place of the ids that it keeps."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.desk.measures.conftest import directory, holds, somebody, told
from triage.desk import journal, trail
from triage.desk.measures.lifecycle import Noted, advance, propose
from triage.desk.office import Office
from triage.desk.queue.claiming import hand_over
from triage.store import campaigns
from triage.store.records import reference_of
from triage.store.trail import Line

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)
GONE = "0123456789abcdef0123456789abcdef"


def last(office: Office, case_id: str) -> trail.Told:
    with office.database.read() as connection:
        return trail.of_case(office, connection, case_id)[0]


def said(office: Office, case_id: str, what: str, about: str) -> str:
    """The details of such a line, as the journal shows them."""
    with office.database.write() as connection:
        journal.record(office, connection, journal.SYSTEM, what, NOW, case_id, about)
    line = last(office, case_id)
    assert line.line.about == about  # what is kept, and sealed, does not change
    return ", ".join(line.details)


def test_people_cases_campaigns_and_exhibits_have_names(each_office: Office) -> None:
    agent, other = somebody(each_office), somebody(each_office)
    case_id, second = told(each_office), told(each_office)
    holds(each_office, agent, case_id)
    hand_over(each_office, agent, case_id, other.id, NOW)
    assert last(each_office, case_id).details == (other.name,)
    assert said(each_office, case_id, "merge", second) == reference_of(second)
    with each_office.database.write() as connection:
        made = campaigns.new(connection, NOW)
    assert said(each_office, case_id, "campaign.join", f"{made.id} phone") == (
        f"campagne n° {made.number}, même numéro de téléphone"
    )


def test_a_measure_says_its_states_its_unit_and_what_was_found(each_office: Office) -> None:
    directory(each_office)
    agent = somebody(each_office)
    case_id = told(each_office, departement="35", force="gendarmerie")
    holds(each_office, agent, case_id)
    propose(each_office, agent, case_id, "referent", "", NOW)
    assert last(each_office, case_id).details == ("Référent « atteintes aux élus »",)
    advance(each_office, agent, case_id, "referent", Noted("propose", "transmis", unit="RE-G"), NOW)
    assert last(each_office, case_id).details == (
        "Référent « atteintes aux élus » : À transmettre → Transmise au référent",
        "Référent du groupement 35",
    )
    advance(each_office, agent, case_id, "referent", Noted("transmis", "evalue", result="elevee"), NOW)
    assert last(each_office, case_id).details[-1] == "Menace élevée"


@pytest.mark.parametrize(
    "what, about, expected",
    [
        ("escalate", "immediate", "Danger immédiat"),
        ("decide.corrected", f"{GONE} agent urgent", "n° 0123-4567, Agent spécialisé, Urgent"),
        ("close", "plainte", "Plainte recueillie"),
        ("identity", "verified", "Identité confirmée"),
        ("refer", "35 police", "Ille-et-Vilaine, police nationale"),
        ("snooze", "2026-03-18T11:30:00+00:00", "18 mars 2026 à 12 h 30"),
        ("measure.remind", "bouton_appel 2026-03-21", "Bouton d'appel, 21 mars 2026"),
        ("measure.remind", "bouton_appel none", "Bouton d'appel, aucun rappel"),
        ("concerns", "-", "aucune"),
        ("message", f"{GONE} 0", "n° 0123-4567, sans fichier"),
        ("export.pdf", "bouton_appel.demande narrative", "Demande de bouton d'appel, récit joint"),
        ("export.zip", "whole sha256:0011", "whole, sha256:0011"),
        ("note", GONE, "n° 0123-4567"),
        ("view", "report", "report"),
    ],
    ids=lambda value: value.replace(" ", "_")[:40],
)
def test_closed_values_are_said_in_words_and_what_has_no_name_stays(
    office: Office, what: str, about: str, expected: str
) -> None:
    assert said(office, told(office), what, about) == expected


def test_a_line_about_nothing_says_nothing(office: Office) -> None:
    with office.database.read() as connection:
        line = Line(1, NOW, "system", "system", "expire", "", "", None)
        assert trail.naming.details(office, connection, [line]) == [()]
