"""What the columns and fields of an export are called, and what is made of their values."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from triage.comments.policy import CommentsPolicy
from triage.document.folding import fold

Role = Literal["text", "author", "when", "url"]
ROLES: tuple[Role, ...] = ("text", "author", "when", "url")

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_WORD = re.compile(r"[\W_]+")
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_LINK = re.compile(r"</?(?:a|b|i)(?: [^<>]*)?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|\w{2,8});")
_HALF = re.compile("[\ud800-\udfff]")  # of a character that JSON writes in two
_DAMAGED = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u2122]")


@dataclass(frozen=True)
class Raw:
    """A comment as an export writes it; `line` is where it stands, 0 when lines mean nothing."""

    text: str = ""
    author: str = ""
    when: str = ""
    url: str = ""
    line: int = 0

    @classmethod
    def of(cls, values: Mapping[Role, str], line: int = 0) -> Raw:
        """The comment whose parts are `values`."""
        text, author, when, url = (values.get(role, "") for role in ROLES)
        return cls(text, author, when, url, line)


@dataclass(frozen=True)
class Table:
    """The comments of an export before their dates are read, and French notes on how they were found."""

    rows: tuple[Raw, ...]
    notes: tuple[str, ...] = ()


class Names:
    """Which thing to be read a name stands for, and how surely: the first of its names is the surest."""

    def __init__(self, policy: CommentsPolicy) -> None:
        columns = policy.numbers.columns
        self._known: dict[str, tuple[Role, int]] = {}
        for role, names in (
            ("author", columns.author),
            ("when", columns.when),
            ("url", columns.url),
            ("text", columns.text),
        ):
            for rank, name in enumerate(names):
                self._known[name_of(name)] = (role, rank)  # type: ignore[assignment]

    def role(self, name: str) -> Role | None:
        """What `name` stands for."""
        found = self._known.get(name_of(name))
        return found[0] if found else None

    def assign(self, names: Iterable[str]) -> dict[Role, int]:
        """The place, among `names`, of each thing to be read; the surest name wins."""
        best: dict[Role, tuple[int, int]] = {}
        for place, name in enumerate(names):
            if found := self._known.get(name_of(name)):
                role, rank = found
                best[role] = min(best.get(role, (rank, place)), (rank, place))
        return {role: place for role, (_, place) in best.items()}

    def pick(self, values: Mapping[str, str]) -> dict[Role, str]:
        """The value of each thing to be read among `values`; the surest name with a value wins."""
        filled = {name: value for name, value in values.items() if value.strip()}
        names = list(filled)
        return {role: filled[names[place]] for role, place in self.assign(names).items()}


def name_of(name: str) -> str:
    """« createdTime », « Created_Time » → « created time »."""
    return _NOT_WORD.sub(" ", fold(_CAMEL.sub(" ", name.strip()))).strip()


def mended(text: str) -> str:
    """`text` with its accents, when UTF-8 was taken for another encoding, and without the marks of a page."""
    if _HALF.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if _DAMAGED.search(text):
        text = _decoded(text)
    if "<" in text:
        text = _LINK.sub("", _BREAK.sub("\n", text))
    return html.unescape(text) if _ENTITY.search(text) else text


def _decoded(text: str) -> str:
    for wrong in ("latin-1", "cp1252"):
        try:
            return text.encode(wrong).decode("utf-8")
        except UnicodeError:
            continue
    return text
