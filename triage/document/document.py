"""A report made ready to be searched: words, sentences, voices, indicators, dates."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from triage.document.dates import RECENT, DateCues, ToldDate, find_dates
from triage.document.pipeline import tokenize
from triage.document.spans import Tokens, tokens_of
from triage.document.voices import VoiceCues, attacker_spans, unsure_spans
from triage.intake.cleaning import Cleaned, Cleaner
from triage.intake.indicators import Indicator, find
from triage.intake.moment import in_paris
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

Placed = TypeVar("Placed", Indicator, ToldDate)


@dataclass(frozen=True)
class Document:
    """A report with all that its words alone say.

    `quoted[i]`: token i is somebody else's word; `unsure[i]`: it may be the reporter's after all. `things`: (symbol,
    first token, one past the last) of indicators and numbers. `read_at` is the moment that relative dates count from.
    Token offsets are those of `cleaned.text`; `original_span` maps them back.
    """

    report: Report
    read_at: datetime
    cleaned: Cleaned
    doc: Doc
    tokens: Tokens
    quoted: tuple[bool, ...]
    unsure: tuple[bool, ...]
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

    @property
    def usable_dates(self) -> tuple[ToldDate, ...]:
        """The dates that say how long ago; one that names a day does so only when one knows when the report came in."""
        return tuple(one for one in self.dates if not one.absolute or self.report.received_at)

    def old_sentences(self) -> frozenset[int]:
        """The first token of each sentence whose dates all lie more than three days back."""
        old: dict[int, bool] = {}
        for one in self.usable_dates:
            token = bisect_left(self.tokens.starts, one.start)
            if token < len(self.tokens):
                begin = self.tokens.begins[token]
                past = not one.since and self.read_at.date() - one.latest > RECENT
                old[begin] = past and old.get(begin, True)
        return frozenset(begin for begin, past in old.items() if past)

    def without(self, begin: int, stop: int) -> Document:
        """The same document as if tokens `begin` to `stop`, whole sentences, had not been written.

        Its offsets still map to the report's own text; `doc` alone stays that of the whole.
        """
        first, last = self.tokens.starts[begin], self.tokens.ends[stop - 1]
        gone, shift = stop - begin, last - first
        return replace(
            self,
            cleaned=self.cleaned.edited([(first, last, "")]),
            tokens=self.tokens.without(begin, stop, shift),
            quoted=self.quoted[:begin] + self.quoted[stop:],
            unsure=self.unsure[:begin] + self.unsure[stop:],
            indicators=_kept(self.indicators, first, last),
            things=tuple(
                (name, start - gone, end - gone) if start >= stop else (name, start, end)
                for name, start, end in self.things
                if end <= begin or start >= stop
            ),
            dates=_kept(self.dates, first, last),
        )


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
        doc = tokenize(self.tokenizer, cleaned.text)
        tokens = tokens_of(doc, cleaned.text)
        indicators = find(cleaned.text)
        read_at = in_paris(report.received_at or now)
        whole = report.kind == "message"  # every word is the attacker's
        return Document(
            report=report,
            read_at=read_at,
            cleaned=cleaned,
            doc=doc,
            tokens=tokens,
            quoted=(True,) * len(tokens) if whole else _inside(attacker_spans(cleaned.text, self.voices), tokens),
            unsure=(False,) * len(tokens) if whole else _inside(unsure_spans(cleaned.text, self.voices), tokens),
            indicators=indicators,
            things=tuple(_things(tokens, indicators)),
            dates=find_dates(cleaned.text, read_at, self.dates),
        )


def _inside(spans: Iterable[tuple[int, int]], tokens: Tokens) -> tuple[bool, ...]:
    """Whether each token stands in one of `spans` (code points)."""
    inside = [False] * len(tokens)
    for start, end in spans:
        first = bisect_left(tokens.starts, start)
        after = bisect_right(tokens.starts, end - 1)
        inside[first:after] = [True] * (after - first)
    return tuple(inside)


def _kept(placed: Iterable[Placed], first: int, last: int) -> tuple[Placed, ...]:
    """What stands outside code points `first` to `last`, moved to where it stands once they are gone."""
    shift = last - first
    return tuple(
        one if one.end <= first else replace(one, start=one.start - shift, end=one.end - shift)
        for one in placed
        if one.end <= first or one.start >= last
    )


def _things(tokens: Tokens, indicators: tuple[Indicator, ...]) -> list[tuple[str, int, int]]:
    things = []
    for indicator in indicators:
        first = bisect_left(tokens.starts, indicator.start)
        after = bisect_left(tokens.starts, indicator.end)
        if first < after:
            things.append((BUILTIN_SYMBOLS[indicator.kind], first, after))
    things += [(NUMBER_SYMBOL, i, i + 1) for i, form in enumerate(tokens.forms) if form[0].isdigit()]
    return things
