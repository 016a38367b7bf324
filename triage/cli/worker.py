"""`triage worker`: reads evidence and sorts exports of comments, apart from the front."""

from __future__ import annotations

from typing import Annotated

import typer

from triage import logs
from triage.jobs.consumer import consume
from triage.settings import Settings


def worker(
    processes: Annotated[int, typer.Option(min=1, help="Processus qui trient ensemble un export.")] = 2,
    follow: Annotated[int, typer.Option(hidden=True)] = 0,
) -> None:
    """Lit les pièces et trie les commentaires. `triage serve` en lance un, sauf avec --no-worker."""
    settings = Settings()
    logs.configure(settings, "worker")
    consume(settings, processes, follow)
