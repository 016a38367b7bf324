"""Whom to call, from `rules/contacts.yaml`: who is proposed and why, and why a well-known one is not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from triage.diagnostic.conditions import holds
from triage.diagnostic.hours import Opening, always, is_open, local_hours
from triage.diagnostic.situation import Situation
from triage.diagnostic.sources import Sourced, When
from triage.signals.rule import Strict


class Ground(Strict):
    """A reason, in a sentence to the person, and when it holds.

    `rank` moves the contact in the list; a `calm` reason does not make an emergency of it.
    """

    when: When
    why: str
    rank: int | None = None
    calm: bool = False


class Contact(Sourced):
    """A number, site or office. `refuse` wins over `offer`; the first reason that holds is the one said.

    `hours` are those of Paris, in words; `open` the same for the machine, empty when they are not known; `closed` says
    what to do outside them. `emergency` ones come first and large.
    """

    id: str
    name: str
    phone: str = ""
    sms: str = ""
    site: str = ""
    mail: str = ""
    where: str = ""
    text: str
    hours: str = ""
    open: list[Opening] = []
    closed: str = ""
    audience: str = ""
    emergency: bool = False
    rank: int
    offer: list[Ground] = []
    refuse: list[Ground] = []

    @property
    def reach(self) -> str:
        """How it is reached: the number, else the site, else where to go."""
        return (
            self.phone
            or self.sms
            or self.site.removeprefix("https://www.").removeprefix("https://")
            or (self.mail or self.where)
        )


@dataclass(frozen=True)
class Proposed:
    """A contact for this person, and why; `open_now` is None when its hours are not known.

    `local_hours` gives them by the clocks of the person's place, when these are not those of Paris. `emergency` ones
    are shown first and large.
    """

    contact: Contact
    why: str
    open_now: bool | None
    local_hours: str = ""
    emergency: bool = False


@dataclass(frozen=True)
class Refused:
    """A contact that one could think of, and why it is not the right one here."""

    contact: Contact
    why: str


def proposed(contacts: Iterable[Contact], situation: Situation) -> tuple[Proposed, ...]:
    """The contacts for this situation, emergencies first."""
    found = []
    for contact in contacts:
        ground = _first(contact.offer, situation)
        if ground is not None and _first(contact.refuse, situation) is None:
            rank = contact.rank if ground.rank is None else ground.rank
            found.append((rank, _proposed(contact, ground, situation)))
    return tuple(one for _, one in sorted(found, key=lambda place: (not place[1].emergency, place[0])))


def _proposed(contact: Contact, ground: Ground, situation: Situation) -> Proposed:
    open_now = is_open(contact.open, situation.now)
    emergency = contact.emergency and not ground.calm
    return Proposed(contact, ground.why, open_now, _local(contact, situation), emergency)


def refused(contacts: Iterable[Contact], situation: Situation) -> tuple[Refused, ...]:
    """The contacts that one could think of and that do not do here."""
    reasons = ((contact, _first(contact.refuse, situation)) for contact in contacts)
    return tuple(Refused(contact, ground.why) for contact, ground in reasons if ground is not None)


def _first(reasons: Iterable[Ground], situation: Situation) -> Ground | None:
    return next((one for one in reasons if holds(one.when, situation.labels)), None)


def _local(contact: Contact, situation: Situation) -> str:
    if situation.place is None or not contact.open or always(contact.open):
        return ""
    told = local_hours(contact.open[0], situation.place.zone, situation.now)
    label = situation.place.label
    return f"{told}, {label[0].lower()}{label[1:]}"
