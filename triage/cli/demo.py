"""`triage demo`: a desk to try, filled with invented people and reports."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import pyotp
import typer

from triage.bootstrap import build_engine, build_office, fact_names
from triage.desk.office import Office
from triage.learning.corpus import Example, Labels, load
from triage.settings import Settings

_SHORT = 80  # characters: what is said in one line makes a poor page


def demo(
    past: Annotated[int, typer.Option(min=0, help="Nombre de récits des semaines passées.")] = 120,
) -> None:
    """Remplit un registre vide d'un bureau d'essai : comptes, annuaire, dossiers, tous inventés."""
    from triage.demo.play import play  # what follows takes time to import, which other commands never pay
    from triage.demo.script import load_script

    settings = Settings()
    office = build_office(settings, build_engine(settings))
    cast, reports = load_script(settings.rules)
    now = datetime.now(UTC)
    badges = play(office, cast, reports, _past(settings, office, past), now, typer.echo)
    office.database.close()
    typer.echo("\nPour entrer (/desk), le mot de passe est le même pour tous :")
    typer.echo(f"  {next(iter(badges.values())).password}")
    for login, badge in badges.items():
        code = pyotp.TOTP(badge.secret)
        typer.echo(f"  {login:34} code {code.now()} maintenant ; secret {badge.secret}")
    typer.echo("\nLe code change toutes les 30 secondes : donnez le secret à une application de codes.")


def _past(settings: Settings, office: Office, wanted: int) -> list[Example]:
    """Reports of the corpus, from all its voices alike."""
    engine = office.engine
    levels = [level.id for level in engine.assessor.policy.levels]
    labels = Labels(list(engine.composer.kinds), levels, list(engine.assessor.flags), fact_names(settings.rules))
    told = [one for one in load(settings.models / "corpus", labels) if one.kind == "report" and len(one.text) > _SHORT]
    step = max(len(told) // max(wanted, 1), 1)
    return told[::step][:wanted]
