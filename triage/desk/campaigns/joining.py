"""Puts a case with those that it goes with: into their campaign, or with them into a new one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from triage.desk import journal
from triage.desk.campaigns.similar import SAME, Similar
from triage.desk.office import Office
from triage.desk.queue.placing import tell
from triage.store import campaigns
from triage.store.records import Standing

NEWS = "campaign"


def settle(
    office: Office, connection: Connection, case: Standing, found: Sequence[Similar], now: datetime
) -> str | None:
    """The campaign that `case` is in, now that it is known what it has in common with others (the likest first).

    A case like those of two campaigns joins the one that it is most like; agents decide whether the two are one. What
    an agent has parted is not put together again.
    """
    into = campaigns.of_cases(connection, [case.id, *(one.case_id for one in found)])
    own, joined = into.get(case.id), dict[str, str]()
    if not found:
        return own
    free = [one for one in found if one.case_id not in into]
    apart = campaigns.parted(connection, [case.id, *(one.case_id for one in free)])
    known = _strongest(found, into, {campaign_id for case_id, campaign_id in apart if case_id == case.id})
    if own is None and known:
        own = known[0]
        joined[case.id] = next(one.ground for one in found if into.get(one.case_id) == own)
    if own is None and any(one.person != SAME for one in free):
        own = campaigns.new(connection, now).id
        joined[case.id] = free[0].ground
    if own is None:
        return None
    joined |= {one.case_id: one.ground for one in free if (one.case_id, own) not in apart}
    if joined:
        campaigns.take_in(connection, own, joined, "", now)
    for other in known:
        if other != own:
            campaigns.link(connection, other, case.id)
    if joined:
        tell(connection, NEWS, case, now, own)
    for case_id, ground in joined.items():
        journal.record(office, connection, journal.SYSTEM, "campaign.join", now, case_id, f"{own} {ground}")
    return own


def _strongest(found: Sequence[Similar], into: dict[str, str], refused: set[str]) -> list[str]:
    """The campaigns that the case could join, the one that it is most like first."""
    scores: dict[str, float] = {}
    for one in found:
        campaign_id = into.get(one.case_id)
        if campaign_id and campaign_id not in refused:
            scores[campaign_id] = scores.get(campaign_id, 0) + one.score
    return sorted(scores, key=lambda one: (-scores[one], one))
