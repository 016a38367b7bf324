"""What the service says of itself: the data that it keeps, and how accessible it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser

from tests.web.serving import chromium, complaints, faults, guichet, served
from triage.desk.erasing import PRESSING
from triage.desk.forgetting.table import lasting
from triage.desk.policies import load_policies
from triage.engine import Engine
from triage.settings import Settings

PAGES = ("/donnees", "/accessibilite")


def text_of(engine: Engine, data: Path, path: str, **set_: object) -> str:
    """The text of a page, without its tags."""
    answer = TestClient(guichet(engine, data, **set_)).get(path)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).replace("\N{NO-BREAK SPACE}", " ").split())


def test_the_rules_of_erasure_are_those_of_the_desk(engine: Engine, tmp_path: Path) -> None:
    text = text_of(engine, tmp_path, "/donnees")
    assert "Aucun agent n'a pris le dossier : il est effacé tout de suite" in text
    assert "transmis à un service d'enquête : il est conservé" in text
    labels = {level.id: level.label for level in engine.composer.policy.levels}
    assert all(f"« {labels[level]} »" in text for level in PRESSING)
    assert not any(f"« {label} »" in text for level, label in labels.items() if level not in PRESSING)


def test_what_the_operator_must_still_decide_is_said(engine: Engine, tmp_path: Path) -> None:
    text = text_of(engine, tmp_path, "/donnees")
    assert "que l'exploitant doit encore fixer" in text
    assert "base légale du traitement est à fixer par l'exploitant" in text
    assert "Aucun exploitant n'est déclaré" in text


def test_how_long_things_are_kept_is_what_the_purge_applies(engine: Engine, tmp_path: Path) -> None:
    text = text_of(engine, tmp_path, "/donnees").replace("&#39;", "'")
    cases = load_policies(Settings().rules, engine).retention.cases
    assert [rule.id for rule in cases if f"{rule.label} : {lasting(rule)}." not in text] == []


def test_who_reads_what_no_agent_had_to_read_is_said(engine: Engine, tmp_path: Path) -> None:
    assert "relus par des agents ou des analystes" in text_of(engine, tmp_path, "/donnees")


def test_the_operator_answers_for_the_data(engine: Engine, tmp_path: Path) -> None:
    text = text_of(engine, tmp_path, "/donnees", operator="Le Département de l'Exemple")
    assert "assuré par Le Département de l'Exemple, responsable" in text.replace("&#39;", "'")
    assert "Aucun exploitant" not in text


def test_a_complaint_goes_to_the_authority_of_the_contacts(engine: Engine, tmp_path: Path) -> None:
    answer = TestClient(guichet(engine, tmp_path)).get("/donnees")
    assert f'href="{engine.composer.knowledge.contacts["cnil"].site}"' in answer.text


@pytest.mark.parametrize(("smtp", "offered"), [("", False), ("localhost:25", True)])
def test_a_notice_is_spoken_of_only_where_one_is_offered(
    engine: Engine, tmp_path: Path, smtp: str, offered: bool
) -> None:
    assert ("vous prévenir qu'il y a du nouveau" in text_of(engine, tmp_path, "/donnees", smtp=smtp)) is offered


def test_the_statement_claims_nothing_that_was_not_checked(engine: Engine, tmp_path: Path) -> None:
    text = text_of(engine, tmp_path, "/accessibilite")
    assert "non conforme, car non audité" in text
    assert "Aucun essai n'a été fait avec un lecteur d'écran" in text
    assert "Défenseur des droits" in text


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.mark.whole
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_has_an_accessibility_fault(browser: Browser, engine: Engine, tmp_path: Path, width: int) -> None:
    with served(guichet(engine, tmp_path)) as port:
        page = browser.new_page(viewport={"width": width, "height": 844})
        said = complaints(page)
        for path in PAGES:
            page.goto(f"http://127.0.0.1:{port}{path}")
            assert faults(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [text for text in said if "Content Security Policy" in text] == []
        page.close()
