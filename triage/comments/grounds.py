"""Why an export deserves a level: what one comment, several, a crowd or one author support."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.comments.crowds import Crowd, authors_of, copies, crowd, persistent
from triage.comments.grading import highest
from triage.comments.policy import CommentsPolicy, Support
from triage.comments.sorting import Sorted
from triage.comments.tally import Tally
from triage.comments.wording import comments_counted, counted

_NAMED = 5  # comments that a reason names by their number


@dataclass(frozen=True)
class Ground:
    """`level` is supported, `said` tells why in French; `adds` is a type that no single comment tells."""

    level: str
    said: str
    adds: str = ""


def grounds(kept: Sequence[Sorted], tally: Tally, policy: CommentsPolicy) -> tuple[Ground, ...]:
    """All that supports a level, the gravest first."""
    found = [*_alone(kept, policy), *_together(kept, tally, policy), *_raid(kept, tally, policy), *_one(kept, policy)]
    return tuple(sorted(found, key=lambda ground: -policy.ranks[ground.level]))


def enough(ones: Sequence[Sorted], tally: Tally, policy: CommentsPolicy) -> bool:
    """Whether `ones`, the clear comments of one type or red flag, establish it."""
    several = any(_supports(row, _of(row, ones, policy), tally) for row in policy.numbers.support)
    return several or any(one.unmistakable for one in ones)


def _alone(kept: Sequence[Sorted], policy: CommentsPolicy) -> Iterator[Ground]:
    sure = [one for one in kept if one.unmistakable]
    if not sure:
        return
    level = highest([one.alone for one in sure], policy)
    ones = [one for one in sure if one.alone == level]
    count = comments_counted(len(ones))
    yield Ground(level, f"{count} sans équivoque ({_numbers(ones)}) : {_labels(ones, policy)}.")


def _together(kept: Sequence[Sorted], tally: Tally, policy: CommentsPolicy) -> Iterator[Ground]:
    """The gravest level that several comments support."""
    found = [(row, ones) for row in policy.numbers.support if _supports(row, ones := _of(row, kept, policy), tally)]
    if found:
        row, ones = max(found, key=lambda one: policy.ranks[one[0].level])
        authors = len(authors_of(ones))
        by = f", de {counted(authors, 'auteur', 'auteurs')}" if authors else ""
        yield Ground(
            row.level,
            f"{comments_counted(len(ones))} sur {tally.total}{by}, vont dans le même sens : {_labels(ones, policy)}.",
        )


def _of(row: Support, kept: Sequence[Sorted], policy: CommentsPolicy) -> list[Sorted]:
    least = policy.ranks[row.of]
    return [
        one
        for one in kept
        if policy.ranks[one.level] >= least and one.probability >= row.chance and (one.clear or not row.clear)
    ]


def _supports(row: Support, ones: Sequence[Sorted], tally: Tally) -> bool:
    """Comments without a name may each have another author: nothing tells that they are one person's."""
    authors = len(authors_of(ones)) + sum(not one.author.strip() for one in ones)
    return len(ones) >= row.comments and authors >= row.authors and len(ones) >= row.share * tally.total


def _raid(kept: Sequence[Sorted], tally: Tally, policy: CommentsPolicy) -> Iterator[Ground]:
    raid = policy.numbers.raid
    found = crowd(kept, tally, raid)
    if found:
        yield Ground(raid.level, _told(found), raid.type)
    names = copies(kept, raid)
    if names:
        yield Ground(raid.level, f"Le même texte hostile a été publié sous {names} noms.", raid.type)


def _one(kept: Sequence[Sorted], policy: CommentsPolicy) -> Iterator[Ground]:
    harassment = policy.numbers.harassment
    count = persistent(kept, harassment)
    if count:
        yield Ground(harassment.level, f"Un même auteur a publié {count} commentaires hostiles.", harassment.type)


def _told(crowd: Crowd) -> str:
    said = f"{crowd.authors} auteurs hostiles, {crowd.hostile} commentaires hostiles sur {crowd.total}"
    if crowd.begin is None or crowd.end is None:
        return f"{said} dans cet export, dont les dates n'ont pas pu être lues."
    return f"{said} entre le {_moment(crowd.begin)} et le {_moment(crowd.end)}."


def _moment(when: datetime) -> str:
    return f"{when:%d/%m/%Y} à {when.hour} h {when:%M}"


def _labels(ones: Collection[Sorted], policy: CommentsPolicy) -> str:
    """The types and red flags of `ones`, the most frequent first."""
    counts: dict[str, int] = {}
    for one in ones:
        for name in (*one.types, *one.flags):
            counts[name] = counts.get(name, 0) + 1
    order = (*policy.numbers.types, *policy.numbers.flags)
    names = sorted(counts, key=lambda name: (-counts[name], order.index(name)))
    return ", ".join(policy.labels[name].lower() for name in names)


def _numbers(ones: Sequence[Sorted]) -> str:
    named = ", ".join(str(one.number) for one in ones[:_NAMED])
    return f"n° {named}" + ("…" if len(ones) > _NAMED else "")
