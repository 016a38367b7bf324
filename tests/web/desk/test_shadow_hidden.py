"""What a candidate tried in the shadow answers is on no page and in no answer of the API, whoever asks."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import insert, select

from tests.web.desk.conftest import Desk
from tests.web.desk.test_matrix import ROLES, filled, flat
from tests.web.visitor import Visitor
from triage.desk.submit import submit
from triage.store.records import Told
from triage.store.tables import ASSESSMENTS, SHADOW_ANSWERS

THREAT = "Je suis maire. Un homme m'a écrit par SMS hier : « je sais où tu habites, je vais te tuer »."
# Words that nothing else in the service says.
MARKS = ("candidat-ombre-7", "typeombre", "drapeauombre", "niveauombre")
# Streams without an end; leaving the desk or the case.
LEFT = ("/desk/flux", "/suivi/quitter")


@pytest.fixture
def receipt(desk: Desk) -> Iterator[str]:
    """The code of a case to which a candidate has answered."""
    made = submit(desk.office, Told(text=THREAT, departement="35", force="gendarmerie"), [], datetime.now(UTC))
    with desk.office.database.write() as connection:
        assessment = connection.scalar(select(ASSESSMENTS.c.id).where(ASSESSMENTS.c.case_id == made.case_id))
        about = {"id": "0" * 32, "case_id": made.case_id, "assessment_id": assessment, "at": datetime.now(UTC)}
        said = {"version": MARKS[0], "types": MARKS[1], "flags": MARKS[2], "level": MARKS[3], "held": False}
        was = {"served": "s", "served_level": "urgent", "served_types": "menace", "served_flags": ""}
        connection.execute(insert(SHADOW_ANSWERS).values(**about, **said, **was))
    return made.receipt


def read(client: Visitor, desk: Desk, case_id: str, headers: dict[str, str]) -> dict[str, str]:
    """Every page and file that a browser can ask for, by its route; what is in archives too."""
    routes = [route for route in flat(desk.app.routes) if isinstance(route, APIRoute) and "GET" in route.methods]
    found = {}
    for route in routes:
        if route.path not in LEFT:
            answer = client.get(filled(route.path, case_id), headers=headers)
            found[route.path] = f"{answer.status_code} {_words(answer.content)}"
    return found


def _words(content: bytes) -> str:
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return " ".join(archive.read(name).decode("utf-8", "ignore") for name in archive.namelist())
    return content.decode("utf-8", "ignore")


def hidden(pages: dict[str, str]) -> None:
    told = re.compile("|".join(MARKS))
    assert [route for route, text in pages.items() if told.search(text)] == []


@pytest.mark.whole
def test_it_is_on_no_page_of_the_desk(desk: Desk, receipt: str) -> None:
    with desk.office.database.read() as connection:
        case_id = connection.scalar(select(SHADOW_ANSWERS.c.case_id))
    for role in ROLES:
        pages = read(desk.browser(desk.person(role)), desk, str(case_id), {})
        assert sum(text.startswith("200") for text in pages.values()) > 10
        hidden(pages)


def test_it_is_on_no_page_of_the_case_and_in_no_answer_of_the_api(desk: Desk, receipt: str) -> None:
    client = desk.browser()
    client.post("/suivi", data={"code": receipt}, headers={"sec-fetch-site": "same-origin"})
    pages = read(client, desk, "0", {"authorization": f"Bearer {receipt}"})
    assert pages["/suivi/chronologie"].startswith("200")
    assert "menace" in pages["/suivi"]
    hidden(pages)
