"""The « fiches réflexes »: what the diagnostic says of one type, circumstance or channel, before anything is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import chain
from typing import Literal

from triage.diagnostic.advice import SECTIONS, Sheet
from triage.diagnostic.channels import Channel
from triage.diagnostic.clocks import Clock
from triage.diagnostic.compose import Composer
from triage.diagnostic.conditions import holds, parse
from triage.diagnostic.contacts import Proposed, proposed
from triage.diagnostic.law import LawNote, applicable
from triage.diagnostic.measures import MeasureNote, measures_for
from triage.diagnostic.situation import Situation
from triage.diagnostic.sources import Confidence, Sourced
from triage.document.folding import fold
from triage.threats.kinds import OUTPUTS, UNDETERMINED

KindOfFiche = Literal["type", "circonstance", "canal"]
FLAG = "drapeau:"
_TITLES = {name: title for title, name in SECTIONS.items()}
# Paper does not know what time it is: contacts say their hours in words.
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Part:
    """One section of a fiche: its name in a diagnostic, its title, and what to do in order."""

    name: str
    title: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Delay:
    """A deadline without dates; `settled` is false when it depends on a fact that is not told."""

    clock: Clock
    settled: bool


@dataclass(frozen=True)
class Fiche:
    """All that one fiche says. `about` is empty for a channel, `channel` is None for the others.

    `confidence` is that of the facts as a whole, when one source gives them all (channels).
    """

    id: str
    kind: KindOfFiche
    title: str
    about: str
    parts: tuple[Part, ...]
    contacts: tuple[Proposed, ...]
    delays: tuple[Delay, ...]
    law: tuple[LawNote, ...]
    measures: tuple[MeasureNote, ...]
    sources: tuple[Sourced, ...]
    checked_on: date
    channel: Channel | None = None
    confidence: Confidence | None = None

    @property
    def emergencies(self) -> tuple[Proposed, ...]:
        """The contacts to show first and large."""
        return tuple(one for one in self.contacts if one.emergency)

    @property
    def helpers(self) -> tuple[Proposed, ...]:
        """The other contacts."""
        return tuple(one for one in self.contacts if not one.emergency)

    @property
    def texts(self) -> Iterator[str]:
        """What one may search it by."""
        yield from (self.title, self.about)
        yield from (step for part in self.parts for step in part.steps)
        yield from (one.contact.name for one in self.contacts)
        yield from (delay.clock.name for delay in self.delays)
        yield from (f"{note.offence.name} {note.offence.text}" for note in self.law)
        yield from (note.measure.name for note in self.measures)
        if self.channel:
            yield from (self.channel.careful, self.channel.removal.text if self.channel.removal else "")


def fiches(composer: Composer) -> tuple[Fiche, ...]:
    """Every fiche: the circumstances, the most pressing first, then types and channels by their title."""
    known = composer.knowledge
    types = [_of_type(composer, name) for name in composer.kinds if name not in OUTPUTS]
    around = [sheet for name, sheet in known.library.sheets.items() if name not in composer.kinds and _flags(sheet)]
    pressing = sorted(around, key=lambda sheet: sheet.front.rank)
    channels = [_of_channel(composer, channel) for channel in known.channels.values()]
    return (*(_of_circumstance(composer, sheet) for sheet in pressing), *_by_title(types), *_by_title(channels))


def emergency_contacts(composer: Composer) -> tuple[Proposed, ...]:
    """The emergency numbers, whatever happens, and whom each is for."""
    numbers = (contact for contact in composer.knowledge.contacts.values() if contact.emergency)
    ranked = sorted(numbers, key=lambda contact: contact.rank)
    return tuple(Proposed(contact, contact.audience, None, emergency=True) for contact in ranked)


def _by_title(found: Iterable[Fiche]) -> list[Fiche]:
    return sorted(found, key=lambda fiche: fold(fiche.title))


def _of_type(composer: Composer, name: str) -> Fiche:
    sheet = composer.knowledge.library.sheets[name]
    rows = composer.policy.base[name]
    level = _gravest(composer, (row.level for row in rows if not row.with_any))
    labels = {f"type:{name}", f"premier:{name}", *level}
    return _of_sheet(composer, sheet, "type", composer.kinds[name].label, labels)


def _of_circumstance(composer: Composer, sheet: Sheet) -> Fiche:
    flags = [composer.flags[label.removeprefix(FLAG)] for label in _flags(sheet)]
    level = _gravest(composer, (flag.at_least for flag in flags if flag.at_least))
    title, *others = (flag.label for flag in flags)
    title = ", ".join([title, *(other[:1].lower() + other[1:] for other in others)])
    return _of_sheet(composer, sheet, "circonstance", title, {*_flags(sheet), *level})


def _of_channel(composer: Composer, channel: Channel) -> Fiche:
    """What is said of a report that tells only the channel: its own evidence, then that of the undetermined type."""
    level = _gravest(composer, (row.level for row in composer.policy.base[UNDETERMINED]))
    labels = {f"canal:{channel.id}", f"type:{UNDETERMINED}", f"premier:{UNDETERMINED}", *level}
    sheet = composer.knowledge.library.sheets[UNDETERMINED]
    told = _of_sheet(composer, sheet, "canal", channel.label, labels)
    evidence = Part("evidence", _TITLES["evidence"], tuple(channel.capture))
    parts = (evidence, *(part for part in told.parts if part.name == "avoid"))
    return replace(
        told,
        id=channel.id,
        about="",
        parts=parts,
        sources=(channel, *(one.contact for one in told.contacts)),
        checked_on=channel.checked_on,
        channel=channel,
        confidence=channel.confidence,
    )


def _of_sheet(composer: Composer, sheet: Sheet, kind: KindOfFiche, title: str, labels: set[str]) -> Fiche:
    known = composer.knowledge
    situation = Situation(frozenset(composer.observer.implied(labels)), _ANY_TIME, None)
    fiche = Fiche(
        id=sheet.front.id,
        kind=kind,
        title=title,
        about=" ".join(line.text for line in sheet.about),
        parts=tuple(_parts(composer, sheet, situation.labels)),
        contacts=tuple(replace(one, open_now=None) for one in proposed(known.contacts.values(), situation)),
        delays=tuple(_delays(known.clocks.values(), situation)),
        law=applicable(known.law.values(), situation, None),
        measures=tuple(note for note in measures_for(known.measures.values(), situation) if not note.why_not),
        sources=(),
        checked_on=sheet.front.checked_on,
    )
    procedures = [known.procedures[name] for name in sheet.front.sources if name in known.procedures]
    return replace(fiche, sources=_sources(fiche, procedures))


def _sources(fiche: Fiche, procedures: Iterable[Sourced]) -> tuple[Sourced, ...]:
    """The entries that the facts of `fiche` come from, each once by its heading: a contact may be a measure too."""
    law, delays = (note.offence for note in fiche.law), (delay.clock for delay in fiche.delays)
    contacts, measures = (one.contact for one in fiche.contacts), (note.measure for note in fiche.measures)
    return tuple({entry.heading: entry for entry in chain(law, delays, contacts, measures, procedures)}.values())


def _parts(composer: Composer, sheet: Sheet, labels: frozenset[str]) -> Iterator[Part]:
    """The sections with something in them; each step once, in its most pressing section."""
    library = composer.knowledge.library
    kinds = composer.kinds
    around = [one for name, one in library.sheets.items() if name not in kinds and holds(one.front.when, labels)]
    sheets = {one.front.id: one for one in sorted([*around, sheet], key=lambda one: one.front.rank)}
    said: set[str] = set()
    for title, name in SECTIONS.items():
        told = [step.text for one in sheets.values() for step in library.steps(one, name, labels)]
        steps = tuple(text for text in dict.fromkeys(told) if text not in said)
        said |= {*steps}
        if steps:
            yield Part(name, title, steps)


def _delays(clocks: Iterable[Clock], situation: Situation) -> Iterator[Delay]:
    for clock in sorted(clocks, key=lambda clock: clock.rank):
        if holds(clock.when, situation.labels):
            yield Delay(clock, holds(clock.settled, situation.labels))


def _flags(sheet: Sheet) -> tuple[str, ...]:
    """The red flags that the circumstance of `sheet` is made of, in the order of its condition."""
    conditions = sheet.front.when
    named = {label for text in conditions for label in parse(text).labels() if label.startswith(FLAG)}
    return tuple(sorted(named, key=lambda label: " ".join(conditions).index(label)))


def _gravest(composer: Composer, levels: Iterable[str]) -> set[str]:
    """The labels of the gravest of `levels`: a fiche is read before the facts are known, and plans for the worst."""
    rank = composer.policy.rank
    level = max((composer.policy.levels[0].id, *levels), key=rank)
    return {f"niveau:{level}"} | ({"niveau:escalade"} if rank(level) >= rank("agent") else set())
