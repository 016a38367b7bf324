"""What somebody who attacks the desk, or is curious, may try: none of it works. See also the matrix of the routes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests.desk.handling.cast import listed
from tests.web.desk.conftest import Desk
from tests.web.desk.test_matrix import FORM, OWN, WHO, filled
from tests.web.visitor import Visitor, unsigned
from triage.desk import evidence
from triage.desk.campaigns import changing
from triage.desk.evidence import File
from triage.desk.handling import sampling, settling
from triage.desk.handling.deciding import Opinion
from triage.desk.handling.excluding import exclude
from triage.desk.queue.claiming import claim
from triage.desk.submit import submit
from triage.store import history, people, samples, views
from triage.store.desk_tables import SAMPLES
from triage.store.people import Person, Role, Scope
from triage.store.records import Standing, Told

THREAT = "Je suis maire. Un homme m'a écrit par SMS hier : « je sais où tu habites, je vais te tuer »."
CALM = "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte ni menace."
SCRIPT = '<img src=x onerror=alert(1)> "><script>alert(2)</script> {{7*7}} '
EVIL = "https://mechant.exemple/"
# Pages that list cases, or say something of them.
LISTS = (
    *("/desk?vue=tous", "/desk/file.csv", "/desk/campagnes", "/desk/mesures", "/desk/alertes"),
    *("/desk/echantillon", "/desk/echantillon/apprendre", "/desk/echantillon/desaccords"),
)


def sent(desk: Desk, text: str = THREAT, **told: object) -> str:
    return submit(desk.office, Told(text=text, **told), [], datetime.now(UTC)).case_id


def standing(desk: Desk, case_id: str) -> Standing:
    with desk.office.database.read() as connection:
        return desk.office.cases.standing(connection, case_id)


def account(desk: Desk, person: Person) -> Person:
    with desk.office.database.read() as connection:
        return people.get(connection, person.id)


def with_image(desk: Desk) -> str:
    """A case with a piece, read."""
    case_id = sent(desk)
    evidence.add(desk.office, case_id, [File("sms.txt", b"Je vais venir te voir.")], datetime.now(UTC))
    for one in evidence.waiting(desk.office):
        evidence.read_exhibit(desk.office, one, datetime.now(UTC))
    return case_id


def test_a_piece_or_a_diagnostic_of_another_case_is_not_found(desk: Desk) -> None:
    other, mine = with_image(desk), sent(desk, departement="13")
    agent = desk.browser(desk.person("agent", Scope("13", "")))
    with desk.office.database.read() as connection:
        (one, *_) = history.assessments(connection, other)
    here = f"/desk/dossiers/{mine}"
    assert agent.get(f"{here}/pieces/1/original").status_code == 404
    assert agent.post(f"{here}/pieces/1/montrer", headers=OWN).status_code == 404
    for foreign in (one.id, "0", "' or 1=1 --"):
        assert agent.get(f"{here}/diagnostic", params={"du": foreign}).status_code == 404


def test_a_case_elsewhere_is_neither_joined_nor_brought_together_nor_told_from_none(desk: Desk) -> None:
    agent = desk.person("agent", Scope("13", ""))
    mine, elsewhere = sent(desk, departement="13"), sent(desk, departement="35")
    claim(desk.office, agent, mine, datetime.now(UTC))
    browser, said = desk.browser(agent), set()
    for reference in (standing(desk, elsewhere).reference, "0000-0000"):
        form = {"reference": reference, "reason": "La même personne."}
        answer = browser.post(f"/desk/dossiers/{mine}/decision/reunir", data=form, headers=OWN)
        said.add((answer.status_code, re.sub(r"\s+", " ", unsigned(answer.text))))
    assert len(said) == 1 and said.pop()[0] == 400
    together = {"other": elsewhere, "reason": "La même."}
    assert browser.post(f"/desk/dossiers/{mine}/campagne/rapprocher", data=together, headers=OWN).status_code == 403


@pytest.mark.parametrize("role", ["analyst", "administrator", "elsewhere", "excluded", "nobody"])
def test_a_case_is_handed_over_to_nobody_who_may_not_see_it(desk: Desk, role: str) -> None:
    agent, case_id = desk.person("supervisor"), sent(desk, departement="35")
    claim(desk.office, agent, case_id, datetime.now(UTC))
    known: dict[str, tuple[Role, tuple[Scope, ...]]] = {
        "analyst": ("analyst", ()),
        "administrator": ("administrator", ()),
        "elsewhere": ("agent", (Scope("13", ""),)),
        "excluded": ("agent", ()),
    }
    to = desk.person(known[role][0], *known[role][1]).id if role in known else "0" * 32
    if role == "excluded":
        exclude(desk.office, agent, case_id, to, "Sa sœur.", datetime.now(UTC))
    answer = desk.browser(agent).post(f"/desk/dossiers/{case_id}/passer", data={"to": to}, headers=OWN)
    assert answer.status_code == 400 and standing(desk, case_id).claimed_by == agent.id


def test_what_people_keep_for_themselves_stays_theirs(desk: Desk) -> None:
    owner, other = desk.person(), desk.person()
    with desk.office.database.write() as connection:
        views.keep(connection, owner.id, "Mes urgences", "niveau=urgent")
        (view,) = views.kept(connection, owner.id)
    desk.browser(other).post(f"/desk/vues/{view.id}/supprimer", headers=OWN)
    with desk.office.database.read() as connection:
        assert views.kept(connection, owner.id)


# Who is kept out of a case sees nothing of it, anywhere.


@pytest.fixture(params=["excluded", "own unit", "elsewhere"])
def kept_out(request: pytest.FixtureRequest, desk: Desk) -> tuple[Person, str]:
    """A supervisor who may not see a case that is in a campaign, in the sample, and alerts."""
    listed(desk.office, "b-35", "brigade", "Brigade de Vitré")
    now, boss = datetime.now(UTC), desk.person("supervisor")
    unit = "b-35" if request.param == "own unit" else ""
    person = desk.person("supervisor", Scope("13" if request.param == "elsewhere" else "", ""), unit=unit)
    case_id, other = sent(desk, departement="35"), sent(desk, departement="35")
    changing.put_together(desk.office, boss, case_id, other, "Même auteur.", now)
    for one in (case_id, other):
        if request.param == "excluded":
            exclude(desk.office, boss, one, person.id, "Il la connaît.", now)
        with desk.office.database.write() as connection:
            if unit:
                desk.office.cases.stand(connection, one, concerns=unit)
            samples.add(connection, "2026-11-01", [one], 1, now)
            sealer = desk.office.cases.sealer(connection, one)
            samples.add_teaching(connection, sealer, one, "2026-11-01", ["Mots peu connus."], 1, now)
    for drawn in sampling.waiting(desk.office, boss):
        for reader, types in ((desk.person(), "menace"), (desk.person(), "raid")):
            sampling.read(desk.office, reader, drawn.id, Opinion((types,), (), "advice"), "", now)
    assert len(settling.disputed(desk.office, boss)[0]) == 2
    return person, case_id


def test_who_is_kept_out_finds_the_case_in_no_list(desk: Desk, kept_out: tuple[Person, str]) -> None:
    person, case_id = kept_out
    browser, reference = desk.browser(person), standing(desk, case_id).reference
    searched = (f"/desk?q={reference}", f"/desk/journal?dossier={reference}")
    for path in (*LISTS, *searched):
        page = browser.get(path)
        assert page.status_code == 200 and case_id not in page.text, path
        assert reference not in page.text or path in searched, path
    assert not sampling.waiting(desk.office, person) and not sampling.waiting(desk.office, person, "teaching")
    assert settling.disputed(desk.office, person) == ([], 0)
    assert settling.compared(desk.office, person, "calm", datetime.now(UTC)) == ([], 0)


@pytest.mark.parametrize("role", ["supervisor", "analyst"])
def test_who_is_kept_out_reads_no_report_of_the_sample(desk: Desk, kept_out: tuple[Person, str], role: Role) -> None:
    person, case_id = kept_out
    with desk.office.database.write() as connection:
        people.change(connection, person.id, role=role)
        found = connection.scalars(select(SAMPLES.c.id).where(SAMPLES.c.case_id == case_id)).all()
    browser, form = desk.browser(person), {"level": "advice", "main": "menace", "note": "Vu."}
    assert len(found) == 2
    for path in (f"/desk/echantillon/{one}{end}" for one in found for end in ("", "/departage")):
        assert browser.get(path).status_code == 403, path
        assert browser.post(path, data=form, headers=OWN).status_code == 403, path


def test_who_is_kept_out_opens_no_page_of_the_case(desk: Desk, kept_out: tuple[Person, str]) -> None:
    person, case_id = kept_out
    browser = desk.browser(person)
    for route in (one for one in WHO if "{case_id}" in one):
        method, path = route.split(" ")
        form = FORM if method == "POST" else None
        answer = browser.request(method, filled(path, case_id), data=form, headers=OWN)
        assert answer.status_code in (403, 404), route


# Forms: only what they are for is read, and they lead nowhere else.


@pytest.fixture
def cast(desk: Desk) -> tuple[Visitor, Person, str]:
    """A supervisor who holds a case."""
    person, case_id = desk.person("supervisor"), with_image(desk)
    claim(desk.office, person, case_id, datetime.now(UTC))
    return desk.browser(person), person, case_id


def test_fields_that_no_form_has_change_nothing(desk: Desk, cast: tuple[Visitor, Person, str]) -> None:
    browser, person, case_id = cast
    columns = {
        "state": "active",
        "claimed_by": "",
        "level": "advice",
        "rank": "0",
        "queued": "",
        "merged_into": case_id,
    }
    more = {**columns, "role": "administrator", "scopes": "", "unit": "x", "password": "x", "by": "official", "id": "0"}
    before = standing(desk, case_id)
    browser.post("/desk/moi/alertes", data={"mail": "oui", **more}, headers=OWN)
    browser.post(f"/desk/dossiers/{case_id}/messages", data={"message": "Bonjour.", **more}, headers=OWN)
    browser.post(f"/desk/dossiers/{case_id}/notes", data={"note": "Vu.", **more}, headers=OWN)
    after, now = standing(desk, case_id), account(desk, person)
    assert (after.level, after.state, after.claimed_by, after.merged_into) == (before.level, "open", person.id, None)
    assert (now.role, now.unit, now.scopes) == (person.role, person.unit, person.scopes)


def test_an_account_is_made_closed_whatever_is_sent_with_it(desk: Desk) -> None:
    form = {"login": "lea@exemple.fr", "name": "Léa", "role": "agent", "state": "active", "password": "x", "totp": "x"}
    admin = desk.browser(desk.person("administrator"))
    assert admin.post("/desk/comptes", data={**form, "issuer": "x", "subject": "x"}, headers=OWN).status_code == 303
    with desk.office.database.read() as connection:
        made = people.by_login(connection, "lea@exemple.fr")
    assert made is not None and made.state == "invited"


@pytest.mark.parametrize("role", ["supervisor", "administrator"])
def test_no_form_leads_to_another_site(desk: Desk, role: Role) -> None:
    browser, case_id = desk.browser(desk.person(role)), sent(desk)
    away = {"vers": EVIL, "next": EVIL, "url": "//mechant.exemple", "return": EVIL, "where": EVIL}
    headers = {**OWN, "referer": EVIL, "x-forwarded-host": "mechant.exemple"}
    for route in (one for one in WHO if one.startswith("POST") and not one.endswith("/sortir")):
        path = filled(route.split(" ")[1], case_id)
        answer = browser.post(path, params=away, data={**FORM, **away}, headers=headers)
        to = answer.headers.get("location", "/")
        assert to.startswith("/") and not to.startswith("//") and "mechant" not in to.partition("?")[0], route


# What people write is text, on every page and in every file.


def pages(browser: Visitor, case_id: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    for route in (one for one in WHO if one.startswith("GET") and "{case_id}" in one and one.count("{") == 1):
        answer = browser.get(filled(route.split(" ")[1], case_id))
        assert answer.status_code == 200, route
        yield route, answer.text, dict(answer.headers)


def test_nothing_that_was_written_becomes_a_page(desk: Desk) -> None:
    person = desk.person("supervisor", name=SCRIPT)
    case_id = sent(
        desk, f"{THREAT} {SCRIPT}", commune=SCRIPT[:90], contact=SCRIPT, addresses=("https://a.exemple/<b>",)
    )
    now, browser = datetime.now(UTC), desk.browser(person)
    claim(desk.office, person, case_id, now)
    evidence.add(desk.office, case_id, [File('<script>"\r\nX-A: b.txt', SCRIPT.encode())], now)
    for one in evidence.waiting(desk.office):
        evidence.read_exhibit(desk.office, one, now)
    here = f"/desk/dossiers/{case_id}"
    files = {"files": ('"><script>.txt', b"abc")}
    assert browser.post(f"{here}/messages", data={"message": SCRIPT}, files=files, headers=OWN).status_code == 303
    assert browser.post(f"{here}/notes", data={"note": SCRIPT}, headers=OWN).status_code == 303
    for route, text, headers in pages(browser, case_id):
        assert "<img src=x" not in text and "<script>alert" not in text, route
        assert headers["cache-control"] == "no-store" and headers["x-content-type-options"] == "nosniff", route
        assert "script-src 'self'" in headers["content-security-policy"], route
    kept = browser.get(f"{here}/pieces/1/original")
    assert kept.headers["content-type"] == "application/octet-stream" and "x-a" not in kept.headers
    assert kept.headers["content-disposition"].startswith("attachment")
    assert kept.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/desk/file.csv?vue=miens", "/desk/journal.csv"])
def test_no_cell_is_a_formula(desk: Desk, path: str) -> None:
    person = desk.person("supervisor", name='=HYPERLINK("https://mechant.exemple")')
    claim(desk.office, person, sent(desk), datetime.now(UTC))
    browser = desk.browser(person)
    answer = browser.post(path, headers=OWN) if "journal" in path else browser.get(path)
    assert "'=HYPERLINK" in answer.text and not re.search(r'(^|;)"?=', answer.text, re.MULTILINE)


# Sessions and roles.


@pytest.mark.parametrize("role", ["agent", "supervisor", "analyst", "administrator"])
def test_an_account_that_is_closed_opens_nothing_from_that_moment(desk: Desk, role: Role) -> None:
    person = desk.person(role)
    browser = desk.browser(person)
    assert browser.get("/desk/moi").status_code == 200
    with desk.office.database.write() as connection:
        people.change(connection, person.id, state="disabled")
    for path in ("/desk", "/desk/moi", "/desk/flux", "/desk/tableau", "/desk/comptes", "/desk/journal"):
        assert browser.get(path).headers["location"].startswith("/desk/entrer"), path


def test_who_administers_or_analyses_reads_no_reason_and_no_case(desk: Desk) -> None:
    boss, case_id = desk.person("supervisor"), sent(desk)
    exclude(desk.office, boss, case_id, desk.person().id, "Un secret de famille.", datetime.now(UTC))
    admin = desk.browser(desk.person("administrator"))
    for path in ("/desk/journal", f"/desk/journal?dossier={case_id}", "/desk/envois", "/desk/comptes"):
        shown = admin.get(path).text
        assert "secret de famille" not in shown and standing(desk, case_id).reference not in shown, path


# What is written is never in clear in the store.


def test_the_store_holds_no_word_in_clear(desk: Desk, cast: tuple[Visitor, Person, str]) -> None:
    browser, person, case_id = cast
    here, word, other_person = f"/desk/dossiers/{case_id}", "Zanzibarium", desk.person().id
    other = sent(desk, f"{THREAT} {word}")
    changing.put_together(desk.office, person, case_id, other, word, datetime.now(UTC))
    forms = [
        ("/messages", {"message": word}),
        ("/notes", {"note": word}),
        ("/mesures", {"kind": "referent", "note": word}),
        ("/relever", {"level": "immediate", "reason": word}),
        ("/decision/ecarter", {"who": other_person, "reason": word}),
        ("/orienter", {"departement": "35", "force": "police", "reason": word}),
        ("/decision/unite", {"unit": "", "reason": word}),
        ("/decision/clore", {"outcome": "conseils", "reason": word}),
    ]
    done = [browser.post(here + path, data=form, headers=OWN).status_code for path, form in forms]
    assert done == [303] * len(forms), done
    desk.office.database.clear_journal()
    folder = desk.app.state.settings.data
    found = [one.name for one in folder.rglob("*") if one.is_file() and word.encode() in one.read_bytes()]
    assert not found
