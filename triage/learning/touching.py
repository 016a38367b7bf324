"""Which texts two engines may judge differently: the others need not be judged twice.

What a signal finds depends on the text as it is read, on its own phrases, and on the cues around; on no other signal.
Where everything but some signals is the same, a text that both engines read alike, and in which none of these signals
stands, is judged alike. `tests/learning/test_impact.py` compares with judging every text twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from triage.document.document import Document
from triage.engine import Engine
from triage.intake.report import Report
from triage.signals.catalogue import Catalogue
from triage.signals.rule import Signal
from triage.signals.sieve import Sieve
from triage.threats.features import targets_of

# What a rule file tells its readers, and the engine nothing.
_FOR_READERS = {"title", "examples", "limits", "checked_on"}


def changed(before: Catalogue, after: Catalogue) -> tuple[str, ...]:
    """The signals that one has and the other has not, or has otherwise."""
    ids = sorted({*before.signals, *after.signals})
    return tuple(name for name in ids if _works(before.signals.get(name)) != _works(after.signals.get(name)))


def unheard(before: Engine, after: Engine) -> tuple[str, ...]:
    """What changed signals speak for and the model cannot hear: it learnt without it (« flag:arme »).

    The rules alone then decide with them; the model has to be trained anew to count them.
    """
    if after.model is None:
        return ()
    names = changed(before.catalogue, after.catalogue)
    signals = [after.catalogue.signals[name] for name in names if name in after.catalogue.signals]
    return tuple(sorted({t for one in signals for t in targets_of(one)} - set(after.model.classifier.targets)))


class Touching:
    """Tells the texts that `before` and `after` may judge differently.

    `everything`: more than signals changed (lexical fields, cues, levels, types, the model…): any text may be.
    """

    def __init__(self, before: Engine, after: Engine) -> None:
        self.changed = changed(before.catalogue, after.catalogue)
        self.everything = not _alike(before, after)
        self._before, self._after = before, after
        self._sieves = [Sieve(engine.catalogue, self.changed) for engine in (before, after)]
        # Words that rules look for decide how disguised spelling is read: « cr3v3r ».
        self._same_words = before.catalogue.lexicon.words == after.catalogue.lexicon.words

    def touches(self, reports: Iterable[Report], now: datetime) -> bool:
        """Whether one of the `reports` may be judged differently."""
        return self.everything or any(self._may(report, now) for report in reports)

    def _may(self, report: Report, now: datetime) -> bool:
        document = self._after.reader.read(report, now)
        return not self._read_alike(document) or any(sieve.holds(document) for sieve in self._sieves)

    def _read_alike(self, document: Document) -> bool:
        return self._same_words or self._before.reader.cleaner.clean(document.report.text) == document.cleaned


def _alike(before: Engine, after: Engine) -> bool:
    """Whether nothing but signals differs in what decides."""
    return (
        before.model is after.model
        and before.assessor == after.assessor
        and before.catalogue.language == after.catalogue.language
    )


def _works(signal: Signal | None) -> dict[str, object] | None:
    return signal.model_dump(exclude=_FOR_READERS) if signal else None
