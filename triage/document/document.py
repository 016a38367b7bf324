"""A report made ready to be searched: words, sentences, voices, indicators, dates."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime

from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from triage.document.dates import DateCues, ToldDate, find_dates
from triage.document.spans import Tokens, tokens_of
from triage.document.voices import VoiceCues, attacker_spans
from triage.intake.cleaning import Cleaned, Cleaner
from triage.intake.indicators import Indicator, find
from triage.intake.report import Report

BUILTIN_SYMBOLS = {
    "email": "<courriel>",
    "url": "<url>",
    "phone": "<telephone>",
    "iban": "<iban>",
    "amount": "<montant>",
    "handle": "<pseudo>",
    "ip": "<ip>",
    "crypto": "<crypto>",
}
NUMBER_SYMBOL = "<nombre>"


@dataclass(frozen=True)
class Document:
    """A report with all that its words alone say.

    `quoted[i]`: token i is somebody else's word. `things`: (symbol, first token, one past the last) of indicators and
    numbers. `read_at` is the moment that relative dates count from. Token offsets are those of `cleaned.text`;
    `original_span` maps them back.
    """

    report: Report
    read_at: datetime
    cleaned: Cleaned
    doc: Doc
    tokens: Tokens
    quoted: tuple[bool, ...]
    indicators: tuple[Indicator, ...]
    things: tuple[tuple[str, int, int], ...]
    dates: tuple[ToldDate, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Code points of the report's own text behind tokens `start` to `end`."""
        return self.cleaned.original_span(self.tokens.starts[start], self.tokens.ends[end - 1])

    def words(self, start: int, end: int) -> str:
        """The report's own words behind tokens `start` to `end`."""
        first, last = self.original_span(start, end)
        return self.cleaned.original[first:last]


@dataclass(frozen=True)
class Reader:
    """Reads reports into documents."""

    tokenizer: Tokenizer
    cleaner: Cleaner
    voices: VoiceCues
    dates: DateCues

    def read(self, report: Report, now: datetime) -> Document:
        """`report` as a document; dates without a year count from `report.received_at`, else from `now`."""
        cleaned = self.cleaner.clean(report.text)
        doc = self.tokenizer(cleaned.text)
        tokens = tokens_of(doc)
        indicators = find(cleaned.text)
        read_at = report.received_at or now
        return Document(
            report=report,
            read_at=read_at,
            cleaned=cleaned,
            doc=doc,
            tokens=tokens,
            quoted=_quoted(report, cleaned.text, tokens, self.voices),
            indicators=indicators,
            things=tuple(_things(tokens, indicators)),
            dates=find_dates(cleaned.text, read_at, self.dates),
        )


def _quoted(report: Report, text: str, tokens: Tokens, cues: VoiceCues) -> tuple[bool, ...]:
    if report.kind == "message":
        return (True,) * len(tokens)
    quoted = [False] * len(tokens)
    for start, end in attacker_spans(text, cues):
        first = bisect_left(tokens.starts, start)
        after = bisect_right(tokens.starts, end - 1)
        quoted[first:after] = [True] * (after - first)
    return tuple(quoted)


def _things(tokens: Tokens, indicators: tuple[Indicator, ...]) -> list[tuple[str, int, int]]:
    things = []
    for indicator in indicators:
        first = bisect_left(tokens.starts, indicator.start)
        after = bisect_left(tokens.starts, indicator.end)
        if first < after:
            things.append((BUILTIN_SYMBOLS[indicator.kind], first, after))
    things += [(NUMBER_SYMBOL, i, i + 1) for i, form in enumerate(tokens.forms) if form[0].isdigit()]
    return things
