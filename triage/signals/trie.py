"""One walk over the text finds every phrase: the cost follows the text, not the number of phrases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from triage.document.folding import fold
from triage.signals.lexicon import Inflections, Lexicon
from triage.signals.phrase import Element, Gap, Group, PhraseError, Symbol, Word, parse

Payload = TypeVar("Payload")
Edges = Sequence[Sequence[tuple[str, int]]]


@dataclass(slots=True)
class Node(Generic[Payload]):
    """Where a walk stands: words that lead on, gaps that may be crossed, what is found here."""

    children: dict[str, Node[Payload]] = field(default_factory=dict)
    gaps: dict[int, Node[Payload]] = field(default_factory=dict)
    found: list[Payload] = field(default_factory=list)


class PhraseTrie(Generic[Payload]):
    """Phrases of the rule language, merged by their beginnings.

    `split` cuts a written word as the tokenizer cuts the text (« l'adresse » → « l' », « adresse »).
    """

    def __init__(
        self, lexicon: Lexicon, inflections: Inflections, split: Callable[[str], list[str]], fields: set[str]
    ) -> None:
        self.root: Node[Payload] = Node()
        self._lexicon = lexicon
        self._inflections = inflections
        self._split = split
        self._fields = fields
        self._known_symbols: set[str] = set()

    def add(self, phrase: str, payload: Payload) -> None:
        """Find `payload` wherever `phrase` stands. Raises PhraseError."""
        for node in self._sequence([self.root], parse(phrase)):
            if node is self.root:
                raise PhraseError("tout est facultatif : cette phrase trouverait n'importe quoi")
            node.found.append(payload)

    def join(self, entry: str, symbol: str) -> bool:
        """Make the words of a one-word `entry` stand for `symbol`; False when it is longer (or wrong: see `add`)."""
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
        for element in elements:
            nodes = [after for node in nodes for after in self._element(node, element)]
        return list({id(node): node for node in nodes}.values())

    def _element(self, node: Node[Payload], element: Element) -> list[Node[Payload]]:
        if isinstance(element, Word):
            for token in self._split(element.text):
                form = fold(token)
                self._lexicon.add_form(form, form)
                node = node.children.setdefault(form, Node())
            return [node]
        if isinstance(element, Symbol):
            self._define(element.name)
            return [node.children.setdefault(element.name, Node())]
        if isinstance(element, Gap):
            return [node.gaps.setdefault(element.size, Node())]
        return self._group(node, element)

    def _group(self, node: Node[Payload], group: Group) -> list[Node[Payload]]:
        return [after for sequence in group.alternatives for after in self._sequence([node], sequence)]

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
        hits: set[tuple[int, int, int]] = set()
        results: list[tuple[Payload, int, int]] = []
        size = len(edges)

        def visit(node: Node[Payload], start: int, here: int) -> None:
            for payload in node.found:
                key = (id(payload), start, here)
                if key not in hits:
                    hits.add(key)
                    results.append((payload, start, here))
            if here >= size:
                return
            children = node.children
            if children:
                for symbol, after in edges[here]:
                    child = children.get(symbol)
                    if child is not None:
                        visit(child, start, after)
            for width, child in node.gaps.items():
                for skipped in range(here, min(here + width, stops[start] - 1) + 1):
                    visit(child, start, skipped)

        for start in range(size):
            children = self.root.children
            for symbol, after in edges[start]:
                child = children.get(symbol)
                if child is not None:
                    visit(child, start, after)
        return results
