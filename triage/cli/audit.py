"""`triage audit`: whether the journal of who did what is whole, and its last line, to be noted elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer

from triage.bootstrap import build_database
from triage.cli import codes
from triage.desk.auditing import check
from triage.settings import Settings
from triage.store import anchor, audit
from triage.store.keys import open_ring

app = typer.Typer(help="Le journal : qui a fait quoi, et s'il est intact.", no_args_is_help=True)


@app.command("verify")
def verify(
    head: Annotated[str, typer.Option(help="Une dernière ligne relevée avec « triage audit head ».")] = "",
) -> None:
    """Relit tout le journal et dit chaque ligne changée, retirée, déplacée ou ajoutée."""
    settings = Settings()
    noted = anchor.noted(settings.keys_folder)
    given = anchor.parse(head) if head else None
    found = check(build_database(settings), open_ring(settings.keys_folder), *filter(None, (noted, given)))
    for fault in found.faults:
        typer.echo(fault)
    if found.more:
        typer.echo(f"et {found.more} autres")
    if noted is None and given is None:
        typer.echo(
            "Aucun repère : des lignes ôtées à la fin ne se verraient pas (voyez « triage audit head »).", err=True
        )
    if found.faults:
        raise typer.Exit(codes.INPUT)
    lines = f"{found.head.seq} ligne{'s' if found.head.seq > 1 else ''}"
    typer.echo(f"journal intact : {lines}, dernière empreinte {found.head.digest.hex()}")


@app.command("head")
def show_head() -> None:
    """Affiche la dernière ligne (numéro et empreinte), à noter ailleurs que sur cette machine."""
    with build_database(Settings()).read() as connection:
        typer.echo(str(audit.head(connection)))
