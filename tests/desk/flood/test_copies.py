"""What tells a flood from a campaign, on texts as they come: how many of each would wait, without any store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.desk.flood.stories import ACCUSING, COPIED, NOW, THREAT, TOLD, near
from triage.desk.campaigns.fingerprints import signature
from triage.desk.campaigns.words import plain
from triage.desk.flood.accused import concerted
from triage.desk.flood.copies import floods, groups, heavy
from triage.desk.flood.opened import Opened
from triage.desk.office import Office
from triage.store.apart import Sent


class Reports:
    """Reports as the pass opens them."""

    def __init__(self, office: Office) -> None:
        self.office, self.policy = office, office.policies.flood.flood
        self.all: list[Opened] = []

    def add(self, text: str, source: str, seconds: float, **about: Any) -> Opened:
        minhash = signature(self.office.ring, self.office.policies.campaigns.rules.text, plain(text)).minhash
        at = NOW + timedelta(seconds=seconds)
        given = {"exhibits": 0, "reached": "", "checkable": False} | about
        made = Opened(None, source.encode(), at, minhash, **given)  # type: ignore[arg-type]  # where it stands: no matter
        self.all.append(made)
        return made

    def held(self) -> list[Opened]:
        """Those that would wait, as `look` decides."""
        sent = [Sent(str(i), one.source, one.at, True) for i, one in enumerate(self.all)]
        suspect = [self.all[int(one.case_id)] for one in heavy(self.policy, sorted(sent, key=lambda one: one.at))]
        found = [pair for group in groups(self.policy, suspect) for pair in floods(self.policy, group)]
        return [one for one, may in found if may]


@pytest.fixture
def reports(office: Office) -> Reports:
    return Reports(office)


def test_twenty_officials_who_tell_the_same_threat_are_no_flood(reports: Reports) -> None:
    for i, told in enumerate(TOLD):
        reports.add(told.format(THREAT), f"official {i}", 60 * i, reached=f"06 {i}")
    assert len(TOLD) == 20 and reports.held() == []


def test_nor_are_they_behind_the_address_of_one_town_hall(reports: Reports) -> None:
    for i, told in enumerate(TOLD):
        reports.add(told.format(THREAT), "the town hall", 60 * i)
    assert reports.held() == []


def test_nor_when_they_all_paste_the_same_message_from_home(reports: Reports) -> None:
    """The text alone says nothing: of a real campaign it may be the same to the letter."""
    for i in range(40):
        reports.add(COPIED, f"official {i}", 10 * i)
    assert reports.held() == []


def test_two_hundred_copies_from_three_sources_in_ten_minutes_are_one(reports: Reports) -> None:
    for i in range(200):
        reports.add(near(COPIED, i), f"flood {i % 3}", 3 * i)
    held = reports.held()
    assert reports.all[0] not in held
    assert len(held) >= 190, "a few that were changed most stay in the queue: it is a doubt"


def test_the_flood_does_not_take_the_campaign_with_it(reports: Reports) -> None:
    real = [reports.add(told.format(THREAT), f"official {i}", 30 * i) for i, told in enumerate(TOLD)]
    real += [reports.add(COPIED, "somebody", 300)]
    for i in range(200):
        reports.add(near(COPIED, i), f"flood {i % 3}", 3 * i)
    held = reports.held()
    assert len(held) >= 190 and not any(one in held for one in real)


def test_eight_an_hour_are_no_flood_and_eight_in_a_minute_are(reports: Reports) -> None:
    for i in range(8):
        reports.add(COPIED, "slow", 450 * i)
        reports.add(COPIED, "quick", 5 * i)
    assert {one.source for one in reports.held()} == {b"quick"}


def test_an_exhibit_or_a_number_of_ones_own_is_a_doubt_until_there_are_thirty(reports: Reports) -> None:
    for i in range(29):
        reports.add(COPIED, "one", 10 * i, reached=f"06 {i}")
    with_photo = reports.add(COPIED, "one", 290, exhibits=1)
    reports.policy = reports.policy.model_copy(update={"sure": 31})
    assert reports.held() == []
    reports.policy = reports.policy.model_copy(update={"sure": 30})
    assert len(reports.held()) == 29 and with_photo in reports.held()


def test_the_same_number_given_by_all_is_nobodys_own(reports: Reports) -> None:
    for i in range(8):
        reports.add(COPIED, "one", 10 * i, reached="06 39 98 00 00")
    assert len(reports.held()) == 7


# --- Accusations ------------------------------------------------------------------------------------------------


@pytest.fixture
def accusing(reports: Reports) -> list[Opened]:
    return [reports.add(text, f"nobody {i}", 600 * i) for i, text in enumerate(ACCUSING)]


def agreed(group: list[Opened], sources: dict[bytes, int] | None = None) -> bool:
    return concerted(group, sources or {one.source: 1 for one in group}, 6, 0.5)


def test_eight_reports_that_bring_nothing_look_agreed_upon(accusing: list[Opened]) -> None:
    assert agreed(accusing)
    assert not agreed(accusing[:5])


@pytest.mark.parametrize("about", [{"checkable": True}, {"reached": "06 39 98 12 34"}], ids=["checkable", "reached"])
def test_one_that_can_be_checked_clears_them_all(accusing: list[Opened], about: dict[str, Any]) -> None:
    assert not agreed([*accusing[:-1], replace(accusing[-1], **about)])


def test_two_from_one_source_or_one_that_wrote_before_are_another_matter(accusing: list[Opened]) -> None:
    assert not agreed([*accusing[:-1], replace(accusing[-1], source=accusing[0].source)])
    assert not agreed(accusing, {one.source: 1 for one in accusing} | {accusing[2].source: 2})


def test_copies_are_another_matter(reports: Reports) -> None:
    assert not agreed([reports.add(near(COPIED, i), f"nobody {i}", 600 * i) for i in range(8)])
