"""A case put off comes back; one raised is due anew; one sent elsewhere is forgotten by nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.desk.queue.test_claiming import claims, minutes, standing, written
from tests.torture.agents import asks, report, somebody
from triage.desk import case as desk
from triage.desk.handling.opening import NotHeldError
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import ForbiddenError
from triage.desk.queue.claiming import claim, release, take_next
from triage.desk.queue.moving import escalate, refer, snooze
from triage.store.people import Scope

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
WHY = "L'élue est injoignable ce soir."


def test_a_case_put_off_comes_back_by_itself(each_office: Office) -> None:
    office, agent = each_office, somebody(each_office, 1)
    case_id = report(office, NOW)
    claim(office, agent, case_id, NOW)
    snooze(office, agent, case_id, NOW + minutes(120), WHY, NOW + minutes(1))
    assert take_next(office, agent, NOW + minutes(119)) is None
    found = take_next(office, agent, NOW + minutes(121))
    assert found
    assert (found.id, found.snoozed_until) == (case_id, None)
    assert [one.ended for one in claims(office, case_id)] == ["snoozed", ""]
    assert written(office) == ["claim", "snooze", "claim"]


def test_a_case_of_which_no_agent_had_to_act_comes_back_too(office: Office) -> None:
    case_id, agent = report(office, NOW, "advice"), somebody(office, 1)
    claim(office, agent, case_id, NOW)
    snooze(office, agent, case_id, NOW + minutes(60), WHY, NOW)
    assert take_next(office, agent, NOW + minutes(61)) is not None


def test_a_case_put_off_comes_back_at_once_when_the_official_writes(office: Office) -> None:
    for level in ("urgent", "guided"):
        case_id, agent = report(office, NOW, level), somebody(office, hash(level))
        claim(office, agent, case_id, NOW)
        snooze(office, agent, case_id, NOW + minutes(200), WHY, NOW)
        asks(office, case_id, "Il est devant chez moi.", NOW + minutes(1))
        found = take_next(office, agent, NOW + minutes(2))
        assert found
        assert found.id == case_id


def test_a_case_put_off_comes_back_at_once_when_its_level_rises(office: Office) -> None:
    case_id, agent, other = report(office, NOW, "agent"), somebody(office, 1), somebody(office, 2)
    claim(office, agent, case_id, NOW)
    snooze(office, agent, case_id, NOW + minutes(600), WHY, NOW)
    escalate(office, other, case_id, "immediate", "Une arme est montrée.", NOW + minutes(5))
    assert standing(office, case_id).snoozed_until is None
    found = take_next(office, other, NOW + minutes(5))
    assert found
    assert (found.id, found.level) == (case_id, "immediate")


def test_an_immediate_danger_is_not_put_off(office: Office) -> None:
    case_id, agent = report(office, NOW, "immediate"), somebody(office, 1)
    claim(office, agent, case_id, NOW)
    with pytest.raises(DeskError, match="ne se met pas en attente"):
        snooze(office, agent, case_id, NOW + minutes(5), WHY, NOW)


@pytest.mark.parametrize("until", [timedelta(), timedelta(hours=-1), timedelta(days=2)])
def test_nothing_is_put_off_for_ever(office: Office, until: timedelta) -> None:
    case_id, agent = report(office, NOW), somebody(office, 1)
    claim(office, agent, case_id, NOW)
    with pytest.raises(DeskError, match="4 heures"):
        snooze(office, agent, case_id, NOW + until, WHY, NOW)


def test_a_reason_is_always_said_and_kept_sealed(office: Office, tmp_path: Path) -> None:
    case_id, agent = report(office, NOW), somebody(office, 1)
    claim(office, agent, case_id, NOW)
    with pytest.raises(DeskError, match="Dites pourquoi"):
        snooze(office, agent, case_id, NOW + minutes(30), "  ", NOW)
    snooze(office, agent, case_id, NOW + minutes(30), WHY, NOW)
    office.database.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("triage.sqlite*"))
    assert stored
    assert b"injoignable" not in stored


def test_a_level_is_raised_never_lowered(each_office: Office) -> None:
    office = each_office
    case_id, agent = report(office, NOW, "agent"), somebody(office, 1)
    claim(office, agent, case_id, NOW)
    for level in ("agent", "advice", "inconnu"):
        with pytest.raises(DeskError, match="plus élevé"):
            escalate(office, agent, case_id, level, WHY, NOW)
    after = escalate(office, agent, case_id, "immediate", WHY, NOW + minutes(3))
    assert (after.level, after.claimed_by, after.due_at) == ("immediate", None, NOW + minutes(3))
    told = [one.detail for one in desk.load(office, case_id).events if one.kind == "level"]
    labels = [office.engine.assessor.policy.level(one).label for one in ("agent", "immediate")]
    assert told == [f"Niveau relevé par un agent : {labels[0]} → {labels[1]}."]


def test_whoever_raises_the_level_may_go_on_with_the_case(office: Office) -> None:
    case_id, agent = report(office, NOW, "agent"), somebody(office, 1)
    claim(office, agent, case_id, NOW)
    after = escalate(office, agent, case_id, "urgent", WHY, NOW + minutes(3), keep=True)
    assert after.claimed_by == agent.id
    assert after.due_at and after.due_at > NOW + minutes(60)


def test_raising_the_level_takes_the_case_from_nobody_else(office: Office) -> None:
    case_id, agent, other = report(office, NOW, "agent"), somebody(office, 1), somebody(office, 2)
    claim(office, agent, case_id, NOW)
    assert escalate(office, other, case_id, "urgent", WHY, NOW).claimed_by == agent.id


def test_a_case_sent_elsewhere_leaves_its_agent_and_is_due_as_it_was(each_office: Office) -> None:
    office = each_office
    case_id = report(office, NOW, departement="35", force="police")
    here = somebody(office, 1, Scope("35", "police"))
    there = somebody(office, 2, Scope("29", "gendarmerie"))
    due = standing(office, case_id).due_at
    with pytest.raises(NotHeldError):
        refer(office, here, case_id, "29", "gendarmerie", WHY, NOW)
    claim(office, here, case_id, NOW)
    after = refer(office, here, case_id, "29", "gendarmerie", WHY, NOW + minutes(5))
    assert (after.due_at, after.claimed_by) == (due, None)
    with pytest.raises(ForbiddenError):
        claim(office, here, case_id, NOW + minutes(6))
    taken = take_next(office, there, NOW + minutes(6))
    assert taken
    assert release(office, there, case_id, NOW + minutes(7)).due_at == due
    case = desk.load(office, case_id)
    assert (case.told.departement, case.told.force) == ("29", "gendarmerie")
    assert "Dossier confié à un autre service (gendarmerie nationale, Finistère)." in [
        one.detail for one in case.events
    ]


@pytest.mark.parametrize(
    ("departement", "force", "said"),
    [("99", "police", "n'existe pas"), ("35", "armée", "police ou la gendarmerie"), ("29", "police", "oublié")],
)
def test_a_case_is_sent_only_where_somebody_reads_it(office: Office, departement: str, force: str, said: str) -> None:
    case_id, agent = report(office, NOW, departement="35", force="police"), somebody(office, 1, Scope("35"))
    claim(office, agent, case_id, NOW)
    with pytest.raises(DeskError, match=said):
        refer(office, agent, case_id, departement, force, WHY, NOW)
