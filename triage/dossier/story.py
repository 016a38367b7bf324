"""The report word for word, the words that decided underlined, and why they did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from triage.dossier.casefile import CaseFile

MOST_QUOTES = 6


def story(case: CaseFile) -> list[list[dict[str, Any]]]:
    """The paragraphs of the report, each cut into pieces: `text`, and whether it `decided`."""
    paragraphs: list[list[dict[str, Any]]] = [[]]
    for text, decided in _pieces(case):
        for i, line in enumerate(text.split("\n")):
            if i:
                paragraphs.append([])
            if line:
                paragraphs[-1].append({"text": line, "decided": decided})
    return [pieces for pieces in paragraphs if any(piece["text"].strip() for piece in pieces)]


def reasons(case: CaseFile) -> list[dict[str, Any]]:
    """Why this level: each reason with its words, once each."""
    return [
        {
            "level": one.level.label,
            "text": one.text,
            "words": list(dict.fromkeys(" ".join(quote.text.split()) for quote in one.quotes))[:MOST_QUOTES],
        }
        for one in case.diagnostic.reasons
    ]


def _pieces(case: CaseFile) -> Iterator[tuple[str, bool]]:
    at = 0
    for start, end in _spans(case):
        yield case.told[at:start], False
        yield case.told[start:end], True
        at = end
    yield case.told[at:], False


def _spans(case: CaseFile) -> list[tuple[int, int]]:
    """Where the deciding words stand, joined where they overlap; none if the report is not the text that was sorted."""
    if not case.triaged.document.report.text.startswith(case.told):
        return []
    quotes = sorted(
        {(q.start, q.end) for one in case.diagnostic.reasons for q in one.quotes if q.end <= len(case.told)}
    )
    spans: list[tuple[int, int]] = []
    for start, end in quotes:
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans
