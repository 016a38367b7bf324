"""One walk over the text finds every phrase: the cost follows the text, not the number of phrases.

Phrases make a non-deterministic automaton whose states are merged while texts are read and kept for the next ones
(lazy subset construction; Aho, Sethi and Ullman, Compilers, 1986, §3.6), as regular-expression engines do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from triage.document.folding import fold
from triage.signals.lexicon import Inflections, Lexicon
from triage.signals.phrase import Element, Group, PhraseError, parse

Payload = TypeVar("Payload")


class Edges:
    """What leads from each token of a text: symbols of one token to the next one, longer ones farther.

    `single[i]` are the symbols of token i; `longer` maps a token to its longer symbols and the tokens they lead to.
    """

    def __init__(self, single: Sequence[frozenset[str]], longer: Iterable[tuple[str, int, int]] = ()) -> None:
        self.single = single
        self.longer: dict[int, dict[str, list[int]]] = {}
        self.every = list(single)
        self.extend(longer)

    def extend(self, longer: Iterable[tuple[str, int, int]]) -> None:
        """Adds (symbol, first token, one past the last) edges."""
        for symbol, start, end in longer:
            self.longer.setdefault(start, {}).setdefault(symbol, []).append(end)
            self.every[start] = self.every[start] | {symbol}


_NOWHERE: Mapping[str, list[int]] = {}


class Node(Generic[Payload]):
    """A place in one phrase: the symbols, and the widths of gaps, that lead on, and what is found here."""

    __slots__ = ("found", "ways")

    def __init__(self) -> None:
        self.ways: dict[str | int, Sequence[Node[Payload]]] = {}
        self.found: tuple[Payload, ...] = ()


def _link(nodes: Iterable[Node[Payload]], way: str | int, after: Node[Payload]) -> None:
    for node in nodes:
        known = node.ways.get(way)
        if isinstance(known, list):
            known.append(after)
        else:
            node.ways[way] = [after] if known is None else [*known, after]


def _link_all(nodes: Iterable[Node[Payload]], symbols: Sequence[str], after: Node[Payload]) -> None:
    """The same for many symbols; a node from which nothing leads yet takes them all at once."""
    for node in nodes:
        if node.ways:
            for symbol in symbols:
                _link((node,), symbol, after)
        else:
            node.ways = dict.fromkeys(symbols, (after,))


class State(Generic[Payload]):
    """Several nodes at once. Where a symbol leads is worked out the first time that a text asks."""

    __slots__ = ("barren", "found", "gaps", "keys", "next")

    def __init__(self, nodes: Sequence[Node[Payload]]) -> None:
        self.found = [payload for node in nodes for payload in node.found]
        self.next: dict[str, Sequence[Node[Payload]] | State[Payload]] = {}
        gaps: dict[int, list[Node[Payload]]] = {}
        for node in nodes:
            for way, after in node.ways.items():
                if isinstance(way, int):
                    gaps.setdefault(way, []).extend(after)
                else:
                    known = self.next.get(way)
                    self.next[way] = after if known is None or isinstance(known, State) else [*known, *after]
        self.gaps = [(width, State(after)) for width, after in gaps.items()]
        self.keys = self.next.keys()
        # Nothing is found here and no gap may be crossed: only a known symbol leads on.
        self.barren = not (self.found or self.gaps)

    def after(self, symbol: str) -> State[Payload]:
        """Where `symbol`, one of `keys`, leads."""
        known = self.next[symbol]
        if not isinstance(known, State):
            known = self.next[symbol] = State(known)
        return known


class PhraseTrie(Generic[Payload]):
    """Phrases of the rule language, merged by their beginnings.

    `split` cuts a written word as the tokenizer cuts the text (« l'adresse » → « l' », « adresse »).
    """

    def __init__(
        self, lexicon: Lexicon, inflections: Inflections, split: Callable[[str], list[str]], fields: set[str]
    ) -> None:
        self._root: Node[Payload] = Node()
        self._start: State[Payload] | None = None
        self._lexicon = lexicon
        self._inflections = inflections
        self._split = split
        self._fields = fields
        self._chains: dict[str, tuple[str, ...]] = {}

    def add(self, phrase: str, payload: Payload) -> None:
        """Find `payload` wherever `phrase` stands. Raises PhraseError."""
        ends = self._sequence([self._root], parse(phrase))
        if self._root in ends:
            raise PhraseError("tout est facultatif : cette phrase trouverait n'importe quoi")
        for node in ends:
            node.found += (payload,)
        self._start = None

    def join(self, entry: str, symbol: str) -> bool:
        """Make the words of a one-word `entry` stand for `symbol`; False when it is longer (or wrong: see `add`)."""
        if entry.isalpha():
            self._lexicon.add_form(fold(entry), symbol)
            return True
        try:
            elements = parse(entry)
        except PhraseError:
            return False
        only = elements[0]
        if len(elements) != 1 or not isinstance(only, str) or only[0] == "<":
            return False
        if only[0] == "=":
            for form in self._inflections.of(only[1:]):
                self._lexicon.add_form(form, symbol)
        elif only[-1] == "*":
            self._lexicon.add_prefix(fold(only[:-1]), symbol)
        else:
            tokens = self._split(only)
            if len(tokens) == 1:
                self._lexicon.add_form(fold(tokens[0]), symbol)
            return len(tokens) == 1
        return True

    def _sequence(
        self, nodes: list[Node[Payload]], elements: Sequence[Element], into: Node[Payload] | None = None
    ) -> list[Node[Payload]]:
        """The nodes at which `elements` end when they begin at `nodes`: `into`, where it is given, or new ones."""
        last = len(elements) - 1
        for i, element in enumerate(elements):
            nodes = self._element(nodes, element, (into if i == last else None) or Node())
        return nodes

    def _element(self, nodes: list[Node[Payload]], element: Element, after: Node[Payload]) -> list[Node[Payload]]:
        if isinstance(element, Group):
            return self._group(nodes, element, after)
        *before, way = self._chain(element) if isinstance(element, str) else (element.size,)
        for symbol in before:
            between: Node[Payload] = Node()
            _link(nodes, symbol, between)
            nodes = [between]
        _link(nodes, way, after)
        return [after]

    def _group(self, nodes: list[Node[Payload]], group: Group, after: Node[Payload]) -> list[Node[Payload]]:
        """All alternatives lead to `after`, which keeps the automaton small; an empty one stays where it began."""
        chains = [self._chains.get(word) or self._chain(word) for word in group.words]
        _link_all(nodes, [chain[0] for chain in chains if len(chain) == 1], after)
        ends = [after]
        for word, chain in zip(group.words, chains, strict=True):
            if len(chain) > 1:
                self._element(nodes, word, after)
        for sequence in group.sequences:
            ends += self._sequence(nodes, sequence, after)
        return list(dict.fromkeys(ends))

    def _chain(self, written: str) -> tuple[str, ...]:
        """The symbols, one a token, that a written word or class of words stands for."""
        chain = self._chains.get(written)
        if chain is None:
            chain = self._chains[written] = self._defined(written)
        return chain

    def _defined(self, written: str) -> tuple[str, ...]:
        """The same, its words made known to the lexicon. Raises PhraseError."""
        if written[0] == "<":
            if written not in self._fields:
                raise PhraseError(f"champ lexical inconnu : {written} (voir rules/lexicon/)")
        elif written[0] == "=":
            for form in self._inflections.of(written[1:]):
                self._lexicon.add_form(form, written)
        elif written[-1] == "*":
            self._lexicon.add_prefix(fold(written[:-1]), written)
        else:
            forms = tuple(fold(token) for token in self._split(written))
            if not forms:
                raise PhraseError(f"« {written} » ne se lit jamais seul dans un texte : ôtez-le")
            for form in forms:
                self._lexicon.add_form(form, form)
            return forms
        return (written,)

    def walk(self, edges: Edges, stops: Sequence[int]) -> list[tuple[Payload, int, int]]:
        """Every payload with its first and one-past-last token.

        `stops[i]` is the token at which the sentence of token i ends: gaps do not cross the end of the sentence in
        which the phrase begins.
        """
        if self._start is None:
            self._start = State([self._root])
        single, longer, every = edges.single, edges.longer, edges.every
        size = len(single)
        results: dict[tuple[int, int, int], tuple[Payload, int, int]] = {}

        def visit(state: State[Payload], start: int, here: int) -> None:
            for payload in state.found:
                results[id(payload), start, here] = (payload, start, here)
            if here < size:
                for symbol in state.keys & single[here]:
                    visit(state.after(symbol), start, here + 1)
                for symbol, ends in longer.get(here, _NOWHERE).items():
                    if symbol in state.keys:
                        for end in ends:
                            visit(state.after(symbol), start, end)
            for width, after in state.gaps:
                for there in range(here, min(here + width, stops[start] - 1) + 1):
                    if not (after.barren and after.keys.isdisjoint(every[there])):
                        visit(after, start, there)

        for start in range(size):
            if not self._start.keys.isdisjoint(every[start]):
                visit(self._start, start, start)
        return list(results.values())
