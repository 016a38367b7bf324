"""What somebody at the desk may see of campaigns: the cases of their scope, and only how many elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from triage.desk import journal
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import ForbiddenError, Right, require
from triage.intake.moment import in_paris
from triage.store import campaigns
from triage.store.campaigns import Campaign, Member
from triage.store.desk_tables import EXCLUSIONS
from triage.store.people import Person

_NO_CAMPAIGN = "Cette campagne n'existe pas, ou aucun de ses dossiers n'est de votre ressort."
_MOST = 200  # campaigns of a list


class NotSeenError(ForbiddenError):
    """The campaign has no case that the person may see; what is said does not tell whether it exists."""


@dataclass(frozen=True)
class View:
    """A campaign as somebody sees it: the cases of their scope, and the number of cases in all.

    `places`: département → how many cases, those outside the scope included; cases joined into one count once.
    """

    campaign: Campaign
    seen: tuple[Member, ...]
    total: int
    places: Mapping[str, int]
    elsewhere: Mapping[str, int]
    days: Mapping[date, int]

    @property
    def title(self) -> str:
        """What to call it."""
        return f"Campagne {self.campaign.number}" + (f" – {self.campaign.name}" if self.campaign.name else "")

    @property
    def grounds(self) -> list[str]:
        """On what grounds its cases were put together, the most frequent first."""
        return [ground for ground, _ in Counter(one.ground for one in self.seen).most_common()]

    @property
    def first(self) -> date:
        """When its first case was received."""
        return min(self.days)

    @property
    def last(self) -> date:
        """When its last case was received."""
        return max(self.days)


def view(office: Office, connection: Connection, person: Person, campaign_id: str) -> View:
    """The campaign, for somebody who may see a case of it. Raises NotSeenError."""
    found = views(connection, person, _known(connection, campaign_id))
    if not found:
        raise NotSeenError(_NO_CAMPAIGN)
    return found[0]


def looked_at(
    office: Office, connection: Connection, person: Person, campaign_id: str, now: datetime
) -> tuple[View, list[View]]:
    """The campaign and those that may be one with it, as `person` sees them; the audit keeps that they did.

    One that was merged has no case left: where it went is seen by whoever sees that one. Raises NotSeenError.
    """
    known = _known(connection, campaign_id)
    if known and known[0].merged_into:
        into = view(office, connection, person, _last(connection, known[0]))
        return replace(into, campaign=replace(known[0], merged_into=into.campaign.id)), []
    shown = view(office, connection, person, campaign_id)
    near = views(
        connection, person, [campaigns.get(connection, one) for one in campaigns.linked(connection, campaign_id)]
    )
    journal.record(office, connection, person, "view", now, about=f"campaign {campaign_id}")
    return shown, [one for one in near if one.campaign.state == campaigns.OPEN]


def _last(connection: Connection, campaign: Campaign) -> str:
    """Where a campaign that was merged, and perhaps that one again, is now."""
    while campaign.merged_into:
        campaign = campaigns.get(connection, campaign.merged_into)
    return campaign.id


def recent(
    connection: Connection, person: Person, now: datetime, days: int, state: str = campaigns.OPEN, ground: str = ""
) -> list[View]:
    """The campaigns that changed within `days`, as far as `person` may see them, the last changed first."""
    found = campaigns.since(connection, now - timedelta(days=days), state, _MOST)
    return [one for one in views(connection, person, found) if not ground or ground in one.grounds]


def views(connection: Connection, person: Person, found: Iterable[Campaign]) -> list[View]:
    """Those of `found` that have a case which `person` may see."""
    require(person, Right.HANDLE)
    known = {one.id: one for one in found}
    excluded = set(connection.scalars(select(EXCLUSIONS.c.case_id).where(EXCLUSIONS.c.person_id == person.id)))
    cases: dict[str, list[Member]] = {}
    for member in campaigns.members(connection, list(known)):
        cases.setdefault(member.campaign_id, []).append(member)
    made = [_view(one, cases.get(one.id, []), person, excluded) for one in known.values()]
    return [one for one in made if one.seen]


def numbered(connection: Connection, person: Person, number: str) -> View:
    """The campaign of the number typed. Raises DeskError, the same whether there is none or it is not theirs to see."""
    digits = number.strip()
    if digits.isascii() and digits.isdigit() and len(digits) < 10:
        try:
            found = views(connection, person, [campaigns.numbered(connection, int(digits))])
        except campaigns.UnknownCampaignError:
            found = []
        if found and found[0].campaign.state != campaigns.MERGED:
            return found[0]
    raise DeskError("Aucune campagne que vous pouvez voir ne porte ce numéro. Vérifiez-le dans la liste des campagnes.")


def _known(connection: Connection, campaign_id: str) -> list[Campaign]:
    try:
        return [campaigns.get(connection, campaign_id)]
    except campaigns.UnknownCampaignError:
        return []


def _view(campaign: Campaign, cases: Iterable[Member], person: Person, excluded: set[str]) -> View:
    cases = list(cases)
    seen = tuple(one for one in cases if _may(person, one, excluded))
    counted = {one.root: one for one in reversed(cases)}.values()
    shown = {one.root for one in seen}
    return View(
        campaign,
        seen,
        len(counted),
        Counter(one.departement for one in counted),
        Counter(one.departement for one in counted if one.root not in shown),
        Counter(in_paris(one.received_at).date() for one in counted),
    )


def _may(person: Person, one: Member, excluded: set[str]) -> bool:
    about_theirs = bool(person.unit) and one.concerns == person.unit
    return one.case_id not in excluded and not about_theirs and person.covers(one.departement, one.force)
