"""Of all who take a case at once, one has it; what its holder does not do comes back to the queue."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.torture.agents import Place, answers, asks, processes, report, somebody
from tests.torture.working import LOST, WON, attempt
from triage.desk import case as desk
from triage.desk import follow_up
from triage.desk.handling.opening import NotHeldError, held, open_case
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import ForbiddenError
from triage.desk.queue.claiming import TakenError, claim, hand_over, release, sweep, take_next
from triage.store import audit
from triage.store.cases import new_id
from triage.store.desk_tables import CLAIMS, EXCLUSIONS
from triage.store.people import Scope
from triage.store.queue import Filters
from triage.store.tables import CASES

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
MANY = 50


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def claims(office: Office, case_id: str) -> list[Any]:
    with office.database.read() as connection:
        return list(connection.execute(select(CLAIMS).where(CLAIMS.c.case_id == case_id).order_by(CLAIMS.c.since)))


def standing(office: Office, case_id: str) -> Any:
    with office.database.read() as connection:
        return office.cases.standing(connection, case_id)


def written(office: Office) -> list[str]:
    with office.database.read() as connection:
        assert list(audit.faults(connection, office.ring)) == []
        return list(connection.scalars(select(audit.AUDIT.c.what).order_by(audit.AUDIT.c.seq)))


def test_of_fifty_simultaneous_claims_one_wins(each_office: Office) -> None:
    case_id = report(each_office, NOW, "immediate")
    agents = [somebody(each_office, number) for number in range(MANY)]
    start = Barrier(MANY)

    def tried(number: int) -> bool:
        start.wait()
        try:
            claim(each_office, agents[number], case_id, NOW)
        except TakenError:
            return False
        return True

    with ThreadPoolExecutor(MANY) as pool:
        won = list(pool.map(tried, range(MANY)))
    assert sum(won) == 1
    assert [one.who for one in claims(each_office, case_id)] == [agents[won.index(True)].id]
    assert written(each_office) == ["claim"]


@pytest.mark.whole
def test_of_fifty_processes_one_wins(tmp_path: Path, store_address: str) -> None:
    place = Place(tmp_path, "" if store_address.startswith("sqlite") else store_address)
    office = place.office()
    case_id = report(office, NOW, "immediate")
    for number in range(MANY):
        somebody(office, number)
    context = processes()
    start, won = context.Barrier(MANY), context.Array("i", MANY)
    running = [context.Process(target=attempt, args=(place, i, case_id, start, won)) for i in range(MANY)]
    for one in running:
        one.start()
    for one in running:
        one.join(60)
    assert sorted(won) == [WON] + [LOST] * (MANY - 1)
    assert len(claims(office, case_id)) == 1
    office.database.close()


def test_taking_the_next_never_gives_the_same_case_twice(each_office: Office) -> None:
    expected = {report(each_office, NOW + minutes(i)) for i in range(20)}
    agents = [somebody(each_office, number) for number in range(10)]

    def work(number: int) -> list[str]:
        taken = []
        while found := take_next(each_office, agents[number], NOW + minutes(30)):
            taken.append(found.id)
        return taken

    with ThreadPoolExecutor(len(agents)) as pool:
        taken = [one for many in pool.map(work, range(len(agents))) for one in many]
    assert len(taken) == len(expected)
    assert set(taken) == expected


def test_the_next_is_the_first_of_the_queue_within_the_filters(office: Office) -> None:
    agent = somebody(office, 1)
    report(office, NOW, "agent")
    here = report(office, NOW, "agent", departement="35")
    urgent, grave = report(office, NOW, "urgent"), report(office, NOW + minutes(9), "immediate")
    taken = [
        take_next(office, agent, NOW + minutes(10), Filters(departement="35")),
        *(take_next(office, agent, NOW + minutes(10)) for _ in range(2)),
    ]
    assert [one.id for one in taken if one] == [here, grave, urgent]


def test_who_may_not_see_a_case_cannot_take_it(each_office: Office) -> None:
    case_id = report(each_office, NOW, departement="35", force="police")
    elsewhere = somebody(each_office, 1, Scope("29"), Scope("35", "gendarmerie"))
    there = somebody(each_office, 2, Scope("35", "police"))
    own = somebody(each_office, 3, unit="brigade-7")
    analyst = somebody(each_office, 4, role="analyst")
    with each_office.database.write() as connection:
        row = {"id": new_id(), "case_id": case_id, "person_id": there.id, "at": NOW, "by": own.id, "reason": b""}
        connection.execute(EXCLUSIONS.insert().values(**row))
        connection.execute(update(CASES).values(concerns="brigade-7"))
    for person in (elsewhere, there, own):
        assert take_next(each_office, person, NOW) is None
    for person in (elsewhere, there, own, analyst):
        with pytest.raises(ForbiddenError):
            claim(each_office, person, case_id, NOW)
    assert claims(each_office, case_id) == []


@pytest.mark.parametrize("columns", [{"state": "closed"}, {"state": "transmitted"}, {"merged_into": "0" * 32}])
def test_a_case_that_is_over_is_not_taken(office: Office, columns: dict[str, str]) -> None:
    case_id, agent = report(office, NOW), somebody(office, 1)
    with office.database.write() as connection:
        office.cases.stand(connection, case_id, **columns)
    with pytest.raises(DeskError, match="clos"):
        claim(office, agent, case_id, NOW)


def test_a_lease_lasts_as_long_as_its_holder_does_something(each_office: Office) -> None:
    office, lease = each_office, minutes(each_office.policies.queue.lease)
    case_id, agent, other = report(office, NOW), somebody(office, 1), somebody(office, 2)
    claim(office, agent, case_id, NOW)
    open_case(office, agent, case_id, NOW + lease * 0.9, "report")
    open_case(office, other, case_id, NOW + lease * 0.95, "report")
    with pytest.raises(TakenError, match="Agent 1"):
        claim(office, other, case_id, NOW + lease * 1.5)
    with pytest.raises(NotHeldError), office.database.write() as connection:
        held(office, connection, other, case_id, NOW + lease * 1.5)
    assert sweep(office, NOW + lease * 1.5) == 0
    assert claim(office, other, case_id, NOW + lease * 1.9).claimed_by == other.id
    first, second = claims(office, case_id)
    assert (first.ended, first.until <= second.since) == ("expired", True)


def test_what_a_holder_did_nothing_of_comes_back_as_it_was(each_office: Office) -> None:
    office, lease = each_office, minutes(each_office.policies.queue.lease)
    case_id, agent = report(office, NOW), somebody(office, 1)
    before = standing(office, case_id)
    claim(office, agent, case_id, NOW)
    assert standing(office, case_id).due_at > before.due_at
    assert sweep(office, NOW + lease) == 1
    after = standing(office, case_id)
    assert (after.claimed_by, after.due_at, after.turn, after.taken_at) == (None, before.due_at, before.turn, None)
    assert [one.ended for one in claims(office, case_id)] == ["expired"]
    assert written(office) == ["claim", "expire"]
    assert [one.kind for one in desk.load(office, case_id).events] == ["claimed", "freed"]


def test_what_was_done_counts_when_the_case_is_given_back(office: Office) -> None:
    case_id, agent = report(office, NOW), somebody(office, 1)
    claim(office, agent, case_id, NOW)
    answers(office, case_id, "Nous vous appelons ce soir.", NOW + minutes(5))
    after = release(office, agent, case_id, NOW + minutes(6))
    idle = minutes(office.policies.queue.idle["urgent"])
    assert (after.queued, after.due_at) == (True, NOW + minutes(6) + idle)
    assert take_next(office, agent, NOW + idle) is None
    assert take_next(office, agent, NOW + minutes(6) + idle) is not None
    assert [one.kind for one in desk.load(office, case_id).events] == ["claimed"]


def test_a_message_read_and_left_without_an_answer_still_waits(office: Office) -> None:
    case_id, agent = report(office, NOW, "advice"), somebody(office, 1)
    assert not standing(office, case_id).queued
    asks(office, case_id, "Il est revenu, que dois-je faire ?", NOW + minutes(1))
    claim(office, agent, case_id, NOW + minutes(2))
    follow_up.read_messages(office, case_id, "official", NOW + minutes(3))
    assert not standing(office, case_id).queued
    assert release(office, agent, case_id, NOW + minutes(4)).queued
    claim(office, agent, case_id, NOW + minutes(5))
    answers(office, case_id, "Appelez-nous.", NOW + minutes(6))
    assert not release(office, agent, case_id, NOW + minutes(7)).queued


def test_a_case_is_handed_over_to_somebody_who_may_have_it(each_office: Office) -> None:
    office = each_office
    case_id = report(office, NOW, departement="35")
    agent, far, near = somebody(office, 1), somebody(office, 2, Scope("29")), somebody(office, 3, Scope("35"))
    with pytest.raises(NotHeldError):
        hand_over(office, agent, case_id, near.id, NOW)
    claim(office, agent, case_id, NOW)
    with pytest.raises(DeskError, match="Agent 2"):
        hand_over(office, agent, case_id, far.id, NOW)
    assert hand_over(office, agent, case_id, near.id, NOW + minutes(1)).claimed_by == near.id
    with pytest.raises(NotHeldError):
        release(office, agent, case_id, NOW + minutes(2))
    assert [(one.who, one.ended) for one in claims(office, case_id)] == [(agent.id, "handed"), (near.id, "")]


def test_a_supervisor_takes_a_case_from_whoever_holds_it(office: Office) -> None:
    case_id, agent, chief = report(office, NOW), somebody(office, 1), somebody(office, 2, role="supervisor")
    claim(office, agent, case_id, NOW)
    with pytest.raises(TakenError):
        claim(office, chief, case_id, NOW)
    assert hand_over(office, chief, case_id, chief.id, NOW).claimed_by == chief.id
