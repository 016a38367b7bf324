"""`triage data teach` and `triage data undertriage`: which reports to read blind, and what those read say of misses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from triage.bootstrap import build_engine, build_office, build_registry
from triage.desk.people import accounts
from triage.desk.people.rights import Right, require
from triage.desk.supervising import undertriage as estimated
from triage.desk.supervising.cells import shown
from triage.learning import teaching
from triage.settings import Settings
from triage.store.figures import Cut
from triage.store.people import Scope


def teach(
    by: Annotated[str, typer.Option(help="L'adresse du compte de qui le demande : analyste ou responsable.")],
    number: Annotated[int | None, typer.Option(min=1, help="Combien de récits ; la règle du bureau sinon.")] = None,
) -> None:
    """Choisit les récits dont la relecture apprendrait le plus : le bureau les donne à lire à deux personnes."""
    settings = Settings()
    person = require(accounts.by_login(build_registry(settings), by), Right.ANALYSE)
    office = build_office(settings, build_engine(settings))
    try:
        chosen = teaching.choose(office, teaching.learnt(settings), datetime.now(UTC), number, person)
    finally:
        office.database.close()
    for one in chosen:
        typer.echo(f"{one.reference}  {f'{one.score:.2f}'.replace('.', ',')}  {' '.join(one.whys)}".rstrip())
    if chosen:
        told = "1 récit choisi : il est" if len(chosen) == 1 else f"{len(chosen)} récits choisis : ils sont"
        typer.echo(f"{told} au bureau, page « Échantillon ».")
    else:
        typer.echo(
            "Aucun récit choisi : ceux d'avant aujourd'hui sont déjà lus, décidés ou confiés à un agent, "
            "ou assez de récits attendent d'être lus."
        )


def undertriage(
    days: Annotated[int, typer.Option(min=1, help="Récits reçus depuis tant de jours.")] = 91,
) -> None:
    """Estime la part des récits non transmis qu'un agent aurait dû voir, d'après l'échantillon relu au bureau."""
    settings, now = Settings(), datetime.now(UTC)
    office = build_office(settings, build_engine(settings))
    acting, policy = {*office.policies.queue.delays}, office.policies.conduct.sampling
    try:
        with office.database.read() as connection:
            cut = Cut((now - timedelta(days=days), now), (Scope(),))
            found = estimated.undertriage(connection, cut, acting, policy.conclusive)
    finally:
        office.database.close()
    for label, value, interval in estimated.lines(found):
        typer.echo(f"{label} : {shown(value)}{f' (à 95 % : de {interval})' if interval else ''}")
