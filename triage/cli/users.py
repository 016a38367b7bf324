"""`triage users`: the accounts of the desk, the first administrator's to begin with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from triage.bootstrap import build_registry
from triage.desk.people import accounts, sessions, wishes
from triage.desk.people.enrolling import PATH
from triage.intake.moment import in_paris
from triage.settings import Settings
from triage.store import people

app = typer.Typer(help="Les comptes du bureau : qui entre, avec quel rôle et quel ressort.", no_args_is_help=True)
Login = Annotated[str, typer.Argument(help="L'adresse électronique du compte.")]
Places = Annotated[list[str] | None, typer.Option("--departement", help="Code ; à répéter. Partout sinon.")]
Force = Annotated[str, typer.Option(help="police ou gendarmerie ; les deux sinon.")]
_WAYS = {"password": "mot de passe et code", "oidc": "fournisseur d'identité"}
_STATES = {"invited": "invité", "active": "ouvert", "disabled": "fermé"}


@app.command("add")
def add(
    login: Login,
    name: Annotated[str, typer.Option(help="Prénom et nom.")],
    role: Annotated[str, typer.Option(help=f"{', '.join(wishes.ROLES)}.")],
    departement: Places = None,
    force: Force = "",
    unit: Annotated[str, typer.Option(help="L'identifiant de son unité dans l'annuaire.")] = "",
) -> None:
    """Ajoute un compte, et affiche le lien qui l'ouvre."""
    settings = Settings()
    registry = build_registry(settings)
    wish = wishes.read_wish(login, name, role, departement or [], force, unit, registry.departements)
    _, token = accounts.invite(registry, None, wish, datetime.now(UTC))
    typer.echo(_link(settings, token, registry.policy.link.hours))


@app.command("list")
def show() -> None:
    """Liste les comptes."""
    registry = build_registry(Settings())
    with registry.database.read() as connection:
        for one in people.everybody(connection):
            about = (one.login, one.name, wishes.ROLES[one.role], _STATES[one.state], wishes.scope_label(one))
            typer.echo("  ".join(about))


@app.command("link")
def link(login: Login) -> None:
    """Donne un nouveau lien : ferme les sessions ; mot de passe et code changent quand il sert."""
    settings = Settings()
    registry = build_registry(settings)
    token = accounts.relink(registry, None, accounts.by_login(registry, login).id, datetime.now(UTC))
    typer.echo(_link(settings, token, registry.policy.link.hours))


@app.command("disable")
def disable(login: Login) -> None:
    """Ferme un compte ; la personne est sortie aussitôt."""
    registry = build_registry(Settings())
    accounts.disable(registry, None, accounts.by_login(registry, login).id, datetime.now(UTC))
    typer.echo("Compte fermé.")


@app.command("enable")
def enable(login: Login) -> None:
    """Rouvre un compte."""
    registry = build_registry(Settings())
    accounts.enable(registry, None, accounts.by_login(registry, login).id, datetime.now(UTC))
    typer.echo("Compte rouvert.")


@app.command("role")
def role(login: Login, new: Annotated[str, typer.Argument(metavar="RÔLE", help=f"{', '.join(wishes.ROLES)}.")]) -> None:
    """Change le rôle, aussitôt."""
    registry = build_registry(Settings())
    wanted = wishes.read_role(new)
    accounts.set_role(registry, None, accounts.by_login(registry, login).id, wanted, datetime.now(UTC))
    typer.echo("Rôle changé.")


@app.command("scope")
def scope(login: Login, departement: Places = None, force: Force = "") -> None:
    """Change le ressort, aussitôt ; partout sans département."""
    registry = build_registry(Settings())
    wanted = wishes.read_scopes(departement or [], force, registry.departements)
    accounts.set_place(registry, None, accounts.by_login(registry, login).id, wanted, None, datetime.now(UTC))
    typer.echo("Ressort changé.")


@app.command("sessions")
def show_sessions(
    login: Login, end: Annotated[bool, typer.Option("--end", help="Les ferme toutes, aussitôt.")] = False
) -> None:
    """Liste les sessions ouvertes, ou les ferme."""
    registry, now = build_registry(Settings()), datetime.now(UTC)
    person = accounts.by_login(registry, login)
    if end:
        accounts.end_sessions(registry, None, person.id, now)
        typer.echo("Sessions fermées.")
        return
    with registry.database.read() as connection:
        opened = sessions.open_ones(connection, person.id, now)
    for one in opened:
        typer.echo(f"{in_paris(one.created_at):%d/%m/%Y %H:%M}  {_WAYS.get(one.how, one.how)}")
    if not opened:
        typer.echo("Aucune session ouverte.")


def _link(settings: Settings, token: str, hours: int) -> str:
    address = settings.address.rstrip("/") or f"http://{settings.host}:{settings.port}"
    told = f"Lien à transmettre par un moyen sûr ; il ne sert qu'une fois, pendant {hours} heures :"
    return f"{told}\n{address}{PATH}{token}"
