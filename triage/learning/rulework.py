"""One rule at work: its examples, what it finds in labelled texts, how right it is there, how long it takes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from triage.document.document import Document, Reader
from triage.document.folding import fold
from triage.intake.report import Report
from triage.learning.corpus import Example
from triage.learning.impact import READ_AT
from triage.learning.intervals import Interval, clopper_pearson
from triage.learning.passages import passage
from triage.learning.spreading import Progress, spread
from triage.signals.automaton import Edges
from triage.signals.catalogue import Catalogue
from triage.signals.checks import counts, hits_of
from triage.signals.matching import Hit, edges_of, search
from triage.signals.rule import Signal
from triage.signals.sieve import Sieve

_ROUNDS = 3  # of a measure of time: the shortest is the least disturbed


@dataclass(frozen=True)
class Occurrence:
    """A text in which a rule stands. `words`: the first that it finds; `passage`: their sentence, marked.

    `told`: whether it says something there, `denied`: by saying the contrary; if not `told`, `why` names the qualifiers
    that void it. `quoted`: whether these are somebody else's words.
    """

    place: int
    words: str
    passage: str
    told: bool
    denied: bool
    quoted: bool
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class Precision:
    """Of `found` texts in which a rule speaks for a target (« type:menace »), how many have that label."""

    target: str
    right: int
    found: int

    @property
    def interval(self) -> Interval:
        """95 %, exact."""
        return clopper_pearson(self.right, self.found)


@dataclass(frozen=True)
class Speed:
    """How long one phrase takes in one text, in microseconds of a core."""

    phrase: str
    microseconds: float


def occurrences(
    signal: Signal,
    catalogue: Catalogue,
    reader: Reader,
    examples: Sequence[Example],
    workers: int = 0,
    progress: Progress = lambda _: None,
) -> list[Occurrence]:
    """Every text of `examples` in which `signal` stands, at its `place` in them. Raises LostError."""
    sieve = Sieve(catalogue, [signal.id])

    def find(place: int) -> Occurrence | None:
        example = examples[place]
        document = reader.read(Report(example.text, example.kind), READ_AT)
        if not sieve.holds(document):
            return None
        hits = [hit for hit in search(document, catalogue).hits if hit.signal.id == signal.id]
        return _occurrence(place, document, hits)

    return [one for one in spread(find, len(examples), workers, progress) if one]


def said_of(signal: Signal, text: str, catalogue: Catalogue, reader: Reader) -> list[Occurrence]:
    """Each time that `signal` stands in a text; « message : … » is read as an attacker's message."""
    document, hits = hits_of(signal, text, catalogue, reader)
    return [one for hit in hits if (one := _occurrence(0, document, [hit]))]


def varied(found: Sequence[Occurrence], examples: Sequence[Example], most: int = 10) -> list[Occurrence]:
    """A few of them: other words first, then other authors, then in the order of the texts."""
    left, chosen = list(found), list[Occurrence]()
    words, voices = Counter[str](), Counter[str]()
    while left and len(chosen) < most:
        best = min(left, key=lambda one: (words[fold(one.words)], voices[examples[one.place].group], one.place))
        left.remove(best)
        chosen.append(best)
        words[fold(best.words)] += 1
        voices[examples[best.place].group] += 1
    return chosen


def by_type(found: Sequence[Occurrence], examples: Sequence[Example]) -> dict[str, tuple[int, int]]:
    """Labelled type → texts in which the rule says something, and texts of that type; the most found first."""
    told = Counter(name for one in found if one.told for name in examples[one.place].threats)
    every = Counter(name for example in examples for name in example.threats)
    return {name: (count, every[name]) for name, count in told.most_common()}


def precisions(signal: Signal, found: Sequence[Occurrence], examples: Sequence[Example]) -> list[Precision]:
    """How right the rule is for each thing that it speaks for; facts are counted where readers told them.

    Optimistic: whoever wrote the rule may have read these texts.
    """
    targets: list[tuple[str, bool, Callable[[Example], bool | None]]] = []
    if signal.type:
        targets.append((f"type:{signal.type}", False, lambda one: signal.type in one.threats))
    for flag in signal.flags:
        targets.append((f"flag:{flag}", False, partial(_flagged, flag)))
    for denied, facts in ((False, signal.facts), (True, signal.negated_facts)):
        for name, value in facts.items():
            targets.append((f"fact:{name}={value}", denied, partial(_fact, name, value)))
    measured = []
    for target, denied, right in targets:
        told = [right(examples[one.place]) for one in found if one.told and one.denied == denied]
        judged = [one for one in told if one is not None]
        measured.append(Precision(target, sum(judged), len(judged)))
    return measured


def speeds(signal: Signal, catalogue: Catalogue, documents: Sequence[Document]) -> list[Speed]:
    """What the rule (an empty phrase), then each of its phrases, the slowest first, costs by itself in one text."""
    edges = [edges_of(document, catalogue) for document in documents]
    measured = [Speed(phrase, _alone(catalogue, [phrase], edges, documents)) for phrase in signal.phrases]
    whole = Speed("", _alone(catalogue, signal.phrases, edges, documents))
    return [whole, *sorted(measured, key=lambda one: -one.microseconds)]


def speed_of_all(catalogue: Catalogue, documents: Sequence[Document]) -> float:
    """What all the rules cost together in one text, in microseconds."""
    return _time(catalogue.phrases.walk, [edges_of(document, catalogue) for document in documents], documents)


def _alone(
    catalogue: Catalogue, phrases: Sequence[str], edges: Sequence[Edges], documents: Sequence[Document]
) -> float:
    trie = catalogue.phrases.empty()
    for phrase in phrases:
        trie.add(phrase, "")
    return _time(trie.walk, edges, documents)


def _occurrence(place: int, document: Document, hits: Sequence[Hit]) -> Occurrence | None:
    if not hits:
        return None
    telling = sorted(hits, key=lambda hit: (not counts(hit), hit.void, hit.start))
    first = telling[0]
    told = counts(first)
    return Occurrence(
        place=place,
        words=" ".join(document.words(first.start, first.end).split()),
        passage=passage(document, [hit for hit in telling if counts(hit)] or telling),
        told=told,
        denied=told and first.void,
        quoted=first.quoted,
        why=() if told else tuple(sorted(first.qualifiers & first.signal.voiding)),
    )


def _flagged(name: str, example: Example) -> bool:
    return name in example.red_flags


def _fact(name: str, value: str, example: Example) -> bool | None:
    told = example.facts.get(name)
    return None if told is None else told == value


def _time(
    walk: Callable[[Edges, Sequence[int]], object], edges: Sequence[Edges], documents: Sequence[Document]
) -> float:
    """Microseconds a text; the first round, in which the automaton grows, does not count."""
    return min(list(_rounds(walk, edges, documents))[1:])


def _rounds(
    walk: Callable[[Edges, Sequence[int]], object], edges: Sequence[Edges], documents: Sequence[Document]
) -> Iterator[float]:
    for _ in range(1 + _ROUNDS):
        begun = time.process_time()
        for edge, document in zip(edges, documents, strict=True):
            walk(edge, document.tokens.stops)
        yield 1e6 * (time.process_time() - begun) / (len(documents) or 1)
