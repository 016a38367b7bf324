"""Looks for reports used as weapons, once they are kept: nothing here can keep one from being received.

What is found is marked; what leaves no doubt waits beside the queue for a supervisor, and comes back by itself in time.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from triage.desk import journal
from triage.desk.flood.accused import concerted
from triage.desk.flood.copies import floods, groups, heavy
from triage.desk.flood.named import namer
from triage.desk.flood.opened import Opened, brings, opened, untouched
from triage.desk.office import Office
from triage.desk.queue.placing import tell
from triage.errors import TriageError, traced
from triage.store import apart, compared, counts
from triage.store.apart import Ground, Mark, Sent
from triage.store.cases import UnknownCaseError, new_id
from triage.store.records import Standing

_BATCH = 200
_LOG = logging.getLogger(__name__)
NEWS = "apart"


def look(office: Office, now: datetime) -> None:
    """One pass. Raises StoreError."""
    policy = office.policies.flood
    with office.database.write() as connection:
        apart.forget_sources(connection, now - policy.kept)
        counts.forget(connection, time.time())
        for case_id in apart.heard_again(connection):
            apart.bring_back(connection, case_id)
    with office.database.read() as connection:
        sent = apart.sent_since(connection, now - policy.kept)
    _floods(office, sent, now)
    _accusations(office, sent, now)
    _names(office, now)


def try_look(office: Office, now: datetime) -> None:
    """The same, where what goes wrong must not show: the reports stay in the queue."""
    try:
        look(office, now)
    except TriageError as error:
        _LOG.warning("floods are not looked for: %s", error)
    except Exception as error:
        _LOG.error("floods are not looked for: %s\n%s", type(error).__name__, traced(error))


def _floods(office: Office, sent: list[Sent], now: datetime) -> None:
    policy = office.policies.flood.flood
    since = now - 2 * timedelta(minutes=policy.minutes)  # one that began before is still seen whole
    suspect = heavy(policy, [one for one in sent if one.at >= since])
    if not suspect:
        return
    with office.database.read() as connection:
        reports = opened(office, connection, suspect)
    for group in groups(policy, reports):
        found = list(floods(policy, group))
        _mark(office, found, "flood", len({one.source for one, _ in found}), now)


def _accusations(office: Office, sent: list[Sent], now: datetime) -> None:
    policy, alike = office.policies.flood.accused, office.policies.flood.flood.similarity
    recent = {one.case_id: one for one in sent if one.at >= now - timedelta(hours=policy.hours)}
    if len(recent) < policy.reports:
        return
    times = dict(Counter(one.source for one in sent))
    with office.database.read() as connection:
        named = apart.naming_accounts(connection, recent, policy.reports)
        found = [opened(office, connection, _in_order(recent[one] for one in group)) for group in named]
    for group in found:
        if concerted(group, times, policy.reports, alike):
            _mark(office, [(one, one is not group[0]) for one in group], "accused", len(group), now)


def _in_order(sent: Iterable[Sent]) -> list[Sent]:
    return sorted(sent, key=lambda one: (one.at, one.case_id))


def _mark(office: Office, found: list[tuple[Opened, bool]], ground: Ground, sources: int, now: datetime) -> None:
    """Marks what was found together, each in a transaction of its own."""
    together = new_id()
    for one, may_be_held in found:
        with office.database.write() as connection:
            try:
                standing = office.cases.standing(connection, one.standing.id, lock=True)
            except UnknownCaseError:
                continue
            if standing.state != "open":
                continue
            back = _back(office, standing, now) if may_be_held else None
            made = Mark(new_id(), standing.id, now, ground, together, len(found), sources, back, apart.WAITING)
            if apart.mark(connection, made):
                if back:
                    tell(connection, NEWS, standing, now)
                about = f"{ground} {len(found)} {sources}{' held' if back else ''}"
                journal.record(office, connection, journal.SYSTEM, "apart", now, standing.id, about)


def _back(office: Office, standing: Standing, now: datetime) -> datetime | None:
    """When the case comes back to the queue by itself; none for one that does not leave it."""
    policy = office.policies.flood
    if standing.level in policy.never or not untouched(standing) or standing.due_at is None:
        return None
    back = standing.due_at - policy.margin
    return back if back > now else None


def _names(office: Office, now: datetime) -> None:
    """Marks the reports that name somebody and bring nothing that can be checked; they stay where they are."""
    with office.database.read() as connection:
        waiting = apart.not_looked_at(connection, _BATCH)
    names = namer(office) if waiting else None
    for case_id in waiting:
        with office.database.write() as connection:
            apart.looked(connection, case_id)
            try:
                case = compared.opened(connection, office.ring, case_id)
            except UnknownCaseError:
                continue
            bare = not case.evidence and not brings(office, case.told)
            if names and bare and names(case.told):
                made = Mark(new_id(), case_id, now, "named", case_id, 1, 1, None, apart.WAITING)
                if apart.mark(connection, made):
                    journal.record(office, connection, journal.SYSTEM, "apart", now, case_id, "named")
