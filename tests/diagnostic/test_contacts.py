"""Whom to call: open now, in whose time, and why a well-known one is not the right one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from triage.diagnostic.contacts import Proposed
from triage.diagnostic.diagnostic import Diagnostic
from triage.engine import Engine
from triage.intake.report import Report

NIGHT = datetime(2026, 11, 27, 2, 0)
DAY = datetime(2026, 11, 27, 10, 0)
HARASSED = "Depuis lundi un inconnu m'envoie dix messages haineux par jour sur Messenger, je n'en dors plus."


def diagnosed(engine: Engine, text: str, now: datetime, *traits: str) -> Diagnostic:
    return engine.composer.make(engine.assess(Report(text, received_at=now, traits=traits), now))


def line(diagnostic: Diagnostic) -> Proposed:
    return next(one for one in diagnostic.contacts if one.contact.id == "ligne_elus")


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        (NIGHT, False),
        (DAY, True),
        (datetime(2026, 11, 27, 21, 0), False),
        (datetime(2026, 11, 27, 20, 59), True),
        (datetime(2026, 7, 1, 7, 30, tzinfo=UTC), True),  # 9 h 30 in Paris in summer
        (datetime(2026, 12, 1, 7, 30, tzinfo=UTC), False),  # 8 h 30 in Paris in winter
    ],
)
def test_the_support_line_is_open_from_nine_to_nine(engine: Engine, now: datetime, is_open: bool) -> None:
    one = line(diagnosed(engine, HARASSED, now))
    assert one.contact.phone == "01 80 52 33 84"
    assert one.open_now is is_open
    assert one.contact.closed


def test_hours_are_told_in_the_time_of_the_place(engine: Engine) -> None:
    one = line(diagnosed(engine, HARASSED, datetime(2026, 11, 27, 22, 0), "lieu:la_reunion"))
    assert one.open_now is False
    assert one.local_hours == "de 12 h à 0 h, à La Réunion"
    assert line(diagnosed(engine, HARASSED, DAY, "lieu:guadeloupe")).local_hours == "de 4 h à 16 h, en Guadeloupe"
    assert line(diagnosed(engine, HARASSED, DAY)).local_hours == ""


def test_the_place_is_read_in_the_report(engine: Engine) -> None:
    place = diagnosed(engine, "Je suis adjointe au maire à La Réunion. " + HARASSED, DAY).situation.place
    assert place is not None
    assert place.label == "À La Réunion"


def test_a_contact_is_never_both_proposed_and_refused(engine: Engine) -> None:
    for text in (HARASSED, "On m'a menacé de mort par SMS.", "Ma carte a été débitée sur un faux site hier."):
        diagnostic = diagnosed(engine, text, DAY)
        both = {o.contact.id for o in diagnostic.contacts} & {o.contact.id for o in diagnostic.refused}
        assert not both


def test_emergencies_come_first(engine: Engine) -> None:
    diagnostic = diagnosed(engine, "Un homme armé est devant ma porte, il crie qu'il va me tuer.", NIGHT)
    assert [one.contact.id for one in diagnostic.contacts][:3] == ["17", "112", "114"]
