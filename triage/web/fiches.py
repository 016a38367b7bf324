"""The pages of the « fiches réflexes »: the list with its search, and one page for each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from markupsafe import Markup

from triage.diagnostic.contacts import Proposed
from triage.diagnostic.diagnostic import Texts
from triage.diagnostic.fiches import Fiche, KindOfFiche, emergency_contacts, fiches
from triage.document.folding import fold
from triage.engine import Engine
from triage.web.templating import templates

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

# The same for everybody: kept by whoever wants, asked again each time.
CACHE = {"Cache-Control": "public, no-cache"}
GROUPS: Mapping[KindOfFiche, str] = {
    "circonstance": "Quand cela presse",
    "type": "Ce qui arrive",
    "canal": "Par où cela passe : garder les preuves, faire retirer",
}
MOST_SEARCHED = 200
# Shorter words say nothing, unless the query is made of them (« X »). Up to that length a word is looked for whole.
SHORT = 3
_WORD = re.compile(r"\w+")
# « piraté », « piratée » and « pirater » are looked for as « pirat… », which « piratage » begins with.
_ENDING = re.compile(r"(?<=\w{4})(?:ee?s?|er|s)$")
# Where French typography lets no line break: before « : ; ? ! », inside guillemets, between a number and its unit.
# Each begins with the space, which is fast to find: a whole page goes through it.
_UNBREAKABLE = re.compile(r" (?:(?<=« )|(?=[»:;?!](?:[\s<.,)]|$))|(?<=\d )(?=\d\d|[h€%]))")


def unbreakable(html: str) -> Markup:
    """`html` with no-break spaces where French typography wants them."""
    return Markup(_UNBREAKABLE.sub("\N{NO-BREAK SPACE}", html))  # noqa: S704 (already a rendered page)


templates.env.filters["unbreakable"] = unbreakable


@dataclass(frozen=True)
class Book:
    """Every fiche, with the words that find it."""

    fiches: tuple[Fiche, ...]
    emergencies: tuple[Proposed, ...]
    texts: Texts
    version: str

    @cached_property
    def by_id(self) -> dict[str, Fiche]:
        """The fiches by the end of their address."""
        return {fiche.id: fiche for fiche in self.fiches}

    @cached_property
    def index(self) -> dict[str, str]:
        """The different words of each fiche, folded, a space around each: what the page searches too."""
        return {fiche.id: f" {' '.join(sorted(set(words(' '.join(fiche.texts)))))} " for fiche in self.fiches}

    def found(self, query: str) -> frozenset[str]:
        """The ids of the fiches that hold the most words of `query`, or words that begin so; all for no word."""
        asked = words(query)
        beginnings = [beginning(word) for word in asked if len(word) >= SHORT] or [beginning(word) for word in asked]
        held = {name: sum(text in words_of for text in beginnings) for name, words_of in self.index.items()}
        most = max(held.values())
        return frozenset(name for name, number in held.items() if number == most and (most or not asked))

    def grouped(self, names: frozenset[str]) -> list[tuple[KindOfFiche, str, list[Fiche]]]:
        """The fiches of `names` under the title of their group; a group without any is left out."""
        groups = (
            (kind, title, [fiche for fiche in self.fiches if fiche.kind == kind and fiche.id in names])
            for kind, title in GROUPS.items()
        )
        return [group for group in groups if group[2]]


def words(text: str) -> list[str]:
    """The words of `text`, as they are compared."""
    return _WORD.findall(fold(text))


def beginning(word: str) -> str:
    """What the index must hold for `word` to be found: the word whole if it is short, how it begins if not."""
    return f" {word} " if len(word) <= SHORT else f" {_ENDING.sub('', word)}"


def book_of(request: Request) -> Book:
    """The fiches of the application, composed once."""
    state = request.app.state
    engine: Engine = state.engine
    book: Book | None = getattr(state, "fiches", None)
    if book is None or book.version != engine.catalogue.digest:
        composer = engine.composer
        texts = composer.knowledge.texts
        book = Book(fiches(composer), emergency_contacts(composer), texts, engine.catalogue.digest)
        state.fiches = book
    return book


@router.get("/fiches")
def show_list(request: Request, q: str = "") -> Response:
    """Every fiche, or those that a search finds. What is searched is kept nowhere."""
    book, query = book_of(request), " ".join(q.split())[:MOST_SEARCHED]
    found = book.found(query)
    context = {"groups": book.grouped(found), "query": query, "number": len(found)}
    headers = {"Cache-Control": "no-store"} if query else CACHE
    return templates.page(request, "fiches/liste.html", context, headers=headers)


@router.get("/fiches.json")
def show_index(request: Request) -> JSONResponse:
    """The words of each fiche, for a page that searches while one types."""
    return JSONResponse(book_of(request).index, headers=CACHE)


@router.get("/fiches/{name}")
def show_fiche(request: Request, name: str) -> Response:
    """One fiche; a page that says where the others are when there is none of that name."""
    book = book_of(request)
    fiche = book.by_id.get(name)
    if fiche is None:
        return templates.page(request, "fiches/absente.html", {}, status=404)
    channels = [one for one in book.fiches if one.kind == "canal"] if fiche.kind == "type" else []
    context = {"fiche": fiche, "t": book.texts, "channels": channels, "emergencies": book.emergencies}
    return templates.page(request, "fiches/fiche.html", context, headers=CACHE)
