"""`triage subject`: a copy of all that is held about somebody, and its erasure, at their request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from triage.bootstrap import build_engine, build_office
from triage.desk.case import open_by
from triage.desk.forgetting.subjects import Asker, erase_case, export_account, export_case
from triage.desk.office import Office
from triage.desk.people import accounts
from triage.desk.people.registry import registry_of
from triage.desk.people.rights import Right, require
from triage.dossier.texts import load_dossier_texts
from triage.errors import IntakeError
from triage.learning.frames import check_new, write_new
from triage.settings import Settings
from triage.store import joined
from triage.store.people import Person

app = typer.Typer(
    help="Les droits des personnes : remettre tout ce qui est gardé d'elles, ou l'effacer.", no_args_is_help=True
)
CodeFile = Annotated[Path | None, typer.Option("--code-file", help="Un fichier qui contient le code du dossier.")]
CaseName = Annotated[str, typer.Option("--case", help="Le dossier, « ABCD-1234 » ou son identifiant ; avec --by.")]
By = Annotated[str, typer.Option("--by", help="L'adresse du compte de qui le fait ; inutile avec le code.")]


@app.command("export")
def export(
    output: Annotated[Path, typer.Argument(help="L'archive à écrire : .zip, ou .json pour un compte.")],
    code_file: CodeFile = None,
    case: CaseName = "",
    account: Annotated[str, typer.Option(help="L'adresse d'un compte du bureau, en place d'un dossier.")] = "",
    by: By = "",
) -> None:
    """Écrit tout ce qui est gardé d'un dossier, ou d'un compte du bureau."""
    if sum(map(bool, (code_file, case, account))) != 1:
        raise IntakeError("Donnez --code-file FICHIER, ou --by ADRESSE avec --case DOSSIER ou --account COMPTE.")
    check_new(output, ".json" if account else ".zip")
    settings, now = Settings(), datetime.now(UTC)
    with _office(settings) as office:
        if account:
            content = export_account(office, _person(office, by), account, now)
        else:
            asker, case_id = _asked(office, code_file, case, by)
            texts = load_dossier_texts(settings.rules)
            content = export_case(office, asker, case_id, texts, settings.operator, now)
    write_new(output, content)
    typer.echo(f"Écrit : {output}. Effacez ce fichier une fois remis à la personne.")


@app.command("erase")
def erase(code_file: CodeFile = None, case: CaseName = "", by: By = "") -> None:
    """Efface un dossier, aux mêmes conditions que sa page ; refusé une fois transmis."""
    if bool(code_file) == bool(case):
        raise IntakeError("Donnez --code-file FICHIER, ou --case DOSSIER --by ADRESSE.")
    settings, now = Settings(), datetime.now(UTC)
    with _office(settings) as office:
        asker, case_id = _asked(office, code_file, case, by)
        done = erase_case(office, asker, case_id, now)
    if done == "erased":
        typer.echo("Dossier effacé : sa clé est détruite. Les sauvegardes faites avant la contiennent encore.")
    else:
        typer.echo("Un agent lit ou doit lire ce dossier : la demande lui est transmise, il décidera.")


@contextmanager
def _office(settings: Settings) -> Iterator[Office]:
    office = build_office(settings, build_engine(settings))
    try:
        yield office
    finally:
        office.database.close()


def _asked(office: Office, code_file: Path | None, case: str, by: str) -> tuple[Asker, str]:
    """Who asks, and about which case. Raises IntakeError, DeskError, AccountError, ForbiddenError."""
    if code_file:
        try:
            found = open_by(office, code_file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            raise IntakeError(f"{code_file} ne se lit pas : donnez un fichier texte qui contient le code.") from None
        if found is None:
            raise IntakeError("Ce code n'ouvre aucun dossier : il est faux, ou le dossier a été effacé.")
        return Asker(None), found
    with office.database.read() as connection:
        named = [case] if len(case) == 32 else joined.by_reference(connection, case)
    if len(named) != 1:
        raise IntakeError(f"« {case} » ne désigne pas un dossier : écrivez sa référence, « ABCD-1234 ».")
    return Asker(_person(office, by)), named[0]


def _person(office: Office, by: str) -> Person:
    if not by:
        raise IntakeError("Dites qui le fait : --by ADRESSE, celle d'un compte du bureau.")
    return require(accounts.by_login(registry_of(office), by), Right.ENTER)
