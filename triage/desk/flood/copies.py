"""A flood: the same report, nearly, again and again from the same source, within minutes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from triage.desk.flood.opened import Opened
from triage.desk.flood.policy import Flood
from triage.store.apart import Sent


def heavy(policy: Flood, sent: Sequence[Sent]) -> list[Sent]:
    """What the sources sent that sent enough for it to be a flood; of each, the newest."""
    of_source: dict[bytes, list[Sent]] = defaultdict(list)
    for one in sent:
        of_source[one.source].append(one)
    many = [theirs[-policy.most :] for theirs in of_source.values() if len(theirs) >= policy.reports]
    return sorted((one for theirs in many for one in theirs), key=lambda one: (one.at, one.case_id))


def groups(policy: Flood, reports: Iterable[Opened]) -> list[list[Opened]]:
    """Reports that are copies of another of their group, or nearly; those of one are none."""
    made: list[list[Opened]] = []
    for one in reports:
        like = next((group for group in made if any(one.alike(other, policy.similarity) for other in group)), None)
        if like is None:
            made.append([one])
        else:
            like.append(one)
    return [group for group in made if len(group) > 1]


def floods(policy: Flood, group: Sequence[Opened]) -> Iterator[tuple[Opened, bool]]:
    """Those of a group whose source repeats itself, and whether each may be set apart.

    Not the first of all; nor, unless its source does nothing else, one that has something of its own: an exhibit, or
    a way to be reached that no other gives.
    """
    told = Counter(one.reached for one in group)
    times = {one: _most_at_once(policy, [x for x in group if x.source == one]) for one in {x.source for x in group}}
    for one in group:
        if times[one.source] < policy.reports:
            continue
        own = one.exhibits > 0 or (one.reached != "" and told[one.reached] == 1)
        yield one, one is not group[0] and (not own or times[one.source] >= policy.sure)


def _most_at_once(policy: Flood, theirs: Sequence[Opened]) -> int:
    """The most that a source sent within the policy's minutes."""
    window, begin, most = timedelta(minutes=policy.minutes), 0, 0
    for end, one in enumerate(theirs):
        while one.at - theirs[begin].at > window:
            begin += 1
        most = max(most, end - begin + 1)
    return most
