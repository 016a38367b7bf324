"""`triage evaluate`: the engine against labelled reports."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from triage.bootstrap import build_engine, fact_names
from triage.engine import without_model
from triage.intake.report import Report
from triage.learning.build import labelled
from triage.learning.corpus import Example, Labels, load
from triage.learning.evaluation import LEVELS, Labelled, confusion, f1_by_type, figures
from triage.settings import Settings

MOST_CONFUSIONS = 15


def evaluate(
    gold: Annotated[Path, typer.Argument(help="Récits étiquetés (.jsonl).")],
    rules_only: Annotated[bool, typer.Option("--rules-only", help="Sans le modèle, comme en mode dégradé.")] = False,
) -> None:
    """Mesure le moteur sur des récits étiquetés : les chiffres du barème et les confusions."""
    settings = Settings()
    engine = build_engine(settings)
    if rules_only:
        engine = without_model(engine)
    labels = Labels(list(engine.composer.kinds), LEVELS, list(engine.assessor.flags), fact_names(settings.rules))
    examples = load(gold, labels)
    now = datetime.now()
    guesses = [
        labelled(engine.assess(Report(example.text, example.kind), now).assessment)
        for example in track(examples, description="Mesure", console=Console(stderr=True), transient=True)
    ]
    truths = [_truth(example) for example in examples]
    for name, value in figures(truths, guesses).items():
        typer.echo(f"{name:32s} {_number(value)}")
    by_type = f1_by_type(truths, guesses)
    typer.echo("f1 by type: " + ", ".join(f"{name} {value:.2f}" for name, value in by_type.items()))
    _confusions(truths, guesses)


def _truth(example: Example) -> Labelled:
    return Labelled(frozenset(example.threats), example.primary, example.disposition, frozenset(example.red_flags))


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}" if isinstance(value, float) else str(value)


def _confusions(truths: list[Labelled], guesses: list[Labelled]) -> None:
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
