"""`triage corpus`: what the labelled texts hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from triage.cli.train import workbench
from triage.learning.corpus import load
from triage.learning.corpuscard import corpus_card
from triage.settings import Settings


def corpus(
    folder: Annotated[Path | None, typer.Argument(help="Fichier ou dossier JSONL ; models/corpus sinon.")] = None,
) -> None:
    """Vérifie des textes étiquetés et en donne les comptes par axe, en Markdown."""
    settings = Settings()
    _, labels = workbench(settings)
    examples = load(folder or settings.models / "corpus", labels)
    typer.echo(f"{len(examples)} textes\n")
    typer.echo(corpus_card(examples))
