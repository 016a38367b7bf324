"""Everything that the stages found in one report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from triage.assessment.assessment import Assessment
from triage.document.document import Document
from triage.signals.matching import Findings
from triage.threats.modelfile import Model


@dataclass(frozen=True)
class Triaged:
    """A report with everything that was found in it.

    `now` is the moment of triage, on the clocks of Paris; `probabilities` are the model's, by head; `notes` are French
    sentences on how far to trust the result; `rules` is the digest of the rules that were used.
    """

    now: datetime
    document: Document
    findings: Findings
    assessment: Assessment
    probabilities: Mapping[str, float]
    notes: tuple[str, ...]
    rules: str
    model: Model | None

    @property
    def degraded(self) -> bool:
        """Whether the rules alone decided, for want of a model."""
        return self.model is None
