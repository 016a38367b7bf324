"""Runs the examples that stand in every rule file: what a rule promises, it must do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from triage.datafiles import DataFile
from triage.document.document import Document, Reader
from triage.errors import Problem
from triage.intake.report import Report
from triage.signals.catalogue import Catalogue
from triage.signals.matching import Hit, search
from triage.signals.rule import Signal

_MARK = re.compile(r"\[([^\[\]]+)\]")
_EXAMPLES_RECEIVED = datetime(2026, 1, 15, 9, 0)
_OLD = timedelta(days=365)
_PREFIX_OF_MESSAGES = "message : "


def check_examples(catalogue: Catalogue, reader: Reader) -> list[Problem]:
    """Every example that does not do what its list says: a hit must cover half of the marked words at least."""
    return [
        problem
        for signal in catalogue.signals.values()
        for problem in check_signal(signal, catalogue.files[signal.id], catalogue, reader)
    ]


def check_signal(signal: Signal, file: DataFile, catalogue: Catalogue, reader: Reader) -> Iterator[Problem]:
    """The problems of one signal's examples."""
    for i, example in enumerate(signal.examples.match):
        what = match_fault(signal, example, catalogue, reader)
        if what:
            yield file.problem(f"exemple « {example} » : {what}", "examples", "match", i)
    for i, example in enumerate(signal.examples.no_match):
        found = [hit for hit in hits_of(signal, example, catalogue, reader)[1] if counts(hit)]
        if found:
            yield file.problem(
                f"exemple « {example} » : trouvé alors qu'il ne doit pas l'être", "examples", "no_match", i
            )


def check_dates(catalogue: Catalogue, today: date) -> list[Problem]:
    """Rules that nobody has read again for a year."""
    return [
        catalogue.files[signal.id].problem(
            f"relu le {signal.checked_on}, il y a plus d'un an", "checked_on", severity="avis"
        )
        for signal in catalogue.signals.values()
        if today - signal.checked_on > _OLD
    ]


def counts(hit: Hit) -> bool:
    """Whether the hit says something: told as a fact, or denied where the denial is a fact too."""
    return not hit.void or (hit.denied and bool(hit.signal.negated_facts))


def hits_of(signal: Signal, text: str, catalogue: Catalogue, reader: Reader) -> tuple[Document, list[Hit]]:
    """The document of an example and the hits of `signal` in it; « message : … » is read as an attacker's message."""
    is_message = text.startswith(_PREFIX_OF_MESSAGES)
    report = Report(text.removeprefix(_PREFIX_OF_MESSAGES), kind="message" if is_message else "report")
    document = reader.read(report, _EXAMPLES_RECEIVED)
    return document, [hit for hit in search(document, catalogue).hits if hit.signal is signal]


def unmarked(example: str) -> str:
    """`example` without the square brackets around the words to find."""
    return _MARK.sub(r"\1", example, count=1)


def match_fault(signal: Signal, example: str, catalogue: Catalogue, reader: Reader) -> str | None:
    """Why `signal` does not find the marked words of `example`; None when it does."""
    mark = _MARK.search(example)
    if mark is None:
        return "mettez entre crochets les mots que la règle doit trouver"
    document, hits = hits_of(signal, unmarked(example), catalogue, reader)
    if not hits:
        return "non trouvé"
    if not any(counts(hit) for hit in hits):
        return f"trouvé mais annulé par : {', '.join(sorted(hits[0].qualifiers))}"
    offset = len(_PREFIX_OF_MESSAGES) if example.startswith(_PREFIX_OF_MESSAGES) else 0
    first, last = mark.start() - offset, mark.start() - offset + len(mark[1])
    spans = [document.original_span(hit.start, hit.end) for hit in hits if counts(hit)]
    if not any(2 * (min(end, last) - max(start, first)) >= last - first for start, end in spans):
        return f"trouvé ailleurs : « {document.words(hits[0].start, hits[0].end)} »"
    return None
