"""A case ends with an outcome of the list, told plainly; nothing that waits is closed away; it can begin again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.desk.handling.cast import NOW, case, held, somebody, standing
from triage.desk import erasing, evidence, follow_up
from triage.desk.evidence import File
from triage.desk.handling import outcomes
from triage.desk.office import DeskError, Office
from triage.store.desk_tables import CLAIMS

LATER = NOW + timedelta(minutes=10)


def test_a_closed_case_leaves_everything_and_its_author_is_told(each_office: Office) -> None:
    agent = somebody(each_office)
    case_id = held(each_office, agent)
    after = outcomes.close(each_office, agent, case_id, "conseils", "", LATER)
    assert (after.state, after.outcome, after.closed_at) == ("closed", "conseils", LATER)
    assert (after.queued, after.claimed_by) == (False, None)
    now = case(each_office, case_id)
    assert now.events[-1].detail == each_office.policies.conduct.outcomes["conseils"].told
    assert "nouveau récit" in now.messages[-1].text and now.reference in now.messages[-1].text
    assert not any("attend de nouveau" in one.detail for one in now.events)
    with each_office.database.read() as connection:
        assert connection.scalars(select(CLAIMS.c.ended).where(CLAIMS.c.case_id == case_id)).all() == ["closed"]


def test_nothing_is_written_to_a_closed_case(office: Office) -> None:
    agent = somebody(office)
    case_id = held(office, agent)
    outcomes.close(office, agent, case_id, "conseils", "", LATER)
    for wrong in (
        lambda: follow_up.write(office, case_id, "official", "Encore lui.", LATER),
        lambda: evidence.add(office, case_id, [File("a.txt", b"bonjour")], LATER),
        lambda: outcomes.close(office, somebody(office, "supervisor"), case_id, "conseils", "", LATER),
    ):
        with pytest.raises(DeskError, match="clos"):
            wrong()


def test_a_transmitted_case_is_kept_and_only_a_supervisor_opens_it_again(office: Office) -> None:
    agent, chief = somebody(office), somebody(office, "supervisor")
    case_id = held(office, agent)
    assert outcomes.close(office, agent, case_id, "transmis", "", LATER).state == "transmitted"
    assert erasing.erase(office, case_id, LATER) == "kept"
    with pytest.raises(DeskError, match="responsable"):
        outcomes.reopen(office, agent, case_id, "Une suite.", LATER)
    assert outcomes.reopen(office, chief, case_id, "Une suite.", LATER).state == "open"


def test_a_case_that_begins_again_is_due_anew(each_office: Office) -> None:
    agent, other = somebody(each_office), somebody(each_office)
    case_id = held(each_office, agent)
    outcomes.close(each_office, agent, case_id, "sans_suite", "Rien de plus à faire.", LATER)
    with pytest.raises(DeskError, match="pourquoi"):
        outcomes.reopen(each_office, other, case_id, "", LATER)
    again = outcomes.reopen(each_office, other, case_id, "La personne rappelle.", LATER + timedelta(days=3))
    assert (again.state, again.queued, again.outcome, again.closed_at) == ("open", True, "", None)
    assert again.due_at is not None and again.due_at >= LATER + timedelta(days=3)


def test_what_waits_for_an_answer_is_not_closed_away(office: Office) -> None:
    agent = somebody(office)
    case_id = held(office, agent)
    follow_up.write(office, case_id, "official", "Vous m'avez oublié ?", LATER)
    with pytest.raises(DeskError, match="message"):
        outcomes.close(office, agent, case_id, "conseils", "", LATER)
    follow_up.read_messages(office, case_id, "official", LATER)
    erasing.erase(office, case_id, LATER)
    with pytest.raises(DeskError, match="effacement"):
        outcomes.close(office, agent, case_id, "conseils", "", LATER)
    assert standing(office, case_id).state == "open"


@pytest.mark.parametrize(
    ("outcome", "reason"), [("", ""), ("oubli", "Je passe."), ("sans_suite", " "), ("doublon", "")]
)
def test_an_outcome_is_of_the_list_and_says_why_where_it_has_to(office: Office, outcome: str, reason: str) -> None:
    agent = somebody(office)
    case_id = held(office, agent)
    with pytest.raises(DeskError):
        outcomes.close(office, agent, case_id, outcome, reason, LATER)
