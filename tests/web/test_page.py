"""The command serves the guichet for real: another process, its worker beside it, a real browser."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect

from tests.web.serving import chromium

THREAT_FILE = "Je vais te tuer ce soir, je suis devant chez toi avec mon fusil."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """A real server on a free port, started as the command starts it; its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "triage", "serve", "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TRIAGE_DATA": str(tmp_path_factory.mktemp("served"))},
    )
    try:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/", process.pid
    finally:
        process.terminate()
        process.communicate(timeout=60)  # its worker ends what it has begun, behind whatever else runs


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.mark.whole
def test_a_file_is_read_by_the_worker_even_after_it_was_killed(
    browser: Browser, server: tuple[str, int], tmp_path: Path
) -> None:
    """kill -9 on the worker: another one takes its place and reads what waits; the page renews itself."""
    address, pid = server
    for child in psutil.Process(pid).children(recursive=True):
        child.send_signal(signal.SIGKILL)
    note = tmp_path / "message.txt"
    note.write_text(THREAT_FILE)
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(address)
    page.get_by_label("Votre récit").fill(
        "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte."
    )
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Captures d'écran").set_input_files(note)
    page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Danger immédiat")
    page.get_by_role("link", name="Voir le diagnostic complété").click(timeout=90_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("Danger immédiat")
    page.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_report_is_told_and_answered(browser: Browser, server: tuple[str, int], width: int) -> None:
    address, _ = server
    page = browser.new_page(viewport={"width": width, "height": 800}, java_script_enabled=False)
    page.goto(address)
    page.get_by_label("Votre récit").fill(
        "Notre page Facebook a été piratée hier, je n'ai plus accès et il publie des insultes."
    )
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Voir quoi faire sans rien enregistrer").click()
    assert page.get_by_role("heading", level=1).inner_text() in ("Urgent", "Agent spécialisé")
    assert page.get_by_text("Piratage de compte").first.is_visible()
    assert page.get_by_role("link", name="17", exact=True).first.is_visible()
    assert page.locator("html").bounding_box()["width"] <= width
    page.close()


def test_nothing_overflows_on_a_phone(browser: Browser, server: tuple[str, int]) -> None:
    address, _ = server
    page = browser.new_page(viewport={"width": 320, "height": 640})
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_label("Votre récit").fill("Il menace de me tuer : " + "https://exemple.fr/" + "a" * 200)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Voir quoi faire sans rien enregistrer").click()
    page.wait_for_url("**/diagnostic", wait_until="load")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert faults == []
    page.close()


def test_the_deadlines_are_downloaded(browser: Browser, server: tuple[str, int]) -> None:
    address, _ = server
    page = browser.new_page(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    page.goto(address)
    page.get_by_label("Votre récit").fill(
        "Je suis maire. Il y a 80 jours un habitant a publié sur Facebook, visible de tous, « gros porc, ordure »."
    )
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Voir quoi faire sans rien enregistrer").click()
    assert page.get_by_text(re.compile("il reste (9|1[0-2]) jours")).first.is_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Ajouter les échéances à mon agenda").click()
    assert download.value.suggested_filename == "echeances.ics"
    assert download.value.path().read_text(encoding="utf-8").startswith("BEGIN:VCALENDAR")
    page.close()
