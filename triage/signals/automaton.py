"""The automaton behind the phrases: the cost of a walk follows the text, not the number of phrases.

Phrases make a non-deterministic automaton whose states are merged while texts are read and kept for the next ones
(lazy subset construction; Aho, Sethi and Ullman, Compilers, 1986, §3.6), as regular-expression engines do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

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


class Node(Generic[Payload]):
    """A place in one phrase: the symbols, and the widths of gaps, that lead on, and what is found here."""

    __slots__ = ("found", "gaps", "ways")

    def __init__(self) -> None:
        self.ways: dict[str, Sequence[Node[Payload]]] = {}
        self.gaps: tuple[tuple[int, Node[Payload]], ...] = ()
        self.found: tuple[Payload, ...] = ()

    def lead(self, symbol: str, after: Node[Payload]) -> None:
        """Let `symbol` lead to `after`."""
        known = self.ways.get(symbol)
        if known is None:
            self.ways[symbol] = (after,)
        elif isinstance(known, list):
            known.append(after)
        else:
            self.ways[symbol] = [*known, after]

    def lead_all(self, symbols: Sequence[str], after: Node[Payload]) -> None:
        """The same for many symbols; a node from which nothing leads yet takes them all at once."""
        if not self.ways:
            self.ways = dict.fromkeys(symbols, (after,))
            return
        for symbol in symbols:
            self.lead(symbol, after)


class State(dict[str, "State[Payload]"], Generic[Payload]):
    """Several nodes at once, and where each of `symbols` leads: worked out the first time that a text asks."""

    __slots__ = ("_nodes", "_states", "barren", "found", "gaps", "last", "symbols")

    def __init__(self, nodes: tuple[Node[Payload], ...], states: States[Payload]) -> None:
        self._nodes = nodes
        self._states = states
        # A set of its own, not the keys of a node: set operations between sets run over the smaller one.
        self.symbols: frozenset[str] = frozenset().union(*(node.ways for node in nodes))
        self.found = [payload for node in nodes for payload in node.found]
        self.gaps = _skipping([gap for node in nodes for gap in node.gaps], states)
        # Nothing is found here and no gap may be crossed: only a known symbol leads on.
        self.barren = not (self.found or self.gaps)
        # Nothing leads on.
        self.last = not (self.symbols or self.gaps)

    def __missing__(self, symbol: str) -> State[Payload]:
        after = (one for node in self._nodes if symbol in node.ways for one in node.ways[symbol])
        state = self[symbol] = self._states[tuple(after)]
        return state


class States(dict[tuple[Node[Payload], ...], State[Payload]]):
    """Every state that a text has asked for, by its nodes: many ways lead to the same ones."""

    def __missing__(self, nodes: tuple[Node[Payload], ...]) -> State[Payload]:
        state = self[nodes] = State(nodes, self)
        return state


def _skipping(gaps: Sequence[tuple[int, Node[Payload]]], known: States[Payload]) -> list[State[Payload]]:
    """Where one stands after skipping 0, 1, 2… words: all gaps at least so wide, together."""
    states: list[State[Payload]] = []
    before = -1
    for width in sorted({width for width, _ in gaps}):
        state = known[tuple(after for one, after in gaps if one >= width)]
        states += [state] * (width - before)
        before = width
    return states


def walk(start: State[Payload], edges: Edges, stops: Sequence[int]) -> list[tuple[Payload, int, int]]:
    """Every payload found from `start`, with its first and one-past-last token.

    `stops[i]` is the token at which the sentence of token i ends: gaps do not cross the end of the sentence in
    which the phrase begins.
    """
    single, longer, size = edges.single, edges.longer, len(edges.single)
    every = [*edges.every, frozenset[str]()]
    results: dict[tuple[int, int, int], tuple[Payload, int, int]] = {}
    waiting: list[tuple[State[Payload], int]] = []
    stop, sentence = 0, frozenset[str]()
    for first in range(size):
        if first >= stop:
            stop = stops[first]
            sentence = frozenset().union(*every[first:stop])
        if not start.symbols.isdisjoint(every[first]):
            waiting.append((start, first))
        while waiting:
            state, here = waiting.pop()
            for payload in state.found:
                results[id(payload), first, here] = (payload, first, here)
            symbols = state.symbols
            if symbols and here < size:
                beyond = here + 1
                for symbol in symbols & single[here]:
                    after = state[symbol]
                    # Most words lead nowhere, or to an end: both are cheaper seen from here.
                    if after.last:
                        for payload in after.found:
                            results[id(payload), first, beyond] = (payload, first, beyond)
                    elif not (after.barren and after.symbols.isdisjoint(every[beyond])):
                        waiting.append((after, beyond))
                if here in longer:
                    for symbol, ends in longer[here].items():
                        if symbol in symbols:
                            waiting += [(state[symbol], end) for end in ends]
            gaps = state.gaps
            if gaps and not (gaps[0].barren and gaps[0].symbols.isdisjoint(sentence)):
                for there, after in zip(range(here, stop), gaps, strict=False):
                    if not (after.barren and after.symbols.isdisjoint(every[there])):
                        waiting.append((after, there))
    return list(results.values())
