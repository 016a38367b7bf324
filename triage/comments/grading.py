"""How much one comment proves: counted only, kept, clear, or enough alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from triage.assessment.triaged import Triaged
from triage.comments.policy import CommentsPolicy
from triage.signals.matching import ENOUGH, Hit
from triage.threats.fusion import rule_scores


class Grade(IntEnum):
    """What a sign is worth; `CLEAR` ones add up, one that is enough `ALONE` needs no other."""

    NOTHING = 0
    KEPT = 1
    CLEAR = 2
    ALONE = 3


@dataclass(frozen=True)
class Sign:
    """A type or a red flag that a comment tells: the level that it calls for, its words, how probable it is."""

    subject: str
    level: str
    hits: tuple[Hit, ...]
    probability: float

    @property
    def weight(self) -> float:
        """That of the heaviest rule which no word around it weakens."""
        return max((hit.weight for hit in self.hits if not hit.qualifiers), default=0.0)


def signs_of(triaged: Triaged, policy: CommentsPolicy) -> list[Sign]:
    """What `triaged` tells of an attack on the person.

    A red flag is no likelier than the attack in which it is told; the model's opinion of a level counts for the type
    whose rules it read in the text.
    """
    numbers, threats = policy.numbers, triaged.assessment.threats
    attack = max((one.probability for one in threats if one.type in numbers.types), default=0.0)
    signs = []
    for reason in triaged.assessment.reasons:
        if reason.origin == "type" and reason.subject in numbers.types:
            signs.append(Sign(reason.subject, reason.level, reason.hits, reason.probability))
        elif reason.origin == "flag" and reason.subject in numbers.flags:
            chance = 1.0 if reason.subject in numbers.flags_without_type else attack
            signs.append(Sign(reason.subject, reason.level, reason.hits, min(chance, reason.probability)))
        elif reason.origin == "model" and (subject := _by_rules(triaged, policy)):
            hits = tuple(hit for hit in triaged.findings.hits if hit.signal.type == subject and not hit.void)
            signs.append(Sign(subject, reason.level, hits, reason.probability))
    return signs


def grade(sign: Sign, joking: bool, policy: CommentsPolicy) -> Grade:
    """What `sign` is worth by itself; what a joke excuses proves nothing."""
    kept, clear, alone = policy.numbers.kept, policy.numbers.clear, policy.numbers.alone
    serious = not joking or sign.subject not in policy.numbers.jokes.excused
    if serious and sign.weight >= alone.weight and sign.probability >= alone.chance:
        return Grade.ALONE
    sure = clear.chance if sign.hits else clear.unseen
    if serious and (sign.probability >= sure or (sign.weight >= clear.weight and sign.probability >= clear.doubt)):
        return Grade.CLEAR
    if sign.probability and (sign.weight >= kept.weight or sign.probability >= kept.chance):
        return Grade.KEPT
    return Grade.NOTHING


def holds_despite_jokes(signs: Iterable[Sign], policy: CommentsPolicy) -> bool:
    """Whether what `signs` tell is too precise to be a joke."""
    needed = policy.numbers.despite_jokes
    clear = {one.subject for one in signs if one.subject in needed.flags and grade(one, False, policy) >= Grade.CLEAR}
    return len(clear) >= needed.at_once


def is_joke(triaged: Triaged, policy: CommentsPolicy) -> bool:
    """Whether a word, an emoji or a rule tells a joke."""
    signals = policy.numbers.jokes.signals
    told = any(hit.signal.id in signals and not hit.void for hit in triaged.findings.hits)
    return told or policy.joke.search(triaged.document.report.text) is not None


def highest(levels: Sequence[str], policy: CommentsPolicy) -> str:
    """The highest of `levels`; "" when there is none."""
    return max(levels, key=policy.ranks.__getitem__, default="")


def _by_rules(triaged: Triaged, policy: CommentsPolicy) -> str:
    scores = rule_scores(triaged.findings.hits)
    told = {name: score for name, score in scores.items() if name in policy.numbers.types and score >= ENOUGH}
    return max(told, key=told.__getitem__, default="")
