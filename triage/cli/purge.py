"""`triage purge`: erases what has been kept long enough, as `rules/retention.yaml` says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from triage.bootstrap import build_engine, build_office
from triage.desk.forgetting.files import Beside
from triage.desk.forgetting.purging import Purged, planned, purge, rules_of
from triage.desk.forgetting.table import as_markdown
from triage.desk.office import Office
from triage.learning.tried import named
from triage.settings import Settings

_VACUUM = (
    "PostgreSQL garde un temps les lignes effacées et son journal : lancez « VACUUM », et laissez tourner les archives."
)


def purge_command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Dit ce qui serait effacé, et n'efface rien.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Même si c'est une grande part des dossiers.")] = False,
    table: Annotated[bool, typer.Option("--table", help="Affiche le tableau des durées, en Markdown.")] = False,
) -> None:
    """Efface ce qui a été gardé assez longtemps ; le travailleur le fait chaque nuit."""
    settings, now = Settings(), datetime.now(UTC)
    office = build_office(settings, build_engine(settings))
    try:
        if table:
            typer.echo(as_markdown(office.policies.retention), nl=False)
            return
        tried = named(settings)
        beside = Beside(settings.data, tried[0] if tried else "")
        done = planned(office, beside, now) if dry_run else purge(office, beside, now, everything=everything)
        for line in _lines(office, done, dry_run):
            typer.echo(line)
    finally:
        office.database.close()


def _lines(office: Office, done: Purged, dry_run: bool) -> Iterator[str]:
    if done.nothing:
        yield "Rien n'est à effacer." if dry_run else "Rien n'était à effacer."
        return
    yield "À effacer :" if dry_run else "Effacé :"
    for rule, number in rules_of(office, done):
        if number:
            yield f"{number:>7}  {rule.label} (durée : {rule.days} jours)"
    if done.settled:
        yield f"Dossiers qui rejoignent les comptes sans identifiant : {done.settled}."
    if not dry_run and office.database.engine.dialect.name == "postgresql":
        yield _VACUUM
