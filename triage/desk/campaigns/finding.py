"""Finds which cases go together, once they are kept: nothing here can keep a report from being received."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from triage.desk.campaigns.fingerprints import OWN, PLACE, REPORT, likeness, prints_of
from triage.desk.campaigns.joining import settle
from triage.desk.campaigns.raids import raise_levels
from triage.desk.campaigns.similar import SAME, UNSURE, Similar
from triage.desk.office import Office
from triage.errors import TriageError, traced
from triage.store import compared, prints
from triage.store.cases import UnknownCaseError
from triage.store.prints import Prints
from triage.store.records import Standing
from triage.store.tables import CASES

_LOG = logging.getLogger(__name__)
_WHOSE = {OWN: SAME, PLACE: UNSURE, REPORT: UNSURE}
_TEXT = "text"
_BATCH = 50
ask = prints.ask


@dataclass
class _Likeness:
    """What another case has in common with the one looked at."""

    ground: str = ""
    score: float = 0.0
    person: str = ""

    def found(self, ground: str, score: float) -> None:
        if score > self.score:
            self.ground, self.score = ground, score


def index(office: Office, case_id: str, now: datetime) -> str | None:
    """Compares the case with the others; the campaign that it is in. Raises StoreError, UnknownCaseError.

    What is slow is done before the turn is taken, for one case is compared at a time.
    """
    with office.database.read() as connection:
        asked = prints.asked(connection, case_id)
        case = compared.opened(connection, office.ring, case_id)
    made = prints_of(office, case)
    with office.database.write() as connection:
        prints.take_turn(connection)
        standing = office.cases.standing(connection, case_id, lock=True)
        prints.done(connection, asked)
        campaign_id = None
        if standing.state != "erased" and standing.merged_into is None:
            prints.keep(connection, case_id, made, now)
            campaign_id = settle(office, connection, standing, compare(office, connection, standing, made, now), now)
    raise_levels(office, case_id, campaign_id, any(one.kind == OWN for one in made.marks), now)
    return campaign_id


def try_index(office: Office, case_id: str, now: datetime) -> bool:
    """The same, where what goes wrong must not show: whether it is done, or the case stays among those to compare."""
    try:
        index(office, case_id, now)
        return True
    except UnknownCaseError:
        return True  # erased meanwhile
    except TriageError as error:
        _LOG.warning("case %s is not compared yet: %s", case_id, error)
    except Exception as error:
        _LOG.error("case %s is not compared yet: %s\n%s", case_id, type(error).__name__, traced(error))
    return False


def none_waits(office: Office) -> bool:
    """Whether every case was compared as it is now."""
    return not _due(office, 1)


def catch_up(office: Office, clock: Callable[[], datetime], stopping: Callable[[], bool] = lambda: False) -> int:
    """Compares the cases that came or changed, each once, until none waits or the worker is `stopping`.

    How many could be.
    """
    tried: set[str] = set()
    done = 0
    while fresh := [one for one in _due(office, _BATCH + len(tried)) if one not in tried]:
        for case_id in fresh:
            if stopping():
                return done
            tried.add(case_id)
            done += try_index(office, case_id, clock())
    return done


def _due(office: Office, limit: int) -> list[str]:
    with office.database.read() as connection:
        return prints.due(connection, limit)


def similar(office: Office, connection: Connection, case_id: str) -> list[Similar]:
    """The cases that have most in common with this one, the likest first. Raises UnknownCaseError."""
    case = office.cases.standing(connection, case_id)
    return compare(office, connection, case, prints.of_case(connection, case_id))


def compare(
    office: Office, connection: Connection, case: Standing, own: Prints, now: datetime | None = None
) -> list[Similar]:
    """The cases that have something in common with `own`, the prints of `case`, the likest first.

    With `now`, those that are closed and were received too long before are left out.
    """
    policy = office.policies.campaigns.rules
    others: dict[str, _Likeness] = {}
    bands = [band for one in own.signatures for band in one.bands]
    for other, size, minhash in prints.alike(connection, case.id, bands, policy.text.bucket):
        for one in own.signatures:
            score = likeness(one.minhash, minhash)
            if score >= policy.text.needed(min(size, one.size)):
                others.setdefault(other, _Likeness()).found(_TEXT, score)
    _share(office, connection, case.id, own, others)
    found = {other: one for other, one in others.items() if one.ground}
    since = now - timedelta(days=policy.days) if now else datetime.min.replace(tzinfo=UTC)
    return _told(_standings(connection, found), case, found, since)


def _share(office: Office, connection: Connection, case_id: str, own: Prints, others: dict[str, _Likeness]) -> None:
    """What the things that cases share say: that they go together, or that they are of one person."""
    policy = office.policies.campaigns.rules
    shared = prints.sharing(connection, case_id, own.marks, policy.text.bucket)
    things = {mark.digest for _, mark in shared if mark.kind not in _WHOSE}
    refused = {one for one, times in prints.times_set_aside(connection, things).items() if times >= policy.set_aside}
    for other, mark in sorted(shared, key=lambda pair: (pair[1].kind != OWN, pair[1].digest)):
        one = others.setdefault(other, _Likeness())
        if mark.kind in _WHOSE:
            one.person = one.person or _WHOSE[mark.kind]
        elif mark.digest not in refused:
            one.found(mark.kind, 1.0)


def _standings(connection: Connection, found: Collection[str]) -> Mapping[str, Any]:
    if not found:
        return {}
    columns = (CASES.c.id, CASES.c.state, CASES.c.received_at, CASES.c.merged_into, CASES.c.split_from)
    return {row.id: row for row in connection.execute(select(*columns).where(CASES.c.id.in_(found)))}


def _told(rows: Mapping[str, Any], own: Standing, found: dict[str, _Likeness], since: datetime) -> list[Similar]:
    """One line for each other case, those merged into one as that one; the old and closed left out."""
    told: dict[str, Similar] = {}
    for other, one in found.items():
        row = rows.get(other)
        if row is None or row.state == "erased" or (row.state != "open" and row.received_at < since):
            continue
        root = row.merged_into or other
        family = {own.id, own.merged_into, own.split_from} & {root, other, row.split_from} - {None}
        if root == own.id:
            continue
        made = Similar(root, one.ground, one.score, SAME if family else one.person)
        if root not in told or told[root].score < made.score:
            told[root] = made
    return sorted(told.values(), key=lambda one: (-one.score, one.case_id))
