"""The first diagnostic that a person reads: what this is, how fast, why, what to do first, whom to call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.assessment.assessment import Reason
from triage.assessment.disposition import Level, Policy
from triage.assessment.facts import Fact
from triage.assessment.questions import Question
from triage.assessment.red_flags import RedFlag
from triage.assessment.triaged import Triaged
from triage.datafiles import read
from triage.diagnostic.contacts import Contact, load_contacts, proposed
from triage.diagnostic.explain import Quote, flag_quotes, model_quotes, quotes
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build
from triage.threats.kinds import Kind


class Texts(Strict):
    """`rules/texts.yaml`: the sentences that every diagnostic carries."""

    not_a_complaint: str
    human: str
    nobody_promised: str
    origins: dict[str, str]


class FactLabel(Strict):
    """`rules/facts/<fact>.yaml`."""

    id: str
    label: str
    meaning: str


@dataclass(frozen=True)
class Because:
    """A reason in French, the words that decided and the rule behind each."""

    level: Level
    text: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True)
class Sheet:
    """The diagnostic of one report, ready to be shown or printed.

    `steps` are the three first things to do; `also` adds one for each other type, by its id.
    """

    level: Level
    kinds: tuple[tuple[Kind, float], ...]
    reasons: tuple[Because, ...]
    steps: tuple[str, ...]
    also: Mapping[str, str]
    contacts: tuple[Contact, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...]
    texts: Texts


@dataclass(frozen=True)
class SheetMaker:
    """Composes sheets from the rules' texts."""

    kinds: Mapping[str, Kind]
    policy: Policy
    flags: Mapping[str, RedFlag]
    contacts: tuple[Contact, ...]
    texts: Texts
    facts: Mapping[str, FactLabel]

    def make(self, triaged: Triaged) -> Sheet:
        """The sheet of `triaged`."""
        assessment = triaged.assessment
        kinds = tuple((self.kinds[threat.type], threat.probability) for threat in assessment.threats)
        return Sheet(
            level=assessment.level,
            kinds=kinds,
            reasons=tuple(self._because(triaged, reason) for reason in assessment.reasons),
            steps=tuple(kinds[0][0].first_steps),
            also=_also([kind for kind, _ in kinds]),
            contacts=proposed(self.contacts, assessment, [kind for kind, _ in kinds], triaged.findings.hits),
            questions=assessment.questions,
            notes=triaged.notes,
            texts=self.texts,
        )

    def _because(self, triaged: Triaged, reason: Reason) -> Because:
        level = self.policy.level(reason.level)
        if reason.origin == "flag":
            words = flag_quotes(triaged, reason.subject, reason.hits)
            origin = self.texts.origins["flag" if reason.probability == 1 else "suspicion"]
            return Because(level, f"{self.flags[reason.subject].label} ({origin})", tuple(words))
        if reason.origin == "model":
            said = self.texts.origins["model"].format(level=level.label)
            return Because(level, said[0].upper() + said[1:], tuple(model_quotes(triaged, f"level:{reason.level}")))
        hits = [*reason.hits, *(hit for fact in reason.facts for hit in fact.hits)]
        words = quotes(triaged, hits) or model_quotes(triaged, f"threat:{reason.subject}")
        facts = "".join(f" ; {self._fact(fact)}" for fact in reason.facts)
        return Because(level, self.kinds[reason.subject].label + facts, tuple(words))

    def _fact(self, fact: Fact) -> str:
        label = self.facts[fact.name].label
        return f"{label[0].lower()}{label[1:]} : {fact.value}"


def load_sheet_maker(
    rules: Path, kinds: Mapping[str, Kind], policy: Policy, flags: Mapping[str, RedFlag]
) -> SheetMaker:
    """A maker from the texts of `rules`. Raises DataError."""
    problems: list[Problem] = []
    file = read(rules / "texts.yaml", problems)
    texts = build(Texts, file, problems) if file else None
    facts: dict[str, FactLabel] = {}
    for path in sorted((rules / "facts").glob("*.yaml")):
        fact_file = read(path, problems)
        label = build(FactLabel, fact_file, problems) if fact_file else None
        if label:
            facts[label.id] = label
    if problems or texts is None:
        raise DataError(problems)
    return SheetMaker(kinds, policy, flags, load_contacts(rules), texts, facts)


def _also(kinds: list[Kind]) -> dict[str, str]:
    """For each type but the primary, the first of its own steps, where the primary does not say it already."""
    return {kind.id: kind.first_steps[0] for kind in kinds[1:] if kind.first_steps[0] not in kinds[0].first_steps}
