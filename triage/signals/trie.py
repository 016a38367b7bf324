"""One walk over the text finds every phrase: the cost follows the text, not the number of phrases.

Phrases make a non-deterministic automaton whose states are merged while texts are read and kept for the next ones
(lazy subset construction; Aho, Sethi and Ullman, Compilers, 1986, §3.6), as regular-expression engines do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from triage.document.folding import fold
from triage.signals.lexicon import Inflections, Lexicon
from triage.signals.phrase import Element, Gap, Group, PhraseError, Symbol, Word, parse

Payload = TypeVar("Payload")
Edges = Sequence[Sequence[tuple[str, int]]]


class Node(Generic[Payload]):
    """A place in one phrase: symbols that lead on, gaps that may be crossed, what is found here."""

    __slots__ = ("children", "found", "gaps")

    def __init__(self) -> None:
        self.children: dict[str, list[Node[Payload]]] = {}
        self.gaps: dict[int, list[Node[Payload]]] = {}
        self.found: list[Payload] = []


class State(Generic[Payload]):
    """Several nodes at once. Where a symbol leads is worked out the first time that a text asks."""

    __slots__ = ("found", "gaps", "next")

    def __init__(self, nodes: Sequence[Node[Payload]]) -> None:
        self.found = [payload for node in nodes for payload in node.found]
        self.next: dict[str, list[Node[Payload]] | State[Payload]] = {}
        gaps: dict[int, list[Node[Payload]]] = {}
        for node in nodes:
            for symbol, after in node.children.items():
                known = self.next.get(symbol)
                self.next[symbol] = [*known, *after] if isinstance(known, list) else after
            for width, after in node.gaps.items():
                gaps.setdefault(width, []).extend(after)
        self.gaps = [(width, State(after)) for width, after in gaps.items()]

    def after(self, symbol: str) -> State[Payload] | None:
        """Where `symbol` leads, None for nowhere."""
        known = self.next.get(symbol)
        if isinstance(known, list):
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
        self._known_symbols: set[str] = set()

    def add(self, phrase: str, payload: Payload) -> None:
        """Find `payload` wherever `phrase` stands. Raises PhraseError."""
        ends = self._sequence([self._root], parse(phrase))
        if self._root in ends:
            raise PhraseError("tout est facultatif : cette phrase trouverait n'importe quoi")
        for node in ends:
            node.found.append(payload)
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
        if len(elements) != 1:
            return False
        only = elements[0]
        if isinstance(only, Word):
            tokens = self._split(only.text)
            if len(tokens) == 1:
                self._lexicon.add_form(fold(tokens[0]), symbol)
            return len(tokens) == 1
        if not isinstance(only, Symbol) or only.name.startswith("<"):
            return False
        if only.name.startswith("="):
            for form in self._inflections.of(only.name[1:]):
                self._lexicon.add_form(form, symbol)
        else:
            self._lexicon.add_prefix(fold(only.name[:-1]), symbol)
        return True

    def _sequence(self, nodes: list[Node[Payload]], elements: Sequence[Element]) -> list[Node[Payload]]:
        """The nodes at which `elements` end when they begin at `nodes`."""
        for element in elements:
            nodes = self._element(nodes, element)
        return nodes

    def _element(self, nodes: list[Node[Payload]], element: Element) -> list[Node[Payload]]:
        if isinstance(element, Word):
            for token in self._split(element.text):
                form = fold(token)
                self._lexicon.add_form(form, form)
                nodes = self._linked(nodes, form)
            return nodes
        if isinstance(element, Symbol):
            self._define(element.name)
            return self._linked(nodes, element.name)
        if isinstance(element, Gap):
            after: Node[Payload] = Node()
            for node in nodes:
                node.gaps.setdefault(element.size, []).append(after)
            return [after]
        return self._group(nodes, element)

    def _group(self, nodes: list[Node[Payload]], group: Group) -> list[Node[Payload]]:
        """Alternatives of one word all lead to the same node, which keeps the automaton small."""
        after: Node[Payload] = Node()
        ends: list[Node[Payload]] = [after]
        for alternative in group.alternatives:
            symbol = self._single(alternative)
            if symbol is None:
                ends += self._sequence(nodes, alternative)
                continue
            for node in nodes:
                node.children.setdefault(symbol, []).append(after)
        return list({id(node): node for node in ends}.values())

    def _single(self, alternative: Sequence[Element]) -> str | None:
        """The symbol of an alternative of one word, None for a longer one."""
        if len(alternative) != 1:
            return None
        only = alternative[0]
        if isinstance(only, Symbol):
            self._define(only.name)
            return only.name
        if isinstance(only, Word):
            tokens = self._split(only.text)
            if len(tokens) == 1:
                form = fold(tokens[0])
                self._lexicon.add_form(form, form)
                return form
        return None

    def _linked(self, nodes: list[Node[Payload]], symbol: str) -> list[Node[Payload]]:
        after: Node[Payload] = Node()
        for node in nodes:
            node.children.setdefault(symbol, []).append(after)
        return [after]

    def _define(self, symbol: str) -> None:
        if symbol in self._known_symbols:
            return
        self._known_symbols.add(symbol)
        if symbol.startswith("<"):
            if symbol not in self._fields:
                raise PhraseError(f"champ lexical inconnu : {symbol} (voir rules/lexicon/)")
        elif symbol.startswith("="):
            for form in self._inflections.of(symbol[1:]):
                self._lexicon.add_form(form, symbol)
        else:
            self._lexicon.add_prefix(fold(symbol[:-1]), symbol)

    def walk(self, edges: Edges, stops: Sequence[int]) -> list[tuple[Payload, int, int]]:
        """Every payload with its first and one-past-last token.

        `edges[i]` are the (symbol, next token) pairs that leave token i; `stops[i]` is the token at which the
        sentence of token i ends: gaps do not cross the end of the sentence in which the phrase begins.
        """
        if self._start is None:
            self._start = State([self._root])
        results: dict[tuple[int, int, int], tuple[Payload, int, int]] = {}
        size = len(edges)

        def visit(state: State[Payload], start: int, here: int) -> None:
            for payload in state.found:
                results[id(payload), start, here] = (payload, start, here)
            if here >= size:
                return
            for symbol, following in edges[here]:
                after = state.after(symbol)
                if after is not None:
                    visit(after, start, following)
            for width, after in state.gaps:
                for skipped in range(here, min(here + width, stops[start] - 1) + 1):
                    visit(after, start, skipped)

        for start in range(size):
            for symbol, following in edges[start]:
                state = self._start.after(symbol)
                if state is not None:
                    visit(state, start, following)
        return list(results.values())
