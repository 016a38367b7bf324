"""Texts: cleaned and assessed whatever they hold; what is shown of them stands in them, at that very place."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.fuzz.mutating import damaged
from tests.fuzz.running import Target
from tests.fuzz.texts import SAID, any_code_points, any_text, long_text
from triage.diagnostic.contract import as_json
from triage.engine import Engine
from triage.errors import IntakeError
from triage.intake.cleaning import Cleaned
from triage.intake.report import Kind, Report, decode, validate

pytestmark = pytest.mark.whole
NOW = datetime(2026, 11, 27, tzinfo=UTC)
ENCODED = [said.encode(code) for said in SAID for code in ("utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-32-be")[:3]]
ENCODED += [said.encode("cp1252", "replace") for said in SAID]


def maps_back(cleaned: Cleaned) -> None:
    """Each character of the working copy stands for some of the text, in their order."""
    assert len(cleaned.starts) == len(cleaned.ends) == len(cleaned.text)
    before = 0
    for start, end in zip(cleaned.starts, cleaned.ends, strict=True):
        assert before <= start < end <= len(cleaned.original)
        before = start


def quotes(part: Any) -> Iterator[dict[str, Any]]:
    """Every piece of evidence in an answer."""
    if isinstance(part, dict):
        if part.keys() >= {"start", "end", "text"}:
            yield part
        part = list(part.values())
    for one in part if isinstance(part, list) else ():
        yield from quotes(one)


def test_any_bytes_are_decoded_and_cleaned(engine: Engine) -> None:
    target = Target("intake, bytes", 300, 10_000)

    def read(raw: bytes) -> str:
        try:
            text = validate(decode(raw)[0])
        except IntakeError as refused:
            return f"refused: {str(refused)[:24]}"
        maps_back(engine.reader.cleaner.clean(text))
        return "read"

    target.tries(target.made(lambda chance: damaged(chance, ENCODED)), read)
    target.check("read", 0.5)


def test_any_text_is_cleaned(engine: Engine) -> None:
    target = Target("intake, texts", 300, 8_000)

    def read(text: str) -> str:
        maps_back(engine.reader.cleaner.clean(text))
        try:
            validate(text)
        except IntakeError:
            return "refused"
        return "read"

    target.tries(target.drawn(any_code_points), read)
    target.check("read", 0.5)


def assessed(engine: Engine, report: Report) -> str:
    try:
        triaged = engine.assess(report, NOW)
    except IntakeError:
        return "refused"
    told = as_json(engine.composer, triaged)
    diagnostic = engine.composer.make(triaged)
    assert diagnostic.level.id == told["disposition"]
    for one in quotes(told):
        assert 0 <= one["start"] < one["end"] <= len(report.text)
        assert report.text[one["start"] : one["end"]] == one["text"]
    json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return f"assessed: {told['disposition']}"


MOMENTS = st.one_of(st.none(), st.none(), st.datetimes(), st.datetimes(timezones=st.timezones()))


def test_any_report_is_assessed(engine: Engine) -> None:
    target = Target("intake, reports", 250, 6_000)
    kinds: list[Kind] = ["report", "message"]
    reports = st.builds(
        Report,
        any_text,
        kind=st.sampled_from(kinds),
        received_at=MOMENTS,
        began=st.one_of(st.none(), st.dates()),
        traits=st.sampled_from([(), ("role:maire",)]),
    )
    target.tries(target.drawn(reports), lambda report: assessed(engine, report))
    target.check("assessed", 0.5)


def test_any_long_report_is_assessed(engine: Engine) -> None:
    target = Target("intake, long reports", 60, 1_000)

    def made(chance: random.Random) -> Report:
        return Report(long_text(chance))

    target.tries(target.made(made), lambda report: assessed(engine, report))
    target.check("assessed", 0.5)
