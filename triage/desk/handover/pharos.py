"""The public addresses of attackers' content, ready to be pasted by hand in PHAROS; nothing is sent from here."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urlsplit

from triage.desk.handover.policy import PharosRules
from triage.desk.handover.sheet import as_csv as sheet
from triage.desk.office import Office
from triage.diagnostic.contacts import Contact
from triage.document.folding import fold
from triage.dossier.casefile import CaseFile
from triage.dossier.wording import day
from triage.intake.indicators import find
from triage.store.records import Told

_BEFORE = 60  # characters before an address that may say whose it is
_SENTENCE_ENDS = ".!?\n"


@dataclass(frozen=True)
class Address:
    """One address: when it was seen, what it holds, where it was told; `aside` says why it is not to be signalled."""

    url: str
    when: str
    nature: str
    source: str
    aside: str = ""


@dataclass(frozen=True)
class Listing:
    """What may be signalled, and why: `ground` when PHAROS is for this case, `not_here` when it seems not to be."""

    contact: Contact
    ground: str
    not_here: str
    addresses: tuple[Address, ...]

    @property
    def kept(self) -> list[Address]:
        """Those that may be signalled."""
        return [one for one in self.addresses if not one.aside]

    @property
    def aside(self) -> list[Address]:
        """The others."""
        return [one for one in self.addresses if one.aside]


def listing(office: Office, file: CaseFile, told: Told) -> Listing:
    """The addresses of a case. Who may signal what is said by `rules/contacts.yaml`."""
    rules, diagnostic = office.policies.handover.pharos, file.diagnostic
    contact = office.engine.composer.knowledge.contacts[rules.contact]
    offered = [one.why for one in diagnostic.contacts if one.contact.id == rules.contact]
    refused = [one.why for one in diagnostic.refused if one.contact.id == rules.contact]
    why_not = f"{rules.not_here} {refused[0]}" if refused else "" if offered else rules.no_ground
    found: dict[str, Address] = {}
    for one in _Search(office, file, told).all():
        known = found.get(one.url)
        if known is None or (one.aside and not known.aside and one.aside == rules.reasons["own"]):
            found[one.url] = one
    return Listing(contact, offered[0] if offered else "", why_not, tuple(found.values()))


def as_csv(listed: Listing) -> bytes:
    """Those that may be signalled, for a French spreadsheet; no cell is taken for a formula."""
    return sheet([("adresse", "date", "nature", "source"), *((a.url, a.when, a.nature, a.source) for a in listed.kept)])


class _Search:
    def __init__(self, office: Office, file: CaseFile, told: Told) -> None:
        self._rules: PharosRules = office.policies.handover.pharos
        self._comments = {office.comments.labels.get(name, name) for name in self._rules.natures}
        self._contacts = office.engine.composer.knowledge.contacts
        self._file, self._told = file, told

    def all(self) -> Iterator[Address]:
        """Every address, in the order in which it is told."""
        file = self._file
        nature = ", ".join(one.kind.label for one in file.diagnostic.about)
        told = f"signalée le {day(file.received_at)}"
        for url in file.addresses:
            yield self._judged(Address(url.strip(), told, nature, "adresse donnée"))
        yield from self._in_text(file.told, told, nature, "récit")
        for one in file.exhibits:
            when = _seen(one.captured_at) or f"pièce reçue le {day(one.received_at)}"
            yield from self._in_text(one.text, when, nature, f"pièce n° {one.number}")
        for remark in file.comments.kept if file.comments else ():
            if remark.url:
                own = Address(remark.url, _seen(remark.when), ", ".join(remark.types), "commentaire")
                wrong = "" if self._comments & set(remark.types) else self._rules.reasons["nature"]
                yield self._judged(own, wrong)

    def _in_text(self, text: str, when: str, nature: str, source: str) -> Iterator[Address]:
        for one in find(text):
            if one.kind == "url":
                own = self._rules.reasons["own"] if self._is_own(text, one.start) else ""
                yield self._judged(Address(one.value, when, nature, source), own)

    def _judged(self, one: Address, wrong: str = "") -> Address:
        return Address(one.url, one.when, one.nature, one.source, wrong or self._aside(one.url))

    def _aside(self, url: str) -> str:
        reasons = self._rules.reasons
        host, path = parts(url)
        if not host or "." not in host or _local(host):
            return reasons["local"]
        if any(_within(host, path, one) for one in self._rules.private):
            return reasons["private"]
        if any(_within(host, path, one) for one in (*self._rules.services, *self._helpers)):
            return reasons["service"]
        if any(host == one or host.endswith(f".{one}") for one in self._own_hosts):
            return reasons["own"]
        return "" if path.strip("/") else reasons["whole"]

    def _is_own(self, text: str, start: int) -> bool:
        """Whether the words just before, in the same sentence, say that it is the person's own."""
        before = text[max(0, start - _BEFORE) : start]
        before = before[max(before.rfind(sign) for sign in _SENTENCE_ENDS) + 1 :]
        return any(fold(own) in fold(before) for own in self._rules.own)

    @cached_property
    def _helpers(self) -> list[str]:
        return [parts(one.site)[0] for one in self._contacts.values() if one.site]

    @cached_property
    def _own_hosts(self) -> list[str]:
        """The sites behind the person's own addresses."""
        mails = [one.value for one in find(f"{self._told.contact}\n{self._told.mail}") if one.kind == "email"]
        return [mail.rpartition("@")[2] for mail in mails]


def parts(url: str) -> tuple[str, str]:
    """The host, without « www. », and the rest of an address, both in lower case but for nothing else changed."""
    try:
        split = urlsplit(url if "://" in url else f"https://{url}")
        host = (split.hostname or "").removeprefix("www.")
    except ValueError:
        return "", ""
    return host, split.path + (f"?{split.query}" if split.query else "")


def _within(host: str, path: str, one: str) -> bool:
    """Whether an address is on a host, or under it, and begins with its path if there is one."""
    named, _, start = one.partition("/")
    return (host == named or host.endswith(f".{named}")) and path.lstrip("/").startswith(start)


def _local(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host.endswith((".local", ".localhost", ".lan"))


def _seen(when: datetime | None) -> str:
    return f"vue le {day(when)}" if when else ""
