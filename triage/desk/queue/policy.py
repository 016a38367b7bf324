"""`rules/desk/queue.yaml`: how long each level may wait, and what is read first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

from triage.datafiles import read
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build


class QueuePolicy(Strict):
    """Minutes that a level, an answer, a case at rest may wait; harm by level, what multiplies it; minutes of a lease.

    `doubling`: minutes in which waiting counts twice as much; `snooze`: for how many a level may be put off, not at all
    where it is not said; `forces`: their names.
    """

    delays: dict[str, int]
    answer: int
    idle: dict[str, int]
    doubling: int
    harm: dict[str, float]
    flags: dict[str, float]
    lease: int
    snooze: dict[str, int]
    forces: dict[str, str]

    def delay(self, level: str) -> timedelta | None:
        """How long a case of that level may wait for an agent; None when no agent has to act."""
        return timedelta(minutes=self.delays[level]) if level in self.delays else None

    def longest_snooze(self, level: str) -> timedelta | None:
        """How long a case of that level may be put off; None when it may not."""
        return timedelta(minutes=self.snooze[level]) if level in self.snooze else None


def load_queue_policy(rules: Path, levels: Collection[str], flags: Collection[str]) -> QueuePolicy:
    """The policy in `rules`. Raises DataError with every problem."""
    problems: list[Problem] = []
    file = read(rules / "desk" / "queue.yaml", problems)
    policy = build(QueuePolicy, file, problems) if file else None
    if file and policy:
        strange = [
            *sorted({*policy.delays, *policy.harm, *policy.snooze} - set(levels)),
            *sorted(set(policy.flags) - set(flags)),
        ]
        problems += [file.problem(f"niveau ou drapeau inconnu : « {name} »") for name in strange]
        missing = sorted(set(levels) - set(policy.harm)) + sorted(set(flags) - set(policy.flags))
        problems += [file.problem(f"dommage non dit : « {name} »") for name in missing]
        if set(policy.idle) != set(policy.delays):
            problems.append(file.problem("« idle » et « delays » ne disent pas les mêmes niveaux", "idle"))
    if problems or policy is None:
        raise DataError(problems)
    return policy
