"""Counts what is purged, so that figures remain and nobody can be told from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from triage.desk.extraction import YEAR, ExtractionPolicy
from triage.desk.forgetting.policy import COLUMNS, CaseRule
from triage.desk.office import Office
from triage.intake.moment import in_paris
from triage.store import statistics
from triage.store.records import Standing
from triage.store.statistics import NOTHING, Cell


def count(connection: Connection, case: Standing, rule: CaseRule, now: datetime) -> None:
    """Adds a case that is about to go to the counts that wait: its outcome, or its rule when it had none."""
    month, main = f"{in_paris(case.received_at):%Y-%m}", next(iter(case.types), "")
    cell = (month, case.departement, main, case.level, case.outcome or rule.id)
    statistics.add(connection, cell, f"{in_paris(now):%Y-%m}")


def settle(office: Office, now: datetime) -> int:
    """Makes counts final: those that are enough as they are, and, made wider, those that waited long; how many cases.

    Raises StoreError.
    """
    extraction, policy = office.policies.extraction, office.policies.retention.statistics
    with office.database.write() as connection:
        statistics.alone(connection)
        waiting, kept = statistics.waiting(connection), statistics.settled(connection)
        total: Counter[Cell] = Counter()
        for counts in waiting.values():
            total.update(counts)
        enough = {cell for cell in total if total[cell] + kept[cell] >= extraction.least}
        last = in_paris(now).date() - timedelta(days=policy.wait)
        old = {since for since in waiting if date.fromisoformat(f"{since}-01") <= last}
        gone = [(since, cell) for since in waiting for cell in waiting[since] if since in old or cell in enough]
        moved: Counter[Cell] = Counter()
        for since, cell in gone:
            moved[cell] += waiting[since][cell]
        final = widened(moved, kept, policy.steps, extraction, extraction.least)
        statistics.settle(connection, gone, final)
    return sum(final.values())


def widened(
    counts: Mapping[Cell, int],
    kept: Mapping[Cell, int],
    steps: Sequence[Mapping[str, str]],
    extraction: ExtractionPolicy,
    least: int,
) -> Counter[Cell]:
    """`counts`, those that remain under `least` with what is `kept` made wider step by step, then told of nothing.

    Local recoding, as for what leaves for analysis (Sweeney, 2002: k-anonymity).
    """
    found = Counter(counts)
    for step in [*steps, dict.fromkeys(COLUMNS, "")]:
        for cell in [one for one, number in found.items() if one != NOTHING and number + kept.get(one, 0) < least]:
            number = found.pop(cell)
            found[_wider(cell, step, extraction)] += number
    return found


def _wider(cell: Cell, step: Mapping[str, str], extraction: ExtractionPolicy) -> Cell:
    month, departement, main, level, outcome = (
        _value(value, step[column], extraction) if column in step else value
        for column, value in zip(COLUMNS, cell, strict=True)
    )
    return month, departement, main, level, outcome


def _value(value: str, table: str, extraction: ExtractionPolicy) -> str:
    if table == YEAR:
        return value[:4]
    if not table or value in extraction.wider[table]:
        return value if table else ""
    return extraction.table(table).get(value, "")
