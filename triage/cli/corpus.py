"""`triage corpus`: what the labelled texts hold, which are alike, and which labels look wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from triage.cli.train import workbench
from triage.learning.build import fit, prepare, spoiled
from triage.learning.corpus import load
from triage.learning.corpuscard import corpus_card
from triage.learning.doubts import doubts
from triage.learning.duplicates import near_duplicates
from triage.learning.training import Settings as TrainingSettings
from triage.settings import Settings
from triage.threats.modelfile import KINDS


def corpus(
    folder: Annotated[Path | None, typer.Argument(help="Fichier ou dossier JSONL ; models/corpus sinon.")] = None,
    look_for_doubts: Annotated[
        bool, typer.Option("--doubts", help="Cherche les étiquettes douteuses (quelques minutes).")
    ] = False,
) -> None:
    """Vérifie des textes étiquetés ; en donne les comptes (Markdown), les quasi-doublons, les étiquettes douteuses."""
    settings = Settings()
    bench, labels = workbench(settings)
    examples = load(folder or settings.models / "corpus", labels)
    if look_for_doubts:
        how = TrainingSettings()
        material = prepare(examples, bench)
        trained, _ = fit(material, prepare(spoiled(examples, bench.noise, how.noisy_share), bench), bench, how)
        for kind in KINDS:
            part = material.part(material.kinds == kind)
            for doubt in doubts(part, trained.heads[kind].names, trained.held_out[kind]):
                typer.echo(f"{doubt.id:16s} {doubt.head:32s} {doubt.chance:.3f}   plutôt {doubt.instead}")
        return
    typer.echo(f"{len(examples)} textes\n")
    typer.echo(corpus_card(examples))
    alike = near_duplicates(examples)
    typer.echo(f"Quasi-doublons hors paires : {len(alike)}")
    for one, other, likeness in alike:
        typer.echo(f"  {one} ~ {other} : {likeness:.2f}")
