"""The desk to try: filled by the same verbs as the real one, and never over it."""

from __future__ import annotations

from datetime import UTC, datetime

import pyotp
import pytest

from triage.demo.play import play
from triage.demo.script import load_script
from triage.desk.office import DeskError, Office
from triage.desk.people.entering import Try, enter
from triage.desk.people.registry import registry_of
from triage.settings import Settings
from triage.store import audit
from triage.store.campaign_tables import CAMPAIGNS
from triage.store.desk_tables import CLAIMS, MEASURES, NOTES
from triage.store.tables import CASES, MESSAGES


def said(_line: str) -> None:
    """Nobody listens."""


def test_the_demonstration_fills_a_desk_that_one_can_enter(office: Office, settings: Settings) -> None:
    cast, reports = load_script(settings.rules)
    now = datetime.now(UTC)
    played = [one for one in reports if one.scene in ("talk", "measures", "closed") or one.campaign]
    badges = play(office, cast, played, [], now, said)
    badge = badges["camille.morel@exemple.fr"]
    typed = Try(badge.person.login, badge.password, pyotp.TOTP(badge.secret).at(now), "")
    assert enter(registry_of(office), typed, now)[0] == badge.person
    with office.database.read() as connection:
        states = [row.state for row in connection.execute(CASES.select())]
        held = {
            table.name: len(connection.execute(table.select()).all()) for table in (CLAIMS, MESSAGES, NOTES, MEASURES)
        }
        campaigns = connection.execute(CAMPAIGNS.select()).all()
        assert list(audit.faults(connection, office.ring)) == []
    assert (len(states), states.count("closed"), len(campaigns)) == (len(played), 1, 1)
    assert held == {"claims": 3, "messages": 4, "notes": 1, "measures": 4}


def test_it_never_plays_over_a_desk_that_is_in_use(office: Office, settings: Settings) -> None:
    cast, reports = load_script(settings.rules)
    play(office, cast, reports[:1], [], datetime.now(UTC), said)
    with pytest.raises(DeskError, match="contient déjà"):
        play(office, cast, reports[:1], [], datetime.now(UTC), said)
