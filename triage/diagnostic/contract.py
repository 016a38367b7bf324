"""The JSON that machines read: one object per report, as the contract fixes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from triage.assessment.triaged import Triaged
from triage.diagnostic.compose import Composer
from triage.diagnostic.diagnostic import Because
from triage.diagnostic.explain import Quote, flag_quotes, threat_quotes

UNKNOWN = "inconnu"


def as_json(composer: Composer, triaged: Triaged, identifier: str = "") -> dict[str, Any]:
    """The contract's object for `triaged`. Offsets are code points of the report's own text."""
    assessment = triaged.assessment
    return {
        "id": identifier,
        "threats": [
            {
                "type": threat.type,
                "label": composer.kinds[threat.type].label,
                "probability": round(threat.probability, 3),
                "evidence": _evidence(threat_quotes(triaged, threat)),
            }
            for threat in assessment.threats
        ],
        "primary": assessment.primary,
        "facts": {
            name: assessment.facts[name].value if name in assessment.facts else UNKNOWN for name in composer.facts
        },
        "disposition": assessment.level.id,
        "escalated": assessment.escalated,
        "red_flags": [
            {
                "id": r.flag.id,
                "evidence": _evidence(flag_quotes(triaged, r.flag.id, r.hits)),
            }
            for r in assessment.flags
        ],
        "reasons": [_reason(because) for because in composer.reasons(triaged)],
        "questions": [
            {
                "id": question.id,
                "text": question.text,
                "why": question.why,
                "answers": [{"id": answer.id, "label": answer.label} for answer in question.answers],
            }
            for question in assessment.questions
        ],
        "engine": {
            "rules": triaged.rules,
            "model": triaged.model.version if triaged.model else None,
            "degraded": triaged.degraded,
        },
        "notes": list(triaged.notes),
    }


def _reason(because: Because) -> dict[str, Any]:
    return {"level": because.level.id, "text": because.text, "evidence": _evidence(because.quotes)}


def _evidence(found: Iterable[Quote]) -> list[dict[str, Any]]:
    return [
        {"start": q.start, "end": q.end, "text": q.text, ("model" if q.by_model else "rule"): q.source} for q in found
    ]
