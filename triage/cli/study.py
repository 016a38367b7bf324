"""`triage study`: what else was tried for the classifier, measured again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.train import workbench
from triage.learning.build import prepare, signal_features
from triage.learning.corpus import load
from triage.learning.training import Settings as TrainingSettings
from triage.learning.training import targets
from triage.settings import Settings

if TYPE_CHECKING:
    from triage.learning.study import Line


def study(
    corpus: Annotated[Path | None, typer.Argument(help="Fichier ou dossier JSONL ; models/corpus sinon.")] = None,
    every: Annotated[int, typer.Option(min=1, help="Ne lire qu'un récit sur tant : plus court, moins sûr.")] = 1,
) -> None:
    """Compare des classifieurs, retire ou ajoute des caractéristiques, trace la courbe d'apprentissage (Markdown)."""
    from triage.learning.study import Study  # the learners take a second to import, which other commands never pay

    settings = Settings()
    bench, labels = workbench(settings)
    examples = [e for e in load(corpus or settings.models / "corpus", labels) if e.kind == "report"][::every]
    material = prepare(examples, bench)
    wanted = targets(material.examples, bench.types, sorted(bench.assessor.flags), bench.fact_names)
    one = Study(material, wanted, signal_features(bench.catalogue), TrainingSettings())
    _table("Classifieurs", one.learners())
    _table("Caractéristiques", one.ablations())
    _table("Courbe d'apprentissage", one.curve())
    _table("Un registre laissé de côté", one.registers())


def _table(title: str, lines: Iterable[Line]) -> None:
    """Written line by line, as each takes its minutes."""
    typer.echo(f"\n### {title}\n\n| | type principal | urgent ou plus (PM) | agent ou plus (PM) |\n|---|---|---|---|")
    for line in lines:
        typer.echo(f"| {line.name} | {line.primary:.3f} | {line.urgent:.3f} | {line.agent:.3f} |")
