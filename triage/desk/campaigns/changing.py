"""What agents change of campaigns: name, state, merge, split, a case put in or taken out. Each is audited, with why.

The turn of the campaigns is taken first, then the rows of the cases: nobody compares cases meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from triage.desk import journal
from triage.desk.campaigns.viewing import View, numbered, view
from triage.desk.handling.opening import permitted
from triage.desk.handling.reasons import said
from triage.desk.office import DeskError, Office
from triage.desk.queue.placing import tell
from triage.store import campaigns, prints
from triage.store.campaigns import CLOSED, OPEN
from triage.store.people import Person

_LONGEST_NAME = 120
_HAND = "hand"


def rename(office: Office, person: Person, campaign_id: str, name: str, now: datetime) -> None:
    """What agents call the campaign. Raises DeskError, NotSeenError."""
    name = " ".join(name.split())
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise DeskError(f"Un nom compte au plus {_LONGEST_NAME} caractères lisibles.")
    with office.database.write() as connection:
        _open(office, connection, person, campaign_id)
        campaigns.rename(connection, campaign_id, name)
        journal.record(office, connection, person, "campaign.name", now, about=campaign_id)


def set_state(office: Office, person: Person, campaign_id: str, state: str, now: datetime) -> None:
    """Closes or opens the campaign; a case that joins it opens it again. Raises DeskError, NotSeenError."""
    if state not in (OPEN, CLOSED):
        raise DeskError("Une campagne est ouverte ou close.")
    with office.database.write() as connection:
        _open(office, connection, person, campaign_id)
        campaigns.change(connection, campaign_id, state=state, changed_at=now)
        journal.record(office, connection, person, "campaign.state", now, about=f"{campaign_id} {state}")


def merge(office: Office, person: Person, campaign_id: str, number: str, reason: str, now: datetime) -> str:
    """Makes the campaign one with the one of that number, which stays; its id. Raises DeskError, NotSeenError."""
    reason = said(reason)
    with office.database.write() as connection:
        gone = _open(office, connection, person, campaign_id)
        into = numbered(connection, person, number).campaign
        if into.id == campaign_id:
            raise DeskError("C'est le numéro de cette campagne : donnez celui de l'autre.")
        campaigns.merge(connection, campaign_id, into.id, now)
        about = f"{campaign_id} {into.id}"
        journal.record(office, connection, person, "campaign.merge", now, gone.seen[0].case_id, about, reason)
    return into.id


def split(
    office: Office, person: Person, campaign_id: str, case_ids: Collection[str], reason: str, now: datetime
) -> str:
    """Makes another campaign of some cases, which `person` may see; its id. Raises DeskError, NotSeenError.

    The service never puts the two halves together again.
    """
    reason = said(reason)
    with office.database.write() as connection:
        shown = _open(office, connection, person, campaign_id)
        chosen = [one for one in shown.seen if one.case_id in case_ids]
        if not chosen:
            raise DeskError("Cochez les dossiers à mettre dans une autre campagne.")
        staying = [one for one in campaigns.members(connection, [campaign_id]) if one not in chosen]
        if not staying:
            raise DeskError("Laissez au moins un dossier dans cette campagne.")
        made = campaigns.new(connection, now)
        for one in staying:
            campaigns.part(connection, made.id, one.case_id)
        for one in chosen:
            campaigns.part(connection, campaign_id, one.case_id)
            campaigns.leave(connection, one.case_id)
            campaigns.join(connection, made.id, one.case_id, one.ground, person.id, now)
        about = f"{campaign_id} {made.id}"
        for one in chosen:
            journal.record(office, connection, person, "campaign.split", now, one.case_id, about, reason)
    return made.id


def take_out(office: Office, person: Person, case_id: str, reason: str, now: datetime) -> None:
    """The case has nothing to do with its campaign. Raises DeskError, ForbiddenError, UnknownCaseError."""
    reason = said(reason)
    with office.database.write() as connection:
        prints.take_turn(connection)
        permitted(office, connection, person, case_id, lock=True)
        campaign_id = campaigns.of_cases(connection, [case_id]).get(case_id)
        if campaign_id is None:
            raise DeskError("Ce dossier n'est dans aucune campagne.")
        campaigns.part(connection, campaign_id, case_id)
        campaigns.leave(connection, case_id)
        campaigns.change(connection, campaign_id, changed_at=now)
        journal.record(office, connection, person, "campaign.leave", now, case_id, campaign_id, reason)


def put_in(office: Office, person: Person, case_id: str, number: str, reason: str, now: datetime) -> str:
    """Puts the case into the campaign of that number; its id. Raises DeskError, ForbiddenError, UnknownCaseError."""
    reason = said(reason)
    with office.database.write() as connection:
        prints.take_turn(connection)
        permitted(office, connection, person, case_id, lock=True)
        into = numbered(connection, person, number).campaign
        _put(office, connection, person, [case_id], into.id, reason, now)
    return into.id


def put_together(office: Office, person: Person, case_id: str, other_id: str, reason: str, now: datetime) -> str:
    """Puts the case with another, into that one's campaign or a new one; its id. Raises as `put_in`."""
    reason = said(reason)
    if case_id == other_id:
        raise DeskError("Un dossier ne se rapproche pas de lui-même.")
    with office.database.write() as connection:
        prints.take_turn(connection)
        for one in sorted((case_id, other_id)):
            permitted(office, connection, person, one, lock=True)
        known = campaigns.of_cases(connection, [other_id]).get(other_id)
        into = known or campaigns.new(connection, now).id
        _put(office, connection, person, [case_id] if known else [case_id, other_id], into, reason, now)
    return into


def _put(
    office: Office,
    connection: Connection,
    person: Person,
    case_ids: Collection[str],
    campaign_id: str,
    reason: str,
    now: datetime,
) -> None:
    for case_id in case_ids:
        campaigns.reunite(connection, campaign_id, case_id)
        campaigns.join(connection, campaign_id, case_id, _HAND, person.id, now)
        tell(connection, "campaign", office.cases.standing(connection, case_id), now, campaign_id)
    for case_id in case_ids:
        journal.record(office, connection, person, "campaign.join", now, case_id, f"{campaign_id} {_HAND}", reason)


def _open(office: Office, connection: Connection, person: Person, campaign_id: str) -> View:
    """The campaign, for somebody who may see it, once it is their turn. Raises NotSeenError, DeskError."""
    prints.take_turn(connection)
    found = view(office, connection, person, campaign_id)
    if found.campaign.state == campaigns.MERGED:
        raise DeskError("Cette campagne a été réunie à une autre : ouvrez celle-là.")
    return found
