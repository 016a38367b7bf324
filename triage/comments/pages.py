"""Comments in a saved page or an HTML export: in a table, else in blocks that repeat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from lxml import etree, html

from triage.comments.blocks import Element, Fields
from triage.comments.fields import Names, Raw, Table
from triage.comments.policy import CommentsPolicy
from triage.comments.tables import Row, read_rows
from triage.errors import IntakeError

_UNSEEN = ("script", "style", "noscript", "template", "head", "nav", "form")
_SAMPLE = 40  # blocks of a kind that tell what it holds
_A_DATE = 4  # what a date is worth, beside a text or a name: parts of a comment have none of their own
_BY_FORM = "Les commentaires ont été reconnus à la forme de la page : vérifiez-en quelques-uns."
_TOO_DEEP = "Cette page a trop de niveaux : une partie n'a pas été lue. L'export CSV ou JSON serait complet."
_COLUMNS = 2  # at least, in a table of comments


def read_html(text: str, policy: CommentsPolicy) -> Table:
    """The comments of a page. Raises IntakeError when it cannot be read at all."""
    page, notes = _page(text)
    names = Names(policy)
    tables = [rows for table in page.iter("table") if (rows := _rows(table))]
    named = [rows for rows in tables if len(columns := names.assign(rows[0][1])) >= _COLUMNS and "text" in columns]
    if named:
        found = [read_rows(rows, policy) for rows in named]
        return Table(tuple(row for one in found for row in one.rows), notes)
    blocks = tuple(_in_blocks(page, Fields(policy)))
    if blocks:
        return Table(blocks, (*notes, _BY_FORM))
    return read_rows(max(tables, key=len, default=[]), policy)


def _page(text: str) -> tuple[Element, tuple[str, ...]]:
    """The page, read without network, entities of its own, or elements that nobody sees; a note if it is cut short."""
    parser = html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        page = html.document_fromstring(text.encode("utf-8", errors="replace"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise IntakeError("Cette page ne peut pas être lue. Refaites l'export au format CSV ou JSON.") from error
    etree.strip_elements(page, *_UNSEEN, with_tail=False)
    cut = any(error.type_name == "ERR_RESOURCE_LIMIT" or "depth" in error.message for error in parser.error_log)
    return page, (_TOO_DEEP,) if cut else ()


def _rows(table: Element) -> list[Row]:
    """The rows of a table that holds no other one; empty for a table that lays out a page."""
    if next(table.iterdescendants("table"), None) is not None:
        return []
    rows = [
        (row.sourceline or 0, ["".join(cell.itertext()).strip() for cell in row if cell.tag in ("td", "th")])
        for row in table.iter("tr")
    ]
    return [row for row in rows if len(row[1]) >= _COLUMNS]


def _in_blocks(page: Element, fields: Fields) -> Iterator[Raw]:
    """The comments of the blocks of one kind: the kind that gives most texts, dates and authors."""
    kinds: dict[tuple[str, str], list[Element]] = defaultdict(list)
    for element in page.iter():
        if isinstance(element.tag, str) and (name := element.get("class") or element.get("role")):
            kinds[element.tag, name].append(element)
    repeated = [blocks for blocks in kinds.values() if len(blocks) > 1]
    best = max(repeated, key=lambda blocks: _told(blocks, fields), default=[])
    others = frozenset(best)
    for block in best:
        raw = fields.read(block, others)
        if raw.text:
            yield raw


def _told(blocks: list[Element], fields: Fields) -> float:
    """How much blocks of one kind tell: a text, a date and an author each, at best."""
    others = frozenset(blocks)
    read = [fields.read(block, others) for block in blocks[:_SAMPLE]]
    told = sum(bool(raw.text) * (1 + _A_DATE * bool(raw.when) + bool(raw.author)) for raw in read)
    return told / len(read) * len(blocks)
