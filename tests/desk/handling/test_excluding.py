"""Who knows somebody in a case, or belongs to the unit that it is about, no longer sees it; somebody always does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.desk.handling.cast import CALM, NOW, THREAT, held, listed, sent, somebody, standing
from triage.desk.handling import sampling
from triage.desk.handling.excluding import exclude, exclusions, readers, readmit, set_concerns
from triage.desk.handling.opening import open_case
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import ForbiddenError
from triage.desk.queue.claiming import claim, take_next
from triage.store import notes
from triage.store.people import Scope

LATER = NOW + timedelta(minutes=10)
NAMED = (
    "Je suis maire de Vern. La brigade de Vernon-sur-Essai refuse ma plainte, et l'on m'écrit : « je vais te tuer »."
)


def who_reads(office: Office, case_id: str) -> set[str]:
    with office.database.read() as connection:
        return {one.id for one in readers(connection, office.cases.standing(connection, case_id))}


def named(office: Office, case_id: str) -> list[str]:
    with office.database.read() as connection:
        return [one.text for one in notes.of_case(connection, office.cases.sealer(connection, case_id), case_id)]


def test_an_agent_who_knows_the_person_leaves_the_case_to_the_others(each_office: Office) -> None:
    agent, other = somebody(each_office), somebody(each_office)
    case_id = held(each_office, agent)
    exclude(each_office, agent, case_id, agent.id, "C'est mon beau-frère.", LATER)
    now = standing(each_office, case_id)
    assert (now.claimed_by, now.queued) == (None, True)
    for refused in (
        lambda: open_case(each_office, agent, case_id, LATER, "report"),
        lambda: claim(each_office, agent, case_id, LATER),
    ):
        with pytest.raises(ForbiddenError):
            refused()
    assert take_next(each_office, agent, LATER) is None
    assert claim(each_office, other, case_id, LATER).claimed_by == other.id
    with each_office.database.read() as connection:
        (kept,) = exclusions(each_office, connection, case_id)
    assert (kept.person_id, kept.by, kept.reason) == (agent.id, agent.id, "C'est mon beau-frère.")


def test_a_supervisor_keeps_somebody_out_and_lets_them_in_again(office: Office) -> None:
    agent, other, chief = somebody(office), somebody(office), somebody(office, "supervisor")
    case_id = held(office, agent)
    with pytest.raises(ForbiddenError):
        exclude(office, other, case_id, agent.id, "Ils se connaissent.", LATER)
    exclude(office, chief, case_id, agent.id, "Ils se connaissent.", LATER)
    assert who_reads(office, case_id) == {other.id, chief.id}
    with pytest.raises(ForbiddenError):
        readmit(office, other, case_id, agent.id, "Erreur.", LATER)
    readmit(office, chief, case_id, agent.id, "Homonyme.", LATER)
    assert agent.id in who_reads(office, case_id)


def test_a_case_is_never_hidden_from_everybody(each_office: Office) -> None:
    unit = listed(each_office, "b-1", "brigade", "Brigade de Vernon-sur-Essai")
    agent = somebody(each_office, unit=unit)
    case_id = held(each_office, agent, departement="35")
    for hide in (
        lambda: exclude(each_office, agent, case_id, agent.id, "Je le connais.", LATER),
        lambda: set_concerns(each_office, agent, case_id, unit, "Il met la brigade en cause.", LATER),
    ):
        with pytest.raises(DeskError, match="Personne d'autre"):
            hide()
    assert who_reads(each_office, case_id) == {agent.id}
    somebody(each_office, "agent", Scope("13", ""))  # elsewhere: no help
    somebody(each_office, "administrator")  # reads no case
    with pytest.raises(DeskError):
        set_concerns(each_office, agent, case_id, unit, "Il met la brigade en cause.", LATER)
    far = somebody(each_office, "supervisor", Scope())
    set_concerns(each_office, agent, case_id, unit, "Il met la brigade en cause.", LATER)
    assert who_reads(each_office, case_id) == {far.id}


def test_a_case_about_a_unit_is_for_the_others(each_office: Office) -> None:
    unit = listed(each_office, "b-1", "brigade", "Brigade de Vernon-sur-Essai")
    mine, other = somebody(each_office, unit=unit), somebody(each_office, unit="b-2")
    case_id = held(each_office, mine, departement="35")
    after = set_concerns(each_office, mine, case_id, unit, "Il met la brigade en cause.", LATER)
    assert (after.concerns, after.claimed_by, after.queued) == (unit, None, True)
    with pytest.raises(ForbiddenError):
        open_case(each_office, mine, case_id, LATER, "report")
    with pytest.raises(ForbiddenError):
        set_concerns(each_office, mine, case_id, "", "Finalement non.", LATER)
    found = take_next(each_office, other, LATER)
    assert found is not None and found.id == case_id
    set_concerns(each_office, other, case_id, "", "Elle n'est que citée.", LATER)
    assert mine.id in who_reads(each_office, case_id)


def test_only_a_unit_of_the_directory_can_be_meant(office: Office) -> None:
    listed(office, "m-1", "mairie", "Mairie de Vern")
    agent = somebody(office)
    case_id = held(office, agent, departement="35")
    for unit in ("m-1", "inconnue"):
        with pytest.raises(DeskError, match="annuaire"):
            set_concerns(office, agent, case_id, unit, "Pour voir.", LATER)


def test_a_unit_named_in_the_report_is_noted_and_nothing_more(each_office: Office) -> None:
    unit = listed(each_office, "b-1", "brigade", "Brigade de Vernon-sur-Essai")
    listed(each_office, "b-2", "brigade", "Brigade de Vern")
    mine = somebody(each_office, unit=unit)
    case_id = sent(each_office, NAMED, departement="35")
    (note,) = named(each_office, case_id)
    assert "« Brigade de Vernon-sur-Essai »" in note
    assert standing(each_office, case_id).concerns == "" and mine.id in who_reads(each_office, case_id)
    assert named(each_office, sent(each_office, THREAT, departement="35")) == []
    assert named(each_office, sent(each_office, NAMED, departement="13")) == []


def test_who_may_not_see_a_case_does_not_find_it_in_the_sample(office: Office) -> None:
    agent, other = somebody(office), somebody(office)
    case_id = sent(office, CALM)
    sampling.draw(office, NOW + timedelta(days=1))
    assert [one.case_id for one in sampling.waiting(office, agent)] == [case_id]
    exclude(office, agent, case_id, agent.id, "Je le connais.", LATER)
    assert sampling.waiting(office, agent) == []
    (sample,) = sampling.waiting(office, other)
    with pytest.raises(ForbiddenError):
        sampling.open_sample(office, agent, sample.id, LATER)
