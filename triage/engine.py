"""Composes the stages: a report in, its assessment out. No input or output happens here, and no clock is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from triage.assessment.assessment import Assessment, Assessor
from triage.assessment.facts import extract
from triage.assessment.questions import Given, given
from triage.assessment.red_flags import raised
from triage.document.document import Document, Reader
from triage.intake.language import language_of
from triage.intake.report import Report, validate
from triage.signals.catalogue import Catalogue
from triage.signals.matching import Findings, search
from triage.threats.fusion import Threat, by_model, by_rules
from triage.threats.kinds import Kind
from triage.threats.modelfile import Model


@dataclass(frozen=True)
class Triaged:
    """A report with everything that was found in it; `notes` are French sentences on how far to trust it."""

    document: Document
    findings: Findings
    assessment: Assessment
    probabilities: Mapping[str, float]
    notes: tuple[str, ...]
    rules: str
    model: str | None

    @property
    def degraded(self) -> bool:
        """Whether the rules alone decided, for want of a model."""
        return self.model is None


@dataclass(frozen=True)
class Engine:
    """Sorts reports. Safe to share between threads: nothing in it changes."""

    reader: Reader
    catalogue: Catalogue
    kinds: Mapping[str, Kind]
    assessor: Assessor
    model: Model | None
    warning: str | None = None

    def assess(self, report: Report, now: datetime, answers: Mapping[str, str] | None = None) -> Triaged:
        """What `report` holds and how fast somebody must act.

        `now` is the moment that relative dates count from when the report has none. `answers` maps question ids to
        answer ids. Raises IntakeError when the text cannot be read at all.
        """
        validate(report.text)
        document = self.reader.read(report, now)
        findings = search(document, self.catalogue)
        probabilities = self.model.classifier.probabilities(document, findings) if self.model else {}
        answered = given(answers or {}, self.assessor.questions)
        assessment = self._decide(document, findings, probabilities, answered, answers or {})
        return Triaged(
            document=document,
            findings=findings,
            assessment=assessment,
            probabilities=probabilities,
            notes=self._notes(report),
            rules=self.catalogue.digest,
            model=self.model.version if self.model else None,
        )

    def _decide(
        self,
        document: Document,
        findings: Findings,
        probabilities: Mapping[str, float],
        answered: Given,
        answers: Mapping[str, str],
    ) -> Assessment:
        facts = extract(document, findings, probabilities, answered.facts)
        flags = raised(findings.hits, self.assessor.flags, answered.flags)
        levels = {head.removeprefix("level:"): p for head, p in probabilities.items() if head.startswith("level:")}
        return self.assessor.assess(
            self._threats(findings, probabilities, answered.type),
            facts,
            flags,
            levels,
            self.model.raise_at if self.model else {},
            answers.keys(),
        )

    def _threats(self, findings: Findings, probabilities: Mapping[str, float], told: str | None) -> list[Threat]:
        if self.model:
            threats = by_model(probabilities, findings.hits, self.model.thresholds)
        else:
            threats = by_rules(findings.hits)
        if told and all(threat.type in ("indetermine", "hors_perimetre") for threat in threats):
            return [Threat(told, 1.0, ())]
        return threats

    def _notes(self, report: Report) -> tuple[str, ...]:
        notes = list(report.notes)
        language = language_of(report.text)
        if language not in ("fr", None):
            notes.append("Ce texte ne semble pas être en français : le résultat est moins sûr, faites-le relire par une personne.")
        if self.model is None:
            notes.append("Le modèle n'a pas pu être chargé : les règles seules ont trié ce récit, le résultat est moins sûr.")
        return tuple(notes)


def without_model(engine: Engine) -> Engine:
    """The same engine with rules only."""
    return replace(engine, model=None)
