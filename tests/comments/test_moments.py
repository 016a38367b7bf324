"""Dates as exports write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from triage.comments.moments import read_date, read_dates
from triage.comments.policy import CommentsPolicy

EVENING = datetime(2026, 3, 12, 21, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    "told",
    [
        "2026-03-12T22:14:00+01:00",
        "2026-03-12T21:14:00Z",
        "2026-03-12T21:14:00+0000",
        "2026-03-12T21:14:00.000Z",
        "2026-03-12 22:14:00",
        "2026-03-12 22:14",
        "2026-03-12 21:14:00 UTC",
        "2026/03/12 22:14",
        "12/03/2026 22:14",
        "12/03/2026 à 22:14",
        "12/03/2026 22h14",
        "12/03/2026, 22:14:00",
        "12.03.2026 22:14",
        "12-03-26 22:14",
        "12/03/2026 10:14 PM",
        "1773350040",
        "1773350040000",
        "1773350040.0",
        "12 mars 2026 à 22:14",
        "12 mars 2026 22h14",
        "12 mars 2026, 22:14:00",
        "jeudi 12 mars 2026 à 22 h 14",
        "jeu. 12 mars 2026 22:14",
        "mars 12, 2026 10:14 pm",
        "Mar 12, 2026, 10:14 PM",
        "Mar 12, 2026 10:14:00pm",
        "March 12, 2026 at 10:14 PM",
        "Thursday, March 12, 2026 at 10:14 PM",
        "Thu Mar 12 21:14:00 +0000 2026",
        "Thu, 12 Mar 2026 21:14:00 +0000",
        "Thu, 12 Mar 2026 21:14:00 GMT",
        "le 12 mars 2026 à 22:14",
        "Le 12/03/2026 à 22:14",
    ],
)
def test_all_tell_the_same_evening(told: str, policy: CommentsPolicy) -> None:
    found = read_date(told, policy.numbers.months)
    assert found == EVENING
    assert found is not None and found.utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize("told", ["1er août 2026", "01/08/2026", "2026-08-01", "1 aout 2026", "Aug 1, 2026"])
def test_a_day_alone_begins_at_midnight_in_paris(told: str, policy: CommentsPolicy) -> None:
    assert read_date(told, policy.numbers.months) == datetime(2026, 8, 1, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    "told", ["", "hier", "3 sem.", "31/02/2026", "45/13/2026", "12", "2026", "12 brumaire 2026", "0001-01-01", "9" * 40]
)
def test_what_is_no_date(told: str, policy: CommentsPolicy) -> None:
    assert read_date(told, policy.numbers.months) is None


def test_month_first_when_nothing_else_fits(policy: CommentsPolicy) -> None:
    american = read_dates(["3/4/2026", "3/25/2026"], policy.numbers.months)
    assert [(d.month, d.day) for d in american if d] == [(3, 4), (3, 25)]
    french = read_dates(["3/4/2026", "25/3/2026"], policy.numbers.months)
    assert [(d.month, d.day) for d in french if d] == [(4, 3), (3, 25)]


def test_the_night_when_clocks_change(policy: CommentsPolicy) -> None:
    """L'heure de 2 h 30 vient deux fois : ce sont deux moments."""
    first, second = read_dates(["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"], policy.numbers.months)
    assert first is not None and second is not None
    assert second - first == timedelta(hours=1)
    assert datetime.fromisoformat(second.isoformat()) == second
