"""Keeps each case at its place in the queue. Called whenever something of a case changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from math import log2, prod
from typing import Any

from sqlalchemy import Connection, func, insert, select

from triage.desk.office import Office
from triage.store.cases import Ranking
from triage.store.desk_tables import NEWS
from triage.store.joined import together
from triage.store.measures import next_reminder
from triage.store.queue import unanswered
from triage.store.records import Standing
from triage.store.tables import MESSAGES, REQUESTS


def place(
    office: Office, connection: Connection, case_id: str, now: datetime, quiet: bool = False, *, new: bool = False
) -> Standing:
    """Puts the case where it belongs: whether an agent has to act, by when, before or after which others.

    `quiet`: nothing new happened to it, so that it is neither told to the desks nor woken. `new`: it was added in this
    transaction, and nothing is asked or followed in it yet.
    Raises UnknownCaseError.
    """
    was = office.cases.standing(connection, case_id, lock=True)
    asked = None if new else first_asked(connection, was)
    if asked and not quiet:  # something new, for a case that was put off
        was = replace(was, snoozed_until=None)
    waits = (_due(office, was, asked, now), None if new else next_reminder(connection, case_id))
    due = min((one for one in waits if one), default=None)
    harm = _harm(office, was)
    queued = due is not None and was.merged_into is None and was.state in ("open", "withdrawn")
    turn = due - _lead(office, harm) if due else None
    sooner = queued and not quiet and (not was.queued or was.turn is None or (turn is not None and turn < was.turn))
    until = None if sooner else was.snoozed_until
    placed: dict[str, Any] = {"queued": queued, "due_at": due, "turn": turn, "harm": harm, "snoozed_until": until}
    office.cases.stand(connection, case_id, **placed)
    if sooner:
        tell(connection, "queue", was, now)
    if was.merged_into:
        _follow(office, connection, was, was.merged_into, now, quiet)
    return replace(was, **placed)


def _follow(office: Office, connection: Connection, joined: Standing, main_id: str, now: datetime, quiet: bool) -> None:
    """What a case joined to another one asks for, or is raised to, is that other one's, which stands for both."""
    main = office.cases.standing(connection, main_id, lock=True)
    if joined.rank > main.rank:
        flags = tuple(dict.fromkeys((*main.flags, *joined.flags)))
        office.cases.rank(connection, main_id, Ranking(joined.level, joined.rank, main.types, flags), now)
        office.cases.stand(connection, main_id, decided=joined.level)
    place(office, connection, main_id, now, quiet)


def tell(connection: Connection, kind: str, case: Standing, now: datetime, about: str = "") -> None:
    """Says to every connected desk that something happened to a case."""
    place = {"level": case.level, "departement": case.departement, "force": case.force}
    connection.execute(insert(NEWS).values(at=now, kind=kind, case_id=case.id, about=about, **place))


def _due(office: Office, case: Standing, asked: datetime | None, now: datetime) -> datetime | None:
    """By when an agent has to read the case: its level, or the first thing `asked` that nobody has answered."""
    policy = office.policies.queue
    delay, since = policy.delay(case.level), case.level_since or case.received_at
    read = case.taken_at is not None and case.taken_at >= since
    waits: list[datetime] = []
    if case.state == "open" and delay is not None and not read:
        waits.append(since + delay)
    elif case.state == "open" and case.snoozed_until:
        waits.append(case.snoozed_until)
    elif case.state == "open" and delay is not None:
        waits.append(now + timedelta(minutes=policy.idle[case.level]))
    if asked:
        answer = timedelta(minutes=policy.answer)
        waits.append(asked + (answer if delay is None else min(delay, answer)))
    return min(waits, default=None)


def first_asked(connection: Connection, case: Standing) -> datetime | None:
    """When the official asked, for the first time, what nobody has settled: a message, a measure, the erasure."""
    open_ = REQUESTS.c.case_id.in_(together(case.id)) & (REQUESTS.c.state == "asked")
    waiting = unanswered(case.taken_at)
    found = [
        connection.scalar(select(func.min(MESSAGES.c.at)).where(waiting, MESSAGES.c.case_id.in_(together(case.id)))),
        connection.scalar(select(func.min(REQUESTS.c.at)).where(open_)),
    ]
    return min((one for one in found if one), default=None)


def _harm(office: Office, case: Standing) -> float:
    policy = office.policies.queue
    return policy.harm[case.level] * prod(policy.flags[flag] for flag in case.flags)


def _lead(office: Office, harm: float) -> timedelta:
    """How much sooner than its due time a case is read: harm × 2^(lateness / doubling), solved for time.

    With that product as the priority, the order of two cases never changes with the clock: it can be an index.
    """
    return timedelta(minutes=office.policies.queue.doubling * log2(max(harm, 1)))
