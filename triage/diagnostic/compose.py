"""Composes a diagnostic: everything in `rules/` that concerns this report, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from triage.assessment.assessment import Reason
from triage.assessment.disposition import Policy
from triage.assessment.facts import Fact
from triage.assessment.red_flags import RedFlag
from triage.assessment.triaged import Triaged
from triage.datafiles import read
from triage.diagnostic.advice import SECTIONS, Sheet, Step
from triage.diagnostic.changes import changes
from triage.diagnostic.channels import channels_for
from triage.diagnostic.clocks import Running, running
from triage.diagnostic.conditions import holds
from triage.diagnostic.consistency import load_knowledge
from triage.diagnostic.contacts import proposed, refused
from triage.diagnostic.diagnostic import About, Because, Diagnostic
from triage.diagnostic.explain import flag_quotes, model_quotes, quotes
from triage.diagnostic.knowledge import Knowledge
from triage.diagnostic.law import applicable
from triage.diagnostic.measures import measures_for
from triage.diagnostic.situation import Observer, known_labels, load_observer
from triage.diagnostic.sources import Sourced
from triage.errors import DataError, Problem
from triage.signals.catalogue import load_dimensions
from triage.signals.rule import Strict, build
from triage.threats.fusion import Threat
from triage.threats.kinds import Kind

# Circumstances of a lower rank come before what the type asks for.
PRESSING = 50
# More gestures than that are not read by somebody who is frightened: the rest goes to « today ».
MOST_NOW = 7
# How many steps of each section the types beside the primary add, besides their own sheets' first.
FROM_OTHERS = {"now": 1, "today": 2, "week": 1, "avoid": 1, "evidence": 1}


class FactLabel(Strict):
    """`rules/facts/<fact>.yaml`."""

    id: str
    label: str
    meaning: str


@dataclass(frozen=True)
class Composer:
    """Composes diagnostics from the knowledge of the rules."""

    kinds: Mapping[str, Kind]
    policy: Policy
    flags: Mapping[str, RedFlag]
    facts: Mapping[str, FactLabel]
    knowledge: Knowledge
    observer: Observer

    def make(self, triaged: Triaged) -> Diagnostic:
        """The diagnostic of `triaged`, as of the moment when it was triaged."""
        situation = self.observer.observe(triaged)
        known, assessment = self.knowledge, triaged.assessment
        clocks = running(known.clocks.values(), triaged, situation)
        steps = self._steps([threat.type for threat in assessment.threats], situation.labels)
        channels = channels_for(known.channels.values(), situation)
        law = applicable(known.law.values(), situation, _day(clocks))
        contacts = proposed(known.contacts.values(), situation)
        measures = measures_for(known.measures.values(), situation)
        return Diagnostic(
            situation=situation,
            level=assessment.level,
            about=tuple(self._about(threat) for threat in assessment.threats),
            around=tuple(_text(sheet) for sheet in self._around(situation.labels)),
            reasons=self.reasons(triaged),
            steps=steps,
            channels=channels,
            law=law,
            clocks=clocks,
            contacts=contacts,
            refused=refused(known.contacts.values(), situation),
            measures=measures,
            changes=tuple(changes(known.tellings.values(), assessment, situation, clocks, self.flags, self.policy)),
            questions=assessment.questions,
            sources=_each_once(
                [note.offence for note in law],
                [one.clock for one in clocks],
                [one.contact for one in contacts],
                [note.measure for note in measures],
                channels,
                self._cited(steps),
            ),
            notes=triaged.notes,
            texts=known.texts,
        )

    def _cited(self, steps: Mapping[str, tuple[Step, ...]]) -> Iterator[Sourced]:
        """The procedures that the sheets and shared gestures of `steps` take their facts from."""
        library = self.knowledge.library
        told = [step for section in steps.values() for step in section]
        names = {source for step in told for source in library.sheets[step.sheet].front.sources}
        names |= {name for step in told if step.shared for one in library.gestures[step.shared] for name in one.sources}
        yield from (entry for name, entry in self.knowledge.procedures.items() if name in names)

    def reasons(self, triaged: Triaged) -> tuple[Because, ...]:
        """Every reason for the level, with the words that decided."""
        return tuple(self._because(triaged, reason) for reason in triaged.assessment.reasons)

    def _about(self, threat: Threat) -> About:
        return About(self.kinds[threat.type], threat.probability, _text(self.knowledge.library.sheets[threat.type]))

    def _around(self, labels: frozenset[str]) -> list[Sheet]:
        """The sheets about circumstances, whatever the type, the most pressing first."""
        sheets = [sheet for name, sheet in self.knowledge.library.sheets.items() if name not in self.kinds]
        return sorted((s for s in sheets if holds(s.front.when, labels)), key=lambda s: s.front.rank)

    def _steps(self, types: Sequence[str], labels: frozenset[str]) -> dict[str, tuple[Step, ...]]:
        """Pressing circumstances, the primary type whole, other circumstances, then a little of each other type."""
        library, around = self.knowledge.library, self._around(labels)
        pressing = [sheet for sheet in around if sheet.front.rank < PRESSING]
        whole = [*pressing, library.sheets[types[0]], *(sheet for sheet in around if sheet not in pressing)]
        others = [library.sheets[name] for name in types[1:]]
        said: set[str] = set()
        steps = {name: list(_once(self._section(name, whole, others, labels), said)) for name in SECTIONS.values()}
        steps["today"] = steps["now"][MOST_NOW:] + steps["today"]
        del steps["now"][MOST_NOW:]
        return {name: tuple(sorted(found, key=lambda step: step.done)) for name, found in steps.items()}

    def _section(
        self, section: str, whole: Iterable[Sheet], others: Iterable[Sheet], labels: frozenset[str]
    ) -> Iterator[Step]:
        for sheet in whole:
            yield from self.knowledge.library.steps(sheet, section, labels)
        for sheet in others:
            steps = list(self.knowledge.library.steps(sheet, section, labels))
            yield from steps[: FROM_OTHERS[section]]

    def _because(self, triaged: Triaged, reason: Reason) -> Because:
        level = self.policy.level(reason.level)
        origins = self.knowledge.texts.origins
        if reason.origin == "flag":
            words = flag_quotes(triaged, reason.subject, reason.hits)
            origin = origins["flag" if reason.probability == 1 else "suspicion"]
            return Because(level, f"{self.flags[reason.subject].label} ({origin})", tuple(words))
        if reason.origin == "model":
            said = origins["model"].format(level=level.label)
            return Because(level, said[0].upper() + said[1:], tuple(model_quotes(triaged, f"level:{reason.level}")))
        hits = [*reason.hits, *(hit for fact in reason.facts for hit in fact.hits)]
        words = quotes(triaged, hits) or model_quotes(triaged, f"threat:{reason.subject}")
        facts = "".join(f" ; {self._fact(fact)}" for fact in reason.facts)
        return Because(level, self.kinds[reason.subject].label + facts, tuple(words))

    def _fact(self, fact: Fact) -> str:
        label = self.facts[fact.name].label
        return f"{label[0].lower()}{label[1:]} : {fact.value}"


def load_composer(rules: Path, kinds: Mapping[str, Kind], policy: Policy, flags: Mapping[str, RedFlag]) -> Composer:
    """A composer from the knowledge of `rules`. Raises DataError with every problem."""
    problems: list[Problem] = []
    facts: dict[str, FactLabel] = {}
    for path in sorted((rules / "facts").glob("*.yaml")):
        file = read(path, problems)
        label = build(FactLabel, file, problems) if file else None
        if label:
            facts[label.id] = label
    dimensions = load_dimensions(rules, problems)
    if problems:
        raise DataError(problems)
    known = known_labels(kinds, flags, facts, [level.id for level in policy.levels], dimensions)
    observer = load_observer(rules, known, dimensions)
    return Composer(kinds, policy, flags, facts, load_knowledge(rules, known, kinds, flags), observer)


def _once(steps: Iterable[Step], said: set[str]) -> Iterator[Step]:
    """The steps that are not among those `said`, which grows: each gesture once, in its most pressing section."""
    for step in steps:
        if (f"@{step.shared}" if step.shared else step.text) not in said:
            said.add(f"@{step.shared}" if step.shared else step.text)
            yield step


def _each_once(*groups: Iterable[Sourced]) -> tuple[Sourced, ...]:
    """The entries by their heading: a contact may be a measure too."""
    return tuple({entry.heading: entry for group in groups for entry in group}.values())


def _text(sheet: Sheet) -> str:
    return " ".join(line.text for line in sheet.about)


def _day(clocks: Iterable[Running]) -> date | None:
    """The day of the facts, as far as the clocks know it: the last told, whose penalties are those that count."""
    return max((one.start.moment.date() for one in clocks if one.start), default=None)
