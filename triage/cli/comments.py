"""`triage comments`: an export of comments, sorted comment by comment, and what it comes to."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from triage.bootstrap import build_engine
from triage.errors import IntakeError
from triage.settings import Settings

if TYPE_CHECKING:
    from triage.comments.comment import Export
    from triage.comments.policy import CommentsPolicy
    from triage.comments.running import Progress as Sorting
    from triage.comments.sorting import Sorted
    from triage.comments.verdict import Verdict

_SHOWN = 10
_LONGEST = 200  # characters of a comment on the terminal


def comments(
    export: Annotated[Path, typer.Argument(help="Export de commentaires : CSV, JSON ou HTML.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Fichier CSV à écrire : les commentaires hostiles, triés.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Nombre de processus.")] = 2,
) -> None:
    """Trie un export de commentaires : le niveau de l'ensemble, les comptes, les pires d'abord."""
    from triage.comments.export import as_csv  # what follows takes time to import, which other commands never pay
    from triage.comments.parsing import parse
    from triage.comments.policy import load_policy
    from triage.comments.verdict import verdict, worst_first

    settings = Settings()
    policy = load_policy(settings.rules)
    read = parse(_read(export), policy)
    sorting = _sorted(settings, read, policy, workers)
    worst = worst_first(sorting.kept, policy)
    console = Console(highlight=False)
    _print(console, verdict(sorting.kept, sorting.tally, policy), read, policy)
    _print_worst(console, worst[:_SHOWN], policy)
    if output is not None:
        _write(output, as_csv(worst, policy))


def _sorted(settings: Settings, export: Export, policy: CommentsPolicy, workers: int) -> Sorting:
    from triage.comments.running import Progress as Sorting
    from triage.comments.running import run

    errors = Console(stderr=True)
    engine = build_engine(settings)
    if engine.warning:
        errors.print(f"[yellow]{engine.warning}[/yellow]")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # The bar is drawn when a batch ends, never by a thread of its own: the work is forked.
    with Progress(*columns, console=errors, transient=True, auto_refresh=False) as progress:
        task = progress.add_task("Tri des commentaires", total=len(export.comments))

        def show(done: Sorting) -> None:
            progress.update(task, completed=done.position, refresh=True)

        key = secrets.token_bytes(32)
        return run(engine, export, datetime.now(UTC), key, Sorting(), show, workers, policy)


def _print(console: Console, found: Verdict, export: Export, policy: CommentsPolicy) -> None:
    level = policy.levels[policy.ranks[found.level]]
    console.print(Text(level.label.upper(), style="bold"))
    console.print(Text(level.who))
    for reason in found.reasons:
        console.print(Text(f"• {reason}"))
    for note in export.notes:
        console.print(Text(f"  {note}", style="dim"))
    dates = f", du {found.first:%d/%m/%Y %H:%M} au {found.last:%d/%m/%Y %H:%M}" if found.first and found.last else ""
    console.print(
        Text(
            f"\n{found.total} commentaires{dates} ; {found.harmless} sans gravité, comptés seulement ; "
            f"{found.doubtful} à vérifier."
        )
    )
    table = Table("Type", "Commentaires", "Auteurs connus")
    for name, count in sorted(found.counts.items(), key=lambda one: -one[1]):
        table.add_row(policy.labels[name], str(count), str(found.authors_by_type[name]))
    if found.counts:
        console.print(table)


def _print_worst(console: Console, worst: tuple[Sorted, ...], policy: CommentsPolicy) -> None:
    if worst:
        console.print(Text("\nLes plus graves d'abord", style="bold underline"))
    for one in worst:
        label = policy.levels[policy.ranks[one.level]].label
        said = " ".join(one.text.split())
        said = said if len(said) <= _LONGEST else said[:_LONGEST] + "…"
        doubt = "" if one.clear else ", à vérifier"
        console.print(Text(f"n° {one.number} ({label}{doubt}) {one.author or 'auteur inconnu'} : « {said} »"))


def _read(export: Path) -> bytes:
    try:
        return export.read_bytes()
    except OSError as error:
        raise IntakeError(f"{export} : lecture impossible ({error.strerror}).") from error


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8-sig", newline="")
    except OSError as error:
        raise IntakeError(f"{output} : écriture impossible ({error.strerror}).") from error
