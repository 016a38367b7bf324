"""`triage worker`: reads evidence and sorts exports of comments, apart from the front."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from triage import logs
from triage.jobs.consumer import consume
from triage.settings import Settings

# Somebody waits for each answer of the front; what is done apart takes what is left of the processor.
_BEHIND = 12


def worker(
    processes: Annotated[int, typer.Option(min=1, help="Processus qui trient ensemble un export.")] = 2,
    follow: Annotated[int, typer.Option(hidden=True)] = 0,
) -> None:
    """Lit les pièces et trie les commentaires. `triage serve` en lance un, sauf avec --no-worker."""
    if follow:  # by itself, it is for the unit to say: those delivered do, and let no process do so
        os.nice(_BEHIND)
    settings = Settings()
    logs.configure(settings, "worker")
    consume(settings, processes, follow)
