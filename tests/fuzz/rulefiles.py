"""Files of rules as they should not be: damaged byte by byte, or well written and saying something else."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from tests.fuzz.mutating import damaged
from triage.datafiles import SafeLoader

_BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
# What is legal YAML, or nearly, and what nobody writes.
ODD = (
    *(
        "2026-13-45",
        "2026-02-30 25:61:00",
        "!!timestamp hier",
        "!!int ''",
        "!!float x",
        "!!bool peut-être",
        "!!binary é",
    ),
    *("!!python/object/apply:os.system ['true']", "!!set {a, b}", "!!omap [a]", "!!null x", "!inconnu x", "&a [*a]"),
    *(
        "*absent",
        "<<: [a]",
        "? [a, b]",
        "{[a]: b}",
        "'",
        '"\\ud800"',
        '"\\x"',
        "|",
        ">9",
        "%YAML 9.9",
        "\tx: 1",
        "---\n---",
    ),
    *(
        "9" * 5_000,
        "0x" + "f" * 5_000,
        "1e999",
        ".nan",
        ".inf",
        "-0",
        "1_0",
        "190:20:30",
        "~",
        "",
        "on",
        "\x00",
        "\u2028",
    ),
    *("[" * 900, "[" * 20_000, "{a: " * 300, "- " * 300, "{" * 20_000, "a" * 20_000, "é" * 3),
)
_ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    float("nan"),
    "",
    " ",
    "x",
    "<inconnu>",
    "((",
    [],
    {},
    [[]],
)
_ODD_VALUES += ({"x": None}, [None], ["x"], "é" * 300, "…", "{nom} {0} {", "%s %(a)d", "\x85\u2028", "2026-11-27", "[a")


def written_otherwise(chance: random.Random, whole: Sequence[bytes]) -> bytes:
    """One of the files, damaged in one of these ways."""
    way = chance.random()
    if way < 0.35:
        return damaged(chance, whole)
    if way < 0.5:
        return _with_oddity(chance, chance.choice(whole))
    if way < 0.53:
        return f"{_BOMB}id: *i\nphrases: *i\nexamples: *h\ntitle: *i\n".encode()
    content = chance.choice(whole)
    try:
        return _said_otherwise(chance, content)
    except yaml.YAMLError:  # prose alone (a page of advice, say), which has no values to change
        return _with_oddity(chance, content)


def _with_oddity(chance: random.Random, content: bytes) -> bytes:
    """One line more, or one value replaced by something odd."""
    lines = content.decode().split("\n")
    place, odd = chance.randrange(len(lines)), chance.choice(ODD)
    name, colon, _ = lines[place].partition(": ")
    if colon and chance.random() < 0.7:
        lines[place] = f"{name}: {odd}"
    else:
        lines.insert(place, odd)
    return "\n".join(lines).encode()


def _said_otherwise(chance: random.Random, content: bytes) -> bytes:
    """Good YAML in which values and names are missing, changed or elsewhere."""
    text = content.decode()
    front, end, rest = text.removeprefix("---\n").partition("\n---\n") if text.startswith("---\n") else (text, "", "")
    data = yaml.load(front, Loader=SafeLoader)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        _changed(chance, data)
    told = yaml.dump(data, allow_unicode=True, sort_keys=chance.random() < 0.1, width=10_000)
    if not end:
        return told.encode("utf-8", "surrogatepass")
    lines = rest.split("\n")
    lines[chance.randrange(len(lines))] = chance.choice(
        ("", "## Autre", "## ", "- ", "{inconnu}", "{", "[x](y)", "# x")
    )
    return f"---\n{told}---\n{chance.choice((rest, chr(10).join(lines)))}".encode("utf-8", "surrogatepass")


def _changed(chance: random.Random, data: Any) -> None:
    """One thing changed somewhere in `data`."""
    places = list(_places(data))
    if not places:
        return
    holder, key = chance.choice(places[: chance.choice((5, 5, len(places)))])
    way = chance.random()
    if way < 0.25:
        del holder[key]
    elif way < 0.7:
        holder[key] = copy.deepcopy(chance.choice(_ODD_VALUES))
    elif way < 0.85:
        other, place = chance.choice(places)
        if place in (other if isinstance(other, dict) else range(len(other))):
            holder[key] = copy.deepcopy(other[place])
    elif isinstance(holder, list):
        holder.extend(copy.deepcopy(holder))
    else:
        holder[chance.choice(("inconnu", 3, None, True, "", "id", "é"))] = copy.deepcopy(holder[key])


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every mapping or list in `data`, with each of its keys or indexes."""
    held = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in list(held):
        yield data, key
        yield from _places(value)
