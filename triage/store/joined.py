"""Cases that are about the same person, joined to the main one: it stands in the queue for all of them."""

from __future__ import annotations

from string import hexdigits

from sqlalchemy import Connection, Select, or_, select

from triage.store.tables import CASES


def together(case_id: str) -> Select[tuple[str]]:
    """The ids of the case and of those joined to it, as a query."""
    return select(CASES.c.id).where(or_(CASES.c.id == case_id, CASES.c.merged_into == case_id))


def joined_to(connection: Connection, case_id: str) -> list[str]:
    """The ids of the cases joined to this one, the oldest first."""
    query = select(CASES.c.id).where((CASES.c.merged_into == case_id) & (CASES.c.state != "erased"))
    return list(connection.scalars(query.order_by(CASES.c.received_at)))


def parts_of(connection: Connection, case_id: str) -> list[str]:
    """The ids of the cases made of a part of this one."""
    query = select(CASES.c.id).where((CASES.c.split_from == case_id) & (CASES.c.state != "erased"))
    return list(connection.scalars(query.order_by(CASES.c.received_at)))


def by_reference(connection: Connection, reference: str) -> list[str]:
    """The ids of the cases called so (« 1A2B-3C4D »): one, but for a rare chance."""
    start = "".join(c for c in reference.lower() if c in hexdigits)
    if len(start) != _LENGTH:
        return []
    query = select(CASES.c.id).where(CASES.c.id.between(start, start + "g") & (CASES.c.state != "erased"))
    return list(connection.scalars(query))


_LENGTH = 8
