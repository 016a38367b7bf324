"""A report agreed in the other gender: the names of mandates, and what agrees with the person who writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from typing import Literal

from triage.signals.rule import Strict

Gender = Literal["f", "m"]
_VOWEL = re.compile(r"[aeiouyhâàéèêëîïôûœ]", re.IGNORECASE)
# « mon adjointe »: before a vowel, the masculine possessive stays.
_NEAR = 30  # characters
_KEPT_BEFORE_VOWEL = re.compile(r"[mts]on", re.IGNORECASE)


class GenderFile(Strict):
    """Masculine → feminine, for what is written before and in the name of a mandate; the frames of agreement.

    `kin`: after them a mandate is that of somebody whose gender the text says, and stays.
    """

    determiners: dict[str, str]
    before: dict[str, str]
    nouns: dict[str, str]
    titles: dict[str, str]
    frames: list[str]
    adverbs: list[str]
    never: list[str]
    objects: list[str]
    object_frames: list[str]
    kin: list[str]
    adjectives: dict[str, str]

    def __hash__(self) -> int:
        return id(self)


def feminine(text: str, words: GenderFile) -> str:
    """`text` with mandates in the feminine, as a woman would write it."""
    return _agreed(text, words, "f")


def masculine(text: str, words: GenderFile) -> str:
    """`text` with mandates in the masculine, as a man would write it."""
    return _agreed(text, words, "m")


def gender_of(text: str, words: GenderFile) -> Gender | None:
    """The gender in which the person writes of themselves, where the text shows it in one way only."""
    found: set[Gender] = set()
    for title in _own_title(words).finditer(text):
        found.add("f" if title["noun"].lower() in words.nouns.values() else "m")
    for word in _own_words(text, words):
        if word in _feminines(words) or word.endswith("ée"):
            found.add("f")
        elif word in words.adjectives or word in words.objects or word.endswith("é"):
            found.add("m")
    return found.pop() if len(found) == 1 else None


def _agreed(text: str, words: GenderFile, to: Gender) -> str:
    text = _nouns(words, to).sub(lambda found: _phrase(found, words, to), text)
    for _frames, listed in ((words.frames, False), (words.object_frames, True)):
        text = _frame(words, listed).sub(partial(_own, words=words, to=to, listed=listed), text)
    return text


def _own_words(text: str, words: GenderFile) -> Iterable[str]:
    for listed in (False, True):
        for found in _frame(words, listed).finditer(text):
            word = found["word"].lower()
            if word not in words.never and (not listed or word in _objects(words)):
                yield word


def _own(found: re.Match[str], words: GenderFile, to: Gender, listed: bool) -> str:
    """What the person says of themselves, agreed."""
    word = found["word"]
    low = word.lower()
    if low in words.never or (listed and low not in _objects(words)):
        return found[0]
    return found["frame"] + _like(word, _adjective(low, words, to))


def _adjective(word: str, words: GenderFile, to: Gender) -> str:
    if to == "f":
        return words.adjectives.get(word) or (word + "e" if word.endswith("é") or word in words.objects else word)
    return _feminines(words).get(word) or (word[:-1] if word.endswith("ée") else word)


def _phrase(found: re.Match[str], words: GenderFile, to: Gender) -> str:
    """A mandate with its determiner, agreed."""
    if _kin(words).search(found.string, max(0, found.start() - _NEAR), found.start()):
        return found[0]
    title, determiner, before, noun = found["title"], found["det"], found["before"], found["noun"]
    there = [_mapped(title, words.titles, to), "", _mapped(before, words.before, to), _mapped(noun, words.nouns, to)]
    following = there[2] or there[3]
    there[1] = _determiner(determiner, following, words, to)
    return "".join(part for part in there if part)


def _determiner(written: str | None, following: str, words: GenderFile, to: Gender) -> str:
    if not written:
        return ""
    low = written.strip().lower()
    if to == "f":
        changed = words.determiners.get(low, low)
        if _VOWEL.match(following) and _KEPT_BEFORE_VOWEL.fullmatch(low):
            changed = low
    else:
        changed = _masculine_determiners(words).get(low, low)
        if _VOWEL.match(following) and changed == "ce":
            changed = "cet"
    return _like(written, changed) + " "


def _mapped(written: str | None, pairs: Mapping[str, str], to: Gender) -> str:
    if not written:
        return ""
    low = " ".join(written.lower().split())
    known = pairs if to == "f" else {feminine: masculine for masculine, feminine in pairs.items()}
    return _like(written, known.get(low, low)) + (" " if written[-1].isspace() else "")


def _like(written: str, changed: str) -> str:
    """`changed`, with the capitals of what was `written`."""
    written = written.strip()
    if written.isupper() and len(written) > 1:
        return changed.upper()
    return changed[:1].upper() + changed[1:] if written[:1].isupper() else changed


@lru_cache(maxsize=8)
def _nouns(words: GenderFile, to: Gender) -> re.Pattern[str]:
    """A title, a determiner, an adjective, the name of a mandate; those of the other gender than `to`."""

    def either(pairs: Mapping[str, str]) -> str:
        return _either(pairs if to == "f" else pairs.values())

    return re.compile(
        rf"(?<![\w-])(?P<title>{either(words.titles)}\s+)?(?P<det>{either(words.determiners)}\s+)?"
        rf"(?P<before>{either(words.before)}\s+)?(?P<noun>{either(words.nouns)})(?![\w-])",
        re.IGNORECASE,
    )


@lru_cache(maxsize=8)
def _frame(words: GenderFile, listed: bool) -> re.Pattern[str]:
    frames = words.object_frames if listed else words.frames
    adverb = _either(words.adverbs)
    both = (*_feminines(words), *words.adjectives, *(word for one in words.objects for word in (one, one + "e")))
    known = _either(word for word in both if " " not in word)
    return re.compile(
        rf"(?<!\w)(?P<frame>(?:{'|'.join(frames)})\s+(?:{adverb}\s+){{0,2}})(?P<word>{known}|\w+ée?)(?!\w)",
        re.IGNORECASE,
    )


@lru_cache(maxsize=8)
def _own_title(words: GenderFile) -> re.Pattern[str]:
    """« je suis l'adjointe »: a mandate that has two forms."""
    told = [form for pair in words.nouns.items() if pair[0] != pair[1] for form in pair]
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(words.frames)})\s+(?:(?:une?|l[ea])\s+|l['’])?(?P<noun>{_either(told)})(?![\w-])",
        re.IGNORECASE,
    )


@lru_cache(maxsize=8)
def _kin(words: GenderFile) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_either(words.kin)}(?!\w)[^.!?:;]*$", re.IGNORECASE)


@lru_cache(maxsize=8)
def _feminines(words: GenderFile) -> dict[str, str]:
    own = {feminine: masculine for masculine, feminine in words.adjectives.items()}
    return own | {word + "e": word for word in words.objects if " " not in word}


@lru_cache(maxsize=8)
def _objects(words: GenderFile) -> frozenset[str]:
    return frozenset(form for word in words.objects for form in (word, word + "e"))


@lru_cache(maxsize=8)
def _masculine_determiners(words: GenderFile) -> dict[str, str]:
    """Feminine → masculine; the longest that was given first (« cette » is « ce »)."""
    found: dict[str, str] = {}
    for masculine_form, feminine_form in words.determiners.items():
        found.setdefault(feminine_form, masculine_form)
    return found


def _either(words: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in sorted(set(words), key=lambda one: (-len(one), one))) + ")"
