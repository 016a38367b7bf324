"""What a text says: every signal found, with its words, its voice and its qualifiers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from triage.document.document import Document
from triage.document.qualifiers import CueHit, Reach
from triage.signals.automaton import Edges
from triage.signals.catalogue import Catalogue, Entry
from triage.signals.rule import Cue, Qualifier, Signal

LOWERED = 0.5
# The weight from which something is told: one plain sign (1), or two faint ones (0.5 each).
ENOUGH = 1.0
# The qualifier that no cue gives: every date of the sentence lies more than three days back.
OLD: Qualifier = "ancien"


@dataclass(frozen=True)
class Hit:
    """A signal found at tokens `start` to `end`.

    `qualifiers` says what the words around make of it; a `void` hit is not told as a fact, `weight` is what is left
    of the signal's weight.
    """

    signal: Signal
    start: int
    end: int
    quoted: bool
    qualifiers: frozenset[str]
    weight: float

    @property
    def void(self) -> bool:
        """Whether a qualifier cancels the hit."""
        return bool(self.qualifiers & self.signal.voiding)

    @property
    def denied(self) -> bool:
        """Whether the text says the contrary."""
        return "negation" in self.qualifiers


@dataclass(frozen=True)
class Findings:
    """Every hit of a text and every cue."""

    hits: tuple[Hit, ...]
    cues: tuple[CueHit, ...]

    def without(self, begin: int, stop: int) -> Findings:
        """What is found outside tokens `begin` to `stop`, as in the document without them."""
        return Findings(_outside(self.hits, begin, stop), _outside(self.cues, begin, stop))


Found = TypeVar("Found", Hit, CueHit)


def _outside(found: Iterable[Found], begin: int, stop: int) -> tuple[Found, ...]:
    gone = stop - begin
    return tuple(
        one if one.end <= begin else replace(one, start=one.start - gone, end=one.end - gone)
        for one in found
        if one.end <= begin or one.start >= stop
    )


def search(document: Document, catalogue: Catalogue) -> Findings:
    """All that the catalogue's rules find in `document`."""
    entries = _entries(document, catalogue)
    reach = _reach(entries)
    old = document.old_sentences()
    hits = [
        _hit(entry.owner, start, end, document, reach, catalogue.looked_inside - entry.own, old)
        for entry, start, end in _longest(entries)
        if isinstance(entry.owner, Signal) and _right_voice(entry.owner, start, end, document)
    ]
    return Findings(tuple(hits), reach.cues)


def weights(hits: Iterable[Hit], names: Callable[[Signal], Iterable[str]]) -> dict[str, float]:
    """The weight told for each of the `names` that signals speak for; cancelled hits say nothing.

    A signal counts once for a name, however often it is found.
    """
    best: dict[tuple[str, str], float] = {}
    for hit in hits:
        if not hit.void:
            for name in names(hit.signal):
                key = (name, hit.signal.id)
                best[key] = max(best.get(key, 0.0), hit.weight)
    totals: dict[str, float] = {}
    for (name, _), weight in best.items():
        totals[name] = totals.get(name, 0.0) + weight
    return totals


def reach_of(document: Document, catalogue: Catalogue) -> Reach:
    """The cues of `document`, ready to be asked about any span."""
    return _reach(_entries(document, catalogue))


def _entries(document: Document, catalogue: Catalogue) -> list[tuple[Entry, int, int]]:
    found = catalogue.phrases.walk(edges_of(document, catalogue), document.tokens.stops)
    return found + _patterns(document, catalogue)


def _reach(entries: list[tuple[Entry, int, int]]) -> Reach:
    return Reach.of(
        CueHit(entry.owner.id, entry.role, start, end, _window(entry.owner, entry.role))
        for entry, start, end in entries
        if isinstance(entry.owner, Cue)
    )


def edges_of(document: Document, catalogue: Catalogue) -> Edges:
    """What leads from each token: its symbols, those of several words included."""
    symbols = catalogue.lexicon.symbols
    edges = Edges([symbols(form) for form in document.tokens.forms], document.things)
    edges.extend(catalogue.fields.walk(edges, document.tokens.stops))
    return edges


def _patterns(document: Document, catalogue: Catalogue) -> list[tuple[Entry, int, int]]:
    if not catalogue.pattern_owners:
        return []
    place = {index: i for i, index in enumerate(document.tokens.indexes)}
    found = []
    for key, start, end in catalogue.patterns(document.doc):
        if start in place and end - 1 in place:
            found.append((catalogue.pattern_owners[key], place[start], place[end - 1] + 1))
    return found


def _window(cue: Cue, role: str) -> int:
    return cue.window_following if role == "following" else cue.window


def _longest(entries: list[tuple[Entry, int, int]]) -> list[tuple[Entry, int, int]]:
    """Without the hits that lie inside another hit of the same rule."""
    kept: list[tuple[Entry, int, int]] = []
    reached: dict[int, int] = {}
    # Then by name: the same text is told in the same order in every process.
    for entry, start, end in sorted(entries, key=lambda e: (e[1], -e[2], e[0].owner.id, -len(e[0].own))):
        owner = id(entry.owner)
        if reached.get(owner, -1) < end:
            reached[owner] = end
            kept.append((entry, start, end))
    return kept


def _right_voice(signal: Signal, start: int, end: int, document: Document) -> bool:
    if signal.opening and start:
        return False
    if signal.voice == "tous":
        return True
    theirs = document.quoted[start] and document.quoted[end - 1]
    return theirs if signal.voice == "attaquant" else not document.quoted[start] or document.unsure[start]


def _hit(
    signal: Signal, start: int, end: int, document: Document, reach: Reach, inside: frozenset[str], old: frozenset[int]
) -> Hit:
    qualifiers = frozenset(reach.qualifiers(start, end, document.tokens, document.quoted, inside))
    if document.tokens.begins[start] in old:
        qualifiers |= {OLD}
    weight = signal.weight * (LOWERED if qualifiers & set(signal.lower_if) else 1.0)
    return Hit(signal, start, end, document.quoted[start], qualifiers, weight)
