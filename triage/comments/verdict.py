"""What a whole export of comments comes to: the highest level that several comments or one unmistakable one support."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.comments.crowds import authors_of
from triage.comments.grounds import enough, grounds
from triage.comments.peaks import Peak, peaks_of
from triage.comments.policy import CommentsPolicy, current
from triage.comments.sorting import Sorted
from triage.comments.tally import Tally
from triage.comments.wording import comments_counted


@dataclass(frozen=True)
class Verdict:
    """The decision on an export, with its reasons in French.

    `counts` and `authors_by_type` tell of each type how many clearly hostile comments there are, by how many known
    authors; `authors` are those of all comments, `hostile_authors` those of clearly hostile ones. `doubtful` comments
    are kept for a person to look at. `peaks`: (hour, or day when the export is long; all comments; hostile ones).
    """

    level: str
    types: tuple[str, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
    counts: Mapping[str, int]
    authors_by_type: Mapping[str, int]
    authors: int
    hostile_authors: int
    total: int
    harmless: int
    doubtful: int
    unread: int
    first: datetime | None
    last: datetime | None
    peaks: tuple[Peak, ...]
    raid: bool


def verdict(kept: Sequence[Sorted], tally: Tally, policy: CommentsPolicy | None = None) -> Verdict:
    """The verdict on the hostile comments `kept` among all those that `tally` counts."""
    policy = policy or current()
    found = grounds(kept, tally, policy)
    clear = [one for one in kept if one.clear]
    by_type = {name: [one for one in clear if name in one.types] for name in policy.numbers.types}
    by_flag = {name: [one for one in clear if name in one.flags] for name in policy.numbers.flags}
    types = {name for name, ones in by_type.items() if enough(ones, tally, policy)} | {
        one.adds for one in found if one.adds
    }
    return Verdict(
        level=found[0].level if found else policy.levels[0].id,
        types=tuple(sorted(types, key=lambda name: -len(by_type.get(name, ())))),
        flags=tuple(name for name, ones in by_flag.items() if enough(ones, tally, policy)),
        reasons=(*(one.said for one in found), *_remarks(kept, tally, not found)),
        counts={name: len(ones) for name, ones in by_type.items() if ones},
        authors_by_type={name: len(authors_of(ones)) for name, ones in by_type.items() if ones},
        authors=len(tally.authors),
        hostile_authors=len(authors_of(clear)),
        total=tally.total,
        harmless=tally.harmless,
        doubtful=len(kept) - len(clear),
        unread=tally.unread,
        first=tally.first,
        last=tally.last,
        peaks=peaks_of(tally),
        raid=any(one.adds == policy.numbers.raid.type for one in found),
    )


def worst_first(kept: Iterable[Sorted], policy: CommentsPolicy | None = None) -> tuple[Sorted, ...]:
    """`kept` in the order in which one reads them: the clear ones, the gravest, the surest, then as they came."""
    ranks = (policy or current()).ranks
    return tuple(
        sorted(kept, key=lambda one: (not one.clear, -ranks[one.level], not one.unmistakable, -one.probability))
    )


def _remarks(kept: Sequence[Sorted], tally: Tally, nothing: bool) -> Iterator[str]:
    if nothing and kept:
        looks = "paraît hostile, mais il est trop isolé, ou dit sur le ton de la plaisanterie, pour décider seul."
        look = "paraissent hostiles, mais ils sont trop isolés, ou dits sur le ton de la plaisanterie, pour décider."
        said = f"{comments_counted(len(kept))} sur {tally.total}"
        yield f"{said} {looks if len(kept) == 1 else look}"
    elif nothing:
        yield f"Rien d'hostile n'a été trouvé ({comments_counted(tally.total)})."
    if tally.unread:
        yield f"{comments_counted(tally.unread)} impossible{'s' * (tally.unread > 1)} à lire."
    if tally.undated and tally.first:
        yield f"{comments_counted(tally.undated)} sans date : les pics n'en tiennent pas compte."
