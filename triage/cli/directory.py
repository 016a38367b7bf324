"""`triage directory`: the units and the communes that an operator imports."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from triage.bootstrap import build_engine, build_office
from triage.desk.measures import importing
from triage.desk.measures.importing import Imported
from triage.desk.office import Office
from triage.errors import DataError, IntakeError
from triage.settings import Settings

app = typer.Typer(help="L'annuaire des unités et la table des communes, importés en CSV.", no_args_is_help=True)
_WHO = "system: operator"
File = Annotated[Path, typer.Argument(help="Le fichier CSV, en UTF-8, avec des virgules ou des points-virgules.")]
Check = Annotated[bool, typer.Option("--check", help="Dit ce qui ne va pas, sans rien changer.")]


@app.command("import")
def units(file: File, check: Check = False) -> None:
    """Remplace l'annuaire des unités : tous les problèmes sont dits, et rien n'est importé s'il y en a."""
    content, office = _read(file), _office()
    _say(importing.import_units(office, _WHO, str(file), content, datetime.now(UTC), check=check), "unités")


@app.command("communes")
def communes(file: File, check: Check = False) -> None:
    """Remplace la table des communes ; les unités qu'elle nomme sont déjà dans l'annuaire."""
    content, office = _read(file), _office()
    _say(importing.import_communes(office, _WHO, str(file), content, datetime.now(UTC), check=check), "communes")


def _office() -> Office:
    settings = Settings()
    return build_office(settings, build_engine(settings))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise IntakeError(f"{file} ne peut pas être lu : {error.strerror}.") from None


def _say(imported: Imported, what: str) -> None:
    if imported.problems:
        raise DataError(list(imported.problems))
    done = "importées" if imported.kept else "lues, rien n'a été changé"
    typer.echo(f"{imported.rows} {what} {done}.")
