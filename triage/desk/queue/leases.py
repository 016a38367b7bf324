"""Who holds a case, and until when. A claim lasts as long as its holder does something, and is kept in CLAIMS.

Every function works within the caller's transaction, in which the case is locked.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update

from triage.desk.office import Office
from triage.desk.queue.placing import first_asked, place, tell
from triage.store.cases import new_id
from triage.store.decisions import RAISED
from triage.store.desk_tables import CLAIMS, DECISIONS, MEASURE_STEPS
from triage.store.people import Person
from triage.store.records import Standing
from triage.store.tables import CASES, EVENTS, MESSAGES

# What the official reads of it.
CLAIMED, FREED = "claimed", "freed"
# How a claim ends when the case goes to another service.
REFERRED = "referred"
_CLAIMED_TEXT = "Un agent a pris votre dossier."
_FREED_TEXT = "Votre dossier attend de nouveau dans la file des agents."
# How often a lease is made longer at most: not at each page.
_GRAIN = timedelta(minutes=1)


def begin(
    office: Office, connection: Connection, person: Person, case: Standing, now: datetime, before: str = "expired"
) -> Standing:
    """`person` holds the case from now on; `before` says how the claim of whoever held it ended."""
    _close(connection, case, before, now)
    since = max(now, _last(connection, case.id) or now)
    lease = now + timedelta(minutes=office.policies.queue.lease)
    held = {"claimed_by": person.id, "claimed_at": since, "lease_until": lease, "taken_at": now, "snoozed_until": None}
    first = func.coalesce(CASES.c.first_claimed_at, since)
    office.cases.stand(connection, case.id, first_claimed_at=first, **held)
    connection.execute(insert(CLAIMS).values(id=new_id(), case_id=case.id, who=person.id, since=since))
    _say(office, connection, case.id, CLAIMED, _CLAIMED_TEXT, now)
    standing = place(office, connection, case.id, now)
    tell(connection, "claim", standing, now, person.id)
    return standing


def renew(office: Office, connection: Connection, person: Person, standing: Standing, now: datetime) -> None:
    """The holder does something: the lease begins anew. Nothing when `person` does not hold the case."""
    lease = now + timedelta(minutes=office.policies.queue.lease)
    if standing.held_by(now) == person.id and standing.lease_until and lease - standing.lease_until > _GRAIN:
        office.cases.stand(connection, standing.id, lease_until=lease)


def end(
    office: Office, connection: Connection, standing: Standing, ended: str, now: datetime, until: datetime | None = None
) -> Standing:
    """Nobody holds the case any more; `ended` says why. If nothing was done meanwhile, it is due as it was before.

    `until`: it is put off until then. A case on which an agent has acted, and where nothing waits, rests for a while.
    """
    if standing.claimed_by is None:
        return standing
    _close(connection, standing, ended, now)
    worked = last_worked(connection, standing.id)
    free = {"claimed_by": None, "claimed_at": None, "lease_until": None, "taken_at": worked, "snoozed_until": until}
    office.cases.stand(connection, standing.id, **free)
    if (
        standing.state == "open"
        and not standing.merged_into
        and (worked is None or (standing.claimed_at and worked < standing.claimed_at))
    ):
        _say(office, connection, standing.id, FREED, _FREED_TEXT, now)
    after = place(office, connection, standing.id, now, quiet=until is not None)
    if until is None:
        after = _rest(office, connection, after)
    tell(connection, "release", after, now)
    return after


def _rest(office: Office, connection: Connection, case: Standing) -> Standing:
    """A case on which an agent has acted, and where nothing waits, is out of sight until it is due again."""
    since = case.level_since or case.received_at
    acted = case.taken_at is not None and case.taken_at >= since
    if case.queued and acted and first_asked(connection, case) is None:
        office.cases.stand(connection, case.id, snoozed_until=case.due_at)
    return office.cases.standing(connection, case.id)


def last_worked(connection: Connection, case_id: str) -> datetime | None:
    """When an agent last wrote to the official, decided, or moved a measure; None when nothing was done here.

    Notes between agents do not count, nor a level that was raised: the case is due anew. Nor does what was done by a
    service that sent the case on, nor what was written to a whole campaign.
    """
    referred = (CLAIMS.c.case_id == case_id) & (CLAIMS.c.ended == REFERRED)
    arrived = connection.scalar(select(func.max(CLAIMS.c.until)).where(referred))
    mine = (MESSAGES.c.case_id == case_id) & (MESSAGES.c.by == "agent") & MESSAGES.c.author.is_not(None)
    wrote = select(func.max(MESSAGES.c.at)).where(mine)
    judged = (DECISIONS.c.case_id == case_id) & (DECISIONS.c.kind != RAISED)
    decided = select(func.max(DECISIONS.c.at)).where(judged)
    moved = select(func.max(MEASURE_STEPS.c.at)).where(
        (MEASURE_STEPS.c.case_id == case_id) & (MEASURE_STEPS.c.by != "official")
    )
    moments = connection.execute(
        select(wrote.scalar_subquery(), decided.scalar_subquery(), moved.scalar_subquery())
    ).one()
    return max((one for one in moments if one and not (arrived and one <= arrived)), default=None)


def _close(connection: Connection, case: Standing, ended: str, now: datetime) -> None:
    """Ends the claim that goes on, if any, at the end of its lease at the latest.

    `now` was read before others were waited for: a claim never ends before it began, nor begins before the last ended.
    """
    open_ = (CLAIMS.c.case_id == case.id) & CLAIMS.c.until.is_(None)
    over = max(min(case.lease_until or now, now), case.claimed_at or now)
    connection.execute(update(CLAIMS).where(open_).values(until=over, ended=ended))


def _last(connection: Connection, case_id: str) -> datetime | None:
    ended: datetime | None = connection.scalar(select(func.max(CLAIMS.c.until)).where(CLAIMS.c.case_id == case_id))
    return ended


def _say(office: Office, connection: Connection, case_id: str, kind: str, text: str, now: datetime) -> None:
    """Tells the official, unless that is what they read last."""
    said = (EVENTS.c.case_id == case_id) & EVENTS.c.kind.in_((CLAIMED, FREED))
    last = connection.scalar(select(EVENTS.c.kind).where(said).order_by(EVENTS.c.at.desc()).limit(1))
    if last != kind and (last or kind == CLAIMED):
        office.cases.note(connection, case_id, kind, text, now)
