"""The phrases of `rules/` in plain words, for libraries that cannot read the language in which they are written.

Each keeps one wording: the first entry of a field, the first word of a group, nothing for what is optional and for
gaps. The words in which the engine finds a rule in the texts that are read are added, so that all find the same there.
"""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.side_by_side.contenders import NOW
from triage.datafiles import read_all
from triage.document.document import BUILTIN_SYMBOLS, NUMBER_SYMBOL
from triage.engine import Engine
from triage.errors import Problem
from triage.intake.report import Report
from triage.settings import Settings
from triage.signals.catalogue import CONJUGATION
from triage.signals.matching import search
from triage.signals.phrase import Element, Gap, Group, parse
from triage.signals.rule import Fields, build

_SAID = {
    "<courriel>": "nom@exemple.fr",
    "<url>": "exemple.fr",
    "<telephone>": "0102030405",
    "<montant>": "300 euros",
    "<pseudo>": "@nom",
    NUMBER_SYMBOL: "3",
}


def plain_phrases(engine: Engine, texts: Iterable[str]) -> dict[str, list[str]]:
    """Signal → its phrases, each once, and its wordings in `texts`."""
    plain = _Plain()
    found = {
        name: [plain.words(parse(phrase)) for phrase in signal.phrases]
        for name, signal in engine.catalogue.signals.items()
    }
    for text in texts:
        document = engine.reader.read(Report(text), NOW)
        for hit in search(document, engine.catalogue).hits:
            found[hit.signal.id].append(document.words(hit.start, hit.end))
    return {name: list(dict.fromkeys(wordings)) for name, wordings in found.items() if wordings}


class _Plain:
    def __init__(self) -> None:
        problems: list[Problem] = []
        files = [one for one in read_all(Settings().rules / "lexicon", problems) if one.path.stem != CONJUGATION]
        contents = [content for one in files if (content := build(Fields, one, problems))]
        assert not problems, problems
        self._fields = {f"<{name}>": entries for one in contents for name, entries in one.fields.items()}

    def words(self, elements: Iterable[Element]) -> str:
        return " ".join(filter(None, map(self._element, elements)))

    def _element(self, element: Element) -> str:
        if isinstance(element, Gap):
            return ""
        if isinstance(element, Group):
            if () in element.sequences:
                return ""
            return self._word(element.words[0]) if element.words else self.words(element.sequences[0])
        return self._word(element)

    def _word(self, word: str) -> str:
        if word in self._fields:
            return self.words(parse(self._fields[word][0]))
        if word in BUILTIN_SYMBOLS.values() or word == NUMBER_SYMBOL:
            return _SAID.get(word, word.strip("<>"))
        return word.strip("=*")
