"""The pages of campaigns: who sees what, and what agents change by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests.desk.campaigns.stories import MAYORS, NOW, campaign_of, members_of, send
from tests.web.desk.conftest import Desk
from tests.web.serving import chromium, complaints, faults, served
from tests.web.visitor import unsigned
from triage.desk.campaigns import finding
from triage.desk.office import Office
from triage.store import campaigns
from triage.store.campaign_tables import FINGERPRINTS
from triage.store.desk_tables import EXCLUSIONS
from triage.store.people import Scope
from triage.store.people_tables import AUDIT
from triage.store.records import Case
from triage.web.desk.door import COOKIE, HOME

OTHER = "« Le notaire du bourg sait tout de votre maison et de votre compte en Suisse, démission ou nous publions »"


@pytest.fixture
def sent(desk: Desk) -> list[str]:
    """One campaign of three cases: Ardèche, Drôme, Haute-Loire."""
    return [_now(desk.office, text, place) for text, place in zip(MAYORS, ("07", "26", "43"), strict=True)]


def _now(office: Office, text: str, place: str) -> str:
    return send(office, text, place, int((datetime.now(UTC) - NOW).total_seconds() // 60))


def _campaign(desk: Desk, case_id: str) -> str:
    found = campaign_of(desk.office, case_id)
    assert found
    return found


def _case(desk: Desk, case_id: str) -> Case:
    with desk.office.database.read() as connection:
        return desk.office.cases.get(connection, case_id)


def _audit(desk: Desk) -> list[tuple[str, str]]:
    with desk.office.database.read() as connection:
        return [(row.what, row.case_id) for row in connection.execute(select(AUDIT).order_by(AUDIT.c.seq))]


def test_cases_outside_the_scope_are_only_counted(desk: Desk, sent: list[str]) -> None:
    browser = desk.browser(desk.person("agent", Scope("07")))
    listed = browser.get("/desk/campagnes")
    assert listed.status_code == 200 and "Campagne 1" in listed.text
    text = browser.get(f"/desk/campagnes/{_campaign(desk, sent[0])}").text
    assert sent[0] in text and sent[1] not in text and sent[2] not in text
    assert "Drôme (1)" in text and "Haute-Loire (1)" in text and "3 dossiers dans 3 départements" in text
    assert ("view", "") in _audit(desk)


def test_a_campaign_of_other_scopes_is_as_if_it_did_not_exist(desk: Desk, sent: list[str]) -> None:
    browser = desk.browser(desk.person("agent", Scope("75")))
    assert "Campagne 1" not in browser.get("/desk/campagnes").text
    seen, none = (browser.get(f"/desk/campagnes/{one}") for one in (_campaign(desk, sent[0]), 32 * "0"))
    assert seen.status_code == none.status_code == 403 and unsigned(seen.text) == unsigned(none.text)
    for action in ("nom", "etat", "reunir", "separer", "prevenir"):
        form = {"name": "x", "state": "closed", "number": "1", "reason": "r", "case": sent[0], "text": "t"}
        assert browser.post(f"/desk/campagnes/{_campaign(desk, sent[0])}/{action}", data=form).status_code == 403


def test_filters_that_do_not_exist_are_left_out(desk: Desk, sent: list[str]) -> None:
    browser = desk.browser(desk.person())
    assert "Campagne 1" in browser.get("/desk/campagnes?etat=x&jours=-3&motif=zzz").text
    assert "Campagne 1" in browser.get("/desk/campagnes?motif=text").text
    assert "Campagne 1" not in browser.get("/desk/campagnes?motif=phone").text
    assert "Campagne 1" not in browser.get("/desk/campagnes?etat=closed").text


def test_a_campaign_is_named_closed_and_opened_again_by_a_new_case(desk: Desk, sent: list[str]) -> None:
    browser, path = desk.browser(desk.person()), f"/desk/campagnes/{_campaign(desk, sent[0])}"
    assert browser.post(f"{path}/nom", data={"name": " Éoliennes  2026 ", "state": "closed"}).status_code == 303
    assert browser.post(f"{path}/etat", data={"state": "closed"}).status_code == 303
    text = browser.get(path).text
    assert "Campagne 1 – Éoliennes 2026" in text and "Rouvrir" in text
    assert browser.post(f"{path}/etat", data={"state": "merged"}).status_code == 400
    _now(desk.office, f"Encore reçu. {MAYORS[0]}", "38")
    assert "Clore la campagne" in browser.get(path).text


def test_cases_split_by_an_agent_are_not_put_together_again(desk: Desk, sent: list[str]) -> None:
    browser, campaign = desk.browser(desk.person()), _campaign(desk, sent[0])
    empty = browser.post(f"/desk/campagnes/{campaign}/separer", data={"reason": "autre auteur"})
    assert empty.status_code == 400 and "Cochez" in empty.text
    silent = browser.post(f"/desk/campagnes/{campaign}/separer", data={"case": sent[2], "reason": " "})
    assert silent.status_code == 400 and campaign_of(desk.office, sent[2]) == campaign
    data = {"case": sent[2], "reason": "autre auteur"}
    made = browser.post(f"/desk/campagnes/{campaign}/separer", data=data).headers["location"]
    for one in sent:
        finding.index(desk.office, one, NOW)
    assert made.endswith(_campaign(desk, sent[2])) and not made.endswith(campaign)
    assert [campaign_of(desk.office, one) for one in sent[:2]] == [campaign, campaign]
    assert ("campaign.split", sent[2]) in _audit(desk)


def test_all_the_cases_of_a_campaign_cannot_leave_it(desk: Desk, sent: list[str]) -> None:
    data = {"case": sent, "reason": "r"}
    answer = desk.browser(desk.person()).post(f"/desk/campagnes/{_campaign(desk, sent[0])}/separer", data=data)
    assert answer.status_code == 400 and "au moins un dossier" in answer.text


def test_a_case_outside_the_scope_is_not_split_by_its_id(desk: Desk, sent: list[str]) -> None:
    browser, campaign = desk.browser(desk.person("agent", Scope("07"))), _campaign(desk, sent[0])
    data = {"case": sent[1], "reason": "r"}
    assert browser.post(f"/desk/campagnes/{campaign}/separer", data=data).status_code == 400
    assert campaign_of(desk.office, sent[1]) == campaign


def test_a_case_like_those_of_two_campaigns_proposes_to_merge_them_and_an_agent_does(
    desk: Desk, sent: list[str]
) -> None:
    others = [_now(desk.office, f"{start} {OTHER}", "33") for start in ("Lettre anonyme :", "Dans ma boîte :")]
    first, second = _campaign(desk, sent[0]), _campaign(desk, others[0])
    assert first != second
    browser = desk.browser(desk.person())
    assert "Peut-être la même campagne" not in browser.get(f"/desk/campagnes/{first}").text
    _now(desk.office, f"Les deux le même jour. {MAYORS[0]} Puis {OTHER}", "69")
    for one, other in ((first, second), (second, first)):
        text = browser.get(f"/desk/campagnes/{one}").text
        assert "Peut-être la même campagne" in text and other in text
    wrong = browser.post(f"/desk/campagnes/{second}/reunir", data={"number": "2", "reason": "r"})
    assert wrong.status_code == 400 and "numéro de cette campagne" in wrong.text
    data = {"number": "1", "reason": "mêmes auteurs"}
    moved = browser.post(f"/desk/campagnes/{second}/reunir", data=data)
    assert moved.headers["location"].endswith(first)
    assert {campaign_of(desk.office, one) for one in (*sent, *others)} == {first}
    assert browser.get(f"/desk/campagnes/{second}").headers["location"].endswith(first)
    assert "Peut-être" not in browser.get(f"/desk/campagnes/{first}").text
    outside = desk.browser(desk.person("agent", Scope("75")))
    assert outside.get(f"/desk/campagnes/{second}").status_code == 403


def test_a_number_that_is_not_seen_is_the_same_as_one_that_does_not_exist(desk: Desk, sent: list[str]) -> None:
    alone = _now(desk.office, "Récit isolé, sans citation.", "75")
    browser = desk.browser(desk.person("agent", Scope("75")))
    path = f"/desk/dossiers/{alone}/campagne/rattacher"
    answers = [browser.post(path, data={"number": number, "reason": "r"}) for number in ("1", "99", "²", "")]
    assert {one.status_code for one in answers} == {400} and len({unsigned(one.text) for one in answers}) == 1
    assert campaign_of(desk.office, alone) is None


def test_the_tab_of_a_case_says_its_campaign_and_takes_it_out_and_in(desk: Desk, sent: list[str]) -> None:
    browser, campaign = desk.browser(desk.person()), _campaign(desk, sent[0])
    path = f"/desk/dossiers/{sent[0]}/campagne"
    text = browser.get(path).text
    assert "Campagne 1" in text and text.count("Même texte") == 2
    assert browser.post(f"{path}/sortir", data={"reason": ""}).status_code == 400
    assert browser.post(f"{path}/sortir", data={"reason": "sans rapport"}).status_code == 303
    finding.index(desk.office, sent[0], NOW)
    assert campaign_of(desk.office, sent[0]) is None
    assert browser.post(f"{path}/rattacher", data={"number": "1", "reason": "si"}).status_code == 303
    assert campaign_of(desk.office, sent[0]) == campaign
    assert next(m.ground for m in members_of(desk.office, campaign) if m.case_id == sent[0]) == "hand"


def test_two_cases_of_one_person_are_put_together_by_hand(desk: Desk) -> None:
    minutes = int((datetime.now(UTC) - NOW).total_seconds() // 60)
    first, second = (send(desk.office, text, "07", minutes, contact="06 11 22 33 44") for text in MAYORS[:2])
    browser, path = desk.browser(desk.person()), f"/desk/dossiers/{first}/campagne"
    assert "même personne" in browser.get(path).text
    assert browser.post(f"{path}/rapprocher", data={"other": second, "reason": "r"}).status_code == 303
    assert campaign_of(desk.office, first) == campaign_of(desk.office, second) is not None
    assert browser.post(f"{path}/rapprocher", data={"other": first, "reason": "r"}).status_code == 400


def test_a_case_outside_the_scope_is_not_put_together_by_its_id(desk: Desk, sent: list[str]) -> None:
    alone = _now(desk.office, "Récit isolé, sans citation.", "75")
    browser = desk.browser(desk.person("agent", Scope("75")))
    path = f"/desk/dossiers/{alone}/campagne/rapprocher"
    assert browser.post(path, data={"other": sent[0], "reason": "r"}).status_code == 403
    assert browser.get(f"/desk/dossiers/{sent[0]}/campagne").status_code == 403
    assert campaign_of(desk.office, alone) is None


def test_somebody_excluded_from_a_case_does_not_see_it_in_its_campaign(desk: Desk, sent: list[str]) -> None:
    person = desk.person()
    with desk.office.database.write() as connection:
        row = {"id": "e" * 32, "case_id": sent[1], "person_id": person.id, "at": NOW, "by": "x", "reason": b"x"}
        connection.execute(EXCLUSIONS.insert().values(**row))
    text = desk.browser(person).get(f"/desk/campagnes/{_campaign(desk, sent[0])}").text
    assert sent[0] in text and sent[1] not in text and "Drôme (1)" in text


def test_victims_are_told_by_an_agent_only_in_cases_that_they_may_see(desk: Desk, sent: list[str]) -> None:
    assert [_case(desk, one).messages for one in sent] == [(), (), ()]
    person = desk.person("agent", Scope("07"), Scope("26"))
    browser, path = desk.browser(person), f"/desk/campagnes/{_campaign(desk, sent[0])}/prevenir"
    prepared = browser.get(path).text
    assert "2 dossiers" in prepared and "Vous n&#39;êtes sans doute pas" in prepared
    assert browser.post(path, data={"text": "  "}).status_code == 400
    assert "prevenus=2" in browser.post(path, data={"text": "Vous n'êtes pas seul."}).headers["location"]
    # Of no author: a message to all of them is no answer to any. The audit says who sent it.
    said = [[(m.by, m.text, m.author) for m in _case(desk, one).messages] for one in sent]
    assert said == [[("agent", "Vous n'êtes pas seul.", None)]] * 2 + [[]]
    assert [case for what, case in _audit(desk) if what == "campaign.tell"] == [
        member.case_id for member in members_of(desk.office, _campaign(desk, sent[0])) if member.case_id != sent[2]
    ]


def test_what_agents_set_aside_brings_nobody_together_any_more(desk: Desk) -> None:
    texts = (
        "Le compte @journal_local m'insulte.",
        "Vu chez @journal_local : on me vise.",
        "Lu sur @journal_local hier.",
    )
    cases = [_now(desk.office, text, "07") for text in texts]
    browser = desk.browser(desk.person())
    assert campaign_of(desk.office, cases[2])
    for one in cases[1:]:
        browser.post(f"/desk/dossiers/{one}/campagne/sortir", data={"reason": "un journal"})
    assert campaign_of(desk.office, _now(desk.office, "Encore @journal_local ce matin.", "26")) is None


@pytest.mark.parametrize("action", ["sortir", "rattacher", "rapprocher"])
def test_another_site_cannot_act_in_the_agents_name(desk: Desk, sent: list[str], action: str) -> None:
    browser = desk.browser(desk.person())
    data = {"reason": "r", "number": "1", "other": sent[1]}
    headers = {"origin": "https://ailleurs.exemple.fr"}
    answer = browser.post(f"/desk/dossiers/{sent[0]}/campagne/{action}", data=data, headers=headers)
    assert answer.status_code == 403 and campaign_of(desk.office, sent[0])


@pytest.mark.whole
def test_a_campaign_is_split_and_merged_with_the_keyboard_and_the_pages_are_accessible(
    desk: Desk, sent: list[str]
) -> None:
    token = desk.browser(desk.person()).cookies.get(COOKIE)
    campaign = _campaign(desk, sent[0])
    with chromium() as browser, served(desk.app) as port:
        context = browser.new_context()
        context.add_cookies([{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": HOME}])
        page = context.new_page()
        said, root = complaints(page), f"http://127.0.0.1:{port}"
        for path in ("/desk/campagnes", f"/desk/dossiers/{sent[0]}/campagne", f"/desk/campagnes/{campaign}/prevenir"):
            page.goto(root + path)
            assert faults(page) == []
        page.goto(f"{root}/desk/campagnes/{campaign}")
        page.locator(f"input[value='{sent[2]}']").focus()
        page.keyboard.press("Space")
        page.get_by_text("Mettre les dossiers cochés").focus()
        page.keyboard.press("Enter")
        page.locator("form[action$=separer] textarea").fill("Un autre auteur.")
        page.locator("form[action$=separer] button").focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Campagne 2").wait_for()
        assert faults(page) == []
        page.get_by_label("Numéro de l'autre campagne").fill("1")
        page.locator("form[action$=reunir] textarea").fill("Tout compte fait, la même.")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Campagne 1").wait_for()
        assert page.get_by_role("link", name="-").count() >= 3
        assert faults(page) == [] and said == []
    assert {campaign_of(desk.office, one) for one in sent} == {campaign}


def test_the_store_holds_nothing_of_what_brings_cases_together(desk: Desk, sent: list[str]) -> None:
    with desk.office.database.read() as connection:
        kept = campaigns.members(connection, [_campaign(desk, sent[0])])
        digests = connection.scalars(select(FINGERPRINTS.c.digest)).all()
    assert len(kept) == 3 and all(isinstance(one, bytes) and len(one) in (3, 16) for one in digests)
