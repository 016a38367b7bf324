"""`triage batch`: a file of reports of any size, sorted into a Parquet file."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from triage.settings import Settings

if TYPE_CHECKING:
    from triage.batch.crew import Crew
    from triage.batch.reading import Source
    from triage.batch.running import Outcome

_STOPPED = 130  # what shells say of a command that Ctrl-C ended


def batch(
    source: Annotated[Path, typer.Argument(metavar="ENTRÉE", help="Récits : .jsonl, .csv ou .parquet.")],
    output: Annotated[Path, typer.Argument(metavar="SORTIE", help="Fichier .parquet à écrire.")],
    workers: Annotated[int | None, typer.Option(min=1, help="Nombre de processus ; 2 sinon.")] = None,
    cluster: Annotated[
        str | None,
        typer.Option(help="Adresse d'une grappe de machines (Dask), sur un réseau fermé : tcp://serveur:8786."),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Ajoute la réponse entière, en JSON, à chaque ligne.")] = False,
) -> None:
    """Trie un grand fichier de récits. Arrêtée, la même commande reprend où elle en était."""
    from triage.batch.parts import check_output  # what follows takes time to import, which other commands never pay
    from triage.batch.reading import open_source

    if cluster and workers:
        raise typer.BadParameter("Choisissez --workers (cette machine) ou --cluster, pas les deux.")
    errors = Console(stderr=True, highlight=False)
    check_output(output, source)
    opened = open_source(source)
    with closing(_crew(workers or 2, cluster, errors)) as crew:
        if crew.warning:
            errors.print(crew.warning, style="yellow", markup=False)
        try:
            outcome = _run(opened, output, crew, full, errors)
        except KeyboardInterrupt:
            errors.print("Arrêté. Ce qui est fait est gardé : relancez la même commande pour continuer.")
            raise typer.Exit(_STOPPED) from None
    _tell(outcome, output)


def _crew(workers: int, cluster: str | None, errors: Console) -> Crew:
    from triage.batch.cluster import ClusterCrew
    from triage.batch.local import LocalCrew
    from triage.bootstrap import build_engine

    errors.print("Préparation du moteur…")  # without a moving sign: its thread would be there when the crew forks
    return ClusterCrew(cluster) if cluster else LocalCrew(partial(build_engine, Settings()), workers)


def _run(source: Source, output: Path, crew: Crew, full: bool, errors: Console) -> Outcome:
    from triage.batch.running import run

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, auto_refresh=False) as progress:
        task = progress.add_task("Tri des récits", total=source.total, start=False)

        def show(done: int) -> None:
            if not progress.tasks[task].started:
                if done:
                    progress.console.print(f"Reprise : {min(done, source.total)} lignes sont déjà faites.")
                progress.start_task(task)
            progress.update(task, completed=min(done, source.total), refresh=True)

        return run(source, output, crew, full, show)


def _tell(outcome: Outcome, output: Path) -> None:
    from triage.batch.parts import rejects_of

    count = f"{outcome.sorted} récits triés" if outcome.sorted > 1 else f"{outcome.sorted} récit trié"
    typer.echo(f"{count} : {output}")
    if outcome.rejected:
        lines = f"{outcome.rejected} lignes mises" if outcome.rejected > 1 else "1 ligne mise"
        typer.echo(f"{lines} de côté, avec les raisons : {rejects_of(output)}")
