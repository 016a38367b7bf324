"""What of a report tells a flood, or a false accusation, from somebody who asks for help."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.desk.campaigns.fingerprints import likeness, signature
from triage.desk.campaigns.words import plain
from triage.desk.office import Office
from triage.document.voices import attacker_spans
from triage.intake.indicators import find
from triage.store import compared
from triage.store.apart import Sent
from triage.store.cases import UnknownCaseError
from triage.store.records import Standing, Told


@dataclass(frozen=True)
class Opened:
    """A report. `reached`: how its author may be; `checkable`: it brings something that can be checked."""

    standing: Standing
    source: bytes
    at: datetime
    minhash: bytes
    exhibits: int
    reached: str
    checkable: bool

    def alike(self, other: Opened, least: float) -> bool:
        """Whether one is a copy of the other, or nearly."""
        return likeness(self.minhash, other.minhash) >= least


def opened(office: Office, connection: Connection, sent: Iterable[Sent]) -> list[Opened]:
    """The reports, the first before; those that were erased meanwhile are left out."""
    found = []
    for one in sent:
        try:
            case, standing = (
                compared.opened(connection, office.ring, one.case_id),
                office.cases.standing(connection, one.case_id),
            )
        except UnknownCaseError:
            continue
        made = signature(office.ring, office.policies.campaigns.rules.text, plain(case.told.text)).minhash
        exhibits = len(case.evidence)
        checkable = bool(exhibits) or brings(office, case.told)
        found.append(Opened(standing, one.source, one.at, made, exhibits, reached(case.told), checkable))
    return found


def reached(told: Told) -> str:
    """How the author may be reached, in a form that is compared; empty when they may not."""
    return plain(f"{told.contact} {told.mail}")


def brings(office: Office, told: Told) -> bool:
    """Whether a report brings, by itself, something that can be checked: a link, or words that it quotes."""
    links = bool(told.addresses) or any(one.kind == "url" for one in find(told.text))
    return links or any(True for _ in attacker_spans(told.text, office.engine.reader.voices))


def untouched(standing: Standing) -> bool:
    """Whether nobody at the desk has begun with the case, nor knows whose it is."""
    idle = standing.claimed_by is None and standing.taken_at is None and standing.merged_into is None
    return standing.state == "open" and standing.queued and idle and standing.identity == "unverified"
