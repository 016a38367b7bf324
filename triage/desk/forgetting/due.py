"""Which cases have been kept long enough. What somebody still works on, waits for or is protected by never is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from triage.desk.forgetting.policy import CaseRule, Retention
from triage.store.desk_tables import DECISIONS, MEASURES
from triage.store.limit_tables import APART
from triage.store.tables import CASES, EVENTS, EXHIBITS, MESSAGES

_OTHERS = CASES.alias("others")
# What happened last in a case: its own columns do not move with each of these.
_HAPPENED = (MESSAGES.c.at, EVENTS.c.at, DECISIONS.c.at, EXHIBITS.c.received_at)


def due(policy: Retention, rule: CaseRule, now: datetime) -> ColumnElement[bool]:
    """The cases whose time is over by that rule."""
    since = now - rule.time
    ended = CASES.c.closed_at if rule.state == "closed" else CASES.c.changed_at
    quiet = [~exists().where((at.table.c.case_id == CASES.c.id) & (at > since)) for at in _HAPPENED]
    return and_(_of_rule(policy, rule), func.coalesce(ended, CASES.c.changed_at) <= since, *quiet, _free(now))


def found(connection: Connection, policy: Retention, rule: CaseRule, now: datetime, most: int) -> Sequence[str]:
    """The ids of the first `most` of them, the oldest first."""
    query = select(CASES.c.id).where(due(policy, rule, now)).order_by(CASES.c.changed_at, CASES.c.id)
    return connection.scalars(query.limit(most)).all()


def still(connection: Connection, policy: Retention, rule: CaseRule, case_id: str, now: datetime) -> bool:
    """Whether the case, which is then locked until the transaction ends, is due by the rule."""
    locked = connection.execute(select(CASES.c.id).where(CASES.c.id == case_id).with_for_update()).first()
    query = select(CASES.c.id).where(due(policy, rule, now) & (CASES.c.id == case_id))
    return locked is not None and connection.execute(query).first() is not None


def number(connection: Connection, policy: Retention, rule: CaseRule, now: datetime) -> int:
    """How many there are."""
    return connection.scalar(select(func.count()).select_from(CASES).where(due(policy, rule, now))) or 0


def kept(connection: Connection) -> int:
    """How many cases there are, erased ones apart."""
    return connection.scalar(select(func.count()).select_from(CASES).where(CASES.c.state != "erased")) or 0


def _of_rule(policy: Retention, rule: CaseRule) -> ColumnElement[bool]:
    told = [CASES.c.state == rule.state]
    if rule.taken is not None:
        told.append(CASES.c.first_claimed_at.is_not(None) if rule.taken else CASES.c.first_claimed_at.is_(None))
    others = [name for one in policy.cases if one.state == rule.state for name in one.outcomes]
    if rule.outcomes:
        told.append(CASES.c.outcome.in_(rule.outcomes))
    elif others:
        told.append(CASES.c.outcome.not_in(others))
    return and_(*told)


def _free(now: datetime) -> ColumnElement[bool]:
    """Nobody has to read it, holds it, or joined it to another; nothing that protects somebody hangs on it."""
    protects = (MEASURES.c.case_id == CASES.c.id) & (MEASURES.c.remind_at.is_not(None) | (MEASURES.c.until > now))
    part = (_OTHERS.c.split_from == CASES.c.id) & _OTHERS.c.state.not_in(("erased", "transmitted"))
    return and_(
        CASES.c.queued.is_(False),
        or_(CASES.c.claimed_by.is_(None), CASES.c.lease_until.is_(None), CASES.c.lease_until <= now),
        CASES.c.merged_into.is_(None),
        ~exists().where(protects),
        ~exists().where(part),
        ~exists().where((APART.c.case_id == CASES.c.id) & (APART.c.state == "waiting") & (APART.c.ground != "named")),
    )
