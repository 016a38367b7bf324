"""Text that the fonts of the PDF can draw: PDF/UA refuses the rest, and a word must not vanish without a sign."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

# Ranges of code points that one of typst's own fonts draws (Libertinus Serif, New Computer Modern, DejaVu Sans Mono).
_COVERAGE = Path(__file__).parent / "templates" / "glyphs.txt"
_PLAIN = "\n -~\u00a0-\u024f\u2010-\u2027\u202f\u20ac"
_INVISIBLE = {"Cc", "Cf"}
# What XML forbids, and what turns the direction of writing round to hide the end of a name.
_HIDING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_SELECTORS = range(0xFE00, 0xFE10)
_LONG_WORD = re.compile(r"\S{31,}")
_BREAK_AFTER = re.compile(r"([/.?&=_\-]|[^\s/.?&=_\-]{6})(?=\S)")
_ZERO_WIDTH_SPACE = "\u200b"
_FRENCH_SPACE = re.compile(r"(?<=«) | (?=[:;?!»])|(?<=\d) (?=h\b)|(?<=\d h) (?=\d\d\b)|(?<=n°) ")


def drawable(text: str, emoji: Mapping[str, str], *, plain: bool = False) -> str:
    """`text` with what no font draws named between brackets, by `emoji` or its Unicode name; invisible signs dropped.

    `plain` keeps to Latin letters: for the rare text whose signs are drawn one by one but not together.
    """
    tidy = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    named = _undrawn(plain).sub(lambda match: _named(match[0], emoji, plain), tidy)
    return _LONG_WORD.sub(lambda match: _BREAK_AFTER.sub(rf"\1{_ZERO_WIDTH_SPACE}", match[0]), named)


def drawn(tree: Any, emoji: Mapping[str, str], *, plain: bool = False) -> Any:  # noqa: ANN401 (a tree of JSON)
    """Every text of `tree`, drawable, its French spaces unbreakable."""
    if isinstance(tree, str):
        return _FRENCH_SPACE.sub("\u00a0", drawable(tree, emoji, plain=plain))
    if isinstance(tree, dict):
        return {key: drawn(value, emoji, plain=plain) for key, value in tree.items()}
    return [drawn(value, emoji, plain=plain) for value in tree] if isinstance(tree, list | tuple) else tree


def visible(text: str) -> str:
    """`text` without the signs that a Word file refuses or that hide what is written; tabs are spaces."""
    return _HIDING.sub("", text.replace("\r", "").replace("\t", " "))


@cache
def _undrawn(plain: bool) -> re.Pattern[str]:
    return re.compile(
        f"[^{_PLAIN if plain else _PLAIN + _covered()}]+|[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f]+"
    )


@cache
def _covered() -> str:
    """The covered code points, as the inside of a character class."""
    ranges = (one.partition("-") for one in _COVERAGE.read_text(encoding="ascii").split())
    return "".join(f"\\U{int(first, 16):08x}-\\U{int(last or first, 16):08x}" for first, _, last in ranges)


def _named(run: str, emoji: Mapping[str, str], plain: bool) -> str:
    """A run of signs that no font draws, said in words."""
    seen = [sign for sign in run if unicodedata.category(sign) not in _INVISIBLE and ord(sign) not in _SELECTORS]
    seen = [sign for sign in seen if ord(sign) not in _SKIN_TONES]
    said = []
    for kind, signs in groupby(seen, lambda sign: _kind(sign, plain)):
        told = list(signs)
        if kind == "same":
            said.append("".join(unicodedata.normalize("NFKC", sign) for sign in told))
        elif kind == "emoji":
            said += [_emoji(sign, len(list(same)), emoji) for sign, same in groupby(told)]
        elif kind == "flag":
            said.append(f"[drapeau : {''.join(chr(ord(sign) - _FLAG_LETTERS[0] + ord('A')) for sign in told)}]")
        else:
            said.append(_script(told))
    return " ".join(said)


def _kind(sign: str, plain: bool) -> str:
    """How a sign that is not drawn is said."""
    if not _undrawn(plain).search(unicodedata.normalize("NFKC", sign)):
        return "same"  # « 𝐇 » is an H in disguise
    if ord(sign) in _FLAG_LETTERS:
        return "flag"
    return "emoji" if unicodedata.category(sign).startswith("S") else "script"


def _emoji(sign: str, times: int, names: Mapping[str, str]) -> str:
    name = names.get(sign) or unicodedata.name(sign, f"U+{ord(sign):04X}").lower()
    return f"[emoji : {name}{f' × {times}' if times > 1 else ''}]"


def _script(signs: list[str]) -> str:
    """« [3 caractères CJK non imprimables : U+4E2D U+6587…] »: too many to be named."""
    script = unicodedata.name(signs[0], "").split(" ")[0]
    script = f" {script}" if script else ""
    codes = " ".join(f"U+{ord(sign):04X}" for sign in signs[:4])
    more = "…" if len(signs) > 4 else ""
    several = "s" if len(signs) > 1 else ""
    return f"[{len(signs)} caractère{several}{script} non imprimable{several} ici : {codes}{more}]"
