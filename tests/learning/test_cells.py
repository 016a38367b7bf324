"""A combination that too few cases share is made wider, then emptied."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from triage.desk.extraction import ExtractionPolicy, load_extraction_policy
from triage.learning.cells import guard
from triage.settings import Settings


@pytest.fixture(scope="module")
def policy() -> ExtractionPolicy:
    return load_extraction_policy(Settings().rules)


def rows(*told: tuple[int, str, str, str]) -> list[dict[str, Any]]:
    """So many cases of a département, a force and a mandate, all of the same month."""
    return [
        {"departement": place, "force": force, "role": role, "month": "2026-11"}
        for count, place, force, role in told
        for _ in range(count)
    ]


def told(cases: list[dict[str, Any]]) -> dict[tuple[str, str, str], int]:
    return dict(Counter((one["departement"], one["force"], one["role"]) for one in cases))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([(5, "35", "police", "maire")], {("35", "police", "maire"): 5}),
        ([(4, "35", "police", "maire")], {("", "", ""): 4}),
        ([(3, "35", "police", "maire"), (2, "35", "police", "adjoint")], {("35", "police", "commune"): 5}),
        ([(3, "35", "police", "maire"), (2, "29", "police", "adjoint")], {("Bretagne", "police", "commune"): 5}),
        ([(3, "35", "police", "maire"), (2, "29", "gendarmerie", "parlementaire")], {("Bretagne", "", ""): 5}),
        ([(5, "35", "police", "maire"), (1, "2A", "police", "maire")], {("35", "police", "maire"): 5, ("", "", ""): 1}),
        ([(7, "", "", "")], {("", "", ""): 7}),
    ],
    ids=["enough", "alone", "mandates", "regions", "forces", "one_more", "nothing_told"],
)
def test_step_by_step(
    policy: ExtractionPolicy, before: list[tuple[int, str, str, str]], after: dict[tuple[str, str, str], int]
) -> None:
    cases = rows(*before)
    guard(cases, policy, 5)
    assert told(cases) == after


def test_a_month_with_too_few_cases_is_its_year(policy: ExtractionPolicy) -> None:
    months = ["2026-10"] * 5 + ["2026-11"] * 3 + ["2026-12"] * 2 + ["2025-01"]
    cases = [{"departement": "", "force": "", "role": "", "month": one} for one in months]
    assert guard(cases, policy, 5) == 6
    assert Counter(one["month"] for one in cases) == {"2026-10": 5, "2026": 5, "": 1}


def test_no_small_cell_is_left(policy: ExtractionPolicy) -> None:
    places, roles = ["35", "29", "13", "2A", "974", "75"], ["maire", "parlementaire", "candidat", ""]
    cases = rows(*((i % 4 + 1, places[i % 6], ("police", "gendarmerie")[i % 2], roles[i % 4]) for i in range(40)))
    guard(cases, policy, 5)
    assert all(count >= 5 for one, count in told(cases).items() if any(one))
