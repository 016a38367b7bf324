"""A rule to be tried, in service or a draft anywhere: all that is wrong with it, and what becomes of its examples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from triage.datafiles import read
from triage.document.document import Reader
from triage.document.folding import fold
from triage.document.pipeline import FrenchPipeline
from triage.document.reader import load_reader
from triage.errors import IntakeError, Location, Problem
from triage.learning.drafts import Laid, laid_over
from triage.learning.passages import passage
from triage.settings import Settings
from triage.signals.catalogue import Catalogue, load_with_problems
from triage.signals.checks import check_dates, counts, hits_of, match_fault, unmarked
from triage.signals.phrase import PhraseError
from triage.signals.rule import Signal


@dataclass(frozen=True)
class Tried:
    """An example of the rule file. `sentence`: with the words that the rule finds between square brackets.

    `wanted`: whether they have to be found; `why`: what is wrong, empty when all is well.
    """

    sentence: str
    wanted: bool
    why: str
    where: Location

    @property
    def said(self) -> str:
        """In a word or three."""
        if self.wanted:
            return "manqué" if self.why else "trouvé"
        return "trouvé à tort" if self.why else "écarté"


@dataclass(frozen=True)
class Opened:
    """A rule and all the others around it. `signal` is None when it cannot be read.

    `problems` are those of its file, `elsewhere` counts the errors of the other files.
    """

    path: Path
    signal: Signal | None
    problems: tuple[Problem, ...]
    tried: tuple[Tried, ...]
    elsewhere: int
    catalogue: Catalogue
    reader: Reader

    @property
    def sound(self) -> bool:
        """Whether the file has no error, and its examples do what they say."""
        wrong = any(one.severity == "erreur" for one in self.problems) or any(one.why for one in self.tried)
        return self.signal is not None and not wrong


def open_rule(settings: Settings, given: str) -> Opened:
    """The rule of an id (« menace.mort_annoncee »), or in a file, laid over the rules in service.

    Raises IntakeError when there is no such rule, DataError when the file cannot be placed among the rules.
    """
    path = Path(given)
    drafts = [path] if path.suffix in (".yaml", ".yml") or path.exists() else []
    with laid_over(settings.rules, drafts) as laid:
        tokenizer = FrenchPipeline(settings.data / "cache").tokenizer
        catalogue, problems = load_with_problems(laid.folder, tokenizer)
        place = next(iter(laid.drafts), None) or _file_of(catalogue, given)
        lexicon = catalogue.lexicon
        reader = load_reader(laid.folder, tokenizer, lambda word: lexicon.knows(fold(word)), lexicon.forms_of)
        signal = next((catalogue.signals[name] for name, file in catalogue.files.items() if file.path == place), None)
        own = [one for one in problems if one.where.path == place]
        own += _dates(catalogue, signal) if signal else _phrases(catalogue, place)
        tried = [replace(one, where=_known(laid, settings, one.where)) for one in _tried(catalogue, reader, signal)]
        told = [replace(one, where=_known(laid, settings, one.where)) for one in sorted(set(own))]
        others = sum(one.severity == "erreur" and one.where.path != place for one in problems)
        known = _known(laid, settings, Location(place)).path
        return Opened(known, signal, tuple(told), tuple(tried), others, catalogue, reader)


def _file_of(catalogue: Catalogue, identifier: str) -> Path:
    if file := catalogue.files.get(identifier):
        return file.path
    alike = [name for name in catalogue.signals if name.partition(".")[0] == identifier.partition(".")[0]]
    told = f" Règles de « {identifier.partition('.')[0]} » : {', '.join(sorted(alike))}." if alike else ""
    raise IntakeError(
        f"Aucune règle « {identifier} » : donnez un identifiant (menace.appel_a_violence) ou un fichier.{told}"
    )


def _known(laid: Laid, settings: Settings, where: Location) -> Location:
    """`where`, in the files that people know."""
    if where.path in laid.drafts:
        return replace(where, path=laid.drafts[where.path])
    return replace(where, path=settings.rules / where.path.relative_to(laid.folder))


def _tried(catalogue: Catalogue, reader: Reader, signal: Signal | None) -> Iterator[Tried]:
    if signal is None:
        return
    file = catalogue.files[signal.id]
    for i, example in enumerate(signal.examples.match):
        fault = match_fault(signal, example, catalogue, reader) or ""
        found = _found(signal, unmarked(example), catalogue, reader)
        yield Tried(found or example, True, fault, file.location("examples", "match", i))
    for i, example in enumerate(signal.examples.no_match):
        found = _found(signal, example, catalogue, reader)
        fault = "trouvé alors qu'il ne doit pas l'être" if found else ""
        yield Tried(found or example, False, fault, file.location("examples", "no_match", i))


def _found(signal: Signal, text: str, catalogue: Catalogue, reader: Reader) -> str:
    document, hits = hits_of(signal, text, catalogue, reader)
    return passage(document, [hit for hit in hits if counts(hit)])


def _dates(catalogue: Catalogue, signal: Signal) -> list[Problem]:
    return [one for one in check_dates(catalogue, date.today()) if one.where.path == catalogue.files[signal.id].path]


def _phrases(catalogue: Catalogue, path: Path) -> Iterator[Problem]:
    """What is wrong with the phrases of a file that is no rule yet: said with the rest, not once the rest is mended."""
    file = read(path, [])
    phrases = file.data.get("phrases") if file else None
    trie = catalogue.phrases.empty()
    for i, phrase in enumerate(phrases if isinstance(phrases, list) else ()):
        try:
            trie.add(str(phrase), "")
        except PhraseError as error:
            if file:
                yield file.problem(f"« {phrase} » : {error}", "phrases", i)
