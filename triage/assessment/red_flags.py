"""Red flags: found by rules, before and apart from any model; they only raise a level."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.datafiles import read
from triage.document.document import Document
from triage.errors import DataError, Problem
from triage.signals.matching import ENOUGH, Hit, weights
from triage.signals.rule import Strict, YesNo, build


class RedFlag(Strict):
    """A fact that demands at least the level `at_least`, whatever the type; None changes no level.

    `not_suspected_if`: facts that, once told, silence the model alone; rules still raise the flag.
    """

    id: str
    label: str
    at_least: str | None
    meaning: str
    not_suspected_if: dict[str, YesNo] = {}


@dataclass(frozen=True)
class Raised:
    """A red flag that the text raises, with the hits that tell it; none when the person answered it.

    `probability` is below 1 for a flag that only the model suspects.
    """

    flag: RedFlag
    hits: tuple[Hit, ...]
    probability: float = 1.0


def load_red_flags(rules: Path) -> dict[str, RedFlag]:
    """Every red flag by its id. Raises DataError."""
    problems: list[Problem] = []
    flags: dict[str, RedFlag] = {}
    for path in sorted((rules / "red_flags").glob("*.yaml")):
        file = read(path, problems)
        flag = build(RedFlag, file, problems) if file else None
        if file and flag:
            if flag.id != path.stem:
                problems.append(file.problem(f"l'identifiant doit être « {path.stem} »", "id"))
            flags[flag.id] = flag
    if problems:
        raise DataError(problems)
    return flags


MOST_SENTENCES = 4
# « Net », in the scale of rule weights.
CLEAR = 2.0
# A chance below this one, and signs that are all faint: measured in docs/decisions.md.
RULED_OUT = 0.02


def flagged_sentences(document: Document, flags: Iterable[Raised]) -> list[tuple[int, int]]:
    """The sentences (first token, one past the last) that raise a flag, the last of them if there are many."""
    tokens = document.tokens
    spans = {(tokens.begins[hit.start], tokens.stops[hit.end - 1]) for raised in flags for hit in raised.hits}
    return sorted(spans)[-MOST_SENTENCES:]


def raised(hits: Iterable[Hit], flags: Mapping[str, RedFlag], answered: Collection[str] = ()) -> tuple[Raised, ...]:
    """The flags told with weight enough by `hits`, or that the person `answered`, in the order of `flags`."""
    hits = [hit for hit in hits if not hit.void]
    told = {name for name, weight in weights(hits, lambda signal: signal.flags).items() if weight >= ENOUGH}
    return tuple(
        Raised(flag, tuple(hit for hit in hits if name in hit.signal.flags))
        for name, flag in flags.items()
        if name in told or name in answered
    )


def credible(flags: Iterable[Raised], probabilities: Mapping[str, float]) -> tuple[Raised, ...]:
    """`flags` without those that rest on faint signs alone and that the model, having read the whole, rules out.

    A clear sign, an answer, or the absence of a model leave a flag as it is: only what no rule says clearly is weighed.
    """
    return tuple(
        one
        for one in flags
        if not one.hits
        or any(hit.weight >= CLEAR for hit in one.hits)
        or probabilities.get(f"flag:{one.flag.id}", 1.0) >= RULED_OUT
    )


def suspected(
    probabilities: Mapping[str, float],
    least: float,
    flags: Mapping[str, RedFlag],
    known: Iterable[Raised],
    told: Mapping[str, str],
) -> tuple[Raised, ...]:
    """The flags that the model alone suspects, at `least` so probable: it may add to what rules found, never remove.

    `told` are the facts (name → value) that the text or the person says.
    """
    found = {one.flag.id for one in known}
    found |= {n for n, flag in flags.items() if flag.not_suspected_if.items() & told.items()}
    chances = {name: probabilities.get(f"flag:{name}", 0.0) for name in flags if name not in found}
    return tuple(Raised(flags[name], (), chance) for name, chance in chances.items() if chance >= least)
