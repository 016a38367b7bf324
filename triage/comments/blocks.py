"""What one block of a page says: who wrote, when, what."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

from triage.comments.fields import Names, Raw, Role, name_of
from triage.comments.moments import read_date
from triage.comments.policy import CommentsPolicy

Element = Any  # an lxml element: the library is not typed

_INLINE = frozenset(
    {"a", "abbr", "b", "br", "em", "font", "i", "img", "mark", "s", "small", "span", "strong", "u", "wbr"}
)
_NAMES = frozenset({"a", "b", "strong"})
_LONGEST_NAME = 60
_HINTED = 12  # elements of one block whose class is believed
_FEW = 8  # strings gathered, most of them blank: what comes later does not begin anything
_SPACES = re.compile(r"[^\S\n]+")


@dataclass(frozen=True)
class Piece:
    """Words that stand together; `link` is the address that they lead to."""

    text: str
    link: str = ""


class Fields:
    """Reads blocks, with the names and classes of `rules/comments.yaml`."""

    def __init__(self, policy: CommentsPolicy) -> None:
        numbers = policy.numbers
        self._names = Names(policy)
        self._months = numbers.months
        self._text = frozenset(map(name_of, numbers.classes.text))
        self._author = frozenset(map(name_of, numbers.classes.author))
        self._acts = re.compile("|".join(rf"\s{re.escape(act)}\b" for act in numbers.acts))

    def read(self, block: Element, others: Collection[Element]) -> Raw:
        """The comment in `block`, without what stands in the blocks `others` inside it."""
        own = list(_own(block, others))
        pieces = list(_pieces(block, others))
        found = self._labelled(pieces)
        date = self._date(own, pieces)
        when = found.get("when") or date.text
        author = found.get("author") or self._hinted(own, self._author, others) or self._actor(pieces)
        said = found.get("text") or self._hinted(own, self._text, others, longest=True)
        said = said or max((text for text in self._said(pieces) if text not in (author, when)), key=len, default="")
        names = (p.text for p in pieces if p.text not in (said, when) and len(p.text) <= _LONGEST_NAME)
        return Raw(said, author or next(names, ""), when, found.get("url") or date.link)

    def _said(self, pieces: Sequence[Piece]) -> Iterator[str]:
        """What somebody wrote, without what the platform says of it."""
        return (piece.text for piece in pieces if not self._acts.search(piece.text))

    def _labelled(self, pieces: Sequence[Piece]) -> dict[Role, str]:
        """What follows a name of a field (« Comment », « Auteur : ») is its value."""
        found: dict[Role, str] = {}
        for label, value in pairwise(pieces):
            role = self._names.role(label.text)
            if role and not self._names.role(value.text):
                found.setdefault(role, value.text)
        return found if "text" in found else {}

    def _date(self, own: Sequence[Element], pieces: Sequence[Piece]) -> Piece:
        for element in own:
            told = element.get("datetime") or element.get("data-utime") or ""
            if told and read_date(told, self._months):
                return Piece(told, _link(element))
        for piece in pieces:
            if len(piece.text) <= _LONGEST_NAME and read_date(piece.text, self._months):
                return piece
        return Piece("")

    def _hinted(
        self, own: Sequence[Element], hints: frozenset[str], others: Collection[Element], longest: bool = False
    ) -> str:
        """The words of the first element whose class tells what it holds, or the longest of them."""
        found = islice((element for element in own if self._told_by_class(element) & hints), _HINTED)
        texts = [" ".join(piece.text for piece in _pieces(element, others)) for element in found]
        filled = [text for text in texts if text]
        return (max(filled, key=len) if longest else filled[0]) if filled else ""

    def _told_by_class(self, element: Element) -> set[str]:
        return {name_of(name) for name in [*(element.get("class") or "").split(), element.get("itemprop") or ""]}

    def _actor(self, pieces: Sequence[Piece]) -> str:
        """« Untel » in « Untel a commenté une publication »."""
        for piece in pieces:
            if len(piece.text) <= 4 * _LONGEST_NAME and (act := self._acts.search(piece.text)):
                return piece.text[: act.start()].strip()
        return ""


def _own(block: Element, others: Collection[Element]) -> Iterator[Element]:
    """`block` and what is in it, without the blocks `others`."""
    waiting = [block]
    while waiting:
        element = waiting.pop()
        if isinstance(element.tag, str):
            yield element
            waiting += [child for child in reversed(element) if child not in others]


def _pieces(block: Element, others: Collection[Element]) -> Iterator[Piece]:
    """The words of `block`, parted where the page parts them."""
    gathered = _Gathered([])
    steps: list[tuple[Element, bool]] = [(block, True)]
    while steps:
        element, entering = steps.pop()
        foreign = element is not block and (element in others or not isinstance(element.tag, str))
        if foreign or element.tag not in _INLINE or (not entering and gathered.is_name(element)):
            yield from gathered.flush()
        if entering and not foreign:
            gathered.enter(element)
            steps.append((element, False))
            steps += [(child, True) for child in reversed(element)]
        elif element is not block:
            gathered.words.append(element.tail or "")
    yield from gathered.flush()


@dataclass
class _Gathered:
    """Words met since the page last parted them, and where they lead."""

    words: list[str]
    link: str = ""

    def enter(self, element: Element) -> None:
        """Adds what `element` begins with: a line break, a drawing's name, words."""
        if element.tag == "a":
            self.link = self.link or element.get("href") or ""
        self.words.append({"br": "\n", "img": element.get("alt") or ""}.get(element.tag, ""))
        self.words.append(element.text or "")

    def is_name(self, element: Element) -> bool:
        """Whether `element`, just left, is a link or bold words that begin what they stand in: who speaks."""
        begins = element.tag in _NAMES and len(self.words) <= _FEW
        return begins and _plain("".join(self.words)) == _plain(element.text or "")

    def flush(self) -> Iterator[Piece]:
        """The piece that ends here, unless it is empty."""
        text = _plain("".join(self.words))
        self.words.clear()
        if text:
            yield Piece(text, self.link)
            self.link = ""


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def _link(element: Element) -> str:
    """The address of the link that `element` is in."""
    near = next(element.iterancestors("a"), None)
    return (near.get("href") or "") if near is not None else ""
