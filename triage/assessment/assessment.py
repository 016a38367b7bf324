"""The decision: a disposition with every reason for it, and what would change it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from triage.assessment.disposition import Level, Policy, Reachable, choose, floor, reachable
from triage.assessment.facts import Fact
from triage.assessment.questions import MOST_QUESTIONS, Answer, Considered, Question, consider
from triage.assessment.red_flags import Raised, RedFlag
from triage.signals.matching import Hit
from triage.threats.fusion import Threat

Origin = Literal["type", "flag", "model"]


@dataclass(frozen=True)
class Reason:
    """Why the disposition is at least `level`: a type with the facts that decided, a red flag, or the model."""

    origin: Origin
    subject: str
    level: str
    facts: tuple[Fact, ...] = ()
    hits: tuple[Hit, ...] = ()
    probability: float = 1.0


@dataclass(frozen=True)
class Assessment:
    """What the report holds, how fast a human must act, and why; `considered` are the questions still open."""

    threats: tuple[Threat, ...]
    primary: str
    facts: Mapping[str, Fact]
    flags: tuple[Raised, ...]
    level: Level
    reasons: tuple[Reason, ...]
    considered: tuple[Considered, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """The few questions worth asking."""
        return tuple(one.question for one in self.considered[:MOST_QUESTIONS])

    @property
    def escalated(self) -> bool:
        """Whether an agent has to act."""
        return self.level.id in ("agent", "urgent", "immediate")


@dataclass(frozen=True)
class Assessor:
    """Turns threats, facts and flags into a decision, as `rules/dispositions.yaml` says.

    `sufficient` are the types that an unmistakable rule tells whatever the classifier thinks.
    """

    policy: Policy
    flags: Mapping[str, RedFlag]
    questions: Sequence[Question]
    sufficient: tuple[str, ...] = ()

    def assess(
        self,
        threats: Sequence[Threat],
        facts: Mapping[str, Fact],
        flags: Sequence[Raised],
        heard: Mapping[str, float],
        raise_at: Mapping[str, float],
        answered: Collection[str],
    ) -> Assessment:
        """The decision. `heard` are the model's probabilities, empty without a model."""
        levels = {head.removeprefix("level:"): p for head, p in heard.items() if head.startswith("level:")}
        reasons = self._reasons(threats, facts, flags, levels)
        rank = max(self.policy.rank(reason.level) for reason in reasons)
        for level, chance in levels.items():
            if (
                self.policy.rank(level) > rank
                and chance >= raise_at.get(level, 2.0)
                and self.conceivable(level, facts, heard)
            ):
                rank = self.policy.rank(level)
                reasons.append(Reason("model", level, level, probability=chance))
        reasons.sort(key=lambda reason: -self.policy.rank(reason.level))
        return Assessment(
            threats=tuple(threats),
            primary=threats[0].type,
            facts=facts,
            flags=tuple(flags),
            level=self.policy.levels[rank],
            reasons=tuple(reasons),
            considered=self._considered(threats, facts, flags, levels, answered),
        )

    def at_least(self, assessment: Assessment, alone: Assessment) -> Assessment:
        """`assessment` raised to the level of `alone`, what a part of the report gives by itself, if that is higher."""
        if self.policy.rank(alone.level.id) <= self.policy.rank(assessment.level.id):
            return assessment
        reason = Reason("type", alone.primary, alone.level.id, probability=alone.threats[0].probability)
        return replace(assessment, level=alone.level, reasons=(reason, *assessment.reasons))

    def _reasons(
        self, threats: Sequence[Threat], facts: Mapping[str, Fact], flags: Sequence[Raised], levels: Mapping[str, float]
    ) -> list[Reason]:
        names = [threat.type for threat in threats]
        reasons = [
            Reason("flag", r.flag.id, r.flag.at_least, hits=r.hits, probability=r.probability)
            for r in flags
            if r.flag.at_least
        ]
        for threat in threats:
            rows = self._reachable(threat.type, facts, names)
            row = choose(rows, levels, self.policy)
            deciding = tuple(facts[name] for name in sorted(row.facts) if name in facts and facts[name].certain)
            reasons.append(Reason("type", threat.type, row.level, deciding, threat.hits, threat.probability))
        return reasons

    def _reachable(self, name: str, facts: Mapping[str, Fact], names: Collection[str]) -> Reachable:
        return reachable(self.policy.base[name], facts, [other for other in names if other != name])

    def conceivable(self, level: str, facts: Mapping[str, Fact], heard: Mapping[str, float]) -> bool:
        """Whether the model sees, be it faintly, a type or a red flag that would justify `level`, facts being as told.

        A level follows from what happened, never from the tone: without anything to explain it, a high opinion of the
        level is a matter of tone.
        """
        needed, least = self.policy.rank(level), self.policy.explained_at[level]
        types = [name for name in self.policy.base if heard.get(f"threat:{name}", 0.0) >= least]
        flags = [f.at_least for name, f in self.flags.items() if heard.get(f"flag:{name}", 0.0) >= least and f.at_least]
        reachable = [row.level for name in types for row in self._reachable(name, facts, types).rows]
        return any(self.policy.rank(one) >= needed for one in (*reachable, *flags))

    def _considered(
        self,
        threats: Sequence[Threat],
        facts: Mapping[str, Fact],
        flags: Sequence[Raised],
        levels: Mapping[str, float],
        answered: Collection[str],
    ) -> tuple[Considered, ...]:
        def rank_if(answer: Answer) -> int:
            supposed = {**facts, **{name: Fact(name, value, "answer") for name, value in answer.facts.items()}}
            raised_too = [*flags, *(Raised(self.flags[name], ()) for name in answer.flags)]
            supposed_threats = [Threat(answer.type, 1.0, ())] if answer.type else threats
            reasons = self._reasons(supposed_threats, supposed, raised_too, levels)
            return max(floor(raised_too, self.policy), *(self.policy.rank(reason.level) for reason in reasons))

        return consider(self.questions, [threat.type for threat in threats], facts, answered, rank_if)
