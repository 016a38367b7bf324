"""Who did what: auditors see what is theirs to see, and the official who read their case, without names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.web.desk.conftest import Desk
from tests.web.serving import chromium, faults, served
from tests.web.visitor import Visitor
from triage.desk import erasing, journal
from triage.desk.submit import submit
from triage.store.desk_tables import EXCLUSIONS
from triage.store.people import Person, Scope
from triage.store.records import Told

CALM = "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte ni menace."
ARDECHE, BRETAGNE = Scope("07", "gendarmerie"), Scope("35", "")


def sent(desk: Desk, departement: str = "07") -> tuple[str, str]:
    """A case, and its code."""
    made = submit(desk.office, Told(text=CALM, departement=departement, force="gendarmerie"), [], datetime.now(UTC))
    return made.case_id, made.receipt


def written(desk: Desk, who: Person | str, what: str, case_id: str = "", about: str = "", why: str = "") -> None:
    with desk.office.database.write() as connection:
        journal.record(desk.office, connection, who, what, datetime.now(UTC), case_id, about, why)


def shown(client: Visitor, query: str = "") -> str:
    answer = client.get(f"/desk/journal{query}")
    assert answer.status_code == 200
    return answer.text.split("<tbody>")[-1].split("</tbody>")[0] if "<tbody>" in answer.text else ""


def reference(case_id: str) -> str:
    return f"{case_id[:4]}-{case_id[4:8]}".upper()


def test_a_supervisor_sees_the_cases_and_the_people_of_their_scope(desk: Desk) -> None:
    here, there = sent(desk)[0], sent(desk, "35")[0]
    agent, far = desk.person("agent", ARDECHE), desk.person("agent", BRETAGNE)
    written(desk, agent, "view", here, "report")
    written(desk, far, "view", there, "report")
    written(desk, agent, "enter", about="password")
    written(desk, far, "enter", about="oidc")
    written(desk, agent, "escalate", here, why="Il habite en face.")
    lines = shown(desk.browser(desk.person("supervisor", Scope("07", ""))))
    assert reference(here) in lines and "« Il habite en face. »" in lines and "mot de passe et code" in lines
    assert reference(there) not in lines and far.name not in lines and "fournisseur" not in lines


def test_an_administrator_sees_accounts_and_no_case(desk: Desk) -> None:
    case_id = sent(desk)[0]
    agent = desk.person("agent")
    written(desk, agent, "escalate", case_id, about="urgent", why="Il habite en face.")
    written(desk, "system", "account.invite", about="x agent")
    client = desk.browser(desk.person("administrator"))
    for query in ("", f"?dossier={reference(case_id)}", f"?personne={agent.id}"):
        lines = shown(client, query)
        assert reference(case_id) not in lines and "habite" not in lines and "urgent" not in lines
    assert "a changé un compte" in shown(client)


@pytest.mark.parametrize(
    "role, status", [("agent", 403), ("analyst", 403), ("supervisor", 200), ("administrator", 200)]
)
def test_only_auditors_read_the_journal(desk: Desk, role: str, status: int) -> None:
    client = desk.browser(desk.person(role))  # type: ignore[arg-type]
    assert client.get("/desk/journal").status_code == status
    assert client.post("/desk/journal.csv").status_code == status


def test_a_supervisor_kept_out_of_a_case_does_not_see_its_lines(desk: Desk) -> None:
    case_id, agent = sent(desk)[0], desk.person("agent")
    supervisor, named = desk.person("supervisor"), desk.person("supervisor", Scope(), unit="b07")
    written(desk, agent, "view", case_id, "report")
    row = {"id": "1", "case_id": case_id, "person_id": supervisor.id, "at": datetime.now(UTC), "by": agent.id}
    with desk.office.database.write() as connection:
        connection.execute(EXCLUSIONS.insert().values(**row, reason=b""))
        desk.office.cases.stand(connection, case_id, concerns="b07")
    assert reference(case_id) not in shown(desk.browser(supervisor))
    assert reference(case_id) not in shown(desk.browser(named))


def test_the_journal_is_filtered(desk: Desk) -> None:
    one, other = sent(desk)[0], sent(desk)[0]
    agent, colleague = desk.person("agent"), desk.person("agent")
    written(desk, agent, "export.pdf", one)
    written(desk, colleague, "claim", other)
    client = desk.browser(desk.person("supervisor"))
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert shown(client, f"?personne={agent.id}").count("<tr>") == 1
    assert shown(client, f"?acte=claim&dossier={reference(other)}").count("<tr>") == 1
    assert shown(client, "?acte=export").count("<tr>") == 1
    assert shown(client, f"?du={today}&acte=claim").count("<tr>") == 1
    for nothing in ("?au=2020-01-01", "?acte=clai", "?dossier=%25", f"?dossier={reference(one)[:4]}", "?personne=x'"):
        assert shown(client, nothing) == ""
    assert shown(client, "?du=hier&acte=claim").count("<tr>") == 1  # a day that is none


def test_older_lines_follow(desk: Desk) -> None:
    agent = desk.person("agent")
    for i in range(130):
        written(desk, agent, "enter", about=f"n{i}.")
    client = desk.browser(desk.person("supervisor"))
    first = client.get("/desk/journal?acte=enter")
    following = first.text.split("avant=")[1].split('"')[0]
    assert "n129." in first.text and "n29." not in first.text
    older = shown(client, f"?acte=enter&avant={following}")
    assert "n29." in older and "n30." not in older


def test_the_journal_leaves_without_reasons_and_is_noted(desk: Desk) -> None:
    case_id, agent = sent(desk)[0], desk.person("agent")
    written(desk, agent, "escalate", case_id, why="Il habite en face.")
    client = desk.browser(desk.person("supervisor"))
    made = client.post("/desk/journal.csv?acte=escalate").content.decode("utf-8-sig")
    head, line, end = made.split("\r\n")
    assert head.startswith("ligne;date") and reference(case_id) in line and "habite" not in made and not end
    assert "a exporté le journal" in shown(client) and "a ouvert" in shown(client)


def test_those_who_handle_a_case_see_who_did_what_with_it(desk: Desk) -> None:
    case_id, colleague = sent(desk)[0], desk.person("agent")
    written(desk, colleague, "escalate", case_id, why="Il habite en face.")
    answer = desk.browser(desk.person("agent", ARDECHE)).get(f"/desk/dossiers/{case_id}/journal")
    assert colleague.name in answer.text and "Il habite en face." in answer.text and "a ouvert" in answer.text
    assert desk.browser(desk.person("agent", BRETAGNE)).get(f"/desk/dossiers/{case_id}/journal").status_code == 403


def test_once_erased_a_case_leaves_its_lines_and_no_reason(desk: Desk) -> None:
    case_id, agent = sent(desk)[0], desk.person("agent")
    written(desk, agent, "escalate", case_id, why="Il habite en face.")
    assert erasing.erase(desk.office, case_id, datetime.now(UTC)) == "erased"
    lines = shown(desk.browser(desk.person("supervisor")), "?acte=escalate")
    assert reference(case_id) in lines and "habite" not in lines


# --- The official -------------------------------------------------------------------------------------------------


def official(desk: Desk, code: str) -> Visitor:
    client = desk.browser()
    assert client.post("/suivi", data={"code": code}).status_code == 303
    return client


def test_the_official_sees_who_read_their_case_without_names(desk: Desk) -> None:
    case_id, code = sent(desk)
    agent, boss = desk.person("agent", ARDECHE), desk.person("supervisor", Scope("", "police"))
    client = official(desk, code)
    assert "Aucun agent n'a encore ouvert" in client.get("/suivi/lectures").text
    for _ in range(3):
        written(desk, agent, "view", case_id, "report")
    written(desk, agent, "escalate", case_id, why="Il habite en face.")
    written(desk, boss, "export.pdf", case_id, "whole sha256:00")
    written(desk, "system", "expire", case_id)
    written(desk, "official", "view", case_id)
    text = client.get("/suivi/lectures").text
    said = " ".join(text.split())
    assert "un agent de la gendarmerie" in said and "a lu votre dossier, 3 fois" in said
    assert "un responsable de la police" in said and "a exporté votre dossier" in said
    assert said.count("(n° ") == 3
    for hidden in (agent.name, boss.name, agent.id, "habite", "system", "official", "sha256"):
        assert hidden not in text
    assert 'href="/suivi/lectures"' in client.get("/suivi").text


def test_an_agent_has_another_number_in_another_case(desk: Desk) -> None:
    agent, numbers = desk.person("agent"), []
    for _ in range(2):
        case_id, code = sent(desk)
        written(desk, agent, "view", case_id, "report")
        written(desk, agent, "claim", case_id)
        text = official(desk, code).get("/suivi/lectures").text
        (number,) = {part[:4] for part in text.split("(n° ")[1:]}
        numbers.append(number)
    assert numbers[0] != numbers[1]


def test_nobody_reads_it_without_the_code(desk: Desk) -> None:
    answer = desk.browser().get("/suivi/lectures")
    assert (answer.status_code, answer.headers["location"]) == (303, "/suivi")


@pytest.mark.whole
def test_the_pages_are_within_everybodys_reach(desk: Desk) -> None:
    case_id, code = sent(desk)
    person = desk.person("supervisor")
    written(desk, person, "escalate", case_id, why="Il habite en face.")
    token = desk.browser(person).cookies["bureau"]
    with served(desk.app) as port, chromium() as browser:
        context = browser.new_context(base_url=f"http://127.0.0.1:{port}")
        context.add_cookies([{"name": "bureau", "value": token, "domain": "127.0.0.1", "path": "/desk"}])
        page, found = context.new_page(), list[str]()
        for path in ("/desk/journal", f"/desk/dossiers/{case_id}/journal"):
            page.goto(path)
            found += faults(page)
        page.goto("/suivi")
        page.fill("input[name=code]", code)
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Qui a lu mon dossier ?").click()
        page.get_by_role("heading", name="Qui a lu mon dossier ?").wait_for()
        found += faults(page)
    assert found == []
