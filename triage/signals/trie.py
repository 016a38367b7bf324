"""Phrases of the rule language, made into an automaton."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic

from triage.document.folding import fold
from triage.signals.automaton import Edges, Node, Payload, State, States, walk
from triage.signals.lexicon import Inflections, Lexicon
from triage.signals.phrase import Element, Gap, Group, PhraseError, parse


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
        self._words_of: dict[Group, tuple[list[str], list[str]]] = {}

    def empty(self) -> PhraseTrie[str]:
        """One without a phrase yet, which reads them as this one does."""
        return PhraseTrie(self._lexicon, self._inflections, self._split, self._fields)

    def add(self, phrase: str, payload: Payload) -> None:
        """Find `payload` wherever `phrase` stands. Raises PhraseError."""
        self._add(parse(phrase), payload)

    def define(self, entry: str, symbol: Payload) -> None:
        """Let `entry` of a lexical field stand for `symbol`: a word in the lexicon, a phrase as with `add`."""
        if entry.isalpha():
            self._lexicon.add_form(fold(entry), str(symbol))
            return
        elements = parse(entry)
        only = elements[0]
        if len(elements) > 1 or not isinstance(only, str) or only[0] == "<":
            self._add(elements, symbol)
        elif only[0] == "=":
            for form in self._inflections.of(only[1:]):
                self._lexicon.add_form(form, str(symbol))
        elif only[-1] == "*":
            self._lexicon.add_prefix(fold(only[:-1]), str(symbol))
        elif len(tokens := self._split(only)) == 1:
            self._lexicon.add_form(fold(tokens[0]), str(symbol))
        else:
            self._add(elements, symbol)

    def settle(self) -> None:
        """Lets go of what was kept to add phrases faster."""
        self._chains.clear()
        self._words_of.clear()

    def _add(self, elements: Sequence[Element], payload: Payload) -> None:
        ends = self._sequence([self._root], elements)
        if self._root in ends:
            raise PhraseError("tout est facultatif : cette phrase trouverait n'importe quoi")
        for node in ends:
            node.found += (payload,)
        self._start = None

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
        if isinstance(element, Gap):
            for node in nodes:
                node.gaps += ((element.size, after),)
            return [after]
        *before, last = self._chain(element)
        for symbol in before:
            between: Node[Payload] = Node()
            for node in nodes:
                node.lead(symbol, between)
            nodes = [between]
        for node in nodes:
            node.lead(last, after)
        return [after]

    def _group(self, nodes: list[Node[Payload]], group: Group, after: Node[Payload]) -> list[Node[Payload]]:
        """All alternatives lead to `after`, which keeps the automaton small; an empty one stays where it began."""
        words = self._words_of.get(group)
        if words is None:
            words = self._words_of[group] = self._sorted_words(group)
        single, cut = words
        for node in nodes:
            node.lead_all(single, after)
        ends = [after]
        for word in cut:
            self._element(nodes, word, after)
        for sequence in group.sequences:
            ends += self._sequence(nodes, sequence, after)
        return list(dict.fromkeys(ends))

    def _sorted_words(self, group: Group) -> tuple[list[str], list[str]]:
        """The symbols of the words of `group` that are one token, and the words that are cut in several."""
        chains = [(word, self._chain(word)) for word in group.words]
        return [chain[0] for _, chain in chains if len(chain) == 1], [word for word, chain in chains if len(chain) > 1]

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
        """Every payload with its first and one-past-last token (see `automaton.walk`)."""
        if self._start is None:
            states: States[Payload] = States()
            self._start = states[(self._root,)]
        return walk(self._start, edges, stops)
