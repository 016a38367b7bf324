"""What remains of purged cases: figures, in which nobody can be found."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from tests.desk.alerts.conftest import person
from tests.desk.forgetting.lives import NOW, beside, closed, days
from triage.desk.forgetting import counting
from triage.desk.forgetting.purging import purge
from triage.desk.office import Office
from triage.desk.supervising.dashboard import Asked, dashboard
from triage.store import statistics
from triage.store.people import Scope
from triage.store.statistics import Cell

MONTH = "2026-11"


def cells(office: Office) -> tuple[Counter[Cell], int]:
    """What counts for good, and how many cases wait."""
    with office.database.read() as connection:
        waiting = statistics.waiting(connection)
        return statistics.settled(connection), sum(counts.total() for counts in waiting.values())


def test_enough_cases_alike_count_as_they_are_and_few_wait(each_office: Office) -> None:
    least = each_office.policies.extraction.least
    for _ in range(least):
        closed(each_office, "doublon")
    closed(each_office, "hors_perimetre")
    assert purge(each_office, beside(each_office), NOW + days(180)).settled == least
    assert cells(each_office) == (Counter({(MONTH, "35", "menace", "agent", "doublon"): least}), 1)


def test_one_more_joins_those_that_count_already(each_office: Office) -> None:
    least = each_office.policies.extraction.least
    for _ in range(least):
        closed(each_office, "doublon")
    purge(each_office, beside(each_office), NOW + days(180))
    closed(each_office, "doublon")
    purge(each_office, beside(each_office), NOW + days(181))
    assert cells(each_office) == (Counter({(MONTH, "35", "menace", "agent", "doublon"): least + 1}), 0)


def test_what_stays_rare_is_made_wider_and_told_of_nothing_when_alone(each_office: Office) -> None:
    for place in ("35", "29", "22", "56", "35"):  # five in Brittany
        closed(each_office, "doublon", departement=place)
    closed(each_office, "demande_elu", departement="974", level="urgent", types="chantage", received_at=NOW)
    late = NOW + days(180)
    purge(each_office, beside(each_office), late)
    assert cells(each_office) == (Counter(), 6)
    wait = each_office.policies.retention.statistics.wait
    counting.settle(each_office, late + days(wait + 31))
    assert cells(each_office) == (
        Counter({(MONTH, "Bretagne", "menace", "agent", "doublon"): 5, statistics.NOTHING: 1}),
        0,
    )


def test_no_count_that_tells_something_is_ever_under_the_minimum(office: Office) -> None:
    extraction, steps = office.policies.extraction, office.policies.retention.statistics.steps
    places, kinds = ("35", "29", "75", "974", "13", ""), ("menace", "raid", "injure")
    counts: Counter[Cell] = Counter()
    for number in range(180):
        month = f"2026-{number % 12 + 1:02}"
        place, kind = places[number * 7 % 6], kinds[number * number % 3]
        counts[month, place, kind, ("agent", "urgent")[number % 5 == 0], ("conseils", "plainte")[number % 11 == 0]] += 1
    found = counting.widened(counts, {}, steps, extraction, extraction.least)
    assert found.total() == 180
    assert all(number >= extraction.least for cell, number in found.items() if cell != statistics.NOTHING)
    assert found[statistics.NOTHING] < 9, "nearly all still tell something"


def test_the_dashboard_says_what_is_no_longer_there(each_office: Office) -> None:
    for _ in range(5):
        closed(each_office, "doublon")
    late = NOW + days(180)
    purge(each_office, beside(each_office), late)
    policy = each_office.policies.dashboard
    chief, elsewhere = (
        person(each_office, f"chef{place}@exemple.fr", Scope(place), role="supervisor") for place in ("35", "64")
    )
    year = next(one for one in policy.periods if one.days == 364)
    told = {one.id: one for one in dashboard(each_office, chief, Asked(year), late)}["effaces"]
    assert told.rows == (("11/2026", 0, 0, 5, 0, 0, 0, 5),)
    assert "Avant 12/2026" in told.help
    assert {one.id: one for one in dashboard(each_office, elsewhere, Asked(year), late)}["effaces"].rows == ()
    short = {one.id: one for one in dashboard(each_office, chief, Asked(policy.periods[0]), late)}["effaces"]
    assert short.rows == (), "not of this period"
    assert late - timedelta(days=180) == NOW
