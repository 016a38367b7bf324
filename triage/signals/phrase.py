"""The small language in which rule authors write phrases.

on va te =tuer          words, accents and capitals do not count; =tuer is any inflection of « tuer »
menac*                  any word that begins so
<famille>               any entry of a lexical field of rules/lexicon/
(te|vous|les siens)     one of these; (te|) may be absent
il … <tuer>             up to three words between; …6 up to six; never across the end of a sentence
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PIECE = re.compile(r"\s+|(?P<open>\()|(?P<close>\))|(?P<bar>\|)|(?P<gap>…(?P<size>\d*))|(?P<word>[^\s()|…]+)")
_NAME = re.compile(r"<[a-z][a-z0-9_]*>$")

DEFAULT_GAP = 3
LONGEST_GAP = 12
SHORTEST_PREFIX = 3


class PhraseError(ValueError):
    """A phrase that cannot be read; the message says how to mend it."""


@dataclass(frozen=True)
class Word:
    """A literal word."""

    text: str


@dataclass(frozen=True)
class Symbol:
    """A class of words: « <famille> », « =tuer » or « menac* », written as in the phrase."""

    name: str


@dataclass(frozen=True)
class Gap:
    """Up to `size` words that may be anything."""

    size: int


@dataclass(frozen=True)
class Group:
    """One of several sequences; an empty one makes the group optional."""

    alternatives: tuple[tuple[Element, ...], ...]


Element = Word | Symbol | Gap | Group


def parse(phrase: str) -> tuple[Element, ...]:
    """The elements of `phrase`. Raises PhraseError."""
    stack: list[list[list[Element]]] = [[[]]]
    for match in _PIECE.finditer(phrase):
        if match["open"]:
            stack.append([[]])
        elif match["close"]:
            if len(stack) == 1:
                raise PhraseError("parenthèse fermée sans être ouverte")
            alternatives = stack.pop()
            stack[-1][-1].append(Group(tuple(tuple(a) for a in alternatives)))
        elif match["bar"]:
            if len(stack) == 1:
                raise PhraseError("« | » ne s'emploie qu'entre parenthèses")
            stack[-1].append([])
        elif match["gap"]:
            stack[-1][-1].append(_gap(match["size"]))
        elif match["word"]:
            stack[-1][-1].append(_word(match["word"]))
    if len(stack) > 1:
        raise PhraseError("parenthèse ouverte sans être fermée")
    elements = tuple(stack[0][0])
    _check_ends(elements)
    return elements


def _gap(size: str) -> Gap:
    words = int(size) if size else DEFAULT_GAP
    if not 1 <= words <= LONGEST_GAP:
        raise PhraseError(f"« …{size} » : l'écart va de 1 à {LONGEST_GAP} mots")
    return Gap(words)


def _word(text: str) -> Element:
    if text.startswith("<") or text.endswith(">"):
        if not _NAME.match(text):
            raise PhraseError(f"« {text} » : un champ lexical s'écrit <nom>, en minuscules sans accent")
        return Symbol(text)
    if text.startswith("=") and len(text) > 1:
        return Symbol(text)
    if text.endswith("*"):
        if len(text) <= SHORTEST_PREFIX or "*" in text[:-1]:
            raise PhraseError(f"« {text} » : donnez au moins {SHORTEST_PREFIX} lettres avant « * », en fin de mot")
        return Symbol(text)
    if "*" in text or "=" in text:
        raise PhraseError(f"« {text} » : « * » termine un mot et « = » le commence")
    return Word(text)


def _check_ends(elements: tuple[Element, ...]) -> None:
    if not elements:
        raise PhraseError("phrase vide")
    if isinstance(elements[0], Gap) or isinstance(elements[-1], Gap):
        raise PhraseError("« … » ne commence ni ne termine une phrase")
    if all(_may_be_absent(element) for element in elements):
        raise PhraseError("tout est facultatif : cette phrase trouverait n'importe quoi")


def _may_be_absent(element: Element) -> bool:
    if isinstance(element, Gap):
        return True
    return isinstance(element, Group) and any(
        all(_may_be_absent(part) for part in alternative) for alternative in element.alternatives
    )
