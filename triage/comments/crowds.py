"""Many authors at once, one text under many names, one author again and again."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from triage.comments.policy import Harassment, Raid
from triage.comments.sorting import Sorted
from triage.comments.tally import Tally, hour_of, same_author


@dataclass(frozen=True)
class Crowd:
    """Hostile authors between two moments: how many, of how many comments there, of which how many are hostile.

    `begin` is None when no date is known: the whole export is then one window.
    """

    begin: datetime | None
    end: datetime | None
    authors: int
    hostile: int
    total: int


def authors_of(kept: Iterable[Sorted]) -> set[str]:
    """The distinct authors of `kept` that are known."""
    return {same_author(one.author) for one in kept} - {""}


def crowd(kept: Sequence[Sorted], tally: Tally, raid: Raid) -> Crowd | None:
    """The window with most hostile authors among those that are a raid; None when there is none."""
    found = [one for one in _windows(kept, tally, raid.hours) if _is_raid(one, raid)]
    return max(found, key=lambda one: (one.authors, one.hostile), default=None)


def copies(kept: Iterable[Sorted], raid: Raid) -> int:
    """How many authors wrote the most copied hostile text; 0 when no text has copies enough to be a raid."""
    by_text: dict[str, list[Sorted]] = defaultdict(list)
    for one in (one for one in kept if one.clear):
        letters = "".join(filter(str.isalnum, one.text.casefold()))
        if len(letters) >= raid.copies.letters:
            by_text[letters].append(one)
    most = max((len(authors_of(ones)) for ones in by_text.values()), default=0)
    return most if most >= raid.copies.authors else 0


def persistent(kept: Iterable[Sorted], harassment: Harassment) -> int:
    """How many clear hostile comments the most persistent author wrote; 0 when none is harassment."""
    counts = Counter(same_author(one.author) for one in kept if one.clear)
    counts.pop("", None)
    most = max(counts.values(), default=0)
    return most if most >= harassment.comments else 0


def _is_raid(crowd: Crowd, raid: Raid) -> bool:
    share = crowd.hostile / max(crowd.total, 1)
    return any(crowd.authors >= needed.authors and share >= needed.share for needed in raid.crowds)


def _windows(kept: Sequence[Sorted], tally: Tally, hours: int) -> Iterator[Crowd]:
    """A window that ends at each clear hostile comment; the whole export when no date could be read."""
    clear = [one for one in kept if one.clear]
    if tally.first is None:
        yield Crowd(None, None, len(authors_of(clear)), len(clear), tally.total)
        return
    counted = _Counted(tally)
    dated = sorted((one.when, same_author(one.author)) for one in clear if one.when)
    present: Counter[str] = Counter()
    first = 0
    for last, (end, author) in enumerate(dated):
        present[author] += 1
        while end - dated[first][0] > timedelta(hours=hours):
            left = dated[first][1]
            present[left] -= 1
            if not present[left]:
                del present[left]
            first += 1
        begin = dated[first][0]
        authors = len(present) - ("" in present)
        yield Crowd(begin, end, authors, last - first + 1, counted.between(begin, end))


class _Counted:
    """How many comments, hostile or not, came between two moments: whole hours."""

    def __init__(self, tally: Tally) -> None:
        self._hours = sorted(tally.hours)
        self._before = [0, *accumulate(tally.hours[hour][0] for hour in self._hours)]

    def between(self, begin: datetime, end: datetime) -> int:
        """The comments of the hours from that of `begin` to that of `end`."""
        first, after = bisect_left(self._hours, hour_of(begin)), bisect_right(self._hours, end)
        return self._before[after] - self._before[first]
