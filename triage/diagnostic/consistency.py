"""Whether the pieces of knowledge hold together: every id that one names exists, every reference names something."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from triage.diagnostic.advice import texts_of
from triage.diagnostic.knowledge import Knowledge, filled, read_knowledge, where
from triage.diagnostic.sources import unknown_references
from triage.errors import DataError, Location, Problem


def load_knowledge(rules: Path, known: Collection[str], kinds: Collection[str], flags: Collection[str]) -> Knowledge:
    """The knowledge of `rules`, ready to be said. Raises DataError, all problems at once."""
    problems: list[Problem] = []
    knowledge = read_knowledge(rules, known, problems)
    if knowledge is not None:
        problems += _unresolved(rules, knowledge)
        problems += _unknown_ids(rules, knowledge, kinds, flags)
    if problems or knowledge is None:
        raise DataError(problems)
    return filled(knowledge)


def _unresolved(rules: Path, knowledge: Knowledge) -> Iterator[Problem]:
    """References that name nothing."""
    values = knowledge.references
    groups = {**knowledge.sourced, "changes.yaml": knowledge.tellings}
    texts = {(where(rules, place, name), name): strings(e.model_dump()) for place, es in groups.items()
             for name, e in es.items()}  # fmt: skip
    texts[rules / "texts.yaml", "texts"] = strings(knowledge.texts.model_dump())
    for name, several in knowledge.library.gestures.items():
        texts[rules / "steps.yaml", name] = (text for one in several for text in strings(one.model_dump()))
    for name, sheet in knowledge.library.sheets.items():
        texts[sheet.path, name] = iter(texts_of(sheet))
    for (path, name), found in texts.items():
        for what in unknown_references(found, values):
            yield Problem(Location(path), f"« {name} » : référence inconnue {what}")


def _unknown_ids(
    rules: Path, knowledge: Knowledge, kinds: Collection[str], flags: Collection[str]
) -> Iterator[Problem]:
    for offence in knowledge.law.values():
        if offence.clock is not None and offence.clock not in knowledge.clocks:
            yield Problem(Location(where(rules, "law", offence.id)), f"délai inconnu « {offence.clock} »")
    for clock in knowledge.clocks.values():
        for name in sorted({*clock.near.types, *clock.near.repeated} - set(kinds)):
            yield Problem(Location(rules / "clocks.yaml"), f"« {clock.id} » : type inconnu « {name} »")
    for telling in knowledge.tellings.values():
        if telling.flag is not None and telling.flag not in flags:
            yield Problem(Location(rules / "changes.yaml"), f"« {telling.id} » : drapeau inconnu « {telling.flag} »")
    sources = {name for entries in knowledge.sourced.values() for name in entries}
    for several in knowledge.library.gestures.values():
        for name in sorted({source for gesture in several for source in gesture.sources} - sources):
            yield Problem(Location(rules / "steps.yaml"), f"« {several[0].id} » : source inconnue « {name} »")
    for name in sorted(set(kinds) - set(knowledge.library.sheets)):
        yield Problem(Location(rules / "advice"), f"fiche absente : « {name}.md »")


def strings(value: object) -> Iterator[str]:
    """Every text in a tree of lists and mappings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from strings(part)
