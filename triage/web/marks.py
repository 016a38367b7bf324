"""Texts made into HTML: the report with its deciding words marked, and sentences with their contacts to tap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jinja2 import Environment, pass_environment
from markupsafe import Markup, escape

from triage.diagnostic.contacts import Contact, Proposed
from triage.diagnostic.diagnostic import Diagnostic
from triage.web.templating import templates

_MARK = Markup('<mark>{}</mark><sup><a href="#pourquoi-{}" aria-label="{}, pourquoi : {}">{}</a></sup>')
_CALM = "advice"
_LINK = Markup('<a href="{}" rel="noreferrer">{}</a>')


@dataclass(frozen=True)
class Marked:
    """The text as HTML, and the reasons that its marks point to, numbered from 1."""

    html: Markup
    reasons: tuple[str, ...]


def marked(text: str, diagnostic: Diagnostic) -> Marked:
    """`text` with the words that rules point at in <mark>. Words read in evidence come after it and are not marked,
    nor are those that spoke for no help at all where help is needed.
    """
    reasons: dict[str, int] = {}
    spans: list[tuple[int, int, str]] = []
    calm = diagnostic.level.id == _CALM
    for because in (one for one in diagnostic.reasons if calm or one.level.id != _CALM):
        spans += [(q.start, q.end, because.text) for q in because.quotes if not q.by_model and q.end <= len(text)]
    kept = _apart(spans)
    for _, _, why in kept:
        reasons.setdefault(why, len(reasons) + 1)
    pieces, position = [], 0
    for start, end, why in kept:
        number = reasons[why]
        pieces += [escape(text[position:start]), _MARK.format(text[start:end], number, number, why, number)]
        position = end
    return Marked(Markup("").join([*pieces, escape(text[position:])]), tuple(reasons))


@pass_environment
def linked(environment: Environment, text: str, contacts: Iterable[Contact]) -> Markup:
    """`text` with the numbers and sites of those of `contacts` that it names as links."""
    taps = {one.reach: environment.filters["tap"](Proposed(one, "", None)) for one in contacts}
    names = "|".join(re.escape(reach) for reach, tap in taps.items() if tap)
    pieces = re.split(rf"(?<![\w.])({names})(?!\w|\.\w)", text) if names else [text]
    return Markup("").join(
        _LINK.format(taps[piece], piece) if number % 2 else escape(piece) for number, piece in enumerate(pieces)
    )


templates.env.filters["linked"] = linked


def _apart(spans: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The spans that do not overlap: of two, the one that begins first, then the longer."""
    kept: list[tuple[int, int, str]] = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept
