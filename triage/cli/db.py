"""`triage db`: the store in operation. Its tables, its backups, and whether it is whole."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from triage.bootstrap import build_database
from triage.cli import codes
from triage.comments.wording import counted
from triage.settings import Settings
from triage.store.backups.making import Source, back_up
from triage.store.backups.opening import open_backup
from triage.store.backups.restoring import Target
from triage.store.backups.restoring import restore as restore_backup
from triage.store.checking import Store
from triage.store.checking import check as check_store
from triage.store.keys import held_ring

app = typer.Typer(help="Le registre : ses tables, ses sauvegardes, son état.", no_args_is_help=True)


@app.command("upgrade")
def upgrade() -> None:
    """Met les tables à la version de ce programme. Les lectures continuent pendant ce temps."""
    with closing(build_database(Settings())) as database:
        before = database.revision()
        database.upgrade()
        after = database.revision()
    typer.echo(f"Tables à jour : version {after}." if before == after else f"Tables : {before or 'aucune'} → {after}.")


@app.command("backup")
def backup(
    destination: Annotated[Path, typer.Argument(help="Un dossier nouveau ou vide, sur un autre disque.")],
) -> None:
    """Sauvegarde le registre et ce dont « models replay » a besoin, pendant que le service écrit. Jamais les clés."""
    settings = Settings()
    ring = held_ring(settings.keys_folder)
    with closing(build_database(settings)) as database:
        made = back_up(Source(database, ring, settings.data), destination, datetime.now(UTC))
    size = sum(one.size for one in made.files.values()) / 1e6
    held = _held(made.counts["cases"], made.counts["exhibits"])
    typer.echo(f"{destination} : {held}, {size:,.1f} Mo.")
    typer.echo(
        f"Les clés n'y sont pas : sans elles rien ne s'ouvre. Sauvegardez {settings.keys_folder} à part, "
        "sur un autre support."
    )


@app.command("restore")
def restore(
    source: Annotated[Path, typer.Argument(help="Le dossier d'une sauvegarde.")],
    case_keys: Annotated[
        Path | None,
        typer.Option(
            "--case-keys",
            help="Une sauvegarde plus récente, dont on prend les clés des dossiers : "
            "ce qui a été effacé entre les deux le reste.",
        ),
    ] = None,
) -> None:
    """Restaure une sauvegarde dans un registre vide, SQLite ou PostgreSQL. Interrompue, elle se relance."""
    settings = Settings()
    ring = held_ring(settings.keys_folder)
    opened = open_backup(source, ring, case_keys)
    with closing(build_database(settings)) as database:
        target = Target(database, ring, settings.keys_folder, settings.data)
        done = restore_backup(target, opened, datetime.now(UTC))
    typer.echo(f"Restauré : {_held(done.counts['cases'], done.counts['exhibits'])}.")
    if done.erased:
        one = "dossier, effacé depuis cette sauvegarde, le reste."
        typer.echo(counted(done.erased, one, "dossiers, effacés depuis cette sauvegarde, le restent."))
    if done.lost:
        lines = counted(done.lost, "ligne", "lignes")
        typer.echo(
            f"Le journal avait {lines} de plus : ce qui a été fait depuis la sauvegarde est perdu. "
            "Le repère d'avant est gardé à côté du nouveau, dans le dossier des clés."
        )
    typer.echo("Lancez « triage db check », puis « triage models replay --sample 100 --by … ».")


@app.command("check")
def check(
    quick: Annotated[
        bool, typer.Option("--quick", help="N'ouvre ni textes ni pièces, et ne relit que la fin du journal.")
    ] = False,
) -> None:
    """Dit tout ce qui ne va pas : fichiers, tables, clés, pièces, textes scellés, journal. Code 1 alors."""
    settings = Settings()
    ring = held_ring(settings.keys_folder)
    with closing(build_database(settings)) as database:
        found = check_store(Store(database, ring, settings.keys_folder), quick)
    for fault in found.faults:
        typer.echo(fault)
    if found.faults:
        raise typer.Exit(codes.INPUT)
    how = "contrôle rapide" if quick else "contrôle complet"
    typer.echo(f"Rien à signaler ({how}) : {_held(found.cases, found.exhibits)}, journal intact.")


def _held(cases: int, exhibits: int) -> str:
    return f"{counted(cases, 'dossier', 'dossiers')}, {counted(exhibits, 'pièce', 'pièces')}"
