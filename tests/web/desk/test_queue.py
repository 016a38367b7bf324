"""The queue in a browser without scripts: what is shown to whom, taken, given back; nothing else's case is touched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.torture.agents import asks, report
from tests.web.desk.conftest import Desk
from triage.desk.queue.claiming import claim
from triage.store import audit
from triage.store.cases import new_id
from triage.store.desk_tables import EXCLUSIONS
from triage.store.people import Scope


def now() -> datetime:
    return datetime.now(UTC)


def reference(case_id: str) -> str:
    return f"{case_id[:4]}-{case_id[4:8]}".upper()


def test_each_line_says_why_it_is_there(desk: Desk) -> None:
    case_id = report(desk.office, now() - timedelta(minutes=72), "urgent", "arme", departement="35")
    asks(desk.office, case_id, "Il est devant chez moi.", now())
    shown = desk.browser(desk.person()).get("/desk").text
    label = desk.office.engine.assessor.policy.level("urgent").label
    flag = desk.office.engine.composer.flags["arme"].label
    for words in (
        reference(case_id),
        label,
        flag,
        "en retard de 12 min",
        "un message sans réponse",
        "attend depuis 1 h 12",
    ):
        assert words in shown, words
    assert "devant chez moi" not in shown


def test_what_is_not_late_says_until_when_it_may_wait(desk: Desk) -> None:
    report(desk.office, now(), "urgent")
    report(desk.office, now(), "immediate")
    shown = desk.browser(desk.person()).get("/desk").text
    assert "à lire avant" in shown
    assert "à lire tout de suite" in shown


def test_nobody_sees_a_case_that_is_not_theirs(desk: Desk) -> None:
    case_id = report(desk.office, now(), departement="35", force="police")
    excluded, unit = desk.person(), desk.person(unit="brigade-7")
    with desk.office.database.write() as connection:
        row = {"id": new_id(), "case_id": case_id, "person_id": excluded.id, "at": now(), "by": unit.id, "reason": b""}
        connection.execute(EXCLUSIONS.insert().values(**row))
        desk.office.cases.stand(connection, case_id, concerns="brigade-7")
    for person in (excluded, unit, desk.person("agent", Scope("29")), desk.person("agent", Scope("35", "gendarmerie"))):
        browser = desk.browser(person)
        for path in ("/desk", "/desk?vue=tous", f"/desk?q={case_id[:8]}", "/desk/file.csv?vue=tous"):
            assert reference(case_id) not in browser.get(path).text, path
        assert browser.post(f"/desk/dossiers/{case_id}/prendre").status_code == 403
        assert browser.post("/desk/suivant").headers["location"] == "/desk?fait=vide"
    assert reference(case_id) in desk.browser(desk.person("agent", Scope("35"))).get("/desk").text


@pytest.mark.parametrize("role", ["analyst", "administrator"])
def test_who_handles_no_case_sees_no_queue(desk: Desk, role: str) -> None:
    browser = desk.browser(desk.person(role))
    for path in ("/desk", "/desk/file.csv"):
        assert browser.get(path).status_code == 403
    assert browser.post("/desk/suivant").status_code == 403


def test_filters_keep_what_they_say(desk: Desk) -> None:
    made = {
        "niveau=urgent": report(desk.office, now(), "urgent"),
        "niveau=agent": report(desk.office, now(), "agent"),
        "departement=35": report(desk.office, now(), "immediate", departement="35"),
        "force=police": report(desk.office, now(), "immediate", departement="29", force="police"),
    }
    browser = desk.browser(desk.person())
    for query, expected in made.items():
        shown = browser.get(f"/desk?{query}").text
        assert [one for one in made.values() if reference(one) in shown] == [expected], query
    assert all(
        reference(one) in browser.get("/desk?niveau=inconnu&departement=999&vue=x").text for one in made.values()
    )
    found = browser.get(f"/desk?q={reference(made['force=police'])}").text
    assert [one for one in made.values() if reference(one) in found] == [made["force=police"]]
    assert "Aucun dossier ne porte" in browser.get("/desk?q=bonjour").text


def test_views_show_what_is_held_late_or_put_off(desk: Desk) -> None:
    free, mine, late, asleep = (report(desk.office, now(), "agent") for _ in range(4))
    person = desk.person()
    claim(desk.office, person, mine, now())
    with desk.office.database.write() as connection:
        desk.office.cases.stand(connection, late, due_at=now() - timedelta(minutes=5))
        desk.office.cases.stand(connection, asleep, snoozed_until=now() + timedelta(hours=2))
    browser = desk.browser(person)
    expected = {
        "libres": {free, late},
        "miens": {mine},
        "retard": {late},
        "attente": {asleep},
        "tous": {free, mine, late, asleep},
    }
    for view, cases in expected.items():
        shown = browser.get(f"/desk?vue={view}").text
        assert {one for one in (free, mine, late, asleep) if reference(one) in shown} == cases, view


def test_a_long_queue_is_read_page_by_page_each_case_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.desk.queue.listing.SIZE", 3)
    cases = [report(desk.office, now() + timedelta(minutes=i), "agent") for i in range(7)]
    browser, path, seen = desk.browser(desk.person()), "/desk", []
    while path:
        shown = browser.get(path).text
        seen += [one for one in cases if reference(one) in shown]
        path = shown.partition('href="/desk?apres=')[2].partition('"')[0]
        path = f"/desk?apres={path}" if path else ""
    assert seen == cases
    assert browser.get("/desk?apres=n'importe quoi").status_code == 200


def test_a_case_is_taken_then_given_back(desk: Desk) -> None:
    case_id = report(desk.office, now())
    browser, other = desk.browser(desk.person()), desk.browser(desk.person())
    assert browser.post(f"/desk/dossiers/{case_id}/prendre").headers["location"] == f"/desk/dossiers/{case_id}"
    refused = other.post(f"/desk/dossiers/{case_id}/prendre")
    assert refused.status_code == 409
    assert "Agent 1 a déjà pris ce dossier." in refused.text
    assert other.post(f"/desk/dossiers/{case_id}/rendre").status_code == 400
    assert browser.post(f"/desk/dossiers/{case_id}/rendre").headers["location"] == "/desk?fait=rendu"
    assert other.post("/desk/suivant").headers["location"] == f"/desk/dossiers/{case_id}"


def test_the_head_of_a_case_offers_what_may_be_done(desk: Desk) -> None:
    case_id = report(desk.office, now(), "agent", departement="35")
    holder, colleague, far = desk.person(), desk.person("agent", Scope("35")), desk.person("agent", Scope("29"))
    chief = desk.person("supervisor")
    browser = desk.browser(holder)
    before = browser.get(f"/desk/dossiers/{case_id}").text
    assert "Personne ne suit ce dossier" in before
    assert "Identité non vérifiée" in before
    browser.post(f"/desk/dossiers/{case_id}/prendre")
    mine = browser.get(f"/desk/dossiers/{case_id}").text
    for words in (
        "Vous suivez ce dossier",
        "Rendre",
        "Passer à…",
        "Mettre en attente",
        "Relever le niveau",
        "Orienter vers…",
    ):
        assert words in mine, words
    assert colleague.id in mine
    assert far.id not in mine
    assert "Reprendre à Agent 1" in desk.browser(chief).get(f"/desk/dossiers/{case_id}").text
    theirs = desk.browser(colleague).get(f"/desk/dossiers/{case_id}").text
    assert "Agent 1 suit ce dossier." in theirs
    assert f"/desk/dossiers/{case_id}/rendre" not in theirs


def test_moves_are_made_by_forms(desk: Desk) -> None:
    case_id = report(desk.office, now(), "agent", departement="35", force="police")
    holder, colleague = desk.person(), desk.person()
    browser, path = desk.browser(holder), f"/desk/dossiers/{case_id}"
    browser.post(f"{path}/prendre")
    assert browser.post(f"{path}/relever", data={"level": "agent", "reason": "x"}).status_code == 400
    raised = browser.post(f"{path}/relever", data={"level": "urgent", "reason": "Il est armé.", "keep": "1"})
    assert raised.headers["location"] == path
    bad = browser.post(f"{path}/attente", data={"until": "demain", "reason": "Rappel"})
    assert (bad.status_code, "Indiquez un jour et une heure" in bad.text) == (400, True)
    assert browser.post(f"{path}/passer", data={"to": "personne"}).status_code == 400
    passed = browser.post(f"{path}/passer", data={"to": colleague.id})
    assert passed.headers["location"] == "/desk?fait=passe"
    theirs = desk.browser(colleague)
    local = theirs.get(path).text.partition('name="until" value="')[2].partition('"')[0]
    assert local
    assert (
        theirs.post(f"{path}/attente", data={"until": local, "reason": "Rappel"}).headers["location"]
        == "/desk?fait=attente"
    )
    assert theirs.post(f"{path}/prendre").status_code == 303
    moved = theirs.post(f"{path}/orienter", data={"departement": "29", "force": "gendarmerie", "reason": "Compétence"})
    assert moved.headers["location"] == "/desk?fait=oriente"
    with desk.office.database.read() as connection:
        standing = desk.office.cases.standing(connection, case_id)
        assert list(audit.faults(connection, desk.office.ring)) == []
    assert (standing.departement, standing.force, standing.level, standing.claimed_by) == (
        "29",
        "gendarmerie",
        "urgent",
        None,
    )


def test_another_site_takes_nothing_in_an_agents_name(desk: Desk) -> None:
    case_id, browser = report(desk.office, now()), desk.browser(desk.person())
    moves = ("prendre", "rendre", "passer", "attente", "relever", "orienter")
    for path in (
        *(f"/desk/dossiers/{case_id}/{move}" for move in moves),
        "/desk/suivant",
        "/desk/vues",
        "/desk/vues/x/supprimer",
    ):
        assert browser.post(path, headers={"Origin": "https://ailleurs.exemple"}).status_code == 403, path


def test_views_are_kept_each_for_oneself(desk: Desk) -> None:
    person, other = desk.person(), desk.person()
    browser, theirs = desk.browser(person), desk.browser(other)
    form = {"nom": "  Mes <urgences> ", "niveau": "urgent", "vue": "retard", "apres": "x", "person_id": other.id}
    assert browser.post("/desk/vues", data=form).headers["location"] == "/desk?vue=retard&niveau=urgent"
    shown = browser.get("/desk").text
    assert "Mes &lt;urgences&gt;" in shown
    assert "/desk?vue=retard&amp;niveau=urgent" in shown
    assert "Mes &lt;urgences&gt;" not in theirs.get("/desk").text
    view_id = shown.partition("/desk/vues/")[2].partition("/")[0]
    theirs.post(f"/desk/vues/{view_id}/supprimer")
    assert "Mes &lt;urgences&gt;" in browser.get("/desk").text
    browser.post(f"/desk/vues/{view_id}/supprimer")
    assert "Mes &lt;urgences&gt;" not in browser.get("/desk").text
    assert browser.post("/desk/vues", data={"nom": " "}).status_code == 400


def test_the_table_of_the_queue_tells_nothing_and_runs_nothing(desk: Desk) -> None:
    case_id, person = report(desk.office, now(), "urgent", "arme"), desk.person(name="=cmd|' /C calc'!A0")
    claim(desk.office, person, case_id, now())
    answer = desk.browser(person).get("/desk/file.csv?vue=tous")
    assert answer.headers["content-type"].startswith("text/csv")
    header, line = answer.text.removeprefix("\ufeff").splitlines()
    assert header.startswith("référence;niveau")
    assert line.startswith(reference(case_id))
    assert ";'=cmd" in line
    assert "Récit d'essai" not in answer.text
    with desk.office.database.read() as connection:
        assert "export.queue" in list(connection.scalars(audit.AUDIT.select().with_only_columns(audit.AUDIT.c.what)))
