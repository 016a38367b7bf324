"""`triage evaluate`: the engine against labelled reports, or against comments labelled by others."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from triage.assessment.assessment import Assessment
from triage.assessment.decide import decide
from triage.bootstrap import build_engine, fact_names
from triage.engine import Engine, without_model
from triage.errors import IntakeError
from triage.intake.report import Report
from triage.learning.build import gold_of, labelled
from triage.learning.corpus import AXES, Example, Labels, load
from triage.learning.evaluation import LEVELS, Labelled, confusion, f1_by_type, figures
from triage.learning.intervals import intervals
from triage.learning.publicsets import measure
from triage.settings import Settings

MOST_CONFUSIONS = 15
# « a-12 », « a12 »: the letters before the number name who wrote.
_VOICE = re.compile(r"[^\d_-]*")
_BY = ("voice", *(axis for axis in AXES if axis != "pair"))
_IN_TABLE = (
    "primary_accuracy",
    "threats_micro_f1",
    "red_flags_f1",
    "disposition_accuracy",
    "critical_under_triage",
    "over_triage_fpr",
)


def evaluate(
    gold: Annotated[Path, typer.Argument(help="Récits étiquetés (.jsonl ou dossier), ou commentaires publics (.csv).")],
    rules_only: Annotated[bool, typer.Option("--rules-only", help="Sans le modèle, comme en mode dégradé.")] = False,
    model_only: Annotated[bool, typer.Option("--model-only", help="Sans que les règles décident de rien.")] = False,
    by: Annotated[str, typer.Option(help=f"Détail : {', '.join(_BY)}.")] = "voice",
) -> None:
    """Mesure le moteur : les chiffres du barème, leur intervalle à 95 %, le détail par voix, les confusions."""
    if by not in _BY:
        raise IntakeError(f"--by : {', '.join(_BY)}.")
    settings = Settings()
    engine = build_engine(settings)
    if rules_only:
        engine = without_model(engine)
    if gold.suffix == ".csv":
        _public(gold, engine)
        return
    labels = Labels(list(engine.composer.kinds), LEVELS, list(engine.assessor.flags), fact_names(settings.rules))
    examples = load(gold, labels)
    now = datetime.now()
    guesses = [
        labelled(_assess(engine, Report(example.text, example.kind), now, model_only))
        for example in track(examples, description="Mesure", console=Console(stderr=True), transient=True)
    ]
    truths = [gold_of(example) for example in examples]
    sure = intervals(truths, guesses)
    for name, value in figures(truths, guesses).items():
        between = f"   [{_number(sure[name][0])} ; {_number(sure[name][1])}]" if name in sure else ""
        typer.echo(f"{name:32s} {_number(value)}{between}")
    by_type = f1_by_type(truths, guesses)
    typer.echo("f1 by type: " + ", ".join(f"{name} {value:.2f}" for name, value in by_type.items()))
    _groups(examples, truths, guesses, by)
    _confusions(truths, guesses)


def _assess(engine: Engine, report: Report, now: datetime, model_only: bool) -> Assessment:
    """The decision; with `model_only`, rules are read by the model but raise, add and establish nothing themselves."""
    triaged = engine.assess(report, now)
    if not model_only or engine.model is None:
        return triaged.assessment
    silent, thresholds = replace(triaged.findings, hits=()), engine.model.thresholds[report.kind]
    return decide(engine.assessor, triaged.document, silent, triaged.probabilities, thresholds, {})


def _public(path: Path, engine: Engine) -> None:
    """Comments labelled by others: one question, yes or no."""
    now = datetime.now()

    def types_of(text: str) -> list[str]:
        return [threat.type for threat in engine.assess(Report(text, "message"), now).assessment.threats]

    answered = measure(path, types_of)
    total = answered.both + answered.missed + answered.alarmed + answered.calm
    typer.echo(f"{path.name} : {answered.name}, {total} commentaires")
    typer.echo(
        f"  trouvés {answered.both}, manqués {answered.missed}, à tort {answered.alarmed}, calmes {answered.calm}"
    )
    typer.echo(f"  précision {answered.precision:.3f}   rappel {answered.recall:.3f}")


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}" if isinstance(value, float) else str(value)


def _groups(examples: Sequence[Example], truths: Sequence[Labelled], guesses: Sequence[Labelled], by: str) -> None:
    """The main figures of each voice, or of each value of an axis of the plan."""
    places: dict[str, list[int]] = defaultdict(list)
    many = len({example.group for example in examples}) > 1
    for i, example in enumerate(examples):
        voice = example.group if many else _VOICE.match(example.id)[0] or example.group  # type: ignore[index]
        places[voice if by == "voice" else example.axes.get(by, "non dit")].append(i)
    table = Table(by, "récits", *(name.replace("_", " ") for name in _IN_TABLE), title="Détail")
    for name, where in sorted(places.items()):
        measured = figures([truths[i] for i in where], [guesses[i] for i in where])
        table.add_row(name, str(len(where)), *(_number(measured[one]) for one in _IN_TABLE))
    Console().print(table)


def _confusions(truths: Sequence[Labelled], guesses: Sequence[Labelled]) -> None:
    """The wrong primaries, the most frequent first, and the table of dispositions."""
    console = Console()
    wrong = sorted(
        ((count, pair) for pair, count in confusion(truths, guesses).items() if pair[0] != pair[1]), reverse=True
    )
    table = Table("vrai type principal", "type donné", "récits", title="Confusions les plus fréquentes")
    for count, (truth, guess) in wrong[:MOST_CONFUSIONS]:
        table.add_row(truth, guess, str(count))
    console.print(table)
    levels = Table("vrai niveau ↓ / donné →", *LEVELS, title="Niveaux")
    for truth_level in LEVELS:
        row = [
            sum(t.disposition == truth_level and g.disposition == level for t, g in zip(truths, guesses, strict=True))
            for level in LEVELS
        ]
        levels.add_row(truth_level, *map(str, row))
    console.print(levels)
