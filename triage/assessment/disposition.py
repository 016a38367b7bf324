"""How fast a human must act: the base level of each type according to the facts, raised by red flags."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.assessment.facts import Fact
from triage.assessment.red_flags import Raised
from triage.datafiles import DataFile, read
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, YesNo, build


class Level(Strict):
    """One disposition; `who` says who acts, and when."""

    id: str
    label: str
    who: str


class Row(Strict):
    """A level and the facts under which it holds: all of `when`, one of `any`, one other type of `with_any`."""

    level: str
    when: dict[str, YesNo] = {}
    any: dict[str, YesNo] = {}
    with_any: list[str] = []

    @property
    def facts(self) -> set[str]:
        """The facts that it depends on."""
        return {*self.when, *self.any}


class Policy(Strict):
    """`rules/dispositions.yaml`: the levels, lowest first, and the rows of each type.

    `caution` is how many times likelier a lower level must be to be preferred to the next one, when facts are not told.
    A model is trained so that, with `confidence`, at most the share `most_missed` of urgent reports is sent lower;
    `miss_costs`: how many reports sent too high are worth one that misses the level. `explained_at`: the least chance
    at which a type or a red flag explains why the model finds a report that grave.
    """

    levels: list[Level]
    caution: float
    most_missed: float
    confidence: float
    miss_costs: dict[str, float]
    explained_at: dict[str, float]
    base: dict[str, list[Row]]

    def rank(self, level: str) -> int:
        """The place of `level`, 0 for the lowest."""
        return next(i for i, one in enumerate(self.levels) if one.id == level)

    def level(self, level: str) -> Level:
        """The level with that id."""
        return self.levels[self.rank(level)]


@dataclass(frozen=True)
class Reachable:
    """The levels that a type can still have: one row when the facts are told, several when some are not."""

    rows: tuple[Row, ...]

    @property
    def open_facts(self) -> set[str]:
        """The facts that would decide between the rows."""
        return set().union(*(row.facts for row in self.rows)) if len(self.rows) > 1 else set()


def load_policy(rules: Path, types: Collection[str], facts: Collection[str]) -> Policy:
    """The policy of `rules`, checked against the known ids. Raises DataError."""
    problems: list[Problem] = []
    file = read(rules / "dispositions.yaml", problems)
    policy = build(Policy, file, problems) if file else None
    if file and policy:
        problems += _faults(policy, file, types, facts)
    if problems or policy is None:
        raise DataError(problems)
    return policy


def _faults(policy: Policy, file: DataFile, types: Collection[str], facts: Collection[str]) -> Iterable[Problem]:
    levels = {level.id for level in policy.levels}
    raised = {level.id for level in policy.levels[2:]}
    for name, values in (("miss_costs", policy.miss_costs), ("explained_at", policy.explained_at)):
        if values.keys() != raised:
            yield file.problem(f"« {name} » : une valeur pour chacun de {', '.join(sorted(raised))}", name)
    for name in sorted(set(types) ^ policy.base.keys()):
        yield file.problem(f"type « {name} » : absent des types ou de ce fichier", "base", name)
    for name, rows in policy.base.items():
        for i, row in enumerate(rows):
            if row.level not in levels:
                yield file.problem(f"niveau inconnu « {row.level} »", "base", name, i)
            for fact in sorted(row.facts - set(facts)):
                yield file.problem(f"fait inconnu « {fact} »", "base", name, i)
        if not rows or rows[-1].facts or rows[-1].with_any:
            yield file.problem(f"type « {name} » : la dernière ligne doit valoir sans condition", "base", name)


def reachable(rows: Iterable[Row], facts: Mapping[str, Fact], others: Collection[str]) -> Reachable:
    """The rows that may hold: up to the first that surely does. Only certain facts establish or exclude a row."""
    kept = []
    for row in rows:
        state = _state(row, facts, others)
        if state is not False:
            kept.append(row)
        if state is True:
            break
    return Reachable(tuple(kept))


def _state(row: Row, facts: Mapping[str, Fact], others: Collection[str]) -> bool | None:
    """Whether `row` holds; None when that is not told."""
    if row.with_any and not set(row.with_any) & set(others):
        return False
    all_of = [_is(facts, name, value) for name, value in row.when.items()]
    one_of = [_is(facts, name, value) for name, value in row.any.items()]
    if False in all_of or (one_of and all(state is False for state in one_of)):
        return False
    if None in all_of or (one_of and True not in one_of):
        return None
    return True


def _is(facts: Mapping[str, Fact], name: str, value: str) -> bool | None:
    fact = facts.get(name)
    return (fact.value == value) if fact is not None and fact.certain else None


def choose(rows: Reachable, at_least: Mapping[str, float], policy: Policy) -> Row:
    """The row among those that may hold whose level the model finds likeliest, higher levels counting for more.

    `at_least` is the model's probability of each level or above. Without a model (empty) the last row holds, which is
    what the policy says when nothing is told.
    """
    if len(rows.rows) == 1 or not at_least:
        return rows.rows[-1]
    return max(rows.rows, key=lambda row: _worth(policy.rank(row.level), at_least, policy))


def _worth(rank: int, at_least: Mapping[str, float], policy: Policy) -> float:
    """The probability of exactly this level, times the policy's caution for each step above the lowest."""
    reached = [1.0, *(at_least.get(level.id, 0.0) for level in policy.levels[1:]), 0.0]
    return float(max(reached[rank] - reached[rank + 1], 1e-6) * policy.caution**rank)


def floor(flags: Iterable[Raised], policy: Policy) -> int:
    """The rank below which red flags do not let the disposition fall."""
    return max((policy.rank(r.flag.at_least) for r in flags if r.flag.at_least), default=0)
