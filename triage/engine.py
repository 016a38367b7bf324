"""Composes the stages: a report in, its assessment out. No input or output happens here, and no clock is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from triage.assessment.assessment import Assessment, Assessor
from triage.assessment.decide import decide, may_rise
from triage.assessment.red_flags import flagged_sentences, raised
from triage.assessment.triaged import Triaged
from triage.diagnostic.compose import Composer
from triage.document.document import Document, Reader
from triage.intake.language import language_of
from triage.intake.moment import in_paris
from triage.intake.report import Report, validate
from triage.signals.catalogue import Catalogue
from triage.signals.matching import Findings, search
from triage.threats.fusion import Thresholds
from triage.threats.modelfile import Model


@dataclass(frozen=True)
class Engine:
    """Sorts reports. Safe to share between threads: nothing in it changes."""

    reader: Reader
    catalogue: Catalogue
    assessor: Assessor
    composer: Composer
    model: Model | None
    warning: str | None = None

    def assess(self, report: Report, now: datetime, answers: Mapping[str, str] | None = None) -> Triaged:
        """What `report` holds and how fast somebody must act.

        `now` is the moment that relative dates count from when the report has none. `answers` maps question ids to
        answer ids. Raises IntakeError when the text cannot be read at all.
        """
        validate(report.text)
        now = in_paris(now)
        document = self.reader.read(report, now)
        findings = search(document, self.catalogue)
        probabilities, assessment = self._decide(document, findings, answers or {})
        return Triaged(
            now=now,
            document=document,
            findings=findings,
            assessment=assessment,
            probabilities=probabilities,
            notes=self._notes(report),
            rules=self.catalogue.digest,
            model=self.model,
        )

    def _decide(
        self, document: Document, findings: Findings, answers: Mapping[str, str]
    ) -> tuple[Mapping[str, float], Assessment]:
        """The classifier's probabilities (none without a model) and the decision.

        The decision is at least as high as without any one of the sentences that raise a red flag: telling something
        grave must not draw the classifier's attention away from the rest of the report.
        """
        probabilities, whole = self._decide_one(document, findings, answers)
        flags = [one for one in raised(findings.hits, self.assessor.flags) if one.flag.at_least]
        for cut in flagged_sentences(document, flags):
            if not may_rise(whole, probabilities, self.assessor):
                break
            _, rest = self._decide_one(document.without(*cut), findings.without(*cut), answers)
            whole = self.assessor.at_least(whole, rest)
        return probabilities, whole

    def _decide_one(
        self, document: Document, findings: Findings, answers: Mapping[str, str]
    ) -> tuple[Mapping[str, float], Assessment]:
        probabilities = self.model.classifier.probabilities(document, findings) if self.model else {}
        thresholds = self.model.thresholds[document.report.kind] if self.model else Thresholds()
        return probabilities, decide(self.assessor, document, findings, probabilities, thresholds, answers)

    def _notes(self, report: Report) -> tuple[str, ...]:
        notes = list(report.notes)
        language = language_of(report.text)
        if language not in ("fr", None):
            notes.append("Ce texte ne semble pas être en français : le résultat est moins sûr, faites-le relire.")
        if self.model is None:
            notes.append(
                "Le modèle n'a pas pu être chargé : les règles seules ont trié ce récit, le résultat est moins sûr."
            )
        return tuple(notes)


def without_model(engine: Engine) -> Engine:
    """The same engine with rules only."""
    return replace(engine, model=None)
