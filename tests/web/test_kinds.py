"""Each kind of file that can be joined, sent through the page of a real browser and read as the worker reads it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.attachments import compound, files
from tests.web.serving import chromium, complaints, served
from triage.desk.dossier import case_file
from triage.desk.office import Office
from triage.dossier.archive import as_zip
from triage.dossier.texts import load_dossier_texts
from triage.engine import Engine
from triage.jobs.work import read_files, sort_comments
from triage.settings import Settings
from triage.store.tables import CASES
from triage.web.app import create_app

WORDS = "Je vais te tuer ce soir, je suis devant chez toi."
CHAT = f"12/03/2026, 22:14 - Jean Moulard: {WORDS}\n12/03/2026, 22:15 - Maire: Qui êtes-vous ?\n"
SMS = f'<smses count="1"><sms address="+33612345678" date="1773350040000" type="1" body="{WORDS}" /></smses>'
CSV = "auteur;date;commentaire\n" + "".join(f"a{i};2026-03-12 22:{i:02};{WORDS}\n" for i in range(12))
JSON = json.dumps([{"author": "a", "text": WORDS, "date": "2026-03-12T22:14:00"}])
HTML = (
    "<html><body><table><tr><th>Auteur</th><th>Commentaire</th></tr>"
    f"<tr><td>a</td><td>{WORDS}</td></tr></table></body></html>"
)
SAMPLES = {
    "capture.png": lambda: files.saved(files.screenshot(), "PNG"),
    "capture.jpg": lambda: files.saved(files.screenshot(), "JPEG"),
    "capture.heic": lambda: files.saved(files.screenshot(), "HEIF"),
    "capture.webp": lambda: files.saved(files.screenshot(), "WEBP"),
    "lettre.pdf": lambda: files.pdf((WORDS,)),
    "courriel.eml": lambda: files.mail(WORDS).as_bytes(),
    "courriel.msg": lambda: compound.mail({compound.SUBJECT: "Bonsoir", compound.BODY: WORDS}),
    "note.txt": lambda: WORDS.encode(),
    "whatsapp.txt": CHAT.encode,
    "whatsapp.zip": lambda: files.archive({"Discussion WhatsApp avec Jean.txt": CHAT.encode()}),
    "sms.xml": SMS.encode,
    "commentaires.csv": CSV.encode,
    "commentaires.json": JSON.encode,
    "commentaires.html": HTML.encode,
}


@cache
def sample(name: str) -> bytes:
    """The same file each time."""
    return SAMPLES[name]()


@pytest.fixture(scope="module")
def guichet(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Office]]:
    app = create_app(Settings(data=tmp_path_factory.mktemp("kinds"), per_minute=100_000), engine)
    with served(app) as port:
        yield f"http://127.0.0.1:{port}", app.state.office
    app.state.office.database.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


def the_archive_holds_every_original_untouched(office: Office) -> None:
    """What is downloaded, checked against what was sent."""
    with office.database.read() as connection:
        case = office.cases.get(connection, connection.scalars(CASES.select()).first())
    packed = as_zip(
        case_file(office, case, "", datetime.now(UTC), originals=True), load_dossier_texts(Settings().rules)
    )
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        kept = [opened.read(name) for name in opened.namelist() if name.startswith("pieces/")]
    for name in SAMPLES:
        assert (sample(name) in kept) is not name.startswith("commentaires"), name


@pytest.mark.whole
def test_every_kind_of_file_is_read_and_raises_the_case(
    browser: Browser, guichet: tuple[str, Office], tmp_path: Path
) -> None:
    """One case with all of them: each is read, and has its image or its words on the page."""
    address, office = guichet
    for name in SAMPLES:
        (tmp_path / name).write_bytes(sample(name))
    page = browser.new_page(viewport={"width": 390, "height": 844})
    said = complaints(page)
    page.goto(address)
    page.get_by_label("Votre récit").fill("Voici tout ce que j'ai reçu à propos de mes choix de voirie.")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Captures d'écran").set_input_files(sorted(tmp_path.iterdir()))
    page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    page.goto(f"{address}/suivi")
    assert "14 pièces en attente de lecture" in page.content()
    read_files(office, None)
    sort_comments(office, None, 1)
    page.goto(f"{address}/suivi")
    assert page.get_by_role("heading", level=1).inner_text() == "Danger immédiat"
    page.goto(f"{address}/suivi/pieces")
    for name in sorted(SAMPLES):
        assert "En attente" not in card(page, name), name
        wanted = (
            "couteau" if name.startswith("capture") else "commentaires gardés" if name.startswith("comm") else "tuer"
        )
        assert wanted in card(page, name), f"{name} : {card(page, name)}"
    for image in page.locator(".exhibit img").all():
        assert page.request.get(address + image.get_attribute("src")).headers["content-type"].startswith("image/")
    assert page.locator(".exhibit img").count() == 5
    assert said == []
    the_archive_holds_every_original_untouched(office)
    page.close()


def card(page: Page, name: str) -> str:
    """All that is said of a file, what is folded included."""
    return page.locator(".exhibit", has_text=re.compile(rf": {re.escape(name)}")).text_content() or ""
