"""Tells the victims of a campaign that they are not alone: an agent does, and never says who the others are."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from triage.desk import journal
from triage.desk.campaigns.viewing import View, view
from triage.desk.follow_up import LONGEST_MESSAGE
from triage.desk.handling.opening import permitted
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import ForbiddenError
from triage.desk.queue.placing import place, tell
from triage.store.campaigns import Member
from triage.store.cases import UnknownCaseError
from triage.store.people import Person
from triage.store.records import FINISHED

_ABOUT = "campaign.tell"


def recipients(seen: View) -> list[Member]:
    """The cases to whose authors an agent may write: of their scope, neither closed nor a part of another."""
    return [one for one in seen.seen if one.state not in FINISHED and one.root == one.case_id]


def warn(office: Office, person: Person, campaign_id: str, text: str, now: datetime) -> int:
    """Writes to the victims whose cases `person` may see; to how many. Raises DeskError, NotSeenError.

    Each case is a transaction of its own: one that is erased or closed meanwhile is left out.
    """
    text = text.strip()
    if not text:
        raise DeskError("Le message est vide.")
    if len(text) > LONGEST_MESSAGE:
        raise DeskError(f"Le message compte {len(text)} caractères, la limite est de {LONGEST_MESSAGE}.")
    with office.database.read() as connection:
        chosen = recipients(view(office, connection, person, campaign_id))
    return _write(office, person, campaign_id, [one.case_id for one in chosen], text, now)


def _write(office: Office, person: Person, campaign_id: str, case_ids: Iterable[str], text: str, now: datetime) -> int:
    written = 0
    for case_id in case_ids:
        with suppress(ForbiddenError, UnknownCaseError), office.database.write() as connection:
            standing = permitted(office, connection, person, case_id, lock=True)
            if standing.state in FINISHED:
                continue
            # Of no author: it is no answer to what this official wrote, and nobody has dealt with their case.
            office.cases.write(connection, case_id, "agent", text, now)
            tell(connection, "message", place(office, connection, case_id, now), now, "agent")
            journal.record(office, connection, person, _ABOUT, now, case_id, campaign_id)
            written += 1
    return written
