"""`rules/desk/quality.yaml`, and what the dashboard shows of the nightly measures of the engine that serves."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator
from sqlalchemy import Connection

from triage.datafiles import read
from triage.desk.supervising.cells import Cell, Section, percent, wilson
from triage.dossier.wording import moment
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build
from triage.statistics.cusum import limit
from triage.store import quality
from triage.store.quality import Night

# What is watched of the decisions of agents: the level was too low, too high, the types were not those.
MISSED, EXCESS, TYPES = "missed", "excess", "types"
_KINDS = {"report": "Récits gelés", "message": "Messages gelés"}
_HEAD = ("Ce qui est mesuré", "Cette nuit", "Repère")
_HELP = "Chaque nuit, le moteur qui sert est noté sur des textes gardés à part, puis d'après les décisions des agents."
_FIGURES = {
    "critical_under_triage": "urgents envoyés plus bas",
    "disposition_accuracy": "niveaux justes",
    "primary_accuracy": "types principaux justes",
}


class ChartRule(Strict):
    """A rate that is watched: the `usual` one, that is admitted, and the `drift` to be seen soon."""

    label: str
    usual: float = Field(gt=0, lt=1)
    drift: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _higher(self) -> ChartRule:
        if self.drift <= self.usual:
            raise ValueError("« drift » dépasse « usual »")
        return self


class QualityPolicy(Strict):
    """The whole file. `false_alarm`: nights for one false alarm; `chance`: under it, a fall is said not to be chance.

    `breath` in milliseconds, `days` of decisions and `nights` shown.
    """

    hour: int = Field(ge=0, le=23)
    breath: int = Field(ge=0)
    days: int = Field(gt=0)
    nights: int = Field(gt=0)
    chance: float = Field(gt=0, lt=1)
    false_alarm: int = Field(gt=1)
    charts: dict[str, ChartRule]

    @property
    def limit(self) -> float:
        """The height of a chart at which something is said."""
        return limit(self.false_alarm, len(self.charts))


def load_quality_policy(rules: Path) -> QualityPolicy:
    """The policy in `rules`. Raises DataError with every problem."""
    problems: list[Problem] = []
    file = read(rules / "desk" / "quality.yaml", problems)
    policy = build(QualityPolicy, file, problems) if file else None
    if file and policy:
        for name in sorted({MISSED, EXCESS, TYPES} ^ set(policy.charts)):
            problems.append(
                file.problem(f"« {name} » est {'en trop' if name in policy.charts else 'absent'}", "charts")
            )
    if problems or policy is None:
        raise DataError(problems)
    return policy


def section(connection: Connection, policy: QualityPolicy) -> Section:
    """The table of the dashboard: the last night, the figures it is compared with, and what was found."""
    night = quality.last(connection)
    told = [_HELP]
    if night:
        told.append(f"Dernière mesure : {moment(night.at)}, règles {night.rules}, modèle {night.model or 'aucun'}.")
        told += [sentence for _, sentence in night.findings] or ["Rien à signaler."]
    rows = tuple(lines(night, policy)) if night else ()
    return Section("qualite", "Qualité observée", " ".join(told), _HEAD, rows)


def lines(night: Night, policy: QualityPolicy) -> list[tuple[Cell, ...]]:
    """What is measured, tonight's figure, and what it is compared with."""
    found: list[tuple[Cell, ...]] = []
    for kind, label in _KINDS.items():
        for name, what in _FIGURES.items():
            now, sealed = night.frozen.get(kind, {}).get(name), night.sealed.get(kind, {}).get(name)
            if now is not None:
                mark = f"{percent(sealed)} à la mise en service" if sealed is not None else "–"
                found.append((f"{label} : {what}", percent(now), mark))
    for name, rule in policy.charts.items():
        part, whole = night.decided.get(name, (0, 0))
        height = f"courbe à {percent(night.charts.get(name, 0.0) / policy.limit)} de l'alerte"
        found.append((rule.label, _rate(part, whole), f"admis {percent(rule.usual)} ; {height}"))
    return found


def _rate(part: int, whole: int) -> str:
    if not whole:
        return "aucune décision"
    low, high = wilson(part, whole)
    return f"{part} sur {whole} (à 95 % : {percent(low)} à {percent(high)})"
