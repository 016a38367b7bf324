"""The cases that somebody could read to teach the model: assessed, and labelled by nobody yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, exists, false, select

from triage.store.decisions import RAISED
from triage.store.desk_tables import DECISIONS, SAMPLES
from triage.store.tables import ASSESSMENTS, CASES


def teachable(connection: Connection, since: datetime, until: datetime, most: int) -> list[str]:
    """Those received from and until these moments, the last first, `most` at most.

    A case that waits for an agent, or that one holds, is about to be labelled: it is left to them. So is one that is
    in the sample already.
    """
    cases, ours = CASES.c, CASES.c.id
    there = (cases.received_at >= since) & (cases.received_at < until) & (cases.state != "erased")
    whole = cases.merged_into.is_(None) & cases.split_from.is_(None)
    free = cases.claimed_by.is_(None) & (cases.queued == false())
    assessed = exists().where(ASSESSMENTS.c.case_id == ours)
    judged = exists().where((DECISIONS.c.case_id == ours) & (DECISIONS.c.kind != RAISED))
    read = exists().where(SAMPLES.c.case_id == ours)
    query = select(ours).where(there, whole, free, assessed, ~judged, ~read)
    return list(connection.scalars(query.order_by(cases.received_at.desc(), ours).limit(most)))
