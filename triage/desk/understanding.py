"""What a case says, all told: report, answers, optional facts, the words read in the evidence, the comments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from triage.assessment.assessment import Reason
from triage.assessment.triaged import Triaged
from triage.comments.verdict import Verdict
from triage.desk import recent
from triage.diagnostic.contract import as_json
from triage.diagnostic.diagnostic import Diagnostic
from triage.diagnostic.export import diagnostic_json
from triage.engine import Engine
from triage.intake.report import MAX_CHARACTERS, Report
from triage.store.cases import Ranking
from triage.store.records import Told
from triage.threats.fusion import Threat

# How much of one exhibit is read beside the report: what is longer is a whole correspondence, kept as evidence.
MOST_OF_ONE = 4_000
Compose = Callable[[Triaged], Diagnostic]


@dataclass(frozen=True)
class Understood:
    """What was found, and what is said of it; `rank` is that of its level, `verdicts` those on exports of comments."""

    triaged: Triaged
    diagnostic: Diagnostic
    rank: int
    verdicts: tuple[Verdict, ...] = ()

    @property
    def ranking(self) -> Ranking:
        """What the queue sorts by."""
        assessment = self.triaged.assessment
        flags = tuple(raised.flag.id for raised in assessment.flags)
        types = tuple(threat.type for threat in assessment.threats)
        return Ranking(assessment.level.id, self.rank, types, flags)


def understand(
    engine: Engine,
    told: Told,
    received_at: datetime,
    now: datetime,
    pieces: Iterable[str] = (),
    verdicts: Sequence[Verdict] = (),
    messages: Iterable[str] = (),
    compose: Compose | None = None,
) -> Understood:
    """Assesses all that is told. Evidence and `messages` add to it and never lower its level. Raises IntakeError.

    `compose` says it, in place of the composer itself.
    """
    alone = recent.assess(engine, _report(told, told.text, received_at), now, told.answers)
    triaged = alone
    words = with_pieces(with_messages(told.text, messages), pieces)
    if words != told.text:
        whole = recent.assess(engine, _report(told, words, received_at), now, told.answers)
        raised = engine.assessor.at_least(whole.assessment, alone.assessment)
        triaged = replace(whole, assessment=raised)
    for verdict in verdicts:
        triaged = _with_verdict(engine, triaged, verdict)
    rank = engine.assessor.policy.rank(triaged.assessment.level.id)
    return Understood(triaged, (compose or engine.composer.make)(triaged), rank, tuple(verdicts))


def as_shown(engine: Engine, understood: Understood) -> dict[str, Any]:
    """The assessment as it is kept: the contract's object and the diagnostic shown."""
    return {
        **as_json(engine.composer, understood.triaged),
        "diagnostic": diagnostic_json(understood.diagnostic),
        "comments": [list(verdict.reasons) for verdict in understood.verdicts],
    }


def with_messages(text: str, messages: Iterable[str]) -> str:
    """`text`, then what its author wrote to the agents since."""
    for message in messages:
        longer = f"{text}\n\n{message}"
        if len(longer) <= MAX_CHARACTERS:
            text = longer
    return text


def with_pieces(text: str, pieces: Iterable[str]) -> str:
    """`text`, then the words of each piece between quotation marks: they are somebody else's."""
    for piece in pieces:
        words = " ".join(piece.replace("«", '"').replace("»", '"').split("\n"))[:MOST_OF_ONE].strip()
        longer = f"{text}\n\n« {words} »"
        if words and len(longer) <= MAX_CHARACTERS:
            text = longer
    return text


def _report(told: Told, text: str, received_at: datetime) -> Report:
    named = told.corrections.get("type") or None
    return Report(text, received_at=received_at, traits=told.traits, began=told.began, named=named)


def _with_verdict(engine: Engine, triaged: Triaged, verdict: Verdict) -> Triaged:
    """`triaged` with the types that the comments tell, raised to the level that they support."""
    policy, assessment = engine.assessor.policy, triaged.assessment
    known = {threat.type for threat in assessment.threats}
    added = tuple(Threat(name, 1.0, ()) for name in verdict.types if name not in known)
    told = [threat for threat in assessment.threats if threat.type in engine.assessor.policy.base]
    threats = (*told, *added) or assessment.threats
    assessment = replace(assessment, threats=threats, primary=threats[0].type)
    if policy.rank(verdict.level) > policy.rank(assessment.level.id):
        subject = verdict.types[0] if verdict.types else assessment.primary
        reason = Reason("type", subject, verdict.level)
        assessment = replace(assessment, level=policy.level(verdict.level), reasons=(reason, *assessment.reasons))
    return replace(triaged, assessment=assessment)
