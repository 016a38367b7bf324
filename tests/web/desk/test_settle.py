"""The reports that teach most: read by agents and analysts, blind; disagreements decided by a third; figures shown."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.web.desk.conftest import Desk
from tests.web.desk.test_matrix import OWN
from tests.web.desk.test_talk import entered
from tests.web.serving import chromium, complaints, faults, served
from triage.desk.submit import submit
from triage.store import samples
from triage.store.desk_tables import SAMPLE_READS, SAMPLES
from triage.store.people_tables import AUDIT
from triage.store.records import Told

CALM = "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte ni menace."
WHY = "Le modèle hésite entre « Injure » et « Menace »."
LIST, PARTED = "/desk/echantillon/apprendre", "/desk/echantillon/desaccords"
FINE = {"level": "advice", "main": "hors_perimetre", "note": "Rien à voir."}
RUDE = {"level": "advice", "main": "injure", "types": ["raid"], "flags": ["arme"], "note": "Il insulte."}


def chosen(desk: Desk, text: str = CALM) -> tuple[str, str]:
    """A report of yesterday that would teach much: its case, and the page on which it is read."""
    now = datetime.now(UTC)
    case_id = submit(desk.office, Told(text=text, departement="35"), [], now - timedelta(days=1)).case_id
    with desk.office.database.write() as connection:
        sealer = desk.office.cases.sealer(connection, case_id)
        samples.add_teaching(connection, sealer, case_id, "2026-11-27", [WHY], 1, now)
        sample = connection.scalar(select(SAMPLES.c.id).where(SAMPLES.c.case_id == case_id))
    return case_id, f"/desk/echantillon/{sample}"


def test_an_agent_and_an_analyst_read_blind_and_a_third_decides(desk: Desk) -> None:
    case_id, page = chosen(desk)
    agent, analyst, third, boss = (desk.person(role) for role in ("agent", "analyst", "analyst", "supervisor"))
    assert page in desk.browser(agent).get(LIST).text and page not in desk.browser(agent).get("/desk/echantillon").text
    html = desk.browser(agent).get(page).text
    assert CALM in html and WHY not in html and "checked" not in html
    assert desk.browser(agent).post(page, data=FINE, headers=OWN).headers["location"] == LIST
    blind = desk.browser(analyst).get(page).text
    assert "Rien à voir" not in blind and agent.name not in blind and WHY not in blind
    assert desk.browser(analyst).post(page, data=RUDE, headers=OWN).headers["location"] == LIST
    parted = desk.browser(third).get(PARTED).text
    assert f"{page}/departage" in parted and "trop peu de lectures" in parted and agent.name not in parted
    both = desk.browser(third).get(f"{page}/departage").text
    assert "Rien à voir." in both and "Il insulte." in both and "drapeaux" in both and agent.name not in both
    without = desk.browser(third).post(f"{page}/departage", data={**FINE, "note": ""}, headers=OWN)
    assert without.status_code == 400 and "hors_perimetre" in without.text
    answer = desk.browser(third).post(f"{page}/departage", data={**FINE, "note": "Une critique."}, headers=OWN)
    assert answer.headers["location"] == PARTED
    assert "Rien à départager" in desk.browser(third).get(PARTED).text
    told = desk.browser(boss).get(LIST).text
    assert "Une critique." in told and WHY in told and third.name in told
    assert f"/desk/dossiers/{case_id}" in told
    seen = desk.browser(third).get(LIST).text
    assert f"/desk/dossiers/{case_id}" not in seen and agent.name not in seen and "Lecture 1" in seen
    with desk.office.database.read() as connection:
        did = connection.execute(select(AUDIT.c.who, AUDIT.c.what).where(AUDIT.c.case_id == case_id)).all()
        assert connection.scalars(select(SAMPLE_READS.c.flags).order_by(SAMPLE_READS.c.at)).all() == ["", "arme"]
    assert [(agent.id, "teaching.read"), (analyst.id, "teaching.read"), (third.id, "sample.settle")] == [
        (one.who, one.what) for one in did if one.what in ("teaching.read", "sample.settle")
    ]
    assert sum(one.what == "view" for one in did) >= 3


def test_neither_reader_decides_and_an_agent_does_not(desk: Desk) -> None:
    _, page = chosen(desk)
    one, other = desk.person("supervisor"), desk.person("analyst")
    desk.browser(one).post(page, data=FINE, headers=OWN)
    desk.browser(other).post(page, data=RUDE, headers=OWN)
    for person, status in ((one, 400), (other, 400), (desk.person(), 403)):
        assert desk.browser(person).get(f"{page}/departage").status_code == status
        assert desk.browser(person).post(f"{page}/departage", data=FINE, headers=OWN).status_code == status
    assert "/departage" not in desk.browser(one).get(PARTED).text


def test_an_analyst_who_finds_a_danger_raises_the_case(desk: Desk) -> None:
    case_id, page = chosen(desk)
    form = {"level": "urgent", "main": "menace", "note": "La fin menace."}
    answer = desk.browser(desk.person("analyst")).post(page, data=form, headers=OWN)
    assert answer.headers["location"] == f"{LIST}?releve=oui"
    with desk.office.database.read() as connection:
        now = desk.office.cases.standing(connection, case_id)
    assert (now.level, now.queued) == ("urgent", True)


def test_a_page_that_is_no_longer_all_of_it_is_refused_and_keeps_what_was_written(desk: Desk) -> None:
    _, page = chosen(desk)
    reader = desk.browser(desk.person())
    shown = re.search(r'name="vu" value="([^"]+)"', reader.get(page).text)
    assert shown and shown[1] == f"{len(CALM)}.0"
    answer = reader.post(page, data={**FINE, "vu": "12.0"}, headers=OWN)
    assert answer.status_code == 400 and "a ajouté quelque chose" in answer.text and "Rien à voir." in answer.text
    assert reader.post(page, data={**FINE, "vu": shown[1]}, headers=OWN).status_code == 303


@pytest.mark.whole
@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_hold_on_a_phone_and_on_a_screen(desk: Desk, width: int) -> None:
    _, page = chosen(desk)
    _, other = chosen(desk, f"{CALM} Encore.")
    one, two, boss = desk.person(), desk.person("analyst"), desk.person("supervisor")
    for person, form in ((one, FINE), (two, RUDE)):
        assert desk.browser(person).post(page, data=form, headers=OWN).status_code == 303
    with served(desk.app) as port, chromium() as browser:
        shown = entered(desk, browser, port, boss)
        shown.set_viewport_size({"width": width, "height": 800})
        said = complaints(shown)
        for path in (LIST, "/desk/echantillon", PARTED, other, f"{page}/departage"):
            shown.goto(f"http://127.0.0.1:{port}{path}")
            assert faults(shown) == [], path
            assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert said == []
