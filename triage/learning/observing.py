"""Measures the engine that serves every night: on the frozen set, and by what agents decided since the night before."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from triage.bootstrap import model_shelves
from triage.desk.office import Office
from triage.desk.supervising.observed import EXCESS, MISSED, TYPES, QualityPolicy
from triage.engine import Engine
from triage.errors import ModelError, TriageError, traced
from triage.intake.moment import in_paris
from triage.learning import noticing
from triage.learning.build import gold_of
from triage.learning.frozen import judge, load_frozen, measured
from triage.learning.noticing import Finding
from triage.learning.policy import load_gate_policy
from triage.learning.registry import history
from triage.settings import Settings
from triage.statistics.cusum import grown
from triage.store import figures, quality
from triage.store.decisions import RAISED
from triage.store.figures import Cut
from triage.store.people import Scope
from triage.store.quality import Night
from triage.threats import manifest
from triage.threats.modelfile import find

_LOG = logging.getLogger(__name__)


class Observer:
    """Measures once a day, from the hour that the policy says: whether it was done is kept in the store."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._done = settings, ""

    def run(self, office: Office, now: datetime | None = None) -> None:
        """A turn of the worker. What goes wrong is in the log, and waits for the next night."""
        now = now or datetime.now(UTC)
        day = in_paris(now).date().isoformat()
        if day == self._done or in_paris(now).hour < office.policies.quality.hour:
            return
        self._done = day
        try:
            with office.database.read() as connection:
                last = quality.last(connection)
            if last is None or in_paris(last.at).date().isoformat() != day:
                observe(self._settings, office, now)
        except Exception as error:  # measuring must not harm what serves
            _LOG.error("the quality was not measured: %s\n%s", type(error).__name__, traced(error))


def observe(settings: Settings, office: Office, now: datetime) -> Night:
    """A measure, made and kept; about four seconds of one core. Raises DataError, StoreError.

    A model put into service since the night of reference makes this one the reference of the next.
    """
    policy, engine = office.policies.quality, office.engine
    with office.database.read() as connection:
        last, reference = quality.last(connection), quality.reference(connection)
    night, findings = _frozen(settings, engine, policy, _begun(office, last, now), now)
    expected, promoted, wrong = _expected(settings, reference)
    night = replace(night, accepted=promoted and night.model is not None)
    if night.accepted:
        reference = None
    with office.database.write() as connection:
        decided = counted(office, connection, night.since, now)
        before = last.charts if last and not night.accepted else {}
        heights = {
            name: grown(before.get(name, 0.0), *decided[name], rule.usual, rule.drift)
            for name, rule in policy.charts.items()
        }
        night = replace(night, decided=decided, charts=heights)
        findings += [
            *wrong,
            *noticing.served(night, expected, engine.warning),
            *noticing.rules(night, reference),
            *noticing.critical(night, load_gate_policy(settings.rules).critical_at_most),
            *noticing.falls(night, reference, policy.chance),
            *noticing.charts(night, policy),
        ]
        night = replace(night, findings=tuple(findings))
        return replace(night, id=quality.add(connection, night))


def counted(office: Office, connection: Connection, since: datetime, until: datetime) -> dict[str, tuple[int, int]]:
    """What agents found of what the engine said since a moment: of how many cases, how many each chart counts."""
    cut, rank = Cut((since, until), (Scope(),)), office.engine.assessor.policy.rank
    levels = figures.levels_decided(connection, cut)
    cases = sum(levels.values())
    typed = [row for row in figures.corrections(connection, cut) if row.kind != RAISED]
    retyped = sum(row.cases for row in typed if {*row.types_before.split()} != {*row.types.split()})
    return {
        MISSED: (sum(n for (before, after), n in levels.items() if rank(after) > rank(before)), cases),
        EXCESS: (sum(n for (before, after), n in levels.items() if rank(after) < rank(before)), cases),
        TYPES: (retyped, sum(row.cases for row in typed)),
    }


def _begun(office: Office, last: Night | None, now: datetime) -> datetime:
    """From when decisions are counted: each once, however long the worker was stopped."""
    return last.at if last else now - timedelta(days=1)


def _frozen(
    settings: Settings, engine: Engine, policy: QualityPolicy, since: datetime, now: datetime
) -> tuple[Night, list[Finding]]:
    """What the engine says of the frozen texts, and the figures sealed with its model."""
    model = engine.model.version if engine.model else None
    night = Night(now, since, engine.catalogue.digest, model, sealed=_sealed(settings, model))
    try:
        examples = load_frozen(engine, settings.rules, settings.models)
    except TriageError as error:
        return night, [("frozen", f"L'ensemble gelé n'a pas pu être lu : {error}")]
    said = judge(engine, examples, lambda _: time.sleep(policy.breath / 1000))  # others work meanwhile
    pairs = [(f"{one.kind}:{one.id}", gold_of(one), told) for one, told in zip(examples, said, strict=True)]
    wrong = {
        "set": [sha256(" ".join(name for name, _, _ in pairs).encode()).hexdigest()],
        "level": [name for name, gold, told in pairs if gold.rank != told.rank],
        "type": [name for name, gold, told in pairs if gold.primary != told.primary],
    }
    return replace(night, texts=len(examples), frozen=measured(examples, said), wrong=wrong), []


def _sealed(settings: Settings, model: str | None) -> dict[str, dict[str, float | None]]:
    """The figures in the manifest of the model that serves; none when it cannot be read."""
    try:
        about = manifest.read(find(model or "", model_shelves(settings))[0])
    except ModelError:
        return {}
    return {kind: dict(figures) for kind, figures in about.frozen.items()}


def _expected(settings: Settings, reference: Night | None) -> tuple[str, bool, list[Finding]]:
    """The model put into service last; whether it was since the night of reference, or there is none; what is wrong."""
    try:
        past = history(settings)
        shipped = model_shelves(settings)[1].named() or ""
    except ModelError as error:
        return "", False, [("model", f"Le registre des modèles ne se lit pas : {error}.")]
    since = reference is None or (bool(past) and datetime.fromisoformat(past[-1].at) > reference.at)
    return past[-1].version if past else shipped, since, []
