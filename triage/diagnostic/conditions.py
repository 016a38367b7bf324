"""The language in which data say when they apply: « type:menace ou type:raid et role:maire ; sauf deja:plainte »."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

_EXCEPT = re.compile(r"(?:^|;)\s*sauf\s+")
_AND = re.compile(r"\s+et\s+")
_OR = re.compile(r"\s+ou\s+")
_LABEL = re.compile(r"[a-z]+:[a-z0-9_]+(?:=(?:oui|non))?")


@dataclass(frozen=True)
class Condition:
    """Holds when every group has one of its labels told, and none of `unless` is."""

    groups: tuple[frozenset[str], ...] = ()
    unless: frozenset[str] = frozenset()

    def holds(self, labels: Set[str]) -> bool:
        """Whether it holds for a situation that tells `labels`."""
        return self.unless.isdisjoint(labels) and not any(map(labels.isdisjoint, self.groups))

    def labels(self) -> Iterator[str]:
        """Every label that it names."""
        yield from self.unless
        for group in self.groups:
            yield from group


@cache
def parse(text: str) -> Condition:
    """The condition that `text` writes; an empty text always holds. Raises ValueError (in French) if unreadable."""
    told, *exceptions = _EXCEPT.split(text)
    if len(exceptions) > 1:
        raise ValueError("« sauf » ne s'écrit qu'une fois")
    groups = tuple(_labels(group) for group in _AND.split(told.strip(" ;\n"))) if told.strip(" ;\n") else ()
    return Condition(groups, _labels(exceptions[0]) if exceptions else frozenset())


def _labels(text: str) -> frozenset[str]:
    names = [name.strip() for name in _OR.split(text.strip())]
    for name in names:
        if not _LABEL.fullmatch(name):
            raise ValueError(f"« {name} » n'est pas une étiquette comme type:menace ou fait:public=oui")
    return frozenset(names)


def holds(when: str | tuple[str, ...] | list[str], labels: Set[str]) -> bool:
    """Whether one of the conditions `when` (one text, or several of which one is enough) holds."""
    if isinstance(when, str):
        return parse(when).holds(labels)
    return any(parse(text).holds(labels) for text in when)


def faults(when: str | list[str], known: Collection[str]) -> Iterator[str]:
    """What is wrong with `when`, in French: a text that cannot be read, a label that does not exist."""
    for text in [when] if isinstance(when, str) else when:
        try:
            condition = parse(text)
        except ValueError as error:
            yield str(error)
            continue
        for label in sorted(set(condition.labels()) - set(known)):
            near = get_close_matches(label, known, 1)
            yield f"étiquette inconnue « {label} »" + (f" ; vouliez-vous dire « {near[0]} » ?" if near else "")
