"""The pages of the daily sample: blind to the other reader and to the engine; a miss is in the queue at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from tests.web.desk.conftest import Desk
from tests.web.desk.test_talk import entered
from tests.web.serving import chromium, complaints, faults, served
from triage.desk.handling import sampling
from triage.desk.submit import submit
from triage.store.people import Person, Scope
from triage.store.records import Told
from triage.store.tables import CASE_KEYS

CALM = "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte ni menace."
FINE = {"level": "advice", "main": "hors_perimetre", "note": "Rien à voir."}
MISSED = {"level": "urgent", "main": "menace", "note": "La fin menace."}


@pytest.fixture
def case_id(desk: Desk) -> str:
    """A calm report of yesterday, drawn."""
    made = submit(desk.office, Told(text=CALM, departement="35"), [], datetime.now(UTC) - timedelta(days=1)).case_id
    assert sampling.draw(desk.office, datetime.now(UTC)) == 1
    return made


def sample(desk: Desk, person: Person) -> str:
    (one,) = sampling.waiting(desk.office, person)
    return f"/desk/echantillon/{one.id}"


def test_two_readers_then_their_supervisor(desk: Desk, case_id: str) -> None:
    first, second, chief = desk.person(), desk.person(), desk.person("supervisor")
    page = sample(desk, first)
    assert CALM in desk.browser(first).get(page).text
    assert desk.browser(first).post(page, data=FINE).headers["location"] == "/desk/echantillon"
    blind = desk.browser(second).get(page).text
    assert "Rien à voir" not in blind and first.name not in blind and "checked" not in blind
    assert desk.browser(second).post(page, data=MISSED).headers["location"] == "/desk/echantillon?releve=oui"
    with desk.office.database.read() as connection:
        now = desk.office.cases.standing(connection, case_id)
    assert (now.level, now.queued) == ("urgent", True)
    html = desk.browser(chief).get("/desk/echantillon").text
    assert "1 désaccord sur 1 récit lu" in html and first.name in html and "La fin menace." in html
    assert first.name not in desk.browser(second).get("/desk/echantillon").text.split("</header>")[1]


def test_a_report_that_does_not_open_hides_no_other_and_is_said(desk: Desk, case_id: str) -> None:
    chief = desk.person("supervisor")
    for form in (FINE, MISSED):
        reader = desk.person()
        desk.browser(reader).post(sample(desk, reader), data=form)
    assert "ne s'ouvre plus" not in desk.browser(chief).get("/desk/echantillon").text
    with desk.office.database.write() as connection:
        connection.execute(update(CASE_KEYS).where(CASE_KEYS.c.case_id == case_id).values(wrapped=b"perdue"))
    for path in ("/desk/echantillon", "/desk/echantillon/desaccords"):
        page = desk.browser(chief).get(path)
        assert page.status_code == 200
        assert "Un récit ne s'ouvre plus avec les clés du service" in page.text.replace("&#39;", "'")


def test_nobody_reads_twice_or_from_elsewhere_or_without_choosing(desk: Desk, case_id: str) -> None:
    first, far = desk.person(), desk.person("agent", Scope("13", ""))
    page = sample(desk, first)
    assert desk.browser(far).get(page).status_code == 403
    assert desk.browser(far).post(page, data=FINE).status_code == 403
    assert desk.browser(first).post(page, data={"note": "Gardez-moi."}).text.count("Gardez-moi.") == 1
    desk.browser(first).post(page, data=FINE)
    assert desk.browser(first).get(page).status_code == 400
    assert desk.browser(first).get("/desk/echantillon/0").status_code == 404


@pytest.mark.whole
def test_a_reading_by_keyboard(desk: Desk, case_id: str) -> None:
    chief = desk.person("supervisor")
    desk.browser(desk.person()).post(sample(desk, chief), data=FINE)
    with served(desk.app) as port, chromium() as browser:
        page = entered(desk, browser, port, chief)
        said = complaints(page)
        page.goto(f"http://127.0.0.1:{port}/desk/echantillon")
        assert faults(page) == []
        page.focus("text=Lire le récit 1")
        page.keyboard.press("Enter")
        page.wait_for_selector("#avis")
        assert faults(page) == []
        page.focus("input[name=level][value=advice]")
        page.keyboard.press("Space")
        page.focus("#main")
        page.keyboard.type("Inj")
        page.focus("text=Enregistrer ma lecture")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=1 désaccord")
        assert faults(page) == [] and said == []
