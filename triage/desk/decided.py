"""What an agent decided of a case, against what the engine says of it later.

The level, types and flags that an agent gave hold, up and down, against all that the agent had before their eyes: the
engine, which would find the same again at each reassessment, undoes nothing. What came since counts in full:

- a reason that was not there, or that now asks for more than it did, told by words or by an answer;
- the new words, added to the report, read in a piece or written in a message, judged by themselves, model included.

By these the level can only rise: once an agent has decided, only an agent lowers it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from triage.assessment.assessment import Assessment, Reason
from triage.assessment.red_flags import Raised
from triage.desk.inputs import Held, Inputs
from triage.desk.understanding import Understood
from triage.engine import Engine
from triage.errors import IntakeError
from triage.intake.report import Report
from triage.store.decisions import Seen
from triage.store.records import Case
from triage.threats.fusion import Threat
from triage.threats.kinds import OUTPUTS


@dataclass(frozen=True)
class _New:
    """What came since the agent decided asks for: the rank of a level, types, flags."""

    rank: int
    types: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def seen_now(engine: Engine, case: Case, found: Understood) -> Seen:
    """What whoever decides of `case` now has before their eyes; `found` is the engine's own opinion of it."""
    assessment = found.triaged.assessment
    return Seen(
        text=len(case.told.text),
        exhibits=tuple(one.id for one in case.exhibits if one.state != "pending"),
        messages=len(messages_of(case)),
        reasons=_reasons(engine, assessment),
        types=found.ranking.types,
        flags=found.ranking.flags,
    )


def messages_of(case: Case) -> list[str]:
    """What the official wrote after the report."""
    return [one.text for one in case.messages if one.by == "official"]


def raised_to(engine: Engine, found: Understood, level: str) -> Understood:
    """What the engine `found`, at least at this level."""
    rank = engine.assessor.policy.rank(level)
    if found.rank >= rank:
        return found
    raised = replace(found.triaged.assessment, level=engine.assessor.policy.level(level))
    triaged = replace(found.triaged, assessment=raised)
    return replace(found, triaged=triaged, diagnostic=engine.composer.make(triaged), rank=rank)


def reassessed(engine: Engine, found: Understood, inputs: Inputs, held: Held) -> Understood:
    """What the engine `found` in a case of which an agent has decided, kept to what is new since."""
    ranking, seen = found.ranking, held.seen
    if seen is None:  # raised without an opinion on the rest: all that the engine says counts
        news = [_New(found.rank, ranking.types, ranking.flags)]
    else:
        news = [_other_reasons(engine, found, seen), *_new_words(engine, inputs, seen)]
    types = all_types(held.types, *(one.types for one in news))
    flags = tuple(dict.fromkeys((*held.flags, *(flag for one in news for flag in one.flags))))
    rank = max(engine.assessor.policy.rank(held.level), *(one.rank for one in news))
    return as_decided(engine, found, types, flags, rank)


def as_decided(
    engine: Engine, found: Understood, types: tuple[str, ...], flags: tuple[str, ...], rank: int
) -> Understood:
    """What the engine `found`, with these types and flags and the level of `rank` in place of its own."""
    assessor, composer = engine.assessor, engine.composer
    assessment = found.triaged.assessment
    told = {threat.type: threat for threat in assessment.threats}
    raised = {one.flag.id: one for one in assessment.flags}
    level = assessor.policy.levels[rank]
    decided = replace(
        assessment,
        threats=tuple(told.get(name) or Threat(name, 1.0, ()) for name in types),
        primary=types[0],
        flags=tuple(raised.get(name) or Raised(assessor.flags[name], ()) for name in flags),
        level=level,
        reasons=_fitting(engine, assessment, types, flags, rank),
    )
    triaged = replace(found.triaged, assessment=decided)
    return replace(found, triaged=triaged, diagnostic=composer.make(triaged), rank=rank)


def _fitting(
    engine: Engine, assessment: Assessment, types: tuple[str, ...], flags: tuple[str, ...], rank: int
) -> tuple[Reason, ...]:
    """The reasons that still hold, none above the level; the main type stands for the agent where none explains it."""
    policy = engine.assessor.policy
    held = {("flag", name) for name in flags} | {("type", name) for name in types}
    kept = [one for one in assessment.reasons if one.origin == "model" or (one.origin, one.subject) in held]
    kept = [one for one in kept if policy.rank(one.level) <= rank]
    if not any(policy.rank(one.level) == rank for one in kept):
        kept.insert(0, Reason("type", types[0], policy.levels[rank].id))
    return tuple(kept)


def _reasons(engine: Engine, assessment: Assessment) -> dict[str, int]:
    """What is told of the whole, and the rank that each reason asks for."""
    ranks: dict[str, int] = {}
    for one in filter(_told, assessment.reasons):
        name = f"{one.origin}:{one.subject}"
        ranks[name] = max(ranks.get(name, 0), engine.assessor.policy.rank(one.level))
    return ranks


def _told(reason: Reason) -> bool:
    """Whether words, facts or answers tell it. The model alone thinks otherwise of the same words beside others."""
    if reason.origin == "flag":
        return reason.probability == 1
    return reason.origin == "type" and bool(reason.hits or reason.facts)


def _other_reasons(engine: Engine, found: Understood, seen: Seen) -> _New:
    """What the engine says of the whole that it did not say then."""
    ranks = _reasons(engine, found.triaged.assessment)
    rank = max((rank for name, rank in ranks.items() if rank > seen.reasons.get(name, -1)), default=0)
    new = {name for name in ranks if name not in seen.reasons}
    types = tuple(name for name in found.ranking.types if f"type:{name}" in new and name not in seen.types)
    told = [one.flag.id for one in found.triaged.assessment.flags if one.probability == 1]
    return _New(rank, types, tuple(name for name in told if name not in seen.flags))


def _new_words(engine: Engine, inputs: Inputs, seen: Seen) -> Iterator[_New]:
    """What the words and the comments that came since say by themselves: the official's, then those in each piece."""
    told, received_at = inputs.told, inputs.received_at
    own = "\n\n".join([told.text[seen.text :].strip(), *inputs.messages[seen.messages :]]).strip()
    yield _alone(engine, Report(own, received_at=received_at, traits=told.traits), inputs.now)
    for piece in inputs.pieces:
        if piece.exhibit_id not in seen.exhibits:
            yield _alone(engine, Report(piece.words, kind="message", received_at=received_at), inputs.now)
    for sorting in inputs.sortings:
        if sorting.exhibit_id not in seen.exhibits:
            yield _New(engine.assessor.policy.rank(sorting.verdict.level), tuple(sorting.verdict.types))


def _alone(engine: Engine, report: Report, now: datetime) -> _New:
    """What these words say without the rest; nothing when there is nothing to read, or nothing is found."""
    try:
        assessment = engine.assess(report, now).assessment
    except IntakeError:  # a line of dashes, a piece without words
        return _New(0)
    ranks = [engine.assessor.policy.rank(one.level) for one in assessment.reasons if one.subject not in OUTPUTS]
    types = tuple(one.type for one in assessment.threats if one.type not in OUTPUTS)
    return _New(max(ranks, default=0), types, tuple(one.flag.id for one in assessment.flags))


def all_types(types: tuple[str, ...], *others: tuple[str, ...]) -> tuple[str, ...]:
    """All the types, the agent's first; « nothing found » only where nothing is."""
    every = tuple(dict.fromkeys((*types, *(name for names in others for name in names))))
    return tuple(name for name in every if name not in OUTPUTS) or types
