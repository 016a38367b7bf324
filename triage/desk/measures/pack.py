"""`rules/desk/pack.yaml`: through which states each measure goes, who acts, what is brought back to mind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from string import Formatter

from dateutil.relativedelta import relativedelta

from triage.datafiles import DataFile, read
from triage.diagnostic.wording import plain_day
from triage.errors import DataError, Problem
from triage.intake.moment import PARIS, in_paris
from triage.signals.rule import Strict, build

_PLACEHOLDERS = {"jour", "fin"}


class Result(Strict):
    """What an assessment may find, and the measures that it `suggests`."""

    id: str
    label: str
    suggests: list[str] = []


class State(Strict):
    """Where a measure may stand; see `rules/desk/pack.yaml`. `told`: what the official reads, nothing when empty."""

    id: str
    label: str
    waits: str = ""
    told: str = ""
    remind: int | None = None
    remind_before: int | None = None
    lasts: int | None = None
    in_force: bool = False
    final: bool = False

    def until(self, since: datetime, before: datetime | None) -> datetime | None:
        """When what is granted ends; a measure that stays in force keeps the end that it had."""
        if self.lasts is not None:
            return in_paris(since) + relativedelta(months=self.lasts)
        return before if self.in_force else None

    def says(self, since: datetime, until: datetime | None) -> str:
        """`told`, its dates filled in."""
        ends = plain_day(in_paris(until).date()) if until else ""
        return self.told.format(jour=plain_day(in_paris(since).date()), fin=ends)


class Step(Strict):
    """A way from one of the states `from` to another; `who` takes it. It notes a `unit` or a `result` where asked."""

    from_: list[str]
    to: str
    label: str
    who: str
    unit: bool = False
    result: bool = False


class Cycle(Strict):
    """The life of one measure. `first`: where an agent opens it; `asked`: where the official does, if they may."""

    id: str
    name: str = ""
    route: list[str]
    first: str
    asked: str = ""
    results: list[Result] = []
    states: list[State]
    steps: list[Step]

    def state(self, name: str) -> State:
        """The state `name`; one that the rules no longer have is shown by its id, with nothing to do."""
        return next((one for one in self.states if one.id == name), State(id=name, label=name))

    def steps_from(self, name: str) -> list[Step]:
        """The ways that leave a state."""
        return [one for one in self.steps if name in one.from_]

    def step(self, before: str, to: str) -> Step | None:
        """The way from `before` to `to`."""
        return next((one for one in self.steps_from(before) if one.to == to), None)

    def result(self, name: str) -> Result | None:
        """The result `name`."""
        return next((one for one in self.results if one.id == name), None)


class PackFile(Strict):
    """`rules/desk/pack.yaml`."""

    hour: int
    soon: int
    furthest: int
    actors: dict[str, str]
    measures: list[Cycle]


class Pack(Strict):
    """The measures, by id, each with its name. `soon`, `furthest`: days; `hour`: that of reminders, in Paris."""

    hour: int
    soon: int
    furthest: int
    actors: dict[str, str]
    cycles: dict[str, Cycle]

    def reminder(self, state: State, since: datetime, until: datetime | None) -> datetime | None:
        """When a measure that enters `state` is to be brought back to mind."""
        if state.remind_before is not None and until is not None:
            return self.morning(in_paris(until).date() - timedelta(days=state.remind_before))
        return self.morning(in_paris(since).date() + timedelta(days=state.remind)) if state.remind is not None else None

    def morning(self, day: date) -> datetime:
        """The hour of reminders on `day`."""
        return datetime.combine(day, time(self.hour), PARIS)


def load_pack(rules: Path, names: Mapping[str, str], kinds: Mapping[str, str]) -> Pack:
    """The pack in `rules`; `names`: those of the measures of the diagnostic; `kinds`: those of units.

    Raises DataError with every problem.
    """
    problems: list[Problem] = []
    file, service = (read(rules / name, problems) for name in ("desk/pack.yaml", "service.yaml"))
    if file:
        _spell(file)
    content = build(PackFile, file, problems) if file else None
    if file and content:
        askable = service.data.get("askable", []) if service else []
        missing = sorted(set(askable) - {one.id for one in content.measures if one.asked})
        problems += [file.problem(f"l'élu peut demander « {one} » : il y faut un état « asked »") for one in missing]
        for i, cycle in enumerate(content.measures):
            problems += [file.problem(what, "measures", i) for what in _faults(cycle, content, names, kinds)]
    if problems or content is None:
        raise DataError(problems)
    cycles = {one.id: one.model_copy(update={"name": one.name or names[one.id]}) for one in content.measures}
    return Pack(cycles=cycles, **content.model_dump(include={"hour", "soon", "furthest", "actors"}))


def _spell(file: DataFile) -> None:
    """`from` is a word of Python: the model calls it `from_`."""
    measures = file.data.get("measures")
    for cycle in measures if isinstance(measures, list) else []:
        steps = cycle.get("steps") if isinstance(cycle, dict) else None
        for step in steps if isinstance(steps, list) else []:
            if isinstance(step, dict) and "from" in step:
                step["from_"] = step.pop("from")


def _faults(cycle: Cycle, pack: PackFile, names: Mapping[str, str], kinds: Mapping[str, str]) -> Iterator[str]:
    """What does not hold together in one cycle."""
    known, all_ids = [one.id for one in cycle.states], [one.id for one in pack.measures]
    yield from (f"état en double : « {one} »" for one in sorted({one for one in known if known.count(one) > 1}))
    if all_ids.count(cycle.id) > 1:
        yield f"mesure en double : « {cycle.id} »"
    if not cycle.name and cycle.id not in names:
        yield f"« {cycle.id} » n'est pas dans measures.yaml : donnez-lui un nom (name)"
    used = {cycle.first, *([cycle.asked] if cycle.asked else [])}
    used |= {name for step in cycle.steps for name in (*step.from_, step.to)}
    yield from (f"état inconnu : « {one} »" for one in sorted(used - set(known)))
    yield from (f"état où rien ne mène : « {one} »" for one in sorted(set(known) - used))
    yield from (f"sorte d'unité inconnue : « {one} »" for one in sorted(set(cycle.route) - set(kinds)))
    actors = {step.who for step in cycle.steps} | {one.waits for one in cycle.states if one.waits}
    yield from (f"acteur inconnu : « {one} »" for one in sorted(actors - set(pack.actors)))
    suggested = {name for result in cycle.results for name in result.suggests}
    yield from (f"mesure suggérée inconnue : « {one} »" for one in sorted(suggested - set(all_ids)))
    if any(step.result for step in cycle.steps) != bool(cycle.results):
        yield "« results » va avec une étape « result: true »"
    for state in cycle.states:
        if not state.final and not cycle.steps_from(state.id):
            yield f"état sans suite possible : « {state.id} »"
        strange = {name for _, name, _, _ in Formatter().parse(state.told) if name is not None} - _PLACEHOLDERS
        yield from (f"« {{{name}}} » n'est pas connu ; possibles : {{jour}}, {{fin}}" for name in sorted(strange))
