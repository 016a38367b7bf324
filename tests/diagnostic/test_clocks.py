"""Until when one may act: exact ends, from the earliest plausible start."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.diagnostic.clocks import Running, Span
from triage.diagnostic.diagnostic import Diagnostic
from triage.engine import Engine
from triage.intake.moment import PARIS
from triage.intake.report import Report

NOW = datetime(2026, 11, 27, 21, 30)
INSULT = "Je suis maire. {} un habitant a publié sur Facebook, visible de tous : « gros porc, ordure »."


def diagnosed(engine: Engine, text: str, now: datetime = NOW) -> Diagnostic:
    return engine.composer.make(engine.assess(Report(text, received_at=now), now))


def clocks(engine: Engine, text: str, name: str, now: datetime = NOW) -> list[Running]:
    return [one for one in diagnosed(engine, text, now).clocks if one.clock.id == name]


@pytest.mark.parametrize(
    ("when", "ends", "left", "certain"),
    [
        ("Il y a 80 jours,", "2026-12-08", 11, True),
        ("Le 8 septembre,", "2026-12-08", 11, True),
        ("Hier,", "2027-02-26", 91, True),
        ("Il y a deux mois,", "2026-12-13", 16, False),  # 60 days, and half a month of doubt
        ("Le 31 août,", "2026-11-30", 3, True),  # three months after a 31st: the last day of November
    ],
)
def test_three_months_from_the_first_posting(engine: Engine, when: str, ends: str, left: int, certain: bool) -> None:
    (running,) = clocks(engine, INSULT.format(when), "presse_3_mois")
    assert running.ends is not None
    assert (running.ends.date().isoformat(), running.days_left) == (ends, left)
    assert running.certain is certain
    assert not running.over


def test_a_clock_that_has_run_out_says_so(engine: Engine) -> None:
    (running,) = clocks(engine, INSULT.format("Il y a 100 jours,"), "presse_3_mois")
    assert running.over
    assert running.days_left == -8


def test_two_postings_have_two_ends(engine: Engine) -> None:
    text = INSULT.format("Le 8 septembre,") + " Hier il a encore publié sur Facebook « ordure »."
    first, last = clocks(engine, text, "presse_3_mois")
    assert {str(first.ends)[:10], str(last.ends)[:10]} == {"2026-12-08", "2027-02-26"}


def test_without_a_date_the_end_is_not_invented(engine: Engine) -> None:
    diagnostic = diagnosed(engine, INSULT.format(""))
    (running,) = [one for one in diagnostic.clocks if one.clock.id == "presse_3_mois"]
    assert running.ends is None
    assert any("première mise en ligne" in change.text for change in diagnostic.changes)


def test_the_years_in_office_start_no_clock(engine: Engine) -> None:
    (running,) = clocks(engine, "Je suis maire depuis 2014. " + INSULT.format("Hier,")[14:], "presse_3_mois")
    assert str(running.ends)[:10] == "2027-02-26"


def test_seventy_two_hours_are_counted_from_the_hour_told(engine: Engine) -> None:
    text = (
        "La mairie est bloquée : ce matin à 7 h 15 nous avons découvert que tous les fichiers du serveur sont "
        "chiffrés, une rançon est demandée, et les données des habitants ont été copiées."
    )
    for name in ("cnil_72h", "assurance_72h"):
        (running,) = clocks(engine, text, name)
        assert running.ends == datetime(2026, 11, 30, 7, 15, tzinfo=PARIS)
        assert running.hours_left == 57


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.integers(1, 72), st.integers(1, 24))
def test_hours_pass_whatever_the_season_and_months_keep_their_day(start: datetime, hours: int, months: int) -> None:
    start = start.replace(tzinfo=PARIS)
    after = Span(hours=hours).after(start)
    assert after.timestamp() - start.timestamp() == hours * 3600
    later = Span(months=months).after(start)
    assert (later.year * 12 + later.month) - (start.year * 12 + start.month) == months
    assert later.day == start.day or (later.day < start.day and later.day >= 28)
