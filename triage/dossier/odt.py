"""A letter as an OpenDocument file: real styles, French as its language, blanks highlighted."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC

from odfdo import Document, Element, Header, LineBreak, Span, Style
from odfdo import List as OdfList
from odfdo import Paragraph as OdfParagraph

from triage.dossier.glyphs import visible
from triage.dossier.letter import Letter, Paragraph, runs
from triage.dossier.packing import entry
from triage.intake.moment import in_paris

BLANK, FONT = "Blanc", "Liberation Sans"
_MARGIN = {"fo:margin-top": "0.2cm", "fo:margin-bottom": "0.2cm"}
_RIGHT = {"fo:margin-left": "8cm", "fo:margin-top": "0.4cm", "fo:margin-bottom": "0.4cm"}
# Name → (paragraph properties, text properties).
_STYLES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "Titre": ({"fo:margin-bottom": "0.5cm"}, {"fo:font-size": "15pt", "fo:font-weight": "bold"}),
    "Corps": (_MARGIN, {}),
    "Destinataire": (_RIGHT, {}),
    "Objet": ({"fo:margin-top": "0.5cm", "fo:margin-bottom": "0.5cm"}, {"fo:font-weight": "bold"}),
    "Intertitre": ({"fo:margin-top": "0.5cm"}, {"fo:font-size": "12pt", "fo:font-weight": "bold"}),
    "Citation": ({"fo:margin-left": "0.5cm", **_MARGIN}, {"fo:font-style": "italic"}),
}
_NAMES = {"recipient": "Destinataire", "signature": "Destinataire", "subject": "Objet", "quote": "Citation"}


def as_odt(letter: Letter) -> bytes:
    """The OpenDocument file of `letter`; the same letter always gives the same bytes."""
    document = Document("text")
    _set_up(document, letter)
    document.body.clear()
    document.body.append(_written(_heading(1, "Titre"), Paragraph("heading", letter.title)))
    items: OdfList | None = None
    for one in letter.paragraphs:
        if one.style == "item":
            items = items if items is not None else OdfList()
            items.append_item(_written(OdfParagraph(style="Corps"), one))
            document.body.append(items)
        else:
            items = None
            document.body.append(_block(one))
    return _packed(document, letter)


def _block(one: Paragraph) -> Element:
    if one.style == "heading":
        return _written(_heading(2, "Intertitre"), one)
    return _written(OdfParagraph(style=_NAMES.get(one.style, "Corps")), one)


def _heading(level: int, style: str) -> Header:
    made = Header(level)
    made.set_attribute("text:style-name", style)
    return made


def _written(block: OdfParagraph | Header, one: Paragraph) -> OdfParagraph | Header:
    for i, line in enumerate(visible(one.text).split("\n")):
        if i:
            block.append(LineBreak())
        for words, blank in runs(line):
            block.append(Span(words, style=BLANK if blank else None))
    return block


def _set_up(document: Document, letter: Letter) -> None:
    for style in document.get_styles("paragraph"):
        for language in style.get_elements("style:text-properties"):
            if language.get_attribute("fo:language"):
                language.set_attribute("fo:language", "fr")
                language.set_attribute("fo:country", "FR")
    for name, (paragraph, text) in _STYLES.items():
        style = Style("paragraph", name=name, parent_style="Standard")
        style.set_properties(paragraph, area="paragraph")
        style.set_properties({"style:font-name": FONT, "fo:font-size": "11pt", **text}, area="text")
        document.insert_style(style)
    blank = Style("text", name=BLANK)
    blank.set_properties({"fo:background-color": "#fff2b3"}, area="text")
    document.insert_style(blank)
    at = in_paris(letter.made_at).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    document.meta.set_title(letter.title)
    document.meta.set_language("fr-FR")
    document.meta.set_creation_date(at)
    document.meta.set_modification_date(at)


def _packed(document: Document, letter: Letter) -> bytes:
    """The same file, its parts dated from the letter instead of the clock; the type first and as it is, as ODF asks."""
    made, packed = io.BytesIO(), io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(packed, "w") as after:
        for name in sorted(before.namelist(), key=lambda one: (one != "mimetype", one)):
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            after.writestr(entry(name, letter.made_at), before.read(name), how)
    return packed.getvalue()
