"""PDF documents: their text, or what is read on their first pages when they were scanned."""

from __future__ import annotations

import pypdfium2
from PIL import Image

from triage.attachments import ocr, refusals
from triage.attachments.images import preview
from triage.attachments.model import Reading
from triage.attachments.wording import shortened, tidy
from triage.errors import IntakeError
from triage.intake.report import MAX_CHARACTERS

HIDDEN = "Les pages de ce PDF ne peuvent pas être affichées."
NO_TEXT = "Aucun texte n'a pu être lu dans ce PDF."
PAGES_READ = 200
PAGES_SCANNED = 5
SCANNED = (
    f"Ce PDF est fait d'images : le texte de ses premières pages ({PAGES_SCANNED} au plus) a été lu, peut-être avec "
    "des erreurs."
)
PARTLY = f"Ce PDF est long : le texte de ses {PAGES_READ} premières pages a été lu."
_SCANNED_BELOW = 20  # characters for each of the first pages
_LONG_SIDE = 2_200  # pixels of a page on which words are read: about 190 dots per inch of an A4 sheet
_WRONG_PASSWORD = "password"  # noqa: S105 (the word in pdfium's message)


def read_pdf(media_type: str, content: bytes) -> Reading:
    """The text of a PDF and its first page. Raises IntakeError when it is damaged or locked."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = _WRONG_PASSWORD in str(error).lower()
        raise IntakeError(refusals.PDF_LOCKED if locked else refusals.PDF_DAMAGED) from None
    with document:
        return _read(media_type, document)


def _read(media_type: str, document: pypdfium2.PdfDocument) -> Reading:
    text = _text(document)
    scanned = len(text) < _SCANNED_BELOW * min(len(document), PAGES_SCANNED)
    pages = _pages(document, PAGES_SCANNED if scanned else 1)
    notes: tuple[str, ...] = (PARTLY,) if len(document) > PAGES_READ else ()
    if scanned:
        found = ocr.words_of_all(pages)
        text, notes = f"{text}\n\n{found.text}".strip(), (_scanned(found),)
    text, cut = shortened(text)
    shown = preview(pages[0]) if pages else None
    return Reading(media_type, "pdf", text, preview=shown, notes=notes + (() if shown else (HIDDEN,)) + cut)


def _scanned(found: ocr.Words) -> str:
    if found.text:
        return SCANNED
    return NO_TEXT if found.note in ("", ocr.NOTHING) else found.note


def _text(document: pypdfium2.PdfDocument) -> str:
    texts: list[str] = []
    for index in range(min(len(document), PAGES_READ)):
        try:
            texts.append(document[index].get_textpage().get_text_bounded())
        except pypdfium2.PdfiumError:
            continue
        if sum(map(len, texts)) > MAX_CHARACTERS:
            break
    return tidy("\n\n".join(texts))


def _pages(document: pypdfium2.PdfDocument, count: int) -> list[Image.Image]:
    """The first pages that can be drawn, as images."""
    drawn: list[Image.Image] = []
    for index in range(min(len(document), count)):
        try:
            page = document[index]
            drawn.append(page.render(scale=_LONG_SIDE / max(*page.get_size(), 1)).to_pil().convert("RGB"))
        except (pypdfium2.PdfiumError, ValueError, ZeroDivisionError):
            continue
    return drawn
