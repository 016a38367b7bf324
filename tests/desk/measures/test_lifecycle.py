"""The life of a measure: who takes it where, what the official is told, what is brought back to mind."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tests.desk.measures.conftest import NOW, directory, holds, somebody, told
from triage.desk import follow_up
from triage.desk.case import load
from triage.desk.handling.opening import NotHeldError
from triage.desk.measures import lifecycle
from triage.desk.measures.lifecycle import Noted
from triage.desk.measures.overview import Wanted, ending, overview, told_to_official
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import ForbiddenError
from triage.intake.moment import PARIS
from triage.store import audit, measures
from triage.store.measures import Measure
from triage.store.people import Person, Scope
from triage.store.people_tables import AUDIT
from triage.store.records import Standing

BUTTON = "bouton_appel"
CALM = "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte ni menace."


def the(office: Office, case_id: str, kind: str = BUTTON) -> Measure:
    with office.database.read() as connection:
        return measures.of_case(connection, case_id, office.cases.sealer(connection, case_id))[kind]


def standing(office: Office, case_id: str) -> Standing:
    with office.database.read() as connection:
        return office.cases.standing(connection, case_id)


def go(
    office: Office, person: Person, case_id: str, way: str, now: datetime, kind: str = BUTTON, **more: object
) -> None:
    before, _, to = way.partition(">")
    lifecycle.advance(office, person, case_id, kind, Noted(before, to, **more), now)  # type: ignore[arg-type]


def lines(office: Office, case_id: str) -> list[str]:
    with office.database.read() as connection:
        told = told_to_official(office, connection, load(office, case_id))
    return [text for one in told for _, text in one.lines]


def test_a_bouton_d_appel_lives_from_the_request_to_its_end(each_office: Office) -> None:
    office = each_office
    directory(office)
    agent = somebody(office)
    case_id = told(office, departement="35", force="gendarmerie")
    follow_up.ask_measure(office, case_id, BUTTON, NOW)
    holds(office, agent, case_id)
    assert the(office, case_id).state == "demande"

    sent = NOW + timedelta(hours=2)
    go(office, agent, case_id, "demande>transmis", sent, unit="PREF35", note="Appelé le cabinet.")
    assert the(office, case_id).unit == "PREF35"
    assert the(office, case_id).remind_at == datetime(2026, 3, 21, 8, 0, tzinfo=PARIS)

    granted = NOW + timedelta(days=2)
    go(office, agent, case_id, "transmis>accorde", granted, since=date(2026, 3, 19))
    one = the(office, case_id)
    assert one.until is not None and one.until.astimezone(PARIS).date() == date(2026, 6, 19)
    assert one.remind_at == datetime(2026, 5, 29, 8, 0, tzinfo=PARIS)

    later = datetime(2026, 5, 29, 9, 0, tzinfo=PARIS)
    with office.database.read() as connection:
        assert lifecycle.due(office, connection, later - timedelta(days=1)) == []
        assert [(m.kind, case.id) for m, case in lifecycle.due(office, connection, later)] == [(BUTTON, case_id)]
        assert [m.kind for m, _ in ending(office, connection, agent, later)] == [BUTTON]

    go(office, agent, case_id, "accorde>renouvellement", later)
    assert the(office, case_id).until == one.until  # it stays granted while the préfet decides
    go(office, agent, case_id, "renouvellement>accorde", later + timedelta(days=5), since=date(2026, 6, 19))
    renewed = the(office, case_id).until
    assert renewed is not None and renewed.astimezone(PARIS).date() == date(2026, 9, 19)
    go(office, agent, case_id, "accorde>fini", renewed)
    ended = the(office, case_id)
    assert (ended.until, ended.remind_at) == (None, None)
    assert lines(office, case_id) == [
        "Vous avez demandé un bouton d'appel.",
        "La demande de bouton d'appel est transmise au préfet.",
        "Le bouton d'appel est accordé, jusqu'au 19 juin 2026.",
        "Le renouvellement est demandé au préfet. Le bouton d'appel reste accordé jusqu'au 19 juin 2026.",
        "Le bouton d'appel est accordé, jusqu'au 19 septembre 2026.",
        "Le bouton d'appel n'est plus accordé depuis le 19 septembre 2026.",
    ]


def test_a_request_waits_in_the_queue_until_an_agent_takes_it_up(each_office: Office) -> None:
    case_id = told(
        each_office, "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte ni menace."
    )
    assert not standing(each_office, case_id).queued
    follow_up.ask_measure(each_office, case_id, "referent", NOW)
    assert standing(each_office, case_id).queued
    agent = somebody(each_office)
    holds(each_office, agent, case_id)
    go(each_office, agent, case_id, "demande>transmis", NOW + timedelta(hours=1), "referent")
    assert [one.state for one in load(each_office, case_id).asked] == ["done"]


def test_a_reminder_keeps_the_case_in_the_queue_for_its_day(each_office: Office) -> None:
    case_id = told(
        each_office, "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte ni menace."
    )
    agent = somebody(each_office)
    holds(each_office, agent, case_id)
    lifecycle.propose(each_office, agent, case_id, "alarme_elu", "", NOW)
    now = standing(each_office, case_id)
    assert now.queued and now.due_at == datetime(2026, 3, 25, 8, 0, tzinfo=PARIS)
    go(each_office, agent, case_id, "propose>inscrit", NOW + timedelta(days=1), "alarme_elu")
    assert not standing(each_office, case_id).queued


def test_a_reminder_can_be_put_on_another_day_or_taken_away(office: Office) -> None:
    agent, case_id = somebody(office), told(office)
    holds(office, agent, case_id)
    lifecycle.propose(office, agent, case_id, BUTTON, "", NOW)
    lifecycle.remind(office, agent, case_id, BUTTON, date(2026, 4, 2), NOW)
    assert the(office, case_id).remind_at == datetime(2026, 4, 2, 8, 0, tzinfo=PARIS)
    lifecycle.remind(office, agent, case_id, BUTTON, None, NOW)
    assert the(office, case_id).remind_at is None
    with pytest.raises(DeskError, match="dans le passé"):
        lifecycle.remind(office, agent, case_id, BUTTON, date(2026, 3, 17), NOW)


def test_what_the_agent_no_longer_sees_is_not_done(office: Office) -> None:
    """Two agents with the same page: the second is told that it has changed."""
    agent, case_id = somebody(office), told(office)
    holds(office, agent, case_id)
    lifecycle.propose(office, agent, case_id, BUTTON, "", NOW)
    go(office, agent, case_id, "propose>transmis", NOW)
    with pytest.raises(DeskError, match="a changé entre-temps : elle est à l'état « Demandé au préfet »"):
        go(office, agent, case_id, "propose>transmis", NOW)


@pytest.mark.parametrize(
    ("way", "more", "said"),
    [
        ("propose>accorde", {}, "n'est pas possible"),
        ("propose>transmis", {"unit": "INCONNUE"}, "pas dans l'annuaire"),
        ("propose>transmis", {"since": date(2062, 3, 18)}, "à plus d'un an"),
        ("propose>transmis", {"note": "x" * 2_001}, "la limite est de 2000"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused(office: Office, way: str, more: dict[str, object], said: str) -> None:
    agent, case_id = somebody(office), told(office)
    holds(office, agent, case_id)
    lifecycle.propose(office, agent, case_id, BUTTON, "", NOW)
    with pytest.raises(DeskError, match=said):
        go(office, agent, case_id, way, NOW, **more)
    assert the(office, case_id).state == "propose"


def test_an_assessment_says_its_result_and_what_it_suggests(office: Office) -> None:
    agent, case_id = somebody(office), told(office)
    holds(office, agent, case_id)
    lifecycle.propose(office, agent, case_id, "referent", "", NOW)
    go(office, agent, case_id, "propose>transmis", NOW + timedelta(hours=1), "referent")
    with pytest.raises(DeskError, match="Choisissez le résultat"):
        go(office, agent, case_id, "transmis>evalue", NOW + timedelta(hours=2), "referent", result="terrible")
    go(office, agent, case_id, "transmis>evalue", NOW + timedelta(hours=2), "referent", result="elevee")
    assert the(office, case_id, "referent").result == "elevee"


def test_only_the_holder_acts_but_what_is_in_force_anybody_of_the_scope_renews(each_office: Office) -> None:
    office = each_office
    agent, other, stranger = somebody(office), somebody(office), somebody(office, "agent", Scope("22"))
    case_id = told(office, departement="35")
    with pytest.raises(NotHeldError):
        lifecycle.propose(office, other, case_id, BUTTON, "", NOW)
    holds(office, agent, case_id)
    lifecycle.propose(office, agent, case_id, BUTTON, "", NOW)
    with pytest.raises(NotHeldError):
        go(office, other, case_id, "propose>transmis", NOW)
    go(office, agent, case_id, "propose>transmis", NOW)
    go(office, agent, case_id, "transmis>accorde", NOW)
    with pytest.raises(ForbiddenError):
        go(office, stranger, case_id, "accorde>renouvellement", NOW)
    go(office, other, case_id, "accorde>renouvellement", NOW)
    assert the(office, case_id).state == "renouvellement"


def test_the_list_holds_only_what_one_may_see(office: Office) -> None:
    agent = somebody(office)
    for departement in ("35", "22"):
        case_id = told(office, departement=departement)
        holds(office, agent, case_id)
        lifecycle.propose(office, agent, case_id, BUTTON, "", NOW)
    breton = somebody(office, "agent", Scope("22"))
    with office.database.read() as connection:
        everywhere = overview(office, connection, agent, Wanted(), NOW)
        there = overview(office, connection, breton, Wanted(BUTTON), NOW)
        late = overview(office, connection, agent, Wanted(late=True), NOW + timedelta(days=3))
    assert (len(everywhere), [case.departement for _, case in there], len(late)) == (2, ["22"], 2)


def test_a_finished_measure_is_listed_only_when_asked_for(office: Office) -> None:
    agent, case_id = somebody(office), told(office)
    holds(office, agent, case_id)
    lifecycle.propose(office, agent, case_id, BUTTON, "", NOW)
    go(office, agent, case_id, "propose>sans_suite", NOW)
    with office.database.read() as connection:
        assert overview(office, connection, agent, Wanted(), NOW) == []
        assert len(overview(office, connection, agent, Wanted(finished=True), NOW)) == 1


def test_each_step_is_in_the_audit_without_what_was_written(office: Office) -> None:
    agent, case_id = somebody(office), told(office)
    holds(office, agent, case_id)
    lifecycle.propose(office, agent, case_id, BUTTON, "", NOW)
    go(office, agent, case_id, "propose>transmis", NOW + timedelta(hours=1), note="Mot secret")
    with office.database.read() as connection:
        rows = connection.execute(AUDIT.select().where(AUDIT.c.case_id == case_id)).all()
        assert list(audit.faults(connection, office.ring)) == []
    assert [(row.what, row.about) for row in rows] == [
        ("measure.open", BUTTON),
        ("measure.step", f"{BUTTON}:propose>transmis"),
    ]
    assert "secret" not in "".join(str(row) for row in rows)
    assert [one.detail.note for one in the(office, case_id).steps] == ["", "Mot secret"]


def test_an_erased_case_leaves_no_measure(office: Office) -> None:
    agent, case_id = somebody(office), told(office)
    holds(office, agent, case_id)
    lifecycle.propose(office, agent, case_id, BUTTON, "", NOW)
    with office.database.write() as connection:
        office.cases.erase(connection, case_id, NOW)
        assert measures.get(connection, case_id, BUTTON) is None
        assert measures.next_reminder(connection, case_id) is None
