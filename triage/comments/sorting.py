"""One comment, or a batch of them, sorted by the engine: what is kept as hostile, what is only counted."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from triage.assessment.triaged import Triaged
from triage.comments.comment import Comment
from triage.comments.grading import Grade, Sign, grade, highest, holds_despite_jokes, is_joke, signs_of
from triage.comments.policy import CommentsPolicy, current
from triage.comments.tally import Tally
from triage.engine import Engine
from triage.errors import IntakeError
from triage.intake.report import Report


@dataclass(frozen=True)
class Sorted:
    """A hostile comment: types and red flags that count, the level that they give, the words that tell them.

    `clear`: a rule or the model is sure of that level and nothing tells a joke. `alone`: the level that the comment
    supports without any other, "" for none.
    """

    number: int
    author: str
    text: str
    when: datetime | None
    url: str
    types: tuple[str, ...]
    probability: float
    level: str
    flags: tuple[str, ...]
    evidence: tuple[tuple[int, int], ...]
    clear: bool
    alone: str

    @property
    def unmistakable(self) -> bool:
        """Whether the comment can decide alone."""
        return bool(self.alone)

    def as_json(self) -> dict[str, Any]:
        """For the store."""
        return {**asdict(self), "when": self.when.isoformat() if self.when else None}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Sorted:
        """What `as_json` gave."""
        return cls(
            **{
                **data,
                "when": datetime.fromisoformat(data["when"]) if data["when"] else None,
                "types": tuple(data["types"]),
                "flags": tuple(data["flags"]),
                "evidence": tuple((start, end) for start, end in data["evidence"]),
            }
        )


@dataclass(frozen=True)
class Batch:
    """The hostile comments of a batch, and the counts of all of it."""

    kept: tuple[Sorted, ...]
    tally: Tally

    @property
    def harmless(self) -> int:
        """How many comments were only counted."""
        return self.tally.harmless


def sort_one(engine: Engine, comment: Comment, now: datetime, policy: CommentsPolicy | None = None) -> Sorted | None:
    """`comment` with all that is hostile in it; None when it is harmless. Raises IntakeError when it is not text."""
    policy = policy or current()
    triaged = engine.assess(Report(comment.text, "message", comment.when), now)
    signs = signs_of(triaged, policy)
    if not signs:
        return None
    joking = is_joke(triaged, policy) and not holds_despite_jokes(signs, policy)
    graded = [(one, worth) for one in signs if (worth := grade(one, joking, policy))]
    return _sorted(comment, triaged, graded, policy) if graded else None


def _sorted(comment: Comment, triaged: Triaged, graded: Sequence[tuple[Sign, Grade]], policy: CommentsPolicy) -> Sorted:
    clear = [sign.level for sign, worth in graded if worth >= Grade.CLEAR]
    subjects = {sign.subject: None for sign, _ in sorted(graded, key=lambda one: -one[0].probability)}
    return Sorted(
        number=comment.number,
        author=comment.author,
        text=comment.text,
        when=comment.when,
        url=comment.url,
        types=tuple(name for name in subjects if name in policy.numbers.types),
        probability=round(max(sign.probability for sign, _ in graded), 3),
        level=highest(clear or [sign.level for sign, _ in graded], policy),
        flags=tuple(name for name in subjects if name in policy.numbers.flags),
        evidence=_evidence(triaged, [sign for sign, _ in graded]),
        clear=bool(clear),
        alone=highest([sign.level for sign, worth in graded if worth == Grade.ALONE], policy),
    )


Seen = MutableMapping[str, Sorted | None]


def sort_batch(
    engine: Engine,
    comments: Sequence[Comment],
    now: datetime,
    author_key: bytes,
    policy: CommentsPolicy | None = None,
    seen: Seen | None = None,
) -> Batch:
    """Sorts `comments`; `seen` remembers texts from one batch to the next, copies of which are read only once.

    A copy is read as of the date of the first one: a text means the same some hours later.
    """
    seen = {} if seen is None else seen
    kept: list[Sorted] = []
    unread = 0
    for comment in comments:
        try:
            if comment.text not in seen:
                seen[comment.text] = sort_one(engine, comment, now, policy)
        except IntakeError:
            unread += 1
            continue
        found = seen[comment.text]
        if found is not None:
            own = replace(found, number=comment.number, author=comment.author, when=comment.when, url=comment.url)
            kept.append(own)
    hostile = frozenset(one.number for one in kept if one.clear)
    harmless = len(comments) - len(kept) - unread
    return Batch(tuple(kept), Tally.of(comments, hostile, harmless, unread, author_key))


def _evidence(triaged: Triaged, signs: Sequence[Sign]) -> tuple[tuple[int, int], ...]:
    """Where the words that tell `signs` stand in the comment, in order, apart from one another."""
    spans = {triaged.document.original_span(hit.start, hit.end) for sign in signs for hit in sign.hits}
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
