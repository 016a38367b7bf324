"""Finds the texts in which some rules may stand, without searching for all the others."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from triage.document.document import Document
from triage.signals.catalogue import Catalogue
from triage.signals.matching import edges_of
from triage.signals.phrase import PhraseError


class Sieve:
    """The words of some signals of a catalogue, whatever the voice and the words around.

    A text that it lets go holds no hit of these signals, void ones included. Signals that the catalogue does not have
    are in no text.
    """

    def __init__(self, catalogue: Catalogue, ids: Iterable[str]) -> None:
        self._catalogue = catalogue
        signals = [catalogue.signals[name] for name in ids if name in catalogue.signals]
        self._patterned = any(signal.patterns for signal in signals)
        self._idle = not signals
        self._phrases = catalogue.phrases.empty()
        for signal in signals:
            for phrase in signal.phrases:
                with suppress(PhraseError):  # reported when the catalogue was read, and searched for by nobody
                    self._phrases.add(phrase, signal.id)

    def holds(self, document: Document) -> bool:
        """Whether one of the signals may be told in `document`."""
        if self._patterned:  # spaCy's own matcher takes no parts: no text is let go
            return True
        return not self._idle and bool(self._phrases.walk(edges_of(document, self._catalogue), document.tokens.stops))
