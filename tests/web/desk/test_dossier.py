"""The page of a case: why it stands where it does, its evidence spared, what the person saw, its erasure."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from tests.desk.handling.test_exposing import picture
from tests.web.desk.conftest import Desk
from tests.web.serving import chromium, complaints, faults, served
from tests.web.visitor import Visitor
from triage.desk import erasing, evidence, follow_up
from triage.desk.case import load
from triage.desk.evidence import File
from triage.desk.queue.claiming import claim
from triage.desk.sorting import sort_export
from triage.desk.submit import submit
from triage.store import history
from triage.store.desk_tables import EXPOSURES
from triage.store.people import Person, Scope
from triage.store.people_tables import AUDIT
from triage.store.records import Told
from triage.web.desk.door import COOKIE, HOME

THREAT = "Je suis maire. Un homme m'a écrit par SMS hier : « je sais où tu habites, je vais te tuer »."
EXPORT = "auteur;date;texte\n" + "\n".join(
    [f"voisin{n};2026-11-20 10:0{n};Belle réunion hier soir" for n in range(6)]
    + ["corbeau;2026-11-20 11:00;Je vais te tuer, je sais où tu habites"]
)


def told(desk: Desk, *files: File, text: str = THREAT, **facts: object) -> str:
    return submit(desk.office, Told(text=text, **facts), files, datetime.now(UTC)).case_id


def read_all(desk: Desk) -> None:
    for one in evidence.waiting(desk.office):
        now = datetime.now(UTC)
        if one.kind == "comments":
            sort_export(desk.office, one, now, 1)
        else:
            evidence.read_exhibit(desk.office, one, now)


def page(browser: Visitor, case_id: str, tab: str = "") -> str:
    answer = browser.get(f"/desk/dossiers/{case_id}{tab}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_report_shows_rules_and_model_apart(desk: Desk) -> None:
    html = page(desk.browser(desk.person()), told(desk))
    marked, model = html.index("<mark"), html.index("L'avis du modèle, à part")
    assert html.index("Ce que les règles ont relevé") > marked and model > marked
    assert "Drapeaux rouges" in html and "Ce qui changerait la réponse" in html


def test_how_to_reach_the_person_comes_with_the_hours_that_are_safe(desk: Desk) -> None:
    html = page(desk.browser(desk.person()), told(desk, contact="06 00 00 00 00", hours="après 20 h, jamais le matin"))
    assert "06 00 00 00 00" in html and "après 20 h, jamais le matin" in html


def test_the_life_of_the_case_is_one_list(desk: Desk) -> None:
    agent, case_id = desk.person(), told(desk)
    claim(desk.office, agent, case_id, datetime.now(UTC))
    follow_up.correct(desk.office, case_id, "injure", "Il m'insulte aussi", datetime.now(UTC))
    follow_up.write(desk.office, case_id, "official", "Il est revenu ce matin", datetime.now(UTC))
    html = page(desk.browser(agent), case_id)
    assert f"Pris par {agent.name}." in html and "Message de la personne, pas encore lu." in html
    assert "Correction par la personne" in html and "Il m&#39;insulte aussi" in html
    assert "Il est revenu ce matin" not in html


def test_the_diagnostic_is_the_one_that_was_shown(desk: Desk) -> None:
    case_id = told(desk)
    follow_up.complete(desk.office, case_id, "Il dit qu'il viendra avec un fusil.", datetime.now(UTC))
    with desk.office.database.read() as connection:
        first, _ = history.assessments(connection, case_id)
    browser = desk.browser(desk.person())
    assert "rien n'est recalculé" in page(browser, case_id, "/diagnostic")
    assert "ajout au récit" in page(browser, case_id, "/diagnostic")
    assert "récit reçu" in page(browser, case_id, f"/diagnostic?du={first.id}")


def test_a_diagnostic_of_another_case_is_not_shown_under_this_one(desk: Desk) -> None:
    case_id, other = told(desk), told(desk)
    with desk.office.database.read() as connection:
        theirs = history.assessments(connection, other)[0].id
    answer = desk.browser(desk.person()).get(f"/desk/dossiers/{case_id}/diagnostic?du={theirs}")
    assert answer.status_code == 404


def test_a_hidden_image_is_not_even_on_the_page(desk: Desk) -> None:
    case_id = told(desk, File("maison.png", picture()))
    read_all(desk)
    browser = desk.browser(desk.person())
    assert "<img" not in page(browser, case_id, "/pieces") and "<img" not in page(browser, case_id, "/pieces?vue=1")
    assert browser.get(f"/desk/dossiers/{case_id}/pieces/1/image").status_code == 400


def test_one_image_at_a_time_is_shown_and_counted(desk: Desk) -> None:
    case_id = told(desk, File("un.png", picture()), File("deux.png", picture()))
    read_all(desk)
    browser = desk.browser(desk.person())
    for number in (1, 2):
        answer = browser.post(f"/desk/dossiers/{case_id}/pieces/{number}/montrer")
        assert answer.status_code == 303
    html = page(browser, case_id, answer.headers["location"].partition(case_id)[2].partition("#")[0])
    assert html.count("<img") == 1 and 'class="grey"' in html and "/pieces/2/image" in html
    assert "2 images vues pendant cette garde" in html
    image = browser.get(f"/desk/dossiers/{case_id}/pieces/2/image")
    assert image.headers["content-type"].startswith("image/") and image.headers["cache-control"] == "no-store"


def test_a_childs_intimate_images_are_announced_first(desk: Desk) -> None:
    case_id = told(desk, File("un.png", picture()))
    read_all(desk)
    with desk.office.database.write() as connection:
        desk.office.cases.stand(connection, case_id, types="chantage", flags="mineur_vise")
    assert "d'un mineur et d'images intimes" in page(desk.browser(desk.person()), case_id, "/pieces")


def test_an_original_is_saved_never_opened(desk: Desk) -> None:
    case_id = told(desk, File("page.txt", b"<html><script>alert(1)</script>"))
    answer = desk.browser(desk.person()).get(f"/desk/dossiers/{case_id}/pieces/1/original")
    assert answer.status_code == 200 and answer.content == b"<html><script>alert(1)</script>"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_comments_come_worst_first_with_their_words_hidden(desk: Desk) -> None:
    case_id = told(desk, File("export.csv", EXPORT.encode()))
    read_all(desk)
    browser = desk.browser(desk.person())
    html = page(browser, case_id, "/commentaires")
    assert "J• v••• t• t•••" in html and html.index("<details>") < html.index("Je vais te tuer")
    assert "Belle réunion" not in html
    assert page(browser, case_id, "/commentaires?page=999").count("<tr>") == html.count("<tr>")


def test_nothing_of_a_case_out_of_scope_is_shown(desk: Desk) -> None:
    case_id = told(desk, File("un.png", picture()), departement="35")
    read_all(desk)
    browser = desk.browser(desk.person("agent", Scope("29")))
    for tab in ("", "/diagnostic", "/pieces", "/commentaires", "/pieces/1/image", "/pieces/1/original"):
        assert browser.get(f"/desk/dossiers/{case_id}{tab}").status_code == 403, tab
    for act in ("/pieces/1/montrer", "/effacement"):
        assert browser.post(f"/desk/dossiers/{case_id}{act}").status_code == 403, act
    with desk.office.database.read() as connection:
        assert connection.execute(select(EXPOSURES)).first() is None


def test_each_page_read_is_written_down(desk: Desk) -> None:
    case_id, browser = told(desk), desk.browser(desk.person())
    for tab in ("", "/diagnostic", "/pieces", "/commentaires"):
        page(browser, case_id, tab)
    with desk.office.database.read() as connection:
        views = connection.scalars(select(AUDIT.c.about).where(AUDIT.c.what == "view").order_by(AUDIT.c.seq)).all()
    assert views == ["report", "diagnostic", "exhibits", "comments"]


def held(desk: Desk) -> tuple[Person, str]:
    agent, case_id = desk.person(), told(desk)
    claim(desk.office, agent, case_id, datetime.now(UTC))
    assert erasing.erase(desk.office, case_id, datetime.now(UTC)) == "asked"
    return agent, case_id


def test_an_erasure_asked_for_is_decided_on_the_page(desk: Desk) -> None:
    agent, case_id = held(desk)
    browser, path = desk.browser(agent), f"/desk/dossiers/{case_id}/effacement"
    assert "demande l'effacement" in page(browser, case_id)
    empty = browser.post(path, data={"decision": "garder", "reason": ""})
    assert empty.status_code == 409 and "la personne lira ce motif" in empty.text
    assert browser.post(path, data={"decision": "garder", "reason": "Une enquête est ouverte."}).status_code == 303
    assert "demande l'effacement" not in page(browser, case_id)
    assert "Une enquête est ouverte." in load(desk.office, case_id).messages[-1].text


def test_an_erased_case_is_no_longer_there(desk: Desk) -> None:
    agent, case_id = held(desk)
    browser = desk.browser(agent)
    answer = browser.post(f"/desk/dossiers/{case_id}/effacement", data={"decision": "effacer"})
    assert answer.status_code == 200 and "Dossier effacé" in answer.text
    assert browser.get(f"/desk/dossiers/{case_id}").status_code == 404


def test_a_case_is_read_by_keyboard_and_its_image_spared(desk: Desk) -> None:
    case_id = told(desk, File("maison.png", picture()), contact="06 00 00 00 00")
    read_all(desk)
    token = desk.browser(desk.person()).cookies[COOKIE]
    with served(desk.app) as port, chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": HOME}])
        view = context.new_page()
        said, asked = complaints(view), []
        view.on("request", lambda request: asked.append(request.url))
        view.goto(f"http://127.0.0.1:{port}/desk/dossiers/{case_id}")
        assert view.locator("mark").count() >= 1 and faults(view) == []
        view.get_by_role("link", name="Pièces", exact=True).press("Enter")
        view.get_by_role("heading", name="Pièces", exact=True).wait_for()
        assert faults(view) == [] and not any(url.endswith("/image") for url in asked)
        view.get_by_role("button", name="Montrer cette image").press("Enter")
        view.get_by_role("img", name="Image de la pièce 1").wait_for()
        assert "grayscale" in view.locator("img.grey").evaluate("one => getComputedStyle(one).filter")
        assert view.get_by_text("1 image vue pendant cette garde").is_visible() and faults(view) == []
        view.get_by_role("link", name="Masquer maintenant").press("Enter")
        view.get_by_text("Image masquée").wait_for()
        view.goto(f"http://127.0.0.1:{port}/desk/dossiers/{case_id}/diagnostic")
        assert faults(view) == []
        view.set_viewport_size({"width": 360, "height": 740})
        view.goto(f"http://127.0.0.1:{port}/desk/dossiers/{case_id}")
        assert view.evaluate("document.documentElement.scrollWidth <= window.innerWidth") and said == []
