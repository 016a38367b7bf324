"""The reminder of a measure brings its case back to the queue, which says why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.torture.agents import asks, report, somebody
from triage.desk.measures import lifecycle
from triage.desk.measures.lifecycle import Noted
from triage.desk.office import Office
from triage.desk.queue.claiming import claim, release, take_next
from triage.desk.queue.listing import listing, rows
from triage.store.people import Person
from triage.store.queue import ANY, Filters

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
TOMORROW = datetime(2026, 11, 28, 7, 0, tzinfo=UTC)  # 8 h in Paris
REASON = "rappel d'une mesure : Bouton d'appel"


def proposed(office: Office, agent: Person, level: str = "agent", now: datetime = NOW) -> str:
    """A case given back to the queue, with a measure proposed, recalled tomorrow."""
    case_id = report(office, now - timedelta(hours=1), level)
    claim(office, agent, case_id, now)
    lifecycle.propose(office, agent, case_id, "bouton_appel", "", now)
    lifecycle.remind(office, agent, case_id, "bouton_appel", TOMORROW.date(), now)
    release(office, agent, case_id, now)
    return case_id


def reasons(office: Office, person: Person, now: datetime, filters: Filters = ANY) -> dict[str, list[str]]:
    """What the queue says of each of the cases that wait."""
    return {one.case.id: [why.text for why in one.reasons] for one in listing(office, person, filters, now).lines}


def test_a_reminder_brings_the_case_back_and_says_so(each_office: Office) -> None:
    agent = somebody(each_office, 1)
    case_id = proposed(each_office, agent)
    assert reasons(each_office, agent, TOMORROW - timedelta(minutes=1)) == {}
    assert REASON in reasons(each_office, agent, TOMORROW)[case_id]
    assert any(REASON in row[-1] for row in rows(each_office, agent, ANY, TOMORROW))


def test_it_says_so_no_more_once_the_measure_has_moved_on(each_office: Office) -> None:
    agent = somebody(each_office, 1)
    case_id = proposed(each_office, agent)
    taken = take_next(each_office, agent, TOMORROW)
    assert taken is not None and taken.id == case_id
    lifecycle.advance(each_office, agent, case_id, "bouton_appel", Noted("propose", "transmis"), TOMORROW)
    assert REASON not in reasons(each_office, agent, TOMORROW, Filters("mine"))[case_id]


def test_the_main_case_answers_for_the_measures_of_those_joined_to_it(each_office: Office) -> None:
    agent = somebody(each_office, 1)
    main, other = report(each_office, NOW, "agent"), proposed(each_office, agent)
    with each_office.database.write() as connection:
        each_office.cases.stand(connection, other, merged_into=main, queued=False)
    assert REASON in reasons(each_office, agent, TOMORROW)[main]


@pytest.mark.parametrize("level", ["urgent", "guided"])
def test_other_reasons_stay_beside_it(each_office: Office, level: str) -> None:
    agent = somebody(each_office, 1)
    case_id = proposed(each_office, agent, level)
    asks(each_office, case_id, "Où en est le bouton ?", NOW + timedelta(minutes=5))
    said = reasons(each_office, agent, TOMORROW)[case_id]
    assert "un message sans réponse" in said and REASON in said
