"""A sentence of a report with the words that count between square brackets, as rule files write their examples."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from triage.assessment.triaged import Triaged
from triage.document.document import Document
from triage.learning.identifiers.plain import Found
from triage.learning.pseudonyms import Pseudonyms
from triage.signals.matching import Hit

Span = tuple[int, int]
# What is shown of a sentence that goes on and on: so many characters on each side of the words that count.
AROUND = 140
_MORE = "…"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # a terminal would obey


@dataclass(frozen=True)
class Hide:
    """Finds what designates somebody, and replaces it by marks."""

    find: Callable[[str], Sequence[Found]]
    marks: Pseudonyms


def passage(document: Document, hits: Sequence[Hit], hide: Hide | None = None) -> str:
    """The sentence of the first of `hits`, with all of them that stand in it marked; empty without a hit."""
    if not hits:
        return ""
    tokens, first = document.tokens, hits[0]
    begin, stop = tokens.begins[first.start], tokens.stops[first.end - 1]
    inside = [document.original_span(hit.start, hit.end) for hit in hits if begin <= hit.start and hit.end <= stop]
    whole, anchor = document.original_span(begin, stop), document.original_span(first.start, first.end)
    text = document.cleaned.original
    start, end = _cut(text, whole, anchor)
    hidden = [one for one in hide.find(text) if start < one.end and one.start < end] if hide else []
    start, end = min([start, *(one.start for one in hidden)]), max([end, *(one.end for one in hidden)])
    shown = _written(text, (start, end), _joined(inside), hidden, hide)
    return f"{_MORE if start > whole[0] else ''}{shown}{_MORE if end < whole[1] else ''}"


def telling(triaged: Triaged, signals: Collection[str]) -> list[Hit]:
    """The hits of `signals` in what was judged, those that count first; without any, what the decision rests on."""
    found = [hit for hit in triaged.findings.hits if hit.signal.id in signals]
    if not found:
        assessment = triaged.assessment
        found = [hit for reason in assessment.reasons for hit in (*reason.hits, *_of_facts(reason.facts))]
        found += [hit for flag in assessment.flags for hit in flag.hits]
    return sorted(found, key=lambda hit: (hit.void, hit.start))


def _of_facts(facts: Iterable[object]) -> Iterable[Hit]:
    return (hit for fact in facts for hit in getattr(fact, "hits", ()))


def _cut(text: str, whole: Span, anchor: Span) -> Span:
    """`whole`, or what stands around `anchor` when that is long, cut between words."""
    start, end = max(whole[0], anchor[0] - AROUND), min(whole[1], anchor[1] + AROUND)
    while whole[0] < start < anchor[0] and not text[start - 1].isspace():
        start += 1
    while anchor[1] < end < whole[1] and not text[end].isspace():
        end -= 1
    return start, end


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that overlap made one."""
    kept: list[Span] = []
    for start, end in sorted(spans):
        if kept and start <= kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept


def _written(text: str, span: Span, marked: Sequence[Span], hidden: Sequence[Found], hide: Hide | None) -> str:
    """`text` between `span`, brackets put in, names taken out; a bracket within a name goes before or after it."""
    opening, closing = {start for start, _ in marked}, {end for _, end in marked}
    names = {one.start: one for one in hidden}
    pieces: list[str] = []
    at = span[0]
    while at < span[1]:
        name = names.get(at)
        after = name.end if name else at + 1
        within = range(at, after)
        pieces += ["["] * sum(place in opening for place in within)
        pieces.append(hide.marks.mark(name.kind, name.value) if name and hide else text[at])
        pieces += ["]"] * sum(place + 1 in closing for place in within)
        at = after
    return " ".join(_CONTROL.sub(" ", "".join(pieces)).split())
