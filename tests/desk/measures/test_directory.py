"""The directory that an operator imports: whole or not at all, every problem said with its line and column."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.desk.measures.conftest import COMMUNES, NOW, UNITS, directory
from triage.cli.app import app
from triage.desk.measures.importing import Imported, import_communes, import_units
from triage.desk.office import Office
from triage.store import directory as kept
from triage.store.people_tables import AUDIT


def units(office: Office, text: str | bytes, **more: bool) -> Imported:
    content = text if isinstance(text, bytes) else text.encode()
    return import_units(office, "system: test", "unites.csv", content, NOW, **more)


def communes(office: Office, text: str | bytes, **more: bool) -> Imported:
    content = text if isinstance(text, bytes) else text.encode()
    return import_communes(office, "system: test", "communes.csv", content, NOW, **more)


def counts(office: Office) -> tuple[int, int]:
    with office.database.read() as connection:
        return kept.counts(connection)


def said(imported: Imported) -> list[str]:
    return [f"{one.where.line} {one.what}" for one in imported.problems]


def test_the_directory_is_imported_on_both_stores_and_audited(each_office: Office) -> None:
    directory(each_office)
    assert counts(each_office) == (6, 5)
    with each_office.database.read() as connection:
        rows = connection.execute(AUDIT.select().order_by(AUDIT.c.seq)).all()
        brigade = kept.unit(connection, "BR-01")
    assert [(row.what, row.about) for row in rows] == [("directory.units", "rows=6"), ("directory.communes", "rows=5")]
    assert brigade is not None and (brigade.phone, brigade.checked_on) == ("02 99 00 00 01", "2026-03-01")


@pytest.mark.parametrize(
    "content",
    [
        UNITS.encode("utf-8-sig"),
        UNITS.replace(";", ",").replace("1 rue du Lavoir, Clairval", '"1 rue du Lavoir, Clairval"').replace(
            "Préfecture d'Ille-et-Vilaine, cabinet", '"Préfecture d\'Ille-et-Vilaine, cabinet"'
        ).replace("3 place du Parc, Rennes", '"3 place du Parc, Rennes"').encode(),
        UNITS.replace("\n", "\r\n").encode(),
        UNITS.replace("identifiant;type;nom", "ID;Kind;Name").encode(),
        (UNITS + "\n\n;;;;;;;;;;\n").encode(),
    ],
    ids=["BOM", "virgules", "Windows", "autres noms", "lignes vides"],
)  # fmt: skip
def test_spreadsheets_write_it_in_several_ways(office: Office, content: bytes) -> None:
    assert said(units(office, content)) == []
    with office.database.read() as connection:
        found = kept.unit(connection, "BR-01")
    assert found is not None and found.address == "1 rue du Lavoir, Clairval"


def test_every_problem_is_said_at_once_and_nothing_is_imported(office: Office) -> None:
    directory(office)
    wrong = UNITS + "BR-01;garnison;;99;marine;3590;zéro;pas une adresse;;;18/03/2026\nX;brigade;Trop court\n"
    found = units(office, wrong)
    assert not found.kept
    assert said(found) == [
        "8 colonne « commune » : « 3590 » : le tableur a retiré le zéro de tête",
        "8 colonne « courriel » : « pas une adresse » n'est pas une adresse électronique",
        "8 colonne « département » : « 99 » n'est pas un code de département (35, 2A, 974…)",
        "8 colonne « force » : « marine » n'est pas une force ; possibles : police, gendarmerie",
        "8 colonne « id » : « BR-01 » est déjà à la ligne 2",
        "8 colonne « nom » : le nom manque",
        "8 colonne « type » : « garnison » n'est pas une sorte d'unité ; possibles : brigade, commissariat, referent, "
        "referent_surete, prefecture, mairie, france_victimes",
        "8 colonne « téléphone » : « zéro » n'est pas un numéro de téléphone",
        "8 colonne « vérifié le » : « 18/03/2026 » n'est pas une date : écrivez AAAA-MM-JJ",
        "9 3 colonnes lues, il en faut 11",
    ]
    assert counts(office) == (6, 5)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "1 le fichier est vide"),
        (UNITS.encode("cp1252"), "1 le fichier n'est pas en UTF-8 : enregistrez-le en « CSV UTF-8 »"),
        (UNITS.encode("utf-16"), "0 le fichier est en UTF-16 : enregistrez-le en « CSV UTF-8 »"),
        (b"id;nom;couleur\n", "1 colonne inconnue : « couleur »"),
        (b'id;nom\n"a;b\n', "1 colonne absente : « type »"),
        (b'"id;nom', "1 guillemets mal fermés : la suite n'a pas pu être lue"),
        (UNITS.replace("BR-22;", '"BR-22;').encode(), "7 guillemets mal fermés : la suite n'a pas pu être lue"),
    ],
    ids=["vide", "Windows-1252", "UTF-16", "colonne inconnue", "colonne absente", "en-tête", "guillemets"],
)  # fmt: skip
def test_a_file_that_is_no_table_says_why(office: Office, content: bytes, what: str) -> None:
    found = units(office, content)
    assert what in said(found) and not found.kept


def test_communes_name_units_that_exist_and_their_own_departement(office: Office) -> None:
    directory(office)
    found = communes(office, COMMUNES + "35904;Villeneuve;22;police;NULLE\n")
    assert said(found) == [
        "7 colonne « département » : le code 35904 n'est pas de ce département",
        "7 colonne « unité » : « NULLE » n'est pas dans l'annuaire : importez d'abord les unités",
    ]


def test_a_unit_that_communes_depend_on_is_not_lost(office: Office) -> None:
    directory(office)
    found = units(office, "\n".join(line for line in UNITS.splitlines() if not line.startswith("BR-22")))
    assert said(found) == ["0 l'unité « BR-22 », dont dépendent 2 communes, n'y est plus"]
    assert counts(office) == (6, 5)


def test_check_changes_nothing(office: Office) -> None:
    found = units(office, UNITS, check=True)
    assert (found.rows, found.kept, found.problems) == (6, False, ())
    assert counts(office) == (0, 0)


def test_the_command_says_every_problem_with_its_file_and_line(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triage.cli.directory._office", lambda: office)
    file = tmp_path / "unites.csv"
    file.write_text(UNITS + "BR-09;brigade;;35;gendarmerie;;;;;;\n", encoding="utf-8")
    answer = CliRunner().invoke(app, ["directory", "import", str(file)])
    assert f"{file}:8 : erreur : colonne « nom » : le nom manque" in str(answer.exception)
    file.write_text(UNITS, encoding="utf-8")
    answer = CliRunner().invoke(app, ["directory", "import", str(file), "--check"])
    assert answer.output == "6 unités lues, rien n'a été changé.\n"
    assert CliRunner().invoke(app, ["directory", "import", str(file)]).output == "6 unités importées.\n"
