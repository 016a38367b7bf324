"""The rota of the desk to try: everybody on duty in their own places, and no longer than a watch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tests.conftest import migrated_at, office_at
from triage.demo.play import play
from triage.demo.script import load_script
from triage.desk import duty
from triage.desk.office import Office
from triage.desk.people.registry import registry_of
from triage.engine import Engine
from triage.intake.moment import in_paris
from triage.settings import Settings
from triage.store import people

# A Wednesday evening, an early morning, and the week in which the clocks of Paris change.
MOMENTS = [datetime(2026, 3, 18, 22, 30, tzinfo=UTC), datetime(2026, 11, 27, 5, 0, tzinfo=UTC)]
MOMENTS += [datetime(2026, 3, 27, 12, 0, tzinfo=UTC)]


@pytest.fixture(scope="module", params=MOMENTS, ids=lambda moment: f"{moment:%Y-%m-%d}")
def played(
    engine: Engine, settings: Settings, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[Office, datetime]]:
    """A desk to try, with the fewest reports, and when it was made. The tests only look at it."""
    office = office_at(engine, migrated_at(tmp_path_factory.mktemp("demonstration")))
    cast, reports = load_script(settings.rules)
    play(office, cast, reports[:1], [], request.param, lambda _line: None)
    yield office, request.param
    office.database.close()


def test_nobody_is_on_duty_beyond_their_places(played: tuple[Office, datetime]) -> None:
    office, now = played
    with registry_of(office).database.read() as connection:
        known = {one.login: one for one in people.everybody(connection)}
    shifts = duty.shifts(office.database, now)
    assert {one.who for one in shifts} >= {"camille.morel@exemple.fr", "nadia.ferrand@exemple.fr"}
    for one in shifts:
        assert (one.departement, one.force) in {(s.departement, s.force) for s in known[one.who].scopes}


def test_watches_change_at_eight_and_last_twelve_hours(played: tuple[Office, datetime]) -> None:
    office, now = played
    for one in duty.shifts(office.database, now):
        starts, ends = in_paris(one.starts_at), in_paris(one.ends_at)
        assert {starts.hour, ends.hour} == {8, 20}
        assert timedelta(hours=11) <= one.ends_at - one.starts_at <= timedelta(hours=13)
        assert one.who != "camille.morel@exemple.fr" or one.starts_at <= now or starts.hour == 8


def test_somebody_answers_now_wherever_one_is_and_turns_follow_each_other(played: tuple[Office, datetime]) -> None:
    office, now = played
    assert all(duty.on_duty(office, *place, now) for place in (("", ""), ("35", "gendarmerie"), ("62", "police")))
    turns = sorted({(one.starts_at, one.ends_at) for one in duty.shifts(office.database, now)})
    assert len(turns) == 14 and all(first[1] == second[0] for first, second in pairwise(turns))
