"""`triage duty`: the rota of the agents, without which no delay is promised to anybody."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from triage.bootstrap import build_database
from triage.desk import duty
from triage.errors import IntakeError
from triage.intake.moment import in_paris
from triage.settings import Settings

app = typer.Typer(
    help="Les gardes des agents : sans personne de garde, aucun délai n'est promis.", no_args_is_help=True
)
_FORCES = ("", "police", "gendarmerie")


@app.command("add")
def add(
    who: Annotated[str, typer.Argument(help="Qui est de garde.")],
    start: Annotated[str, typer.Option("--from", help="Début, heure de Paris : 2026-12-01T20:00.")],
    end: Annotated[str, typer.Option("--until", help="Fin, heure de Paris.")],
    departement: Annotated[str, typer.Option(help="Code du département ; partout sinon.")] = "",
    force: Annotated[str, typer.Option(help="police ou gendarmerie ; les deux sinon.")] = "",
) -> None:
    """Ajoute une garde."""
    if force not in _FORCES:
        raise IntakeError(f"Force inconnue : {force}. Choisissez police ou gendarmerie.")
    duty.add(build_database(Settings()), who, _moment(start), _moment(end), departement, force)
    typer.echo("Garde ajoutée.")


@app.command("list")
def show() -> None:
    """Liste les gardes en cours et à venir."""
    for one in duty.shifts(build_database(Settings()), datetime.now(UTC)):
        scope = " ".join(part for part in (one.departement or "partout", one.force) if part)
        starts, ends = in_paris(one.starts_at), in_paris(one.ends_at)
        typer.echo(f"{one.id}  {starts:%d/%m/%Y %H:%M} → {ends:%d/%m/%Y %H:%M}  {scope}  {one.who}")


@app.command("remove")
def remove(identifier: Annotated[str, typer.Argument(help="Ce que « list » affiche en premier.")]) -> None:
    """Retire une garde."""
    if not duty.remove(build_database(Settings()), identifier):
        raise IntakeError("Aucune garde ne porte cet identifiant : voyez « triage duty list ».")
    typer.echo("Garde retirée.")


def _moment(text: str) -> datetime:
    try:
        return in_paris(datetime.fromisoformat(text))
    except ValueError:
        raise IntakeError(f"« {text} » n'est pas une date : écrivez 2026-12-01T20:00.") from None
