"""A letter as a Word file: real styles, French as its language, blanks highlighted."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC

from docx import Document
from docx.document import Document as Docx
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import CharacterStyle
from docx.text.paragraph import Paragraph as DocxParagraph

from triage.dossier.glyphs import visible
from triage.dossier.letter import Letter, Paragraph, runs
from triage.dossier.packing import entry
from triage.intake.moment import in_paris

LANGUAGE = "fr-FR"
FONT = "Arial"
INK = RGBColor(0x1F, 0x2A, 0x44)
STYLES = {"heading": "Heading 1", "item": "List Bullet", "quote": "Quote", "notice": "Intense Quote"}
INDENT = Cm(9)


def as_docx(letter: Letter) -> bytes:
    """The Word file of `letter`; the same letter always gives the same bytes."""
    document = Document()
    _set_up(document, letter)
    document.add_paragraph(letter.title, style="Title")
    for one in letter.paragraphs:
        _add(document, one)
    made = io.BytesIO()
    document.save(made)
    return _dated(made, letter)


def _add(document: Docx, one: Paragraph) -> None:
    lines = visible(one.text).split("\n")
    paragraph = document.add_paragraph(style=STYLES.get(one.style, "Normal"))
    if one.style in ("recipient", "signature"):
        paragraph.paragraph_format.left_indent = INDENT
    for i, line in enumerate(lines):
        if i:
            paragraph.add_run().add_break()
        _write(paragraph, line, bold=one.style == "subject")


def _write(paragraph: DocxParagraph, text: str, *, bold: bool) -> None:
    for words, blank in runs(text):
        run = paragraph.add_run(words)
        run.bold = bold or None
        if blank:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _set_up(document: Docx, letter: Letter) -> None:
    """Page, fonts, language and properties."""
    for section in document.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.5)
    for name in ("Normal", "Title", *STYLES.values()):
        style = document.styles[name]
        _set_font(style)
        style.font.color.rgb = INK
    document.styles["Normal"].font.size = Pt(11)
    document.styles["Title"].font.size = Pt(20)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), LANGUAGE)
    at = in_paris(letter.made_at).astimezone(UTC).replace(tzinfo=None)
    properties = document.core_properties
    properties.title, properties.language, properties.author = letter.title, LANGUAGE, ""
    properties.created = properties.modified = at
    properties.comments = properties.last_modified_by = ""


def _set_font(style: CharacterStyle) -> None:
    """The same font everywhere; those of the theme, which would win, are taken out."""
    style.font.name = FONT
    fonts = style.element.rPr.rFonts
    for name in [name for name in fonts.attrib if name.endswith("Theme")]:
        del fonts.attrib[name]


def _dated(made: io.BytesIO, letter: Letter) -> bytes:
    """The same file, its parts dated from the letter instead of the clock."""
    packed = io.BytesIO()
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(packed, "w") as after:
        for name in before.namelist():
            after.writestr(entry(name, letter.made_at), before.read(name), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
