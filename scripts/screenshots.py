"""Takes the pictures of the README: the guichet as it is served, told a made-up report, on a phone and at a desk;
and the agents' desk, filled by `triage demo`.

`python scripts/screenshots.py FOLDER`
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyotp
from playwright.sync_api import Browser, Page, sync_playwright

REPORT = (
    "Je suis maire d'un village. Depuis lundi, un homme m'écrit par SMS, dix fois par jour. Hier soir : « je sais où "
    "tu habites, tu vas le payer ». Ma fille a aussi reçu un message. J'ai fait des captures, je n'ai pas répondu."
)
SIZES = {"telephone": (390, 844), "bureau": (1280, 900)}


DESK = {
    "camille.morel@exemple.fr": {"file": "/desk", "dossier": "", "campagne": "/desk/campagnes"},
    "sarah.delmas@exemple.fr": {"tableau": "/desk/tableau"},
}


def filled(data: Path) -> list[str]:
    """Plays the demonstration in `data`; what it says."""
    command = [sys.executable, "-m", "triage", "demo", "--past", "60"]
    told = subprocess.run(command, env=_in(data), capture_output=True, text=True, check=True)  # noqa: S603
    return told.stdout.splitlines()


def _in(data: Path) -> dict[str, str]:
    return {**os.environ, "TRIAGE_DATA": str(data)}


def work(page: Page, address: str, keep: Path, login: str, told: list[str]) -> None:
    """Enters as somebody of the demonstration, and takes the pictures of their pages."""
    password = told[told.index(next(line for line in told if "mot de passe" in line)) + 1].strip()
    secret = next(line for line in told if login in line).rsplit(" ", 1)[1]
    page.goto(f"{address}desk/entrer")
    page.get_by_label("Adresse électronique").fill(login)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_label("Code à six chiffres").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Entrer").click()
    page.wait_for_url("**/desk**")
    for name, path in DESK[login].items():
        if path:
            page.goto(address.rstrip("/") + path)
        else:
            page.locator("a[href^='/desk/dossiers/']").first.click()
        page.screenshot(path=keep / f"bureau-{name}.png")


@contextmanager
def guichet(data: Path) -> Iterator[str]:
    """The address of a guichet on the store in `data`."""
    command = [sys.executable, "-m", "triage", "serve", "--port", "0", "--no-worker"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_in(data))  # noqa: S603 (our own command)
    assert server.stdout is not None
    try:
        yield server.stdout.readline().split()[5]
    finally:
        server.terminate()
        server.communicate(timeout=10)


def tell(page: Page, address: str, keep: Path, size: str) -> None:
    """Goes all the way, a picture at each step."""

    def picture(name: str) -> None:
        page.screenshot(path=keep / f"{name}-{size}.png")

    page.goto(address)
    page.get_by_label("Votre récit").fill(REPORT)
    picture("accueil")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Maire", exact=True).check()
    picture("precisions")
    page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    if page.url.endswith("/question"):
        picture("question")
    while page.url.endswith("/question"):
        page.get_by_role("button", name="Passer cette question").click()
    picture("diagnostic")
    page.goto(f"{address}fiches")
    picture("fiches")
    page.goto(f"{address}fiches/menace")
    picture("fiche")


def main(folder: Path) -> None:
    """Every picture into `folder`."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium est absent : lancez « make system ».")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        take(playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]), Path(data), folder)


def take(browser: Browser, data: Path, folder: Path) -> None:
    """Every picture, in `browser`."""
    told = filled(data)
    with guichet(data) as address:
        for size, (width, height) in SIZES.items():
            context = browser.new_context(viewport={"width": width, "height": height}, locale="fr-FR")
            tell(context.new_page(), address, folder, size)
        for login in DESK:
            context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
            work(context.new_page(), address, folder, login, told)
    browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/img"))
