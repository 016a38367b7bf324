"""The worker compares the cases that came, a moment after, and no answer waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.desk.campaigns.stories import MAYORS, NOW, campaign_of
from triage.desk.campaigns import finding
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.jobs.comparing import compare, compare_as_they_come
from triage.jobs.work import never
from triage.store.records import Told


@contextmanager
def mine(_: str) -> Iterator[bool]:
    yield True


@contextmanager
def taken(_: str) -> Iterator[bool]:
    yield False


def sent(office: Office) -> list[str]:
    return [submit(office, Told(text=text, departement="07"), [], NOW).case_id for text in MAYORS]


def test_a_report_is_answered_first_and_compared_next(each_office: Office) -> None:
    cases = sent(each_office)
    assert {campaign_of(each_office, one) for one in cases} == {None}
    assert compare(each_office, mine, never)
    found = {campaign_of(each_office, one) for one in cases}
    assert len(found) == 1 and None not in found


def test_one_worker_compares_at_a_time(office: Office) -> None:
    sent(office)
    assert compare(office, taken, never)
    assert not finding.none_waits(office)


def test_a_worker_that_stops_leaves_the_rest_to_the_next(office: Office) -> None:
    sent(office)
    assert not compare(office, mine, lambda: True)
    assert not finding.none_waits(office)


def test_what_cannot_be_compared_is_looked_at_again_in_a_minute_not_in_a_second(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(finding, "prints_of", lambda *_: 1 / 0)
    sent(office)
    compare_as_they_come(lambda: office, mine, lambda: len(waits) >= 2, sleep)
    assert waits == [60.0, 60.0]


def test_a_store_that_does_not_answer_is_asked_again_later(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "none_waits", lambda *_: 1 / 0)
    assert not compare(office, mine, never)
