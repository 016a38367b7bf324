"""Why a case is where it is in the queue, in words that are read at a glance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.desk.erasing import ERASURE
from triage.desk.office import Office
from triage.desk.queue.times import at, lasted
from triage.store.queue import Extras
from triage.store.records import Standing

_SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class Reason:
    """One of the reasons; `tone` says how it is shown: a level's id, « late », « flag », or nothing."""

    text: str
    tone: str = ""


def reasons(office: Office, case: Standing, extras: Extras, now: datetime) -> tuple[Reason, ...]:
    """The level, the clock, the flags, what is asked, since when it waits; the gravest first."""
    level = Reason(office.engine.assessor.policy.level(case.level).label, case.level)
    known = office.engine.composer.flags
    flags = [Reason(known[flag].label, "flag") for flag in case.flags if flag in known]
    marks = _marks(office, extras, now)
    return (level, *_clock(case, now), *flags, *marks, *_asked(office, extras), *_waiting(case, now))


def _marks(office: Office, extras: Extras, now: datetime) -> Iterator[Reason]:
    said = office.policies.flood.texts
    for mark in extras.marks:
        told = f"{said.mark} : {said.of(mark.ground, mark.number, mark.sources)}"
        held = mark.back_at is not None and mark.back_at > now
        yield Reason(f"{told} ({said.held.format(heure=at(mark.back_at, now))})" if mark.back_at and held else told)


def _clock(case: Standing, now: datetime) -> Iterator[Reason]:
    if case.held_by(now) or not case.queued or case.due_at is None:
        return
    if case.snoozed_until and case.snoozed_until > now:
        yield Reason(f"en attente jusqu'à {at(case.snoozed_until, now)}")
    elif now - case.due_at >= _SOON:
        yield Reason(f"en retard de {lasted(now - case.due_at)}", "late")
    elif case.due_at - now <= _SOON:
        yield Reason("à lire tout de suite", "late")
    else:
        yield Reason(f"à lire avant {at(case.due_at, now)}")


def _asked(office: Office, extras: Extras) -> Iterator[Reason]:
    if extras.messages:
        yield Reason("un message sans réponse" if extras.messages == 1 else f"{extras.messages} messages sans réponse")
    measures = office.engine.composer.knowledge.measures
    for kind in extras.asked:
        if kind == ERASURE:
            yield Reason("effacement demandé")
        elif kind in measures:
            yield Reason(f"mesure demandée : {measures[kind].name}")
    cycles = office.policies.pack.cycles
    for kind in extras.reminded:
        if kind in cycles:
            yield Reason(f"rappel d'une mesure : {cycles[kind].name}")
    if extras.campaign is not None:
        yield Reason(f"campagne n° {extras.campaign}")


def _waiting(case: Standing, now: datetime) -> Iterator[Reason]:
    if case.queued and case.taken_at is None:
        yield Reason(f"attend depuis {lasted(now - case.received_at)}")
