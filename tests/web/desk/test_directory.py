"""The directory on its page: only administrators, problems shown, nothing changed when there is one."""

from __future__ import annotations

from httpx import Response

from tests.desk.measures.conftest import COMMUNES, UNITS
from tests.web.desk.conftest import Desk
from tests.web.visitor import Visitor
from triage.store import directory

OWN = {"sec-fetch-site": "same-origin"}
PAGE = "/desk/annuaire"


def upload(client: Visitor, table: str, text: str, **form: str) -> Response:
    return client.post(f"{PAGE}/{table}", files={"file": ("annuaire.csv", text.encode())}, data=form, headers=OWN)


def counts(desk: Desk) -> tuple[int, int]:
    with desk.office.database.read() as connection:
        return directory.counts(connection)


def test_an_administrator_imports_then_searches(desk: Desk) -> None:
    client = desk.browser(desk.person("administrator"))
    assert upload(client, "unites", UNITS).headers["location"] == f"{PAGE}?fait=unites"
    assert upload(client, "communes", COMMUNES).headers["location"] == f"{PAGE}?fait=communes"
    page = client.get(f"{PAGE}?fait=communes").text
    assert "Les communes sont importées." in page and "6 unités" in page and "5 communes" in page
    found = client.get(f"{PAGE}?mots=st+aubin").text
    assert "22901" in found and "35903" in found and "35901" not in found
    assert "Adjudante Le Goff" in client.get(f"{PAGE}?type=referent&departement=35").text


def test_problems_are_shown_and_nothing_changes(desk: Desk) -> None:
    client = desk.browser(desk.person("administrator"))
    upload(client, "unites", UNITS)
    answer = upload(client, "unites", UNITS + "X;garnison;<b>;35;;;;;;;\n")
    assert answer.status_code == 400 and "Rien n'a été importé." in answer.text
    assert "Ligne 8 : colonne « type » : « garnison »" in answer.text
    assert counts(desk) == (6, 0)


def test_checking_changes_nothing(desk: Desk) -> None:
    client = desk.browser(desk.person("administrator"))
    answer = upload(client, "unites", UNITS, check="oui")
    assert answer.status_code == 200 and "Le fichier est correct : 6 lignes." in answer.text
    assert counts(desk) == (0, 0)


def test_a_form_without_a_file_or_of_no_table_is_refused(desk: Desk) -> None:
    client = desk.browser(desk.person("administrator"))
    assert client.post(f"{PAGE}/unites", data={"check": "oui"}, headers=OWN).status_code == 400
    assert upload(client, "agents", UNITS).status_code == 400


def test_nobody_else_reads_or_changes_the_directory(desk: Desk) -> None:
    for role in ("agent", "supervisor", "analyst"):
        client = desk.browser(desk.person(role))
        assert client.get(PAGE).status_code == 403
        assert upload(client, "unites", UNITS).status_code == 403
    elsewhere = desk.browser(desk.person("administrator")).post(
        f"{PAGE}/unites", files={"file": ("a.csv", UNITS.encode())}, headers={"sec-fetch-site": "cross-site"}
    )
    assert elsewhere.status_code == 403
    assert counts(desk) == (0, 0)
