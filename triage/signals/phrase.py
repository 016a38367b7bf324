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
from functools import lru_cache

# A group without gaps or groups in it is one piece: most are, and they are long.
_PIECE = re.compile(r"\([^()…]*\)|[()|]|…\d*|[^\s()|…]+")
_SPECIAL = re.compile(r"[<>=*]")
_NAME = re.compile(r"<[a-z][a-z0-9_]*>$")

DEFAULT_GAP = 3
LONGEST_GAP = 12
SHORTEST_PREFIX = 3


class PhraseError(ValueError):
    """A phrase that cannot be read; the message says how to mend it."""


@dataclass(frozen=True)
class Gap:
    """Up to `size` words that may be anything."""

    size: int


@dataclass(frozen=True, eq=False)
class Group:
    """One of several words or of several sequences; an empty sequence makes the group optional."""

    words: tuple[str, ...]
    sequences: tuple[tuple[Element, ...], ...]


# A word is a str: literal, or a class of words written as in the phrase (« <famille> », « =tuer », « menac* »).
Element = str | Gap | Group


def parse(phrase: str) -> tuple[Element, ...]:
    """The elements of `phrase`. Raises PhraseError."""
    stack: list[list[list[Element]]] = [[[]]]
    for piece in _PIECE.findall(phrase):
        if piece[0] == "(" and len(piece) > 1:
            stack[-1][-1].append(_flat_group(piece[1:-1]))
        elif piece == "(":
            stack.append([[]])
        elif piece == ")":
            if len(stack) == 1:
                raise PhraseError("parenthèse fermée sans être ouverte")
            stack[-2][-1].append(_group(stack.pop()))
        elif piece == "|":
            if len(stack) == 1:
                raise PhraseError("« | » ne s'emploie qu'entre parenthèses")
            stack[-1].append([])
        else:
            stack[-1][-1].append(_gap(piece[1:]) if piece[0] == "…" else _word(piece))
    if len(stack) > 1:
        raise PhraseError("parenthèse ouverte sans être fermée")
    elements = tuple(stack[0][0])
    _check_ends(elements)
    return elements


def _group(alternatives: list[list[Element]]) -> Group:
    words = tuple(one[0] for one in alternatives if len(one) == 1 and isinstance(one[0], str))
    return Group(words, tuple(tuple(one) for one in alternatives if len(one) != 1 or not isinstance(one[0], str)))


def forget_phrases() -> None:
    """Lets go of the groups and words read so far."""
    _flat_group.cache_clear()
    _word.cache_clear()


@lru_cache(maxsize=65_536)
def _flat_group(written: str) -> Group:
    """What stands between parentheses that hold no gap and no other group; rules repeat many of them word for word."""
    words: list[str] = []
    sequences: list[tuple[Element, ...]] = []
    for one in written.split("|"):
        parts = one.split()
        if len(parts) == 1:
            words.append(parts[0])
        else:
            sequences.append(tuple(parts))
    if _SPECIAL.search(written):
        for word in written.replace("|", " ").split():
            _word(word)
    return Group(tuple(words), tuple(sequences))


def _gap(size: str) -> Gap:
    words = int(size) if size else DEFAULT_GAP
    if not 1 <= words <= LONGEST_GAP:
        raise PhraseError(f"« …{size} » : l'écart va de 1 à {LONGEST_GAP} mots")
    return Gap(words)


@lru_cache(maxsize=65_536)
def _word(text: str) -> str:
    """`text`, if it is written as a word may be. Raises PhraseError."""
    if text[0] == "<" or text[-1] == ">":
        if not _NAME.match(text):
            raise PhraseError(f"« {text} » : un champ lexical s'écrit <nom>, en minuscules sans accent")
    elif text[-1] == "*":
        if len(text) <= SHORTEST_PREFIX or "*" in text[:-1]:
            raise PhraseError(f"« {text} » : donnez au moins {SHORTEST_PREFIX} lettres avant « * », en fin de mot")
    elif "*" in text or "=" in text[1:] or text == "=":
        raise PhraseError(f"« {text} » : « * » termine un mot et « = » le commence")
    return text


def _check_ends(elements: tuple[Element, ...]) -> None:
    if not elements:
        raise PhraseError("phrase vide")
    if isinstance(elements[0], Gap) or isinstance(elements[-1], Gap):
        raise PhraseError("« … » ne commence ni ne termine une phrase")
    if not isinstance(elements[0], str) and all(_may_be_absent(element) for element in elements):
        raise PhraseError("tout est facultatif : cette phrase trouverait n'importe quoi")


def _may_be_absent(element: Element) -> bool:
    if isinstance(element, Gap):
        return True
    return isinstance(element, Group) and any(
        all(_may_be_absent(part) for part in alternative) for alternative in element.sequences
    )
