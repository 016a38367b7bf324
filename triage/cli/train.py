"""`triage train`: a model from the corpus."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from triage.bootstrap import (
    build_assessor,
    build_reader,
    build_texts,
    fact_names,
    model_shelves,
    served_model,
)
from triage.engine import Engine
from triage.errors import IntakeError
from triage.learning.build import Workbench, build, prepare, spoiled
from triage.learning.candidate import complete
from triage.learning.corpus import Labels, load_all
from triage.learning.evaluation import LEVELS
from triage.learning.noise import load_noise
from triage.learning.registry import serve_first
from triage.learning.training import Settings as TrainingSettings
from triage.settings import Settings
from triage.threats.kinds import load_kinds
from triage.threats.modelfile import Shelf, is_name


def train(
    corpus: Annotated[
        list[Path] | None,
        typer.Option(help="Dossier JSONL, ou extrait de « triage data export » ; à répéter. models/corpus sinon."),
    ] = None,
    models: Annotated[Path | None, typer.Option(help="Où écrire le modèle ; TRIAGE_DATA/models sinon.")] = None,
    version: Annotated[str | None, typer.Option(help="Nom de la version ; la date et l'heure sinon.")] = None,
    if_missing: Annotated[bool, typer.Option("--if-missing", help="Ne fait rien si un modèle est déjà là.")] = False,
    ship: Annotated[bool, typer.Option("--ship", help="Pour le dépôt : écrit dans models/ le modèle livré.")] = False,
) -> None:
    """Apprend un modèle candidat à partir du corpus et le mesure ; « triage models promote » le met en service."""
    settings = Settings()
    console = Console(stderr=True)
    served, _ = served_model(settings)
    if if_missing and served:
        return
    shelf = _shelf(settings, models, ship)
    version = version or datetime.now().strftime("%Y-%m-%d-%H%M%S")
    _check_new(shelf, version)
    bench, labels = workbench(settings)
    examples = load_all(corpus or [settings.models / "corpus"], labels)
    how = TrainingSettings()
    copies = spoiled(examples, bench.noise, how.noisy_share)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Lecture du corpus", total=len(examples) + len(copies))
        material = prepare(examples, bench, lambda done: progress.update(task, completed=done))
        noisy = prepare(copies, bench, lambda done: progress.update(task, completed=len(examples) + done))
    with console.status("Apprentissage"):
        outcome = build(material, noisy, bench, how, shelf.root, version)
    with console.status("Mesure sur l'ensemble gelé"):
        engine = Engine(bench.reader, bench.catalogue, bench.assessor, build_texts(settings.rules)[1], None)
        parent = served.version if served else ""
        complete(outcome.folder, examples, engine, settings, shelf.seal, parent, datetime.now(UTC))
    typer.echo(f"Modèle {outcome.version} appris sur {len(examples)} textes : {outcome.folder}")
    for kind, measured in outcome.figures.items():
        typer.echo("Récits :" if kind == "report" else "Messages :")
        for name, value in measured.items():
            typer.echo(f"  {name:32s} {value:.3f}" if isinstance(value, float) else f"  {name:32s} {value}")
    typer.echo(_next(settings, shelf, version, ship, served is None))


def _shelf(settings: Settings, models: Path | None, ship: bool) -> Shelf:
    """Where the model is written, and whether it is sealed: one that is shipped is not, and never passes the gate."""
    own, shipped = model_shelves(settings)
    root = models or (shipped.root if ship else own.root)
    if ship and root.resolve() == own.root.resolve():
        raise IntakeError("--ship écrit le modèle livré avec le service : donnez le dossier models/ du dépôt.")
    return Shelf(root, None if ship else own.seal)


def _check_new(shelf: Shelf, version: str) -> None:
    if not is_name(version):
        raise IntakeError("Donnez un nom fait de lettres, de chiffres, de points et de tirets : essai-1.")
    if (shelf.root / version).exists():
        raise IntakeError(f"{shelf.root / version} existe déjà : une version ne change pas, donnez un autre nom.")


def _next(settings: Settings, shelf: Shelf, version: str, ship: bool, first: bool) -> str:
    """Puts into service what may be at once, and says what is to be done next."""
    if ship:
        shelf.point(version)
        return f"{version} est le modèle livré. Relisez sa fiche, puis enregistrez {shelf.root} dans le dépôt."
    if shelf.root.resolve() != (settings.data / "models").resolve():
        return f"Pour le mettre en service, déplacez son dossier dans {settings.data / 'models'}."
    if first:
        serve_first(settings, version, datetime.now(UTC))
        return f"Aucun modèle ne servait : {version} sert maintenant."
    return (
        f"C'est un candidat : rien n'a changé pour personne. Essayez la barrière : triage models gate {version}\n"
        f'Mettez-le en service : triage models promote {version} --by ADRESSE --reason "…"'
    )


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
