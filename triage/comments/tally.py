"""Counts over a whole export, which add up batch after batch and outlive the harmless comments."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from triage.comments.comment import Comment

_MARK = 8  # characters of an author's mark, six bits each: two of 50,000 authors share one once in 200,000 exports


def same_author(name: str) -> str:
    """`name` written as all its spellings are; "" stays unknown."""
    return " ".join(name.split()).casefold()


@dataclass(frozen=True)
class Tally:
    """How many comments, of what hours, by how many authors.

    `authors` are marks keyed for this case only: the same author has another one in any other case. `hours` gives, for
    each hour, how many comments there are and how many of them are clearly hostile.
    """

    total: int = 0
    harmless: int = 0
    unread: int = 0
    undated: int = 0
    first: datetime | None = None
    last: datetime | None = None
    hours: Mapping[datetime, tuple[int, int]] = field(default_factory=dict)
    authors: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, comments: Sequence[Comment], hostile: Collection[int], harmless: int, unread: int, author_key: bytes
    ) -> Tally:
        """The counts of `comments`, of which those numbered `hostile` clearly are."""
        dated = [comment for comment in comments if comment.when]
        moments = [comment.when for comment in comments if comment.when]
        everything = Counter(map(hour_of, moments))
        attacks = Counter(hour_of(c.when) for c in dated if c.when and c.number in hostile)
        return cls(
            total=len(comments),
            harmless=harmless,
            unread=unread,
            undated=len(comments) - len(dated),
            first=min(moments, default=None),
            last=max(moments, default=None),
            hours={hour: (count, attacks[hour]) for hour, count in everything.items()},
            authors=frozenset(_marks((comment.author for comment in comments), author_key)),
        )

    def __add__(self, other: Tally) -> Tally:
        hours = {**self.hours}
        for hour, (total, hostile) in other.hours.items():
            before = hours.get(hour, (0, 0))
            hours[hour] = (before[0] + total, before[1] + hostile)
        return Tally(
            total=self.total + other.total,
            harmless=self.harmless + other.harmless,
            unread=self.unread + other.unread,
            undated=self.undated + other.undated,
            first=min((one for one in (self.first, other.first) if one), default=None),
            last=max((one for one in (self.last, other.last) if one), default=None),
            hours=hours,
            authors=self.authors | other.authors,
        )

    def as_json(self) -> dict[str, Any]:
        """For the store."""
        return {
            "total": self.total,
            "harmless": self.harmless,
            "unread": self.unread,
            "undated": self.undated,
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
            "hours": {hour.isoformat(): list(counts) for hour, counts in sorted(self.hours.items())},
            "authors": "".join(sorted(self.authors)),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Tally:
        """What `as_json` gave."""
        authors, first, last = data["authors"], data["first"], data["last"]
        return cls(
            total=data["total"],
            harmless=data["harmless"],
            unread=data["unread"],
            undated=data["undated"],
            first=datetime.fromisoformat(first) if first else None,
            last=datetime.fromisoformat(last) if last else None,
            hours={datetime.fromisoformat(hour): (total, bad) for hour, (total, bad) in data["hours"].items()},
            authors=frozenset(authors[i : i + _MARK] for i in range(0, len(authors), _MARK)),
        )


def hour_of(moment: datetime) -> datetime:
    """The hour in which `moment` is."""
    return moment.replace(minute=0, second=0, microsecond=0)


def _marks(authors: Iterable[str], key: bytes) -> Iterable[str]:
    for author in {same_author(name) for name in authors} - {""}:
        yield urlsafe_b64encode(hmac.digest(key, author.encode(), "sha256")).decode()[:_MARK]
