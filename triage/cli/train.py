"""`triage train`: a model from the corpus."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from triage.bootstrap import build_assessor, build_reader, fact_names
from triage.errors import IntakeError, ModelError
from triage.learning.build import Workbench, build, prepare, spoiled
from triage.learning.corpus import Labels, load
from triage.learning.evaluation import LEVELS
from triage.learning.noise import load_noise
from triage.learning.training import Settings as TrainingSettings
from triage.settings import Settings
from triage.threats.kinds import load_kinds
from triage.threats.modelfile import current
from triage.threats.modelfile import load as load_model


def train(
    corpus: Annotated[Path | None, typer.Option(help="Fichier ou dossier JSONL ; models/corpus sinon.")] = None,
    models: Annotated[Path | None, typer.Option(help="Où écrire le modèle ; TRIAGE_DATA/models sinon.")] = None,
    version: Annotated[str | None, typer.Option(help="Nom de la version ; la date et l'heure sinon.")] = None,
    if_missing: Annotated[bool, typer.Option("--if-missing", help="Ne fait rien si un modèle est déjà là.")] = False,
) -> None:
    """Apprend un modèle à partir du corpus, le mesure et en fait le modèle courant."""
    settings = Settings()
    console = Console(stderr=True)
    if if_missing and _model_at_hand(settings):
        return
    if version and not version.replace("-", "").replace(".", "").replace("_", "").isalnum():
        raise IntakeError("La version se compose de lettres, chiffres, points, tirets et soulignés.")
    bench, labels = workbench(settings)
    examples = load(corpus or settings.models / "corpus", labels)
    how = TrainingSettings()
    copies = spoiled(examples, bench.noise, how.noisy_share)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Lecture du corpus", total=len(examples) + len(copies))
        material = prepare(examples, bench, lambda done: progress.update(task, completed=done))
        noisy = prepare(copies, bench, lambda done: progress.update(task, completed=len(examples) + done))
    with console.status("Apprentissage"):
        outcome = build(
            material,
            noisy,
            bench,
            how,
            models or settings.data / "models",
            version or datetime.now().strftime("%Y-%m-%d-%H%M%S"),
        )
    typer.echo(f"Modèle {outcome.version} appris sur {len(examples)} textes : {outcome.folder}")
    for kind, measured in outcome.figures.items():
        typer.echo("Récits :" if kind == "report" else "Messages :")
        for name, value in measured.items():
            typer.echo(f"  {name:32s} {value:.3f}" if isinstance(value, float) else f"  {name:32s} {value}")


def _model_at_hand(settings: Settings) -> bool:
    try:
        load_model(current(settings.data / "models", settings.models))
    except ModelError:
        return False
    return True


def workbench(settings: Settings) -> tuple[Workbench, Labels]:
    """What training and measuring need, and the labels that texts may have."""
    catalogue, reader = build_reader(settings)
    kinds = load_kinds(settings.rules)
    assessor = build_assessor(settings.rules, kinds)
    types = list(kinds)
    facts = fact_names(settings.rules)
    return Workbench(reader, catalogue, assessor, types, facts, load_noise(settings.rules)), Labels(
        types, LEVELS, list(assessor.flags), facts
    )
