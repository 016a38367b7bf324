"""How far people who read blind agree: by pair of readers, and all together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy import Connection

from triage.assessment.disposition import Policy
from triage.statistics.agreement import Agreement, cohen_kappa, weighted_agreement
from triage.store import readings
from triage.store.figures import Cut
from triage.store.readings import Found

TOO_FEW = "trop peu de lectures"


@dataclass(frozen=True)
class Agreed:
    """How far two people agree, or the first reader of each report and the second: on the main type, on the level.

    `names`: theirs; none for all together. None where too few reports were read by both.
    """

    names: tuple[str, ...]
    pairs: int
    primary: Agreement | None
    level: Agreement | None


def agreements(
    connection: Connection, cut: Cut, policy: Policy, least: int, names: Mapping[str, str] | None = None
) -> list[Agreed]:
    """All together first, then each pair of readers, when `names` are given, those who read most together first.

    `least`: the reports that two have read, under which nothing is said.
    """
    by_sample: dict[str, list[Found]] = {}
    for one in readings.found(connection, cut):
        by_sample.setdefault(one.sample, []).append(one)
    read = [found for found in by_sample.values() if len(found) > 1]
    whole = [_agreed((), [(found[0], found[1]) for found in read], policy, least)]
    if names is None:
        return whole
    couples: dict[tuple[str, str], list[tuple[Found, Found]]] = {}
    for found in read:
        for one, other in combinations(sorted(found, key=lambda each: each.person), 2):
            couples.setdefault((one.person, other.person), []).append((one, other))
    told = [
        _agreed(tuple(names.get(person, "Compte supprimé") for person in people), pairs, policy, least)
        for people, pairs in couples.items()
    ]
    return whole + sorted(told, key=lambda one: (-one.pairs, one.names))


def _agreed(names: tuple[str, ...], pairs: Sequence[tuple[Found, Found]], policy: Policy, least: int) -> Agreed:
    if len(pairs) < least:
        return Agreed(names, len(pairs), None, None)
    primary = cohen_kappa([(one.primary, other.primary) for one, other in pairs])
    level = weighted_agreement([(policy.rank(one.level), policy.rank(other.level)) for one, other in pairs])
    return Agreed(names, len(pairs), primary, level)


def told(one: Agreement | None) -> str:
    """« 0,81 (de 0,70 à 0,92) »."""
    if one is None:
        return TOO_FEW
    low, high = one.interval
    if low != low:  # both always gave the one answer
        return "toujours la même réponse"
    return f"{_two(one.kappa)} (de {_two(low)} à {_two(high)})"


def _two(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}".replace(".", ",").replace("-", "−")
