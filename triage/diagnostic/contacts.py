"""Whom to call, from `rules/contacts.yaml`: only those that this report calls for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from triage.assessment.assessment import Assessment
from triage.datafiles import read
from triage.errors import DataError, Problem
from triage.signals.matching import Hit
from triage.signals.rule import Strict, build
from triage.threats.kinds import Kind


class Shown(Strict):
    """When a contact is proposed: one condition is enough.

    `mentioned` are flags spoken of, even denied or past; `support` is for the types that call for a listening ear.
    """

    levels: list[str] = []
    flags: list[str] = []
    mentioned: list[str] = []
    support: bool = False


class Contact(Strict):
    """A number or site, with its hours; `emergency` ones are shown first and always large."""

    id: str
    name: str
    number: str
    site: str = ""
    text: str
    hours: str
    emergency: bool
    show: Shown
    confidence: str
    checked_on: str


class ContactFile(Strict):
    """`rules/contacts.yaml`."""

    contacts: list[Contact]


def load_contacts(rules: Path) -> tuple[Contact, ...]:
    """Every contact, in the order of the file. Raises DataError."""
    problems: list[Problem] = []
    file = read(rules / "contacts.yaml", problems)
    content = build(ContactFile, file, problems) if file else None
    if problems or content is None:
        raise DataError(problems)
    return tuple(content.contacts)


def proposed(
    contacts: tuple[Contact, ...], assessment: Assessment, kinds: Iterable[Kind], hits: Iterable[Hit]
) -> tuple[Contact, ...]:
    """The contacts that `assessment` calls for, emergencies first."""
    flags = {raised.flag.id for raised in assessment.flags}
    support = any(kind.support for kind in kinds)
    mentioned = {name for hit in hits for name in hit.signal.flags}
    chosen = [
        contact
        for contact in contacts
        if assessment.level.id in contact.show.levels
        or flags & set(contact.show.flags)
        or mentioned & set(contact.show.mentioned)
        or (support and contact.show.support)
    ]
    return tuple(sorted(chosen, key=lambda contact: not contact.emergency))
