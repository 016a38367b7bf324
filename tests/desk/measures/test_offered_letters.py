"""Which letters are offered: none that says when a measure ends before it is granted."""

from __future__ import annotations

from datetime import timedelta

from tests.desk.measures.conftest import NOW, holds, somebody, told
from triage.desk.case import load
from triage.desk.measures import lifecycle
from triage.desk.measures.following import followed
from triage.desk.measures.lifecycle import Noted
from triage.desk.office import Office

BUTTON = "bouton_appel"


def offered(office: Office, case_id: str, kind: str = BUTTON) -> list[str]:
    """The letters that the page of the case offers for a measure."""
    with office.database.read() as connection:
        found = followed(office, connection, load(office, case_id), NOW)
    return [letter.id for one in found if one.cycle.id == kind for letter in one.letters]


def test_the_letter_of_renewal_is_offered_while_the_button_is_granted_and_not_before(each_office: Office) -> None:
    agent = somebody(each_office)
    case_id = told(each_office)
    holds(each_office, agent, case_id)
    lifecycle.propose(each_office, agent, case_id, BUTTON, "", NOW)
    renewal = ["demande", "renouvellement"]
    assert offered(each_office, case_id) == ["demande"]
    ways = [("transmis", ["demande"]), ("accorde", renewal), ("renouvellement", renewal), ("accorde", renewal)]
    before = "propose"
    for hours, (to, letters) in enumerate([*ways, ("fini", ["demande"])], 1):
        lifecycle.advance(each_office, agent, case_id, BUTTON, Noted(before, to), NOW + timedelta(hours=hours))
        assert (to, offered(each_office, case_id)) == (to, letters)
        before = to


def test_letters_that_say_no_end_are_offered_from_the_start(office: Office) -> None:
    agent = somebody(office)
    case_id = told(office)
    holds(office, agent, case_id)
    for kind, letter in (("patrouille_renforcee", "demande"), ("protection_fonctionnelle", "information")):
        lifecycle.propose(office, agent, case_id, kind, "", NOW)
        assert offered(office, case_id, kind) == [letter]
