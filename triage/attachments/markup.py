"""The words of an HTML page, without what it hides or runs."""

from __future__ import annotations

from lxml import etree, html

from triage.attachments.wording import tidy

_SILENT = {"script", "style", "head", "template", "noscript", "title"}
_BLOCKS = {"p", "div", "br", "tr", "li", "table", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ul", "ol"}


def text_of(page: str) -> str:
    """The words of `page`, a line for each block; the true address of a link follows the words that name it."""
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        root = html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return ""
    pieces: list[str] = []
    silent = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = str(element.tag)
        if event == "start":
            silent += tag in _SILENT
            pieces += ["" if silent else _before(tag), "" if silent else _folded(element.text)]
        else:
            pieces.append("" if silent else _after(tag, element))
            silent -= tag in _SILENT
            pieces.append("" if silent else _folded(element.tail))
    return tidy("\n".join(line.strip() for line in "".join(pieces).split("\n")))


def _folded(text: str | None) -> str:
    if not text:
        return ""
    return f"{' ' if text[0].isspace() else ''}{' '.join(text.split())}{' ' if text[-1].isspace() else ''}"


def _before(tag: str) -> str:
    return "\n" if tag in _BLOCKS else ""


def _after(tag: str, element: html.HtmlElement) -> str:
    href = (element.get("href") or "").strip() if tag == "a" else ""
    if href.startswith(("http:", "https:")) and href not in "".join(map(str, element.itertext())):
        return f" <{href}>"
    return "\n" if tag in _BLOCKS - {"br"} else ""
