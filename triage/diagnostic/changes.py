"""What would change the answer: facts not told that would raise the level, or start or move a clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from triage.assessment.assessment import Assessment
from triage.assessment.disposition import Policy
from triage.assessment.red_flags import RedFlag
from triage.diagnostic.clocks import Running
from triage.diagnostic.conditions import holds
from triage.diagnostic.diagnostic import Change
from triage.diagnostic.knowledge import Telling
from triage.diagnostic.situation import Situation


def changes(
    tellings: Iterable[Telling],
    assessment: Assessment,
    situation: Situation,
    clocks: Iterable[Running],
    flags: Mapping[str, RedFlag],
    policy: Policy,
) -> Iterator[Change]:
    """The changes for this report: answers to questions, red flags not raised, clocks without a start."""
    rank = policy.rank(assessment.level.id)
    asked: set[str] = set()
    for considered in assessment.considered:
        for answer in considered.question.answers:
            if considered.ranks[answer.id] > rank:
                asked.update(answer.flags)
                text = f"{considered.question.text} « {answer.label} »"
                yield Change(text, policy.levels[considered.ranks[answer.id]])
    for telling in tellings:
        if holds(telling.when, situation.labels) and telling.flag not in asked:
            level = flags[telling.flag].at_least if telling.flag else None
            if level is not None and policy.rank(level) > rank:
                yield Change(telling.text, policy.level(level))
            elif telling.effect:
                yield Change(telling.text, effect=telling.effect)
    for running in clocks:
        if running.ends is None and running.clock.ask_start:
            start = running.clock.start_text
            yield Change(
                f"{start[0].upper()}{start[1:]} : à quelle date ?",
                effect=f"{running.clock.name} : {running.clock.duration}.",
            )
