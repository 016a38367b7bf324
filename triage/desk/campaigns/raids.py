"""A burst of reports, against one person or of one campaign, raises the level of its cases; it never lowers any."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Select, select

from triage.desk import journal
from triage.desk.campaigns.fingerprints import OWN
from triage.desk.campaigns.policy import RaidRule
from triage.desk.office import Office
from triage.desk.queue.placing import place
from triage.store import campaigns
from triage.store.campaign_tables import FINGERPRINTS
from triage.store.cases import UnknownCaseError
from triage.store.tables import CASES, EVENTS

RAID = "raid"


def raise_levels(office: Office, case_id: str, campaign_id: str | None, reachable: bool, now: datetime) -> None:
    """Raises the cases of a raid that the case is part of, each in a transaction of its own.

    `reachable`: its author left where they can be reached, so that their other cases may be found.
    """
    raids = office.policies.campaigns.rules.raids
    crowds = [(raids.person, _of_person(case_id, now - raids.person.window))] if reachable else []
    if campaign_id:
        crowds.append((raids.campaign, campaigns.recent(campaign_id, now - raids.campaign.window)))
    if not crowds:
        return
    with office.database.read() as connection:
        chosen = [(rule, _to_raise(office, connection, rule, crowd)) for rule, crowd in crowds]
    for rule, ids in chosen:
        for one in ids:
            _raise(office, one, rule.level, now)


def _of_person(case_id: str, since: datetime) -> Select[tuple[str]]:
    """The question of what the recent cases of whoever is reached where this one's author is count as."""
    own = select(FINGERPRINTS.c.digest).where(FINGERPRINTS.c.case_id == case_id, FINGERPRINTS.c.kind == OWN)
    ids = select(FINGERPRINTS.c.case_id).where(FINGERPRINTS.c.digest.in_(own), FINGERPRINTS.c.kind == OWN)
    return select(campaigns.ROOT).where(CASES.c.id.in_(ids), CASES.c.received_at >= since)


def _to_raise(office: Office, connection: Connection, rule: RaidRule, crowd: Select[tuple[str]]) -> list[str]:
    """Which cases of the crowd are raised now: none if it is no raid, and never more than the rule allows in all."""
    policy = office.engine.assessor.policy
    counts = CASES.c.id.in_(crowd) & (CASES.c.rank >= policy.rank(rule.least))
    query = select(CASES.c.id, CASES.c.rank, CASES.c.state).where(counts)
    rows = connection.execute(query.order_by(CASES.c.rank.desc(), CASES.c.received_at)).all()
    lower = [row.id for row in rows if row.state == "open" and row.rank < policy.rank(rule.level)]
    if len(rows) < rule.cases or not lower:
        return []
    done = select(EVENTS.c.case_id).where(EVENTS.c.case_id.in_([row.id for row in rows]), EVENTS.c.kind == RAID)
    raised = set(connection.scalars(done))
    again = [one for one in lower if one in raised]
    return again + [one for one in lower if one not in raised][: max(rule.most - len(raised), 0)]


def _raise(office: Office, case_id: str, level: str, now: datetime) -> None:
    """What the person reads does not say that others are concerned: an agent alone may tell."""
    policy = office.engine.assessor.policy
    with office.database.write() as connection:
        try:
            case = office.cases.standing(connection, case_id, lock=True)
        except UnknownCaseError:
            return
        if case.state != "open" or case.rank >= policy.rank(level):
            return
        raised = {"level": level, "rank": policy.rank(level), "level_since": now, "snoozed_until": None}
        office.cases.stand(connection, case_id, **raised)
        told = f"Niveau : {policy.level(case.level).label} → {policy.level(level).label}. Un agent lira votre dossier."
        office.cases.note(connection, case_id, RAID, told, now)
        place(office, connection, case_id, now)
        journal.record(office, connection, journal.SYSTEM, "raid", now, case_id, f"{case.level} {level}")
