"""The page in a real browser, at the width of a phone and of a desk, without any script."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def address(settings) -> Iterator[str]:
    """A real server on a free port, started as the command starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "triage", "serve", "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    try:
        assert server.stdout is not None
        assert f"http://127.0.0.1:{port}/" in server.stdout.readline()
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.communicate(timeout=10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium est absent : lancez « make system »")
        pytest.skip("CHROMIUM ABSENT : la page n'est pas testée dans un navigateur")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_report_is_told_and_answered(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, java_script_enabled=False)
    page.goto(address)
    page.get_by_label("Votre récit").fill(
        "Notre page Facebook a été piratée hier, je n'ai plus accès et il publie des insultes."
    )
    page.get_by_role("button", name="Voir le diagnostic").click()
    assert page.get_by_role("heading", level=1).inner_text() in ("Urgent", "Agent spécialisé")
    assert page.get_by_text("Piratage de compte").first.is_visible()
    assert page.get_by_role("link", name="17", exact=True).first.is_visible()
    assert page.locator("html").bounding_box()["width"] <= width
    page.close()


def test_nothing_overflows_on_a_phone(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 640})
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_label("Votre récit").fill("Il menace de me tuer : " + "https://exemple.fr/" + "a" * 200)
    page.get_by_role("button", name="Voir le diagnostic").click()
    page.wait_for_url("**/diagnostic", wait_until="load")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert faults == []
    page.close()


def test_the_deadlines_are_downloaded(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    page.goto(address)
    page.get_by_label("Votre récit").fill(
        "Je suis maire. Il y a 80 jours un habitant a publié sur Facebook, visible de tous, « gros porc, ordure »."
    )
    page.get_by_role("button", name="Voir le diagnostic").click()
    assert page.get_by_text(re.compile("il reste (9|1[0-2]) jours")).first.is_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Ajouter les échéances à mon agenda").click()
    assert download.value.suggested_filename == "echeances.ics"
    assert download.value.path().read_text(encoding="utf-8").startswith("BEGIN:VCALENDAR")
    page.close()
