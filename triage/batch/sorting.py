"""Sorts one chunk: a pure function of the engine, the chunk and the moment, so that it can be done again anywhere."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from triage.batch.rows import Chunk, Rejected, Row
from triage.diagnostic.contract import as_json
from triage.engine import Engine
from triage.errors import IntakeError
from triage.intake.moment import in_paris
from triage.threats.modelfile import Model

Line = dict[str, Any]  # one row of the output, by column


@dataclass(frozen=True)
class Identity:
    """What decides: the digest of the rules, the model's version (none: rules alone) and the digest of its weights."""

    rules: str
    model: str | None
    weights: str | None


@dataclass(frozen=True)
class Job:
    """What all chunks share: the moment that relative dates count from, and whether the contract's JSON is kept."""

    now: datetime
    full: bool = False


@dataclass(frozen=True)
class Sorted:
    """A chunk once sorted, in the order of its rows, and what sorted it."""

    index: int
    lines: tuple[Line, ...]
    rejected: tuple[Rejected, ...]
    identity: Identity


def identity_of(engine: Engine) -> Identity:
    """What `engine` decides with. It takes a tenth of a second: once per engine."""
    model = engine.model
    return Identity(engine.catalogue.digest, model.version if model else None, _weights(model) if model else None)


def sort_chunk(engine: Engine, identity: Identity, chunk: Chunk, job: Job) -> Sorted:
    """Every row of `chunk`, either sorted or rejected with its reason."""
    done = [row if isinstance(row, Rejected) else _sort(engine, row, job) for row in chunk.rows]
    rejected = tuple(one for one in done if isinstance(one, Rejected))
    return Sorted(chunk.index, tuple(one for one in done if not isinstance(one, Rejected)), rejected, identity)


def _sort(engine: Engine, row: Row, job: Job) -> Line | Rejected:
    try:
        return _line(engine, row, job)
    except IntakeError as error:
        return Rejected(row.number, row.report.id, str(error))
    except Exception as error:  # one report in a hundred thousand must not undo the night's work; it is told
        reason = f"ce récit n'a pas pu être trié ({type(error).__name__}) : signalez-le à l'équipe de triage"
        return Rejected(row.number, row.report.id, reason)


def _line(engine: Engine, row: Row, job: Job) -> Line:
    report = row.report
    triaged = engine.assess(report, job.now)
    assessment = triaged.assessment
    line: Line = {
        "row": row.number,
        "id": report.id,
        "kind": report.kind,
        "received_at": in_paris(report.received_at) if report.received_at else None,
        "disposition": assessment.level.id,
        "escalated": assessment.escalated,
        "primary": assessment.primary,
        "threats": [threat.type for threat in assessment.threats],
        "probabilities": [round(threat.probability, 3) for threat in assessment.threats],
        "red_flags": [raised.flag.id for raised in assessment.flags],
        "reasons": [because.text for because in engine.composer.reasons(triaged)],
        "notes": list(triaged.notes),
        "rules": triaged.rules,
        "model": triaged.model.version if triaged.model else None,
        "degraded": triaged.degraded,
    }
    if job.full:
        line["json"] = json.dumps(as_json(engine.composer, triaged, report.id), ensure_ascii=False)
    return line


def _weights(model: Model) -> str:
    total = hashlib.sha256()
    for kind, heads in sorted(model.classifier.heads.items()):
        total.update(repr((kind, heads.names, model.thresholds[kind])).encode())
        for array in (heads.weights, heads.intercepts, heads.slopes, heads.offsets):
            total.update(np.ascontiguousarray(array, np.float32).data)
    return total.hexdigest()[:12]
