"""Damages whole files as transmission, bad luck and ill will do."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

# Lengths, counts and sizes at the edges of what their fields hold.
_EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF)
_NUMBERS = (b"0", b"-1", b"65535", b"4294967295", b"99999999999999999999", b"1e999", b"NaN", b"9" * 5_000)
_TOKENS = tuple(b"\x00 \xff\xfe \" ' \\ ( ) < > [ ] { } & % ; , \n \r\n --> ]]> \xed\xa0\x80 \xe2\x80\xa8".split(b" "))


def damaged(chance: random.Random, whole: Sequence[bytes]) -> bytes:
    """One of the `whole` files, damaged once or several times; now and then not at all."""
    content = chance.choice(whole)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3, 5, 8, 20))):
        content = chance.choice(_WAYS)(chance, content, whole)
    return content[:200_000]


def _flipped(chance: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    out = bytearray(content)
    for _i in range(chance.choice((1, 1, 2, 4, 16)) if out else 0):
        out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def _overwritten(chance: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    start, size = _place(chance, content), chance.choice((1, 2, 4, 8, 64))
    return content[:start] + chance.randbytes(size) + content[start + size :]


def _length(chance: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    """A number of one, two or four bytes, either way round, is an edge."""
    width = chance.choice((1, 2, 4))
    told = (chance.choice(_EDGES) & (256**width - 1)).to_bytes(width, chance.choice(("big", "little")))
    start = _place(chance, content)
    return content[:start] + told + content[start + width :]


def _number(chance: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    """A number in figures becomes another one."""
    figures = [i for i in range(min(len(content), 20_000)) if 48 <= content[i] <= 57]
    if not figures:
        return content
    start = end = chance.choice(figures)
    while end < len(content) and 48 <= content[end] <= 57:
        end += 1
    return content[:start] + chance.choice(_NUMBERS) + content[end:]


def _cut(chance: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    return content[: _place(chance, content)]


def _removed(chance: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    start = _place(chance, content)
    return content[:start] + content[start + chance.choice((1, 3, 30, 300)) :]


def _repeated(chance: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    start = _place(chance, content)
    part = content[start : start + chance.choice((1, 4, 40, 400))]
    return content[:start] + part * chance.choice((2, 3, 50)) + content[start:]


def _inserted(chance: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    start = _place(chance, content)
    return content[:start] + chance.choice(_TOKENS) * chance.choice((1, 1, 2, 100)) + content[start:]


def _spliced(chance: random.Random, content: bytes, whole: Sequence[bytes]) -> bytes:
    other = chance.choice(whole)
    return content[: _place(chance, content)] + other[_place(chance, other) :]


def _swapped(chance: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    """Two lines change places."""
    lines = content.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _place(chance: random.Random, content: bytes) -> int:
    """Anywhere, the first bytes more often: they say how the rest is read."""
    return chance.randint(0, min(len(content), 64) if chance.random() < 0.4 else len(content))


_WAYS: tuple[Callable[[random.Random, bytes, Sequence[bytes]], bytes], ...] = (
    _flipped,
    _overwritten,
    _length,
    _number,
    _cut,
    _removed,
    _repeated,
    _inserted,
    _spliced,
    _swapped,
)
