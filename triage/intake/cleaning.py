"""Undoes disguised spelling on a working copy, and remembers where every character came from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import product

Edit = tuple[int, int, str]


@dataclass(frozen=True)
class Cleaned:
    """A working copy of `original`.

    `starts[i]` and `ends[i]` bound the original code points that the clean character i stands for.
    """

    text: str
    original: str
    starts: tuple[int, ...] | range
    ends: tuple[int, ...] | range

    @classmethod
    def identity(cls, text: str) -> Cleaned:
        """A copy in which nothing has been changed yet."""
        return cls(text, text, range(len(text)), range(1, len(text) + 1))

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text behind the clean span `start` to `end` (not empty)."""
        return self.starts[start], self.ends[end - 1]

    def edited(self, edits: Iterable[Edit]) -> Cleaned:
        """A copy with each (start, end, replacement) carried out; spans in order, not overlapping."""
        edits = list(edits)
        if not edits:
            return self
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        position = 0
        for start, end, replacement in [*edits, (len(self.text), len(self.text), "")]:
            pieces += (self.text[position:start], replacement)
            starts.extend(self.starts[position:start])
            ends.extend(self.ends[position:start])
            if start < end:
                starts.extend([self.starts[start]] * len(replacement))
                ends.extend([self.ends[end - 1]] * len(replacement))
            position = end
        return Cleaned("".join(pieces), self.original, tuple(starts), tuple(ends))


@dataclass(frozen=True)
class SpellingTables:
    """What `rules/cues/orthographe.yaml` says of disguises and phone spelling."""

    abbreviations: dict[str, str] = field(default_factory=dict)
    leet: dict[str, str] = field(default_factory=dict)
    lookalikes: dict[str, str] = field(default_factory=dict)


_APOSTROPHE = re.compile("[’‘ʼ´`]")
_STRANGE = re.compile(r"[^\x00-\x7f\u00c0-\u017f«»“”‘’ʼ´…–—€°\u00a0\u202f\n]")
_SPACED = re.compile(r"(?<![^\W\d_])(?:[^\W\d_][ ._*\-–]){2,}[^\W\d_](?![^\W\d_])")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# A run of letters, digits and signs that stand for letters: taken whole, for what backtracks takes a minute of a text
# that is made for it.
_DISGUISED = re.compile(r"(?<![\w@/.])(?=[^\s]{0,200}[^\W\d_])(?=[^\W0-9]*+[0-9@$!€|+*])[\w@$!€|+*]++")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_LONGEST_DISGUISE = 24
_MOST_READINGS = 64


class Cleaner:
    """Cleans texts; `known` tells whether a word (any case, with or without accents) is one that rules look for."""

    def __init__(self, tables: SpellingTables, known: Callable[[str], bool], maskable: Iterable[str] = ()) -> None:
        self._tables = tables
        self._known = known
        self._maskable: dict[tuple[int, str], list[str]] = {}
        for word in maskable:
            self._maskable.setdefault((len(word), word[0]), []).append(word)

    def clean(self, text: str) -> Cleaned:
        """A working copy of `text` in plain spelling."""
        copy = Cleaned.identity(text)
        for step in (self._characters, self._spaced, self._disguised, self._repeated, self._abbreviated):
            copy = copy.edited(step(copy.text))
        return copy

    def _characters(self, text: str) -> list[Edit]:
        """Typographic variants, invisible characters, fancy or borrowed letters."""
        edits: list[Edit] = [(m.start(), m.end(), "'") for m in _APOSTROPHE.finditer(text)]
        edits += [(m.start(), m.end(), self._plain(m.group())) for m in _STRANGE.finditer(text)]
        return sorted(edit for edit in edits if text[edit[0] : edit[1]] != edit[2])

    def _plain(self, character: str) -> str:
        if character in self._tables.lookalikes:
            return self._tables.lookalikes[character]
        if unicodedata.category(character) in ("Cf", "Cc", "Mn", "Me"):
            return "" if character not in "\t\r\f\v" else " "
        return unicodedata.normalize("NFKC", character)

    def _spaced(self, text: str) -> list[Edit]:
        """« t u e r », « t.u.e.r » → « tuer »; acronyms with dots lose them too."""
        edits = []
        for match in _SPACED.finditer(text):
            letters = re.sub(r"[ ._*\-–]", "", match.group())
            if len(letters) > 3 or self._known(letters):
                edits.append((match.start(), match.end(), letters))
        return edits

    def _disguised(self, text: str) -> list[Edit]:
        """« cr3v3r », « s@lope », « p*te » → the word that rules know, if there is one."""
        edits = []
        for match in _DISGUISED.finditer(text):
            word = match.group()
            if len(word) > _LONGEST_DISGUISE or text.startswith("/", match.end()):
                continue
            plain = self._unmask(word.lower()) if "*" in word else self._unleet(word.lower())
            if plain:
                edits.append((match.start(), match.end(), plain))
        return edits

    def _unleet(self, word: str) -> str | None:
        word = word.rstrip("!+")
        choices = [self._tables.leet.get(c, c) for c in word]
        readings = 1
        for choice in choices:
            readings *= len(choice)
        if readings > _MOST_READINGS or len(word) < 3:
            return None
        for letters in product(*choices):
            reading = "".join(letters)
            if reading.isalpha() and self._known(reading):
                return reading
        return None

    def _unmask(self, word: str) -> str | None:
        if not word[0].isalpha() or word.strip("*").isdigit():
            return None
        mask = re.compile("".join(r"\w" if c == "*" else re.escape(c) for c in word) + "$")
        found = {w for w in self._maskable.get((len(word), word[0]), ()) if mask.match(w)}
        return found.pop() if len(found) == 1 else None

    def _repeated(self, text: str) -> list[Edit]:
        """« créééver » → « créver », « mooort » → « mort »."""
        edits: list[Edit] = []
        if not _REPEATED.search(text):  # most often
            return edits
        for match in _WORD.finditer(text):
            word = match.group()
            if not _REPEATED.search(word) or word.lower() == "www":
                continue
            twice, once = _REPEATED.sub(r"\1\1", word), _REPEATED.sub(r"\1", word)
            edits.append((match.start(), match.end(), twice if self._known(twice) else once))
        return edits

    def _abbreviated(self, text: str) -> list[Edit]:
        """Phone spelling: « jvais » → « je vais »."""
        table = self._tables.abbreviations
        return [(m.start(), m.end(), table[w]) for m in _WORD.finditer(text) if (w := m.group().lower()) in table]
