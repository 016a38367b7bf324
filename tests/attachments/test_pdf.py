"""PDF documents: their words, or those of their scanned pages."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.attachments.files import needs_tesseract, pdf, saved, screenshot
from triage.attachments import ocr
from triage.attachments import pdf as pdfs
from triage.attachments.reading import read
from triage.attachments.wording import CUT
from triage.errors import IntakeError


def test_the_words_of_every_page_are_read_and_the_first_page_shown() -> None:
    found = read("lettre.exe", pdf(("Vous êtes une élue menacée.", "Deuxième page, 12 rue des Lilas.")))
    assert (found.media_type, found.kind) == ("application/pdf", "pdf")
    assert found.text == "Vous êtes une élue menacée.\n\nDeuxième page, 12 rue des Lilas."
    assert found.notes == ()
    assert found.preview
    assert max(Image.open(io.BytesIO(found.preview)).size) == 1_600


@needs_tesseract
def test_scanned_pages_are_read_as_images() -> None:
    found = read("", saved(screenshot(), "PDF"))
    assert "chez toi avec un couteau" in found.text
    assert found.notes == (pdfs.SCANNED,)


def test_only_the_first_scanned_pages_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Image.Image] = []
    monkeypatch.setattr(ocr, "words", lambda image, seconds: asked.append(image) or ocr.Words("", ocr.NOTHING))
    page = Image.new("RGB", (60, 80), "white")
    found = read("", saved(page, "PDF", save_all=True, append_images=[page] * 8))
    assert len(asked) == pdfs.PAGES_SCANNED
    assert found.notes == (pdfs.NO_TEXT,)


@needs_tesseract
def test_a_page_number_does_not_make_a_scan_a_text() -> None:
    found = read("", pdf(("Page 1 sur 2",) * 5))
    assert found.notes == (pdfs.SCANNED,)


def test_only_the_first_pages_of_a_book_are_read() -> None:
    found = read("", pdf(("Un mot ou deux sur chaque page.",) * (pdfs.PAGES_READ + 1)))
    assert (found.text.count("mot"), found.notes) == (pdfs.PAGES_READ, (pdfs.PARTLY,))


def test_a_long_document_is_cut_and_says_so() -> None:
    found = read("", pdf(("\n".join(["des mots " * 10] * 60),) * 12))
    assert len(found.text) == 50_000
    assert found.notes == (CUT,)


def test_a_locked_document_asks_for_a_copy_without_a_password() -> None:
    lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{'41' * 32}> /U <{'42' * 32}> /P -4 >> /ID [<41><41>]"
    with pytest.raises(IntakeError, match="mot de passe"):
        read("", pdf(("Secret",), lock))


def test_a_damaged_document_is_refused() -> None:
    with pytest.raises(IntakeError, match="abîmé"):
        read("", b"%PDF-1.7\n" + b"rien" * 50)
