"""What a report tells of the person's situation, as labels that the conditions of `rules/` are about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo

from triage.assessment.triaged import Triaged
from triage.diagnostic.conditions import faults, holds
from triage.errors import DataError, IntakeError, Location, Problem
from triage.intake.moment import PARIS
from triage.signals.matching import ENOUGH, weights
from triage.signals.rule import Dimension

DISCRIMINATORY = ("type:haine", "motif:discriminatoire")
ROLE = "role:"
UNKNOWN_ROLE = "role:inconnu"
PLACE = "lieu"
# A label made of a condition may be about another such label, once.
DEPTH = 2


@dataclass(frozen=True)
class Place:
    """Where the person is, when that is not mainland France."""

    label: str
    zone: ZoneInfo


@dataclass(frozen=True)
class Situation:
    """The labels told, the moment of the diagnostic (clocks of Paris), and where the person is."""

    labels: frozenset[str]
    now: datetime
    place: Place | None

    @property
    def local(self) -> datetime:
        """The moment on the clocks of the person's place."""
        return self.now.astimezone(self.place.zone if self.place else PARIS)


@dataclass(frozen=True)
class Observer:
    """Reads the situation out of a report, with the dimensions of `rules/situation/`."""

    dimensions: Mapping[str, Dimension]

    def observe(self, triaged: Triaged) -> Situation:
        """The situation that `triaged` tells."""
        labels = self.implied({*_found(triaged), *_traits(triaged)})
        return Situation(frozenset(labels), triaged.now, self._place(labels))

    def checked(self, traits: Iterable[str]) -> tuple[str, ...]:
        """`traits` told by the person, as they are. Raises IntakeError, naming those that do not exist."""
        traits = tuple(traits)
        known = [trait for dimension in self.dimensions.values() for trait in dimension.traits]
        wrong = [trait for trait in traits if trait not in known]
        if wrong:
            near = get_close_matches(wrong[0], known, 3) or known[:3]
            raise IntakeError(f"Situation inconnue : {', '.join(wrong)}. Essayez par exemple : {', '.join(near)}.")
        return traits

    def implied(self, labels: set[str]) -> set[str]:
        """`labels` with all that follows from them."""
        for dimension in self.dimensions.values():
            for value, implied in dimension.implies.items():
                if f"{dimension.id}:{value}" in labels:
                    labels.update(implied)
        if DISCRIMINATORY[0] in labels:
            labels.add(DISCRIMINATORY[1])
        if not any(label.startswith(ROLE) for label in labels):
            labels.add(UNKNOWN_ROLE)
        for _ in range(DEPTH):
            for dimension in self.dimensions.values():
                labels |= {f"{dimension.id}:{v}" for v, condition in dimension.when.items() if holds(condition, labels)}
        return labels

    def _place(self, labels: Iterable[str]) -> Place | None:
        dimension = self.dimensions.get(PLACE)
        for label in sorted(labels) if dimension else ():
            kind, _, value = label.partition(":")
            if dimension and kind == PLACE and value in dimension.zones:
                return Place(dimension.values[value], ZoneInfo(dimension.zones[value]))
        return None


def load_observer(rules: Path, known: Collection[str], dimensions: Iterable[Dimension]) -> Observer:
    """The observer of `dimensions`, their conditions checked against the `known` labels. Raises DataError."""
    problems = [
        Problem(Location(rules / "situation" / f"{dimension.id}.yaml"), f"« {value} » : {what}")
        for dimension in dimensions
        for value, condition in dimension.when.items()
        for what in faults(condition, known)
    ]
    if problems:
        raise DataError(problems)
    return Observer({dimension.id: dimension for dimension in dimensions})


def known_labels(
    types: Iterable[str],
    flags: Iterable[str],
    facts: Iterable[str],
    levels: Iterable[str],
    dimensions: Iterable[Dimension],
) -> frozenset[str]:
    """Every label that a condition may name."""
    labels = {f"{head}:{name}" for name in types for head in ("type", "premier")}
    labels |= {f"{head}:{name}" for name in flags for head in ("drapeau", "certain", "evoque")}
    labels |= {f"fait:{name}={value}" for name in facts for value in ("oui", "non")}
    labels |= {f"niveau:{name}" for name in (*levels, "escalade")}
    return frozenset(labels | {trait for dimension in dimensions for trait in dimension.traits})


def _found(triaged: Triaged) -> Iterable[str]:
    """Types, level, flags and certain facts."""
    assessment = triaged.assessment
    yield f"premier:{assessment.primary}"
    yield f"niveau:{assessment.level.id}"
    if assessment.escalated:
        yield "niveau:escalade"
    yield from (f"type:{threat.type}" for threat in assessment.threats)
    yield from (f"drapeau:{raised.flag.id}" for raised in assessment.flags)
    yield from (f"certain:{raised.flag.id}" for raised in assessment.flags if raised.probability == 1)
    yield from (
        f"evoque:{name}" for hit in triaged.findings.hits if hit.signal.weight >= ENOUGH for name in hit.signal.flags
    )
    yield from (f"fait:{fact.name}={fact.value}" for fact in assessment.facts.values() if fact.certain)


def _traits(triaged: Triaged) -> Iterable[str]:
    told = weights(triaged.findings.hits, lambda signal: signal.traits)
    yield from (trait for trait, weight in told.items() if weight >= ENOUGH)
    yield from triaged.document.report.traits
