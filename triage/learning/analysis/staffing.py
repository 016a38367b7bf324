"""How many agents a shift needs, from what is sent to them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from triage.learning.analysis.curves import GRID, curve, deserved_share, level_shares
from triage.learning.analysis.scenarios import Scenario, ScenariosFile, weights
from triage.learning.evaluation import LEVELS


def load(per_hour: float, shares: Mapping[str, float], minutes: Mapping[str, float]) -> float:
    """Agents busy on average: reports an hour × share × minutes / 60, summed over the levels (Erlangs)."""
    return sum(per_hour * shares.get(level, 0.0) * spent / 60 for level, spent in minutes.items())


def waiting(agents: int, busy: float) -> float:
    """The chance that a report finds all `agents` busy, `busy` of them being so on average.

    Erlang, A. K. (1917), formula C: arrivals at random, one queue, nobody gives up; 1 when they cannot keep up.
    """
    if busy >= agents:
        return 1.0
    blocked = 1.0
    for n in range(1, agents + 1):  # formula B, by recurrence
        blocked = busy * blocked / (n + busy * blocked)
    return blocked / (1 - busy / agents * (1 - blocked))


def needed(busy: float, minutes: float, within: float, answered: float) -> int:
    """The fewest agents with whom a share `answered` of reports wait less than `within` minutes.

    P(wait > t) = C · exp(-(agents - busy) · t / minutes), `minutes` being the mean time that a report takes.
    """
    if busy <= 0:
        return 0
    agents = math.floor(busy) + 1
    while waiting(agents, busy) * math.exp(-(agents - busy) * within / minutes) > 1 - answered:
        agents += 1
    return agents


def agents_for(shares: Mapping[str, float], scenario: Scenario, policy: ScenariosFile) -> tuple[float, int]:
    """The load, and the agents that it needs."""
    busy = load(scenario.per_hour, shares, policy.minutes)
    sent = sum(shares.get(level, 0.0) for level in policy.minutes)
    if not sent:
        return 0.0, 0
    mean = 60 * busy / (scenario.per_hour * sent)
    return busy, needed(busy, mean, policy.within, policy.answered)


def staffed(
    frame: pd.DataFrame, level: str, raise_at: Mapping[str, float], scenario: Scenario, policy: ScenariosFile
) -> pd.DataFrame:
    """The curve of `level` under a scenario, with `load`, `agents`, and what a day misses (missed_, low_, high_day)."""
    told = weights(frame, scenario)
    made = curve(frame, level, raise_at, told)
    found = [
        agents_for(level_shares(frame, {**raise_at, level: threshold}, told), scenario, policy) for threshold in GRID
    ]
    deserved = 24 * scenario.per_hour * deserved_share(frame, level, told)
    return made.assign(
        load=[busy for busy, _ in found],
        agents=[agents for _, agents in found],
        **{f"{name}_day": made[name] * deserved for name in ("missed", "low", "high")},
    )


def compared(frame: pd.DataFrame, raise_at: Mapping[str, float], policy: ScenariosFile) -> pd.DataFrame:
    """One row a scenario: what comes, what is sent to an agent, the load, the agents, the urgencies missed in a day."""
    rows = []
    for scenario in policy.scenarios:
        told = weights(frame, scenario)
        shares = level_shares(frame, raise_at, told)
        sent = sum(shares[level] for level in LEVELS[LEVELS.index("agent") :])
        at = raise_at["urgent"]
        missed = curve(frame, "urgent", raise_at, told, [at]).iloc[0]
        day = 24 * scenario.per_hour * deserved_share(frame, "urgent", told)
        bounds = [float(missed[name]) * day for name in ("missed", "low", "high")]
        rows.append((scenario.title, scenario.per_hour, sent, *agents_for(shares, scenario, policy), *bounds))
    names = ["scenario", "per_hour", "sent", "load", "agents", "missed_day", "low_day", "high_day"]
    return pd.DataFrame(rows, columns=names)
