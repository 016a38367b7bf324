"""What one wants to do dates nothing; a mandate that is over is over; a deadline that is past still says what to do."""

from __future__ import annotations

from datetime import datetime

from triage.engine import Engine
from triage.intake.report import Report

NOW = datetime(2026, 11, 27, 21, 0)


def test_the_day_on_which_one_wants_to_complain_starts_no_clock(engine: Engine) -> None:
    text = (
        "Aujourd'hui je veux porter plainte pour diffamation. En mars 2024 un opposant a publié sur Facebook que j'ai "
        "volé l'argent de la commune."
    )
    diagnostic = engine.composer.make(engine.assess(Report(text, received_at=NOW), NOW))
    starts = [one.start.moment.date().isoformat() for one in diagnostic.clocks if one.start and not one.supposed]
    assert starts == ["2024-03-01"]


def test_a_mandate_that_is_over_is_not_a_mandate(engine: Engine) -> None:
    triaged = engine.assess(Report("Je ne suis plus maire depuis 2020, mais on m'insulte encore sur Facebook."), NOW)
    labels = engine.composer.observer.observe(triaged).labels
    assert "role:ancien_elu" in labels
    assert not {"role:maire", "role:elu"} & labels


def test_a_notification_that_is_late_is_still_to_be_made(engine: Engine) -> None:
    text = "Nous avons découvert il y a dix jours que le fichier des habitants de la mairie avait fuité sur un forum."
    diagnostic = engine.composer.make(engine.assess(Report(text, received_at=NOW), NOW))
    late = [one.clock.late for one in diagnostic.clocks if one.over]
    assert any("Prévenez quand même la CNIL" in said for said in late)
