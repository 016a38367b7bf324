"""The dashboard: how long people wait, what waits, what comes, and how far agents agree with the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import Connection

from triage.desk.forgetting import showing
from triage.desk.office import Office
from triage.desk.supervising import judging, observed, people, undertriage
from triage.desk.supervising.cells import Bar, Cell, Chart, Lasting, Section, percent, share
from triage.desk.supervising.policy import Period
from triage.dossier.wording import day
from triage.intake.moment import in_paris
from triage.store import figures
from triage.store.figures import Cut, Spread
from triage.store.people import Person

_SHARE = ("Nombre", "Sur", "Part", "Intervalle à 95 %")


@dataclass(frozen=True)
class Asked:
    """What is looked at: the period, and a place when one is chosen."""

    period: Period
    departement: str = ""
    force: str = ""


@dataclass(frozen=True)
class Look:
    """Somebody's look at the desk at a moment."""

    office: Office
    connection: Connection
    person: Person
    cut: Cut
    now: datetime

    @cached_property
    def decided(self) -> dict[tuple[str, str], int]:
        """How many cases went from one level to another by decision."""
        return figures.levels_decided(self.connection, self.cut)

    @property
    def levels(self) -> dict[str, str]:
        """The levels for which an agent acts, the gravest first, with their labels."""
        delays = self.office.policies.queue.delays
        return {one.id: one.label for one in reversed(self.office.engine.assessor.policy.levels) if one.id in delays}


def dashboard(office: Office, person: Person, asked: Asked, now: datetime) -> list[Section]:
    """All that `person` may see of it. Raises StoreError."""
    edges = steps(asked.period, now)
    cut = Cut(edges, person.scopes, asked.departement, asked.force)
    with office.database.read() as connection:
        figures.make_room(connection)
        look = Look(office, connection, person, cut, now)
        return [make(look) for make in (*_SECTIONS, *_JUDGED)]


def steps(period: Period, now: datetime) -> tuple[datetime, ...]:
    """The Mondays at midnight, in Paris, between which cases are counted together; then `now`."""
    today = in_paris(now).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    monday = today - timedelta(days=today.weekday())
    count = period.days // (7 * period.weeks)
    return (*(monday - timedelta(weeks=period.weeks * back) for back in range(count - 1, -1, -1)), now)


def _waits(look: Look) -> Section:
    spreads = figures.waits(look.connection, look.cut)
    help_ = "Du récit à la première prise en charge. Les dossiers que personne n'a encore pris n'y sont pas."
    return _spread_section(look, "attente", "Attente avant la prise en charge", help_, spreads)


def _handlings(look: Look) -> Section:
    spreads = figures.handlings(look.connection, look.cut)
    help_ = "De la première prise en charge à la clôture, pour les dossiers clos pendant la période."
    return _spread_section(look, "traitement", "Durée du traitement", help_, spreads)


def _spread_section(look: Look, name: str, title: str, help_: str, spreads: list[Spread]) -> Section:
    rows: list[tuple[Cell, ...]] = []
    charts = []
    for level, label in look.levels.items():
        mine = [one for one in spreads if one.level == level]
        told = [(_week(look, one.step), one) for one in sorted(mine, key=lambda one: one.step)]
        rows += [(label, when, one.count, Lasting(one.median), Lasting(one.tenth)) for when, one in told]
        bars = tuple(
            Bar(when, one.median, f"{Lasting(one.median)} ; {Lasting(one.tenth)}", one.tenth) for when, one in told
        )
        charts += [Chart(label, bars, "médiane", "neuf sur dix en moins de")] if bars else []
    head = ("Niveau", "Semaine du", "Dossiers", "Médiane", "Neuf sur dix en moins de")
    return Section(name, title, help_, head, tuple(rows), tuple(charts))


def _late(look: Look) -> Section:
    alerts = look.office.policies.alerts
    delays = {level: look.office.policies.queue.delay(level) for level in look.levels}
    allowed = {level: delay + alerts.allowed(level) for level, delay in delays.items() if delay is not None}
    found = figures.intakes(look.connection, look.cut, look.now, allowed)
    small = look.office.policies.dashboard.small
    rows: list[tuple[Cell, ...]] = []
    bars = []
    for level, label in look.levels.items():
        mine = [one for one in found if one.level == level]
        late, count = sum(one.late for one in mine), sum(one.count for one in mine)
        rows.append((label, *share(late, count, small), sum(one.unclaimed for one in mine)))
        bars += [Bar(label, late / count, f"{percent(late / count)} ({late} sur {count})")] if count else []
    chart = (Chart("Part des dossiers pris hors délai", tuple(bars), "part hors délai"),) if bars else ()
    help_ = "Dossiers reçus pendant la période, pris ou encore en attente au-delà du délai de leur niveau."
    head = ("Niveau", *_SHARE, "Pas encore pris")
    return Section("retard", "Dossiers hors délai", help_, head, tuple(rows), chart)


def _backlog(look: Look) -> Section:
    ages = look.office.policies.dashboard.ages
    limits = [timedelta(minutes=age.until) if age.until else None for age in ages]
    found = figures.backlog(look.connection, look.cut, look.now, limits)
    others = sorted({level for level, _ in found} - {*look.levels})
    names = {**look.levels, **{one: look.office.engine.assessor.policy.level(one).label for one in others}}
    rows: list[tuple[Cell, ...]] = []
    for place, age in enumerate(ages):
        counts = [found.get((level, place), 0) for level in names]
        rows.append((age.label, *counts, sum(counts)))
    totals = tuple(sum(found.get((level, place), 0) for level in names) for place in range(len(ages)))
    bars = tuple(Bar(age.label, total, str(total)) for age, total in zip(ages, totals, strict=True))
    help_ = "Tout ce qui attend un agent en ce moment, par ancienneté du récit, quelle que soit la période choisie."
    head = ("Reçus depuis", *names.values(), "Total")
    return Section(
        "en-cours", "Dossiers en attente", help_, head, tuple(rows), (Chart("En attente", bars, "dossiers"),)
    )


def _types(look: Look) -> Section:
    labels = {name: kind.label for name, kind in look.office.engine.composer.kinds.items()}
    help_ = "Dossiers reçus pendant la période ; un dossier peut avoir plusieurs types."
    return _counted(look, "types", "Volumes par type", help_, "Type", figures.types(look.connection, look.cut), labels)


def _places(look: Look) -> Section:
    labels = {code: f"{code} {one.name}" for code, one in look.office.service.departements.items()}
    found = figures.places(look.connection, look.cut)
    help_ = "Dossiers reçus pendant la période, là où l'élu a dit où il se trouve."
    labels[""] = "Non précisé"
    return _counted(look, "departements", "Volumes par département", help_, "Département", found, labels)


def _counted(
    look: Look, name: str, title: str, help_: str, head: str, found: Mapping[str, int], labels: Mapping[str, str]
) -> Section:
    ordered = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    bars = tuple(Bar(labels.get(key, key), count, str(count)) for key, count in ordered)
    chart = (Chart(title, bars[: look.office.policies.dashboard.most_bars], "dossiers"),) if bars else ()
    rows = tuple((labels.get(key, key), count) for key, count in ordered)
    return Section(name, title, help_, (head, "Dossiers"), rows, chart)


def _week(look: Look, step: int) -> str:
    return "Toute la période" if step == figures.WHOLE else day(look.cut.edges[step])


def _corrections(look: Look) -> Section:
    labels = {name: kind.label for name, kind in look.office.engine.composer.kinds.items()}
    return judging.corrections(look.connection, look.cut, labels)


def _agreement(look: Look) -> Section:
    policy, small = look.office.engine.assessor.policy, look.office.policies.dashboard.small
    return judging.agreement(look.connection, look.cut, look.decided, policy, {*look.levels}, small)


def _undertriage(look: Look) -> Section:
    least = look.office.policies.conduct.sampling.conclusive
    return undertriage.section(undertriage.undertriage(look.connection, look.cut, {*look.levels}, least))


def _matrix(look: Look) -> Section:
    return judging.matrix(look.decided, look.office.engine.assessor.policy)


def _exposure(look: Look) -> Section:
    starts = look.office.policies.dashboard.shift_starts
    return people.exposure(look.connection, look.person, look.cut.since, look.now, starts)


def _forgotten(look: Look) -> Section:
    return showing.section(look.office, look.connection, look.cut)


def _quality(look: Look) -> Section:
    return observed.section(look.connection, look.office.policies.quality)


Make = Callable[[Look], Section]
_SECTIONS: tuple[Make, ...] = (_late, _waits, _backlog, _handlings, _types, _places, _forgotten)
_JUDGED: tuple[Make, ...] = (_agreement, _undertriage, _matrix, _corrections, _quality, _exposure)
