"""Where a decision comes from: the words of the report behind a hit, a fact, a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from triage.assessment.triaged import Triaged
from triage.signals.matching import Hit
from triage.threats.fusion import Threat

MOST_WORDS = 3


@dataclass(frozen=True)
class Quote:
    """Words of the original text, code points `start` to `end`, and the rule, or « modèle », that points at them."""

    start: int
    end: int
    text: str
    source: str
    by_model: bool = False


def quotes(triaged: Triaged, hits: Iterable[Hit]) -> list[Quote]:
    """The words behind `hits`, in the order of the text, each span and rule once."""
    found = {}
    for hit in hits:
        start, end = triaged.document.original_span(hit.start, hit.end)
        found[start, end, hit.signal.id] = Quote(start, end, triaged.document.report.text[start:end], hit.signal.id)
    return [found[key] for key in sorted(found)]


def threat_quotes(triaged: Triaged, threat: Threat) -> list[Quote]:
    """The words behind a threat: those of rules, and those that weigh most in the model."""
    told = quotes(triaged, threat.hits)
    return told + model_quotes(triaged, f"threat:{threat.type}")


def flag_quotes(triaged: Triaged, flag: str, hits: Iterable[Hit]) -> list[Quote]:
    """The words that raise a red flag: the rules' hits, or what the model saw when it alone suspects it."""
    return quotes(triaged, hits) or model_quotes(triaged, f"flag:{flag}")


def model_quotes(triaged: Triaged, head: str) -> list[Quote]:
    """The words that speak most for a head of the model; none without a model."""
    if triaged.model is None or head not in triaged.probabilities:
        return []
    found = []
    for evidence in triaged.model.classifier.evidence(triaged.document, head, MOST_WORDS):
        start, end = triaged.document.cleaned.original_span(evidence.start, evidence.end)
        found.append(Quote(start, end, triaged.document.report.text[start:end], triaged.model.version, by_model=True))
    return found
