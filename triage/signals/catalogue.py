"""Loads every rule, lexical field and cue, and collects every problem with its file and line."""

from __future__ import annotations

import gc
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from spacy.matcher import Matcher
from spacy.tokenizer import Tokenizer

from triage.datafiles import DataFile, read, read_all
from triage.document.document import BUILTIN_SYMBOLS, NUMBER_SYMBOL
from triage.document.folding import fold
from triage.errors import DataError, Location, Problem
from triage.signals.lexicon import Inflections, Lexicon, forget_inflections
from triage.signals.phrase import PhraseError, forget_phrases
from triage.signals.rule import Conjugation, Cue, Dimension, Fields, Signal, build
from triage.signals.trie import PhraseTrie

Payload = TypeVar("Payload")

SIGNAL_FOLDERS = ("signals", "red_flags", "facts", "situation")
CONJUGATION = "conjugaison"
# Words of a phrase, « n' » and the like apart.
_WORD = re.compile(r"<\w+>|\w+['’]|\w+")


@dataclass(frozen=True)
class Entry:
    """What a phrase of a rule file stands for: a signal, or a cue in one of its roles.

    `own` are the qualifiers whose words the phrase has itself: « ne dors plus » is not a denial of sleep.
    """

    owner: Signal | Cue
    role: str
    own: frozenset[str] = frozenset()


@dataclass
class Catalogue:
    """All that the texts are searched for.

    `digest` changes with any rule file, `language` with the lexical fields and the cues, which all rules share.
    """

    signals: dict[str, Signal]
    cues: dict[str, Cue]
    lexicon: Lexicon
    fields: PhraseTrie[str]
    phrases: PhraseTrie[Entry]
    patterns: Matcher
    pattern_owners: dict[int, Entry]
    tokenizer: Tokenizer
    digest: str
    language: str
    files: dict[str, DataFile] = field(default_factory=dict)

    @cached_property
    def looked_inside(self) -> frozenset[str]:
        """The qualifiers whose cues count among the words of a hit too."""
        return frozenset(cue.id for cue in self.cues.values() if cue.inside)

    def split(self, text: str) -> list[str]:
        """`text` cut as the tokenizer cuts reports."""
        return [token.text for token in self.tokenizer(text) if not token.is_space]

    def settle(self) -> None:
        """Lets go of what only reading more rules needs, and would read anew: fifty megabytes."""
        self.fields.settle()
        self.phrases.settle()
        forget_phrases()
        forget_inflections()


def load(root: Path, tokenizer: Tokenizer) -> Catalogue:
    """The catalogue of the rules under `root`. Raises DataError with every problem."""
    catalogue, problems = load_with_problems(root, tokenizer)
    errors = [problem for problem in problems if problem.severity == "erreur"]
    if errors:
        raise DataError(errors)
    return catalogue


def load_with_problems(root: Path, tokenizer: Tokenizer) -> tuple[Catalogue, list[Problem]]:
    """The catalogue of what can be used under `root`, and everything that is wrong."""
    problems: list[Problem] = []
    if not (root / "signals").is_dir():
        problems.append(Problem(Location(root), "dossier de règles introuvable ou sans « signals/ »"))
    collecting = gc.isenabled()
    gc.disable()  # many small objects are made, none is thrown away: collecting would only slow this down
    try:
        return _Loader(root, tokenizer, problems).run(), problems
    finally:
        if collecting:
            gc.enable()


class _Loader:
    def __init__(self, root: Path, tokenizer: Tokenizer, problems: list[Problem]) -> None:
        self.root, self.tokenizer, self.problems = root, tokenizer, problems
        self.lexicon = Lexicon()
        self.inside: dict[str, set[str]] = {}
        self.known = {
            name: {path.stem for path in (root / folder).glob("*.yaml")}
            for name, folder in (("type", "threats"), ("flags", "red_flags"), ("facts", "facts"))
        }
        self.known["traits"] = {trait for one in load_dimensions(root, problems) for trait in one.traits}

    def run(self) -> Catalogue:
        fields, inflections = self._lexical_files()
        things = {*BUILTIN_SYMBOLS.values(), NUMBER_SYMBOL}
        names = things | {f"<{name}>" for _, content in fields for name in content.fields}
        catalogue = Catalogue(
            signals={},
            cues={},
            lexicon=self.lexicon,
            fields=PhraseTrie(self.lexicon, inflections, self._split, things),
            phrases=PhraseTrie(self.lexicon, inflections, self._split, names),
            patterns=Matcher(self.tokenizer.vocab, validate=True),
            pattern_owners={},
            tokenizer=self.tokenizer,
            digest=digest(self.root),
            language=digest(self.root / "lexicon") + digest(self.root / "cues"),
        )
        for file, content in fields:
            for name, entries in content.fields.items():
                for i, entry in enumerate(entries):
                    self._add(catalogue.fields.define, entry, f"<{name}>", file, "fields", name, i)
        self._cues(catalogue)
        self._inside(catalogue, fields)
        for file in self._signal_files():
            self._signal(catalogue, file)
        return catalogue

    def _split(self, word: str) -> list[str]:
        if word.isalpha() or len(word) == 1:  # spaCy's French rules never cut between letters
            return [word]
        elided = word[-1] in "'’"  # alone, « m' » would be cut in two; before a word it is one token
        tokens = [
            t.text for t in self.tokenizer(word + "a" if elided else word) if not t.is_space and t.text not in "-‑"
        ]
        return tokens[:-1] if elided else tokens

    def _lexical_files(self) -> tuple[list[tuple[DataFile, Fields]], Inflections]:
        fields: list[tuple[DataFile, Fields]] = []
        conjugation = None
        seen: set[str] = set()
        for file in read_all(self.root / "lexicon", self.problems):
            if file.path.stem == CONJUGATION:
                conjugation = build(Conjugation, file, self.problems)
                continue
            content = build(Fields, file, self.problems)
            if content is None:
                continue
            for name in content.fields.keys() & seen:
                self.problems.append(file.problem(f"champ lexical « {name} » défini deux fois", "fields", name))
            seen |= content.fields.keys()
            fields.append((file, content))
        endings = conjugation.endings if conjugation else {}
        return fields, Inflections(endings, conjugation.irregular if conjugation else {})

    def _add(
        self, add: Callable[[str, Payload], None], phrase: str, payload: Payload, file: DataFile, *keys: str | int
    ) -> None:
        try:
            add(phrase, payload)
        except PhraseError as error:
            self.problems.append(file.problem(f"« {phrase} » : {error}", *keys))

    def _cues(self, catalogue: Catalogue) -> None:
        for path in sorted((self.root / "cues").glob("*.yaml")):
            file = read(path, self.problems)
            if file is None or "title" not in file.data or "id" not in file.data or "kind" in file.data:
                continue
            cue = build(Cue, file, self.problems)
            if cue is None:
                continue
            catalogue.cues[cue.id] = cue
            for role in ("preceding", "following", "sentence", "text", "pseudo", "termination"):
                entry = Entry(cue, role)
                for i, phrase in enumerate(getattr(cue, role)):
                    self._add(catalogue.phrases.add, phrase, entry, file, role, i)

    def _inside(self, catalogue: Catalogue, fields: list[tuple[DataFile, Fields]]) -> None:
        """For each cue, the words `inside` and the fields that have them."""
        for cue in catalogue.cues.values():
            words = set(map(fold, cue.inside))
            for _, content in fields:
                for name, entries in content.fields.items():
                    if words and not words.isdisjoint(_WORD.findall(fold(" | ".join(entries)))):
                        words.add(f"<{name}>")
            if words:
                self.inside[cue.id] = words

    def _signal_files(self) -> Iterator[DataFile]:
        for folder in SIGNAL_FOLDERS:
            for sub in sorted(path for path in (self.root / folder).glob("*") if path.is_dir()):
                yield from read_all(sub, self.problems)

    def _signal(self, catalogue: Catalogue, file: DataFile) -> None:
        signal = build(Signal, file, self.problems)
        if signal is None:
            return
        self._check_references(signal, file)
        if signal.id in catalogue.signals:
            self.problems.append(file.problem(f"identifiant « {signal.id} » déjà pris", "id"))
            return
        catalogue.signals[signal.id] = signal
        catalogue.files[signal.id] = file
        entries: dict[frozenset[str], Entry] = {}
        for i, phrase in enumerate(signal.phrases):
            own = self._own_qualifiers(phrase)
            entry = entries.setdefault(own, Entry(signal, "signal", own))
            self._add(catalogue.phrases.add, phrase, entry, file, "phrases", i)
        if signal.patterns:
            self._patterns(catalogue, signal, Entry(signal, "signal", frozenset(self.inside)), file)

    def _own_qualifiers(self, phrase: str) -> frozenset[str]:
        """The qualifiers with a word `inside` in `phrase`, or in a field that it uses."""
        words = frozenset(_WORD.findall(fold(phrase)))
        return frozenset(name for name, inside in self.inside.items() if not inside.isdisjoint(words))

    def _check_references(self, signal: Signal, file: DataFile) -> None:
        expected = f"{file.path.parent.name}.{file.path.stem}"
        if signal.id != expected:
            self.problems.append(file.problem(f"l'identifiant doit être « {expected} », comme le chemin", "id"))
        if not (signal.type or signal.flags or signal.facts or signal.negated_facts or signal.traits):
            self.problems.append(file.problem("la règle ne sert à rien : donnez type, flags, facts ou traits"))
        if not (signal.phrases or signal.patterns):
            self.problems.append(file.problem("la règle n'a ni « phrases » ni « patterns »"))
        told = {"type": [signal.type] if signal.type else [], "flags": signal.flags, "traits": signal.traits}
        told["facts"] = [*signal.facts, *signal.negated_facts]
        for key, values in told.items():
            for value in values:
                if value not in self.known[key]:
                    self.problems.append(file.problem(f"« {value} » n'existe pas parmi : {key}", key))

    def _patterns(self, catalogue: Catalogue, signal: Signal, entry: Entry, file: DataFile) -> None:
        try:
            catalogue.patterns.add(signal.id, signal.patterns)
        except ValueError as error:
            self.problems.append(file.problem(f"motif spaCy refusé : {str(error).splitlines()[0]}", "patterns"))
            return
        catalogue.pattern_owners[catalogue.tokenizer.vocab.strings[signal.id]] = entry


def load_dimensions(root: Path, problems: list[Problem]) -> list[Dimension]:
    """The questions about the situation, from `rules/situation/*.yaml`."""
    files = [read(path, problems) for path in sorted((root / "situation").glob("*.yaml"))]
    found = [build(Dimension, file, problems) for file in files if file]
    return [one for one in found if one]


def digest(root: Path) -> str:
    """Twelve hexadecimal digits that change when any rule file changes."""
    total = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix in (".yaml", ".md"):
            total.update(str(path.relative_to(root)).encode())
            total.update(path.read_bytes())
    return total.hexdigest()[:12]
