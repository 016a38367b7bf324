"""What a change of rules does, in lines to be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triage.engine import Engine
from triage.learning import impact as trial
from triage.learning.evaluation import LEVELS
from triage.learning.impact import Direction, Impact, Judgement, Labels, Subject
from triage.learning.passages import Hide, passage, telling

TITLES: dict[Direction, str] = {
    "down": "Descendent",
    "up": "Montent",
    "same": "Même niveau, autres types ou drapeaux",
}


@dataclass(frozen=True)
class Shown:
    """What may be shown of the subjects: all their words, or those of some places, names hidden from analysts."""

    subjects: Sequence[Subject]
    readable: frozenset[int] | None = None
    hide: Hide | None = None

    def words(self, place: int) -> bool:
        """Whether the words at `place` may be shown."""
        return self.readable is None or place in self.readable


def lines(before: Engine, after: Engine, found: Impact, shown: Shown, most: int) -> Iterator[str]:
    """Everything, with at most `most` examples of each sort."""
    names = _names(before) | _names(after)
    yield from _about(before, after, found)
    up, down = found.levels.gained, found.levels.lost
    yield f"Niveaux : {up} montent, {down} descendent"
    for (first, then), count in sorted(found.moves.items(), key=lambda one: tuple(map(LEVELS.index, one[0]))):
        if first != then:
            yield f"  {names[first]} → {names[then]} : {count}"
    yield from _appearing("Types", found, trial.types, names)
    yield from _appearing("Drapeaux", found, trial.flags, names)
    if found.with_labels:
        yield (
            "Pour celui qui a été relu" if found.with_labels == 1 else f"Pour les {found.with_labels} qui ont été relus"
        )
        for name, shift in found.mistakes.items():
            if shift.gained or shift.lost:
                yield f"  {name} : {shift.gained} de plus, {shift.lost} de moins"
        if not any(shift.gained or shift.lost for shift in found.mistakes.values()):
            yield "  aucune erreur de plus, aucune de moins"
    first_load, load = (f"{one:.1f}".replace(".", ",") for one in found.load())
    yield f"Sur 100 récits, confiés à un agent : {first_load} avant, {load} après"
    for way, title in TITLES.items():
        chosen = trial.examples(found, most, way)
        if chosen:
            yield ""
            yield title
        for one in chosen:
            yield from _example(after, before, found, shown, one, names)


def _about(before: Engine, after: Engine, found: Impact) -> Iterator[str]:
    for name in found.changed:
        was, is_now = name in before.catalogue.signals, name in after.catalogue.signals
        yield f"{name} : {'changée' if was and is_now else 'nouvelle' if is_now else 'retirée'}"
    if found.everything:
        yield "Le vocabulaire, les niveaux ou les types changent aussi."
    elif not found.changed:
        yield "Aucune règle ne change ce qui est trouvé."
    if found.unheard:
        yield f"Le modèle n'entend pas {', '.join(found.unheard)} : il a appris sans. Les règles seules en décideront ;"
        yield "  apprenez un autre modèle par « triage train » une fois la règle en service."
    yield f"{len(found.judgements)} jugés, dont {found.twice} deux fois : les autres ne peuvent pas changer."
    if found.unreadable:
        yield "1 illisible." if found.unreadable == 1 else f"{found.unreadable} illisibles."


def _appearing(title: str, found: Impact, labels: Labels, names: dict[str, str]) -> Iterator[str]:
    shifts = found.appearing(labels)
    if shifts:
        yield title
    for name, shift in shifts.items():
        yield f"  {names[name]} : apparaît {shift.gained} fois, disparaît {shift.lost} fois"


def _example(
    after: Engine, before: Engine, found: Impact, shown: Shown, one: Judgement, names: dict[str, str]
) -> Iterator[str]:
    levels = f"{names[one.before.disposition]} → {names[one.after.disposition]}"
    gold = f" ; relu : {names[one.gold.disposition]}" if one.gold else ""
    yield f"  {one.id}  {levels if one.step else names[one.after.disposition]}{gold}{_labels(one, names)}"
    if shown.words(one.place):
        subject = shown.subjects[one.place]
        for engine in (after, before):
            triaged = subject.judged(engine)
            hits = telling(triaged, found.changed)
            if hits and (engine is before or any(hit.signal.id in found.changed for hit in hits) or found.everything):
                yield f"      {passage(triaged.document, hits, shown.hide)}"
                return


def _labels(one: Judgement, names: dict[str, str]) -> str:
    """What appears and what goes: « + Menace, − Arme »."""
    before, after = (said.threats | said.red_flags for said in (one.before, one.after))
    told = [f"+ {names[name]}" for name in sorted(after - before)] + [
        f"− {names[name]}" for name in sorted(before - after)
    ]
    return f"  ({', '.join(told)})" if told else ""


def _names(engine: Engine) -> dict[str, str]:
    levels = {level.id: level.label for level in engine.assessor.policy.levels}
    flags = {name: flag.label for name, flag in engine.assessor.flags.items()}
    return levels | flags | {name: kind.label for name, kind in engine.composer.kinds.items()}
