"""Campaigns in the store: which cases are in which, which were told apart, which may be one. Within a transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from triage.errors import TriageError
from triage.store.campaign_tables import CAMPAIGN_CASES, CAMPAIGN_LINKS, CAMPAIGN_PARTED, CAMPAIGNS
from triage.store.cases import new_id
from triage.store.named_tables import CAMPAIGN_NAMES
from triage.store.sealing import opened, seal
from triage.store.tables import CASES

OPEN, CLOSED, MERGED = "open", "closed", "merged"
# What a case counts as: the one that it was merged into, or itself.
ROOT = func.coalesce(CASES.c.merged_into, CASES.c.id)


class UnknownCampaignError(TriageError):
    """There is no such campaign."""


_NAMED = select(
    *(column for column in CAMPAIGNS.c if column is not CAMPAIGNS.c.name), CAMPAIGN_NAMES.c.name.label("sealed")
).select_from(CAMPAIGNS.outerjoin(CAMPAIGN_NAMES, CAMPAIGN_NAMES.c.id == CAMPAIGNS.c.id))


@dataclass(frozen=True)
class Campaign:
    """What is kept of a campaign; `number` is what to call it by."""

    id: str
    number: int
    created_at: datetime
    changed_at: datetime
    state: str
    merged_into: str | None
    name: str


@dataclass(frozen=True)
class Member:
    """A case of a campaign: on what `ground` it is there, and put there by whom (nobody: found by the service).

    `root` is the case that it was merged into, or itself: it counts once.
    """

    campaign_id: str
    case_id: str
    at: datetime
    ground: str
    by: str
    received_at: datetime
    departement: str
    force: str
    level: str
    rank: int
    state: str
    concerns: str
    root: str

    @property
    def reference(self) -> str:
        """What to call the case by, aloud."""
        return f"{self.case_id[:4]}-{self.case_id[4:8]}".upper()


def new(connection: Connection, now: datetime) -> Campaign:
    """A campaign without any case yet."""
    number = int(connection.scalar(select(func.max(CAMPAIGNS.c.number))) or 0) + 1
    made = Campaign(new_id(), number, now, now, OPEN, None, "")
    connection.execute(insert(CAMPAIGNS).values(**vars(made)))
    return made


def get(connection: Connection, campaign_id: str) -> Campaign:
    """The campaign. Raises UnknownCampaignError."""
    return _one(connection, CAMPAIGNS.c.id == campaign_id)


def numbered(connection: Connection, number: int) -> Campaign:
    """The campaign of that number. Raises UnknownCampaignError."""
    return _one(connection, CAMPAIGNS.c.number == number)


def since(connection: Connection, moment: datetime, state: str, limit: int) -> list[Campaign]:
    """The campaigns in `state` that changed since `moment`, the last changed first."""
    where = (CAMPAIGNS.c.changed_at >= moment) & (CAMPAIGNS.c.state == state)
    rows = connection.execute(_NAMED.where(where).order_by(CAMPAIGNS.c.changed_at.desc()).limit(limit))
    return [_campaign(connection, row) for row in rows]


def rename(connection: Connection, campaign_id: str, name: str) -> None:
    """Keeps what agents call a campaign; an empty name takes it away."""
    connection.execute(delete(CAMPAIGN_NAMES).where(CAMPAIGN_NAMES.c.id == campaign_id))
    if name:
        connection.execute(insert(CAMPAIGN_NAMES).values(id=campaign_id, name=seal(connection, name)))


def change(connection: Connection, campaign_id: str, **columns: Any) -> None:  # noqa: ANN401 (columns of CAMPAIGNS)
    """Keeps what changed of a campaign."""
    connection.execute(update(CAMPAIGNS).where(CAMPAIGNS.c.id == campaign_id).values(**columns))


def of_cases(connection: Connection, case_ids: Collection[str]) -> dict[str, str]:
    """Case → the campaign that it is in, for those that are in one."""
    rows = connection.execute(select(CAMPAIGN_CASES).where(CAMPAIGN_CASES.c.case_id.in_(case_ids)))
    return {row.case_id: row.campaign_id for row in rows}


def members(connection: Connection, campaign_ids: Collection[str]) -> list[Member]:
    """The cases of campaigns, the first received first."""
    own = (CAMPAIGN_CASES.c.campaign_id, CAMPAIGN_CASES.c.case_id, CAMPAIGN_CASES.c.at)
    case = (CASES.c.received_at, CASES.c.departement, CASES.c.force, CASES.c.level, CASES.c.rank, CASES.c.state)
    columns = (*own, CAMPAIGN_CASES.c.ground, CAMPAIGN_CASES.c.by, *case, CASES.c.concerns, ROOT.label("root"))
    joined = select(*columns).join(CASES, CASES.c.id == CAMPAIGN_CASES.c.case_id)
    where = CAMPAIGN_CASES.c.campaign_id.in_(campaign_ids) & (CASES.c.state != "erased")
    return [Member(**row._mapping) for row in connection.execute(joined.where(where).order_by(CASES.c.received_at))]


def recent(campaign_id: str, received_since: datetime) -> Select[tuple[str]]:
    """The question of what the recent cases of a campaign count as."""
    joined = select(ROOT).join(CAMPAIGN_CASES, CASES.c.id == CAMPAIGN_CASES.c.case_id)
    where = (CAMPAIGN_CASES.c.campaign_id == campaign_id) & (CASES.c.state != "erased")
    return joined.where(where, CASES.c.received_at >= received_since)


def join(connection: Connection, campaign_id: str, case_id: str, ground: str, by: str, now: datetime) -> None:
    """Puts a case into a campaign, out of the one that it was in."""
    connection.execute(delete(CAMPAIGN_CASES).where(CAMPAIGN_CASES.c.case_id == case_id))
    take_in(connection, campaign_id, {case_id: ground}, by, now)


def take_in(connection: Connection, campaign_id: str, grounds: Mapping[str, str], by: str, now: datetime) -> None:
    """Puts cases that are in no campaign into this one, each on its ground."""
    own = {"campaign_id": campaign_id, "at": now, "by": by}
    rows = [{"case_id": case_id, "ground": ground, **own} for case_id, ground in grounds.items()]
    connection.execute(insert(CAMPAIGN_CASES), rows)
    change(connection, campaign_id, changed_at=now, state=OPEN)


def leave(connection: Connection, case_id: str) -> None:
    """Takes a case out of its campaign."""
    connection.execute(delete(CAMPAIGN_CASES).where(CAMPAIGN_CASES.c.case_id == case_id))
    connection.execute(delete(CAMPAIGN_LINKS).where(CAMPAIGN_LINKS.c.case_id == case_id))


def part(connection: Connection, campaign_id: str, case_id: str) -> None:
    """The case is not to be put into that campaign again by the service."""
    if (case_id, campaign_id) not in parted(connection, [case_id]):
        row = {"id": new_id(), "case_id": case_id, "campaign_id": campaign_id}
        connection.execute(insert(CAMPAIGN_PARTED).values(**row))


def reunite(connection: Connection, campaign_id: str, case_id: str) -> None:
    """An agent thinks better of it."""
    where = (CAMPAIGN_PARTED.c.case_id == case_id) & (CAMPAIGN_PARTED.c.campaign_id == campaign_id)
    connection.execute(delete(CAMPAIGN_PARTED).where(where))


def parted(connection: Connection, case_ids: Collection[str]) -> set[tuple[str, str]]:
    """Which of the cases an agent took out of which campaigns."""
    query = select(CAMPAIGN_PARTED.c.case_id, CAMPAIGN_PARTED.c.campaign_id)
    rows = connection.execute(query.where(CAMPAIGN_PARTED.c.case_id.in_(case_ids)))
    return {(row.case_id, row.campaign_id) for row in rows}


def link(connection: Connection, campaign_id: str, case_id: str) -> None:
    """The case, of another campaign, is like those of this one too."""
    where = (CAMPAIGN_LINKS.c.case_id == case_id) & (CAMPAIGN_LINKS.c.campaign_id == campaign_id)
    if connection.execute(select(CAMPAIGN_LINKS.c.id).where(where)).first() is None:
        row = {"id": new_id(), "case_id": case_id, "campaign_id": campaign_id}
        connection.execute(insert(CAMPAIGN_LINKS).values(**row))


def linked(connection: Connection, campaign_id: str) -> set[str]:
    """The open campaigns that may be the same as this one, by a case that is like both."""
    pairs = select(CAMPAIGN_CASES.c.campaign_id, CAMPAIGN_LINKS.c.campaign_id).join(
        CAMPAIGN_CASES, CAMPAIGN_CASES.c.case_id == CAMPAIGN_LINKS.c.case_id
    )
    either = (CAMPAIGN_CASES.c.campaign_id == campaign_id) | (CAMPAIGN_LINKS.c.campaign_id == campaign_id)
    return {one for pair in connection.execute(pairs.where(either)) for one in pair} - {campaign_id}


def merge(connection: Connection, gone: str, into: str, now: datetime) -> None:
    """All that is of the campaign `gone` is of `into`."""
    moved = update(CAMPAIGN_CASES).where(CAMPAIGN_CASES.c.campaign_id == gone)
    connection.execute(moved.values(campaign_id=into))
    connection.execute(update(CAMPAIGN_PARTED).where(CAMPAIGN_PARTED.c.campaign_id == gone).values(campaign_id=into))
    mutual = select(CAMPAIGN_CASES.c.case_id).where(CAMPAIGN_CASES.c.campaign_id == into)
    apart = (CAMPAIGN_PARTED.c.campaign_id == into) & CAMPAIGN_PARTED.c.case_id.in_(mutual)
    connection.execute(delete(CAMPAIGN_PARTED).where(apart))
    linked_ = (CAMPAIGN_LINKS.c.campaign_id == gone) | CAMPAIGN_LINKS.c.case_id.in_(mutual)
    connection.execute(delete(CAMPAIGN_LINKS).where(linked_))
    change(connection, gone, state=MERGED, merged_into=into, changed_at=now)
    change(connection, into, changed_at=now, state=OPEN)


def _one(connection: Connection, where: Any) -> Campaign:  # noqa: ANN401 (a condition)
    row = connection.execute(_NAMED.where(where)).first()
    if row is None:
        raise UnknownCampaignError("Cette campagne n'existe pas.")
    return _campaign(connection, row)


def _campaign(connection: Connection, row: Any) -> Campaign:  # noqa: ANN401 (a row)
    columns = dict(row._mapping)
    return Campaign(name=opened(connection, columns.pop("sealed")), **columns)
