"""French dates, told on Wednesday 18 March 2026."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import NOW
from triage.document.dates import find_dates
from triage.engine import Engine

MARCH = lambda day: date(2026, 3, day)  # noqa: E731


@pytest.mark.parametrize(
    ("text", "words", "earliest", "latest"),
    [
        ("hier soir il m'a appelé", "hier soir", MARCH(17), MARCH(17)),
        ("depuis lundi", "lundi", MARCH(16), MARCH(16)),
        ("le 3 mars", "le 3 mars", MARCH(3), MARCH(3)),
        ("le 1er avril", "le 1er avril", date(2025, 4, 1), date(2025, 4, 1)),
        ("le 12 octobre 2024", "le 12 octobre 2024", date(2024, 10, 12), date(2024, 10, 12)),
        ("il y a deux mois", "il y a deux mois", date(2026, 1, 17), date(2026, 1, 17)),
        ("voilà trois jours", "voilà trois jours", MARCH(15), MARCH(15)),
        ("depuis trois semaines", "depuis trois semaines", date(2026, 2, 25), date(2026, 2, 25)),
        ("avant-hier", "avant-hier", MARCH(16), MARCH(16)),
        ("mercredi", "mercredi", MARCH(11), MARCH(11)),
        ("lundi prochain", "lundi prochain", MARCH(23), MARCH(23)),
        ("jeudi 12", "jeudi 12", MARCH(12), MARCH(12)),
        ("le 25, à midi", "le 25", date(2026, 2, 25), date(2026, 2, 25)),
        ("le 14/02", "14/02", date(2026, 2, 14), date(2026, 2, 14)),
        ("14.02.2025", "14.02.2025", date(2025, 2, 14), date(2025, 2, 14)),
        ("2026-01-09", "2026-01-09", date(2026, 1, 9), date(2026, 1, 9)),
        ("demain matin", "demain matin", MARCH(19), MARCH(19)),
        ("en janvier", "en janvier", date(2026, 1, 1), date(2026, 1, 31)),
        ("en 2019", "en 2019", date(2019, 1, 1), date(2019, 12, 31)),
        ("cette nuit", "cette nuit", MARCH(17), MARCH(18)),
    ],
)
def test_told(engine: Engine, text: str, words: str, earliest: date, latest: date) -> None:
    (told,) = find_dates(text, NOW, engine.reader.dates)
    assert (text[told.start : told.end], told.earliest, told.latest) == (words, earliest, latest)


@pytest.mark.parametrize(
    "text", ["le 31/02", "le 45 mars 2026 bis", "à 17 h 30", "au 12 rue Haute", "les 3 premiers", "le 17 ne répond pas"]
)
def test_not_dates(engine: Engine, text: str) -> None:
    assert [text[d.start : d.end] for d in find_dates(text, NOW, engine.reader.dates) if d.earliest.year > 2026] == []


@pytest.mark.parametrize("text", ["depuis le 31/12/9999", "le 01/01/0001", "le 3 mars 0012", "9999-12-31"])
def test_nobody_means_such_a_day(engine: Engine, text: str) -> None:
    assert find_dates(text, NOW, engine.reader.dates) == ()


@pytest.mark.parametrize(
    ("text", "since"), [("depuis hier", True), ("depuis le 3 mars", True), ("depuis deux jours", True), ("hier", False)]
)
def test_since(engine: Engine, text: str, since: bool) -> None:
    assert [d.since for d in find_dates(text, NOW, engine.reader.dates)] == [since]


@given(st.text(alphabet="ldeihrsouanmû 0123456789/.-éàİ", max_size=60))
def test_any_text(engine: Engine, text: str) -> None:
    for told in find_dates(text, NOW, engine.reader.dates):
        assert 0 <= told.start < told.end <= len(text)
        assert told.earliest <= told.latest
