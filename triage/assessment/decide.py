"""From what was found in a report to the decision: the same steps when serving and when measuring a model."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from triage.assessment.assessment import Assessment, Assessor
from triage.assessment.facts import Fact, extract
from triage.assessment.questions import given
from triage.assessment.red_flags import Raised, credible, raised, suspected
from triage.document.document import Document
from triage.intake.language import understood
from triage.signals.matching import Findings
from triage.threats.fusion import Threat, Thresholds, by_model, by_rules
from triage.threats.kinds import OUTPUTS, UNDETERMINED

# A chance so slight in the whole report is never the model's verdict on a part of it.
SLIGHT = 0.05
# Of a word or three the model knows nothing: « Il » is the beginning of many a grave report, and says nothing.
FEW_WORDS = 5
# The weight of a rule's net sign.
CLEAR = 2.0


def decide(
    assessor: Assessor,
    document: Document,
    findings: Findings,
    probabilities: Mapping[str, float],
    thresholds: Thresholds,
    answers: Mapping[str, str],
) -> Assessment:
    """The decision on `document`. Empty `probabilities` mean that no model could be loaded: the rules decide."""
    told = given(answers, assessor.questions)
    heard = heard_in(document, probabilities)
    facts = extract(document, findings, probabilities, told.facts)
    return assessor.assess(
        threats=named_first(
            readable(document, threats_of(findings, probabilities, thresholds, assessor.sufficient, told.type)),
            document.report.named,
        ),
        facts=facts,
        flags=_flags(assessor, findings, heard, thresholds.flag, facts, told.flags),
        heard=heard,
        raise_at=thresholds.raise_at,
        answered=answers.keys(),
    )


def readable(document: Document, threats: list[Threat]) -> list[Threat]:
    """`threats`; of a text in another language only those that rules tell: it must not pass for harmless."""
    if understood(document.report):
        return threats
    told = [one for one in threats if one.type not in OUTPUTS and any(hit.weight >= CLEAR for hit in one.hits)]
    return told or [Threat(UNDETERMINED, 1.0, ())]


def named_first(threats: list[Threat], named: str | None) -> list[Threat]:
    """`threats` with the type that the person says it is in front: they were there."""
    if named is None:
        return threats
    hits = next((threat.hits for threat in threats if threat.type == named), ())
    return [Threat(named, 1.0, hits), *(one for one in threats if one.type != named and one.type not in OUTPUTS)]


def suspicions(
    assessor: Assessor, document: Document, findings: Findings, probabilities: Mapping[str, float], least: float
) -> tuple[Raised, ...]:
    """The red flags of `document`: those that rules tell, and those that the model finds at `least` so probable."""
    heard = heard_in(document, probabilities)
    return _flags(assessor, findings, heard, least, extract(document, findings, probabilities, {}), ())


def _flags(
    assessor: Assessor,
    findings: Findings,
    heard: Mapping[str, float],
    least: float,
    facts: Mapping[str, Fact],
    answered: Collection[str],
) -> tuple[Raised, ...]:
    flags = credible(raised(findings.hits, assessor.flags, answered), heard)
    sure = {name: fact.value for name, fact in facts.items() if fact.certain}
    return (*flags, *suspected(heard, least, assessor.flags, flags, sure))


def heard_in(document: Document, probabilities: Mapping[str, float]) -> Mapping[str, float]:
    """`probabilities` when there are words enough for the model to suspect a danger or a level in them, else none."""
    return probabilities if sum(form.isalpha() for form in document.tokens.forms) >= FEW_WORDS else {}


def may_rise(assessment: Assessment, probabilities: Mapping[str, float], assessor: Assessor) -> bool:
    """Whether a part of the report could, read alone, be judged higher than the whole.

    Rules find in a part no more than in the whole; the model may, if it sees any chance of a higher level at all.
    """
    rank = assessor.policy.rank(assessment.level.id)
    above = {level.id for level in assessor.policy.levels[rank + 1 :]}
    heads = [f"level:{level}" for level in above]
    heads += [f"flag:{name}" for name, flag in assessor.flags.items() if flag.at_least in above]
    return bool(above) and (not probabilities or any(probabilities.get(head, 0.0) >= SLIGHT for head in heads))


def threats_of(
    findings: Findings,
    probabilities: Mapping[str, float],
    thresholds: Thresholds,
    sufficient: Collection[str],
    told: str | None = None,
) -> list[Threat]:
    """What the report holds; `told` is the type that the person named when the text said too little."""
    if probabilities:
        threats = by_model(probabilities, findings.hits, thresholds, sufficient)
    else:
        threats = by_rules(findings.hits)
    if told and threats[0].type in OUTPUTS:
        return [Threat(told, 1.0, ())]
    return threats
