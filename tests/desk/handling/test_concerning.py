"""Who may say that a case is about a unit: whoever holds it, or a supervisor."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.desk.handling.cast import NOW, held, listed, sent, somebody, standing
from triage.desk.handling.excluding import set_concerns
from triage.desk.handling.joining import join
from triage.desk.handling.opening import NotHeldError
from triage.desk.office import Office
from triage.store.records import Standing

LATER = NOW + timedelta(minutes=10)
WHY = "Le récit met la brigade en cause."


@pytest.fixture
def unit(each_office: Office) -> str:
    return listed(each_office, "b-1", "brigade", "Brigade de Vernon-sur-Essai")


def test_an_agent_who_does_not_hold_the_case_may_not(each_office: Office, unit: str) -> None:
    agent, other = somebody(each_office), somebody(each_office)
    for case_id in (held(each_office, agent, departement="35"), sent(each_office, departement="35")):
        with pytest.raises(NotHeldError, match="Prenez d'abord ce dossier"):
            set_concerns(each_office, other, case_id, unit, WHY, LATER)
        assert standing(each_office, case_id).concerns == ""


def test_whoever_holds_the_case_may(each_office: Office, unit: str) -> None:
    agent = somebody(each_office)
    case_id = held(each_office, agent, departement="35")
    assert set_concerns(each_office, agent, case_id, unit, WHY, LATER).concerns == unit


def test_a_supervisor_may_even_when_it_is_held_by_somebody_of_that_unit(each_office: Office, unit: str) -> None:
    theirs, chief = somebody(each_office, unit=unit), somebody(each_office, "supervisor")
    case_id = held(each_office, theirs, departement="35")
    after = set_concerns(each_office, chief, case_id, unit, WHY, LATER)
    assert (after.concerns, after.claimed_by) == (unit, None)


def test_whoever_holds_the_main_case_speaks_for_those_joined_to_it(each_office: Office, unit: str) -> None:
    agent, other = somebody(each_office), somebody(each_office)
    main = held(each_office, agent, departement="35")
    second = held(each_office, agent, departement="35")
    join(each_office, agent, second, standing(each_office, main).reference, "La même personne.", LATER)
    with pytest.raises(NotHeldError):
        set_concerns(each_office, other, second, unit, WHY, LATER)
    set_concerns(each_office, agent, second, unit, WHY, LATER)
    assert {standing(each_office, one).concerns for one in (main, second)} == {unit}


def test_what_is_said_may_be_taken_back_by_the_same(each_office: Office, unit: str) -> None:
    agent = somebody(each_office)
    case_id = held(each_office, agent, departement="35")
    set_concerns(each_office, agent, case_id, unit, WHY, LATER)
    after: Standing = set_concerns(each_office, agent, case_id, "", "Elle n'est que citée.", LATER)
    assert after.concerns == ""
