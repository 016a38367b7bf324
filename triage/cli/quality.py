"""`triage quality`: how good the engine that serves was found to be, night after night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from triage.bootstrap import build_engine, build_office, build_registry
from triage.desk.office import Office
from triage.desk.supervising.cells import shown
from triage.desk.supervising.observed import lines
from triage.dossier.wording import moment
from triage.errors import IntakeError
from triage.learning.accepting import accept
from triage.learning.observing import counted, observe
from triage.learning.policy import load_gate_policy
from triage.learning.registry import approver
from triage.settings import Settings
from triage.statistics.proportions import clopper_pearson
from triage.store import figures, quality
from triage.store.figures import Cut
from triage.store.people import Scope
from triage.store.quality import Night


def quality_command(
    run: Annotated[bool, typer.Option("--run", help="Mesure maintenant.")] = False,
    accepted: Annotated[
        bool, typer.Option("--accept", help="Ce qui est signalé est voulu : la nuit sert de repère.")
    ] = False,
    by: Annotated[str, typer.Option(help="Avec --accept : l'adresse de votre compte.")] = "",
    reason: Annotated[str, typer.Option(help="Avec --accept : pourquoi.")] = "",
) -> None:
    """Dit ce que valent les réponses servies : sur l'ensemble gelé, et d'après les décisions des agents."""
    settings, now = Settings(), datetime.now(UTC)
    if accepted:
        registry = build_registry(settings)
        try:
            person = approver(registry, by, reason, load_gate_policy(settings.rules))
            accept(registry.database, registry.ring, person, reason, now)
        finally:
            registry.database.close()
        typer.echo("La dernière mesure sert de repère aux suivantes ; l'alerte s'arrête.")
        return
    office = build_office(settings, build_engine(settings))
    try:
        if run:
            observe(settings, office, now)
        with office.database.read() as connection:
            nights = quality.latest(connection, office.policies.quality.nights)
        if not nights:
            raise IntakeError("Aucune mesure n'est faite : le travailleur en fait une chaque nuit, ou « --run ».")
        for line in (*_night(office, nights[0]), *_decisions(office, now), *_before(nights[1:])):
            typer.echo(line)
    finally:
        office.database.close()


def _night(office: Office, night: Night) -> Iterator[str]:
    model = night.model or "aucun"
    yield f"Mesure du {moment(night.at)} ; règles {night.rules} ; modèle {model} ; {night.texts} textes gelés"
    for cells in lines(night, office.policies.quality):
        label, value, mark = (shown(cell) for cell in cells)
        yield f"  {label} : {value} ({mark})"
    yield from (f"  ! {sentence}" for _, sentence in night.findings)


def _decisions(office: Office, now: datetime) -> Iterator[str]:
    """The decisions of the last days: rates with their intervals, and which level became which."""
    days, policy = office.policies.quality.days, office.engine.assessor.policy
    since = now - timedelta(days=days)
    with office.database.read() as connection:
        rates = counted(office, connection, since, now)
        moves = figures.levels_decided(connection, Cut((since, now), (Scope(),)))
    yield f"Décisions des {days} derniers jours"
    for name, (part, whole) in rates.items():
        low, high = clopper_pearson(part, whole)
        told = f"{part} sur {whole} (à 95 % : {100 * low:.1f} à {100 * high:.1f} %)" if whole else "aucune"
        yield f"  {office.policies.quality.charts[name].label} : {told}".replace(".", ",")
    for (before, after), number in sorted(moves.items(), key=lambda one: -one[1]):
        yield f"  {policy.level(before).label} → {policy.level(after).label} : {number}"


def _before(nights: list[Night]) -> Iterator[str]:
    for one in nights:
        yield f"{moment(one.at)} : {len(one.findings) or 'rien'} à signaler{' (repère)' if one.accepted else ''}"
