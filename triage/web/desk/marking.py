"""The report as an agent reads it: the words that rules found, each with its rule, whatever level they give."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from triage.desk.handling.reading import Rule

_MARK = Markup('<mark id="mot-{}">{}</mark>{}')
_LINK = Markup('<sup><a href="#regle-{}" aria-label="règle {} : {}">{}</a></sup>')


def ruled(text: str, rules: Iterable[Rule]) -> Markup:
    """`text` with the words of `rules` in <mark>; words of a piece, which come after the text, are left out.

    Words that several rules found are marked once, with the number of each rule.
    """
    spans: list[tuple[int, int, list[Rule]]] = []
    for start, end, rule in sorted(_found(text, rules), key=lambda one: (one[0], -one[1], one[2].number)):
        if spans and start < spans[-1][1]:
            first, last, together = spans[-1]
            spans[-1] = (first, max(last, end), together if rule in together else [*together, rule])
        else:
            spans.append((start, end, [rule]))
    pieces, position = [], 0
    for number, (start, end, several) in enumerate(spans, 1):
        links = Markup(" ").join(_LINK.format(one.number, one.number, one.title, one.number) for one in several)
        pieces += [escape(text[position:start]), _MARK.format(number, text[start:end], links)]
        position = end
    return Markup("").join([*pieces, escape(text[position:])])


def _found(text: str, rules: Iterable[Rule]) -> list[tuple[int, int, Rule]]:
    return [(quote.start, quote.end, rule) for rule in rules for quote in rule.words if quote.end <= len(text)]
