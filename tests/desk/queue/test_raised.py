"""A level that an agent raises is a decision: kept with the others, and nothing more than that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.desk.queue.test_claiming import standing
from tests.torture.agents import report, somebody
from triage.desk import case as desk
from triage.desk.handling.timeline import past
from triage.desk.office import Office
from triage.desk.queue.claiming import claim, take_next
from triage.desk.queue.moving import escalate
from triage.store import decisions
from triage.store.decisions import Decision

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=3)
WHY = "Une arme est montrée."


def kept(office: Office, case_id: str) -> list[Decision]:
    with office.database.read() as connection:
        return decisions.of_case(connection, office.cases.sealer(connection, case_id), case_id)


def test_raising_a_level_is_a_decision_on_the_level_alone(each_office: Office) -> None:
    case_id, agent = report(each_office, NOW, "agent", "arme"), somebody(each_office, 1)
    escalate(each_office, agent, case_id, "immediate", WHY, LATER)
    (one,) = kept(each_office, case_id)
    assert (one.kind, one.at, one.by, one.reason) == ("raised", LATER, agent.id, WHY)
    assert (one.level_before, one.level) == ("agent", "immediate")
    assert one.types_before == one.types == one.flags_before == one.flags == ()
    with each_office.database.read() as connection:
        assert decisions.last_seen(connection, each_office.cases.sealer(connection, case_id), case_id) is None


def test_a_case_that_was_raised_is_due_anew_and_never_at_rest(each_office: Office) -> None:
    """Raising a level is no work on the case: whoever is free has to read it at once."""
    case_id, agent, other = report(each_office, NOW, "agent"), somebody(each_office, 1), somebody(each_office, 2)
    claim(each_office, agent, case_id, NOW)
    after = escalate(each_office, agent, case_id, "urgent", WHY, LATER)
    assert (after.snoozed_until, after.taken_at, after.claimed_by) == (None, None, None)
    taken = take_next(each_office, other, LATER)
    assert taken is not None and taken.id == standing(each_office, case_id).id


def test_the_history_names_who_raised_it(each_office: Office) -> None:
    case_id, agent = report(each_office, NOW, "agent"), somebody(each_office, 1)
    escalate(each_office, agent, case_id, "urgent", WHY, LATER)
    label = each_office.engine.assessor.policy.level
    with each_office.database.read() as connection:
        lines = [one.text for one in past(each_office, connection, desk.load(each_office, case_id)).lines]
    assert f"Niveau relevé par {agent.name} : {label('agent').label} → {label('urgent').label}." in lines
