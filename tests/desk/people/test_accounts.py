"""Accounts change at once, somebody can always administer, and one's own role is not one's own to change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.desk.people.members import NOON, PASSWORD, enrolled, wish
from triage.desk.office import Office
from triage.desk.people import accounts, sessions, wishes
from triage.desk.people.accounts import AccountError
from triage.desk.people.entering import RefusedError, Try, enter
from triage.desk.people.identities import Identity, NoAccountError, admit
from triage.desk.people.policy import load_access_policy
from triage.desk.people.registry import registry_of
from triage.desk.people.wishes import WishError
from triage.errors import DataError
from triage.settings import Settings
from triage.store import people
from triage.store.people import Scope
from triage.store.people_tables import SESSIONS

LATER = NOON + timedelta(minutes=5)
KNOWN = ("01", "2A", "974")


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(WishError) as refused:
        wishes.read_wish("léa martin", " ", "chef", ["99", "1", "2a"], "armée", "", KNOWN)
    told = "\n".join(refused.value.problems)
    assert len(refused.value.problems) == 5
    for word in ("« léa martin »", "nom", "« chef »", "« 99 »", "« armée »"):
        assert word in told


def test_codes_are_read_as_people_write_them() -> None:
    assert wishes.read_scopes(["1", " 2a ", "974", "01"], "police", KNOWN) == (
        Scope("01", "police"),
        Scope("2A", "police"),
        Scope("974", "police"),
    )
    assert wishes.read_scopes([], "", KNOWN) == (Scope(),)


def test_one_address_has_one_account(office: Office) -> None:
    registry = registry_of(office)
    accounts.invite(registry, None, wish(), NOON)
    with pytest.raises(AccountError, match="a déjà un compte"):
        accounts.invite(registry, None, wish(), NOON)


def test_the_last_administrator_stays(office: Office) -> None:
    registry = registry_of(office)
    first, _ = enrolled(registry, "ada@exemple.fr", "administrator")
    accounts.invite(registry, None, wish("invitee@exemple.fr", "administrator"), NOON)  # does not count yet
    with pytest.raises(AccountError, match="dernier administrateur"):
        accounts.disable(registry, None, first.id, NOON)
    with pytest.raises(AccountError, match="dernier administrateur"):
        accounts.set_role(registry, None, first.id, "agent", NOON)
    enrolled(registry, "eve@exemple.fr", "administrator")
    accounts.disable(registry, None, first.id, NOON)


def test_two_administrators_who_close_each_other_at_once_do_not_both_succeed(each_office: Office) -> None:
    registry = registry_of(each_office)
    one, _ = enrolled(registry, "ada@exemple.fr", "administrator")
    two, _ = enrolled(registry, "eve@exemple.fr", "administrator")

    def close(pair: tuple[people.Person, people.Person]) -> bool:
        try:
            accounts.disable(registry, pair[0], pair[1].id, NOON)
        except AccountError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(close, [(one, two), (two, one)])) == [False, True]


def test_nobody_changes_their_own_role(office: Office) -> None:
    registry = registry_of(office)
    one, _ = enrolled(registry, "ada@exemple.fr", "administrator")
    enrolled(registry, "eve@exemple.fr", "administrator")
    with pytest.raises(AccountError, match="votre propre rôle"):
        accounts.set_role(registry, one, one.id, "supervisor", NOON)


def test_what_is_changed_holds_for_sessions_that_are_open(office: Office) -> None:
    registry = registry_of(office)
    person, telephone = enrolled(registry)
    _, token = enter(registry, Try(person.login, PASSWORD, telephone.code(LATER)), LATER)
    accounts.set_role(registry, None, person.id, "analyst", LATER)
    accounts.set_place(registry, None, person.id, (Scope("2A", "police"),), None, LATER)
    session = sessions.current(office, token, LATER)
    assert session and (session.person.role, session.person.scopes) == ("analyst", (Scope("2A", "police"),))
    accounts.disable(registry, None, person.id, LATER)
    assert sessions.current(office, token, LATER) is None
    with pytest.raises(RefusedError):
        enter(registry, Try(person.login, PASSWORD, telephone.code(LATER, 1)), LATER)
    accounts.enable(registry, None, person.id, LATER)
    assert sessions.current(office, token, LATER) is None  # it ended for good
    assert enter(registry, Try(person.login, PASSWORD, telephone.code(LATER, 1)), LATER)


def test_a_new_link_ends_sessions_at_once(office: Office) -> None:
    registry = registry_of(office)
    person, telephone = enrolled(registry)
    _, token = enter(registry, Try(person.login, PASSWORD, telephone.code(LATER)), LATER)
    accounts.relink(registry, None, person.id, LATER)
    assert sessions.current(office, token, LATER) is None


def test_an_unknown_unit_is_refused_and_nothing_is_kept(office: Office) -> None:
    registry = registry_of(office)
    person, _ = accounts.invite(registry, None, wish(), NOON)
    with pytest.raises(AccountError, match="annuaire"):
        accounts.set_place(registry, None, person.id, (Scope("2A"),), "nulle-part", NOON)
    assert accounts.by_login(registry, person.login).scopes == (Scope(),)


ISSUER = "https://identite.exemple.fr"


def test_an_identity_is_bound_at_its_first_use_and_no_other_opens_the_account(office: Office) -> None:
    registry = registry_of(office)
    made, _ = accounts.invite(registry, None, wish(), NOON)
    person, _ = admit(registry, Identity(ISSUER, "sub-1", "Lea.Martin@exemple.fr"), NOON)
    assert (person.id, person.state) == (made.id, "active")
    assert admit(registry, Identity(ISSUER, "sub-1", "lea.dupont@exemple.fr"), NOON)[0].id == made.id
    for other in (Identity(ISSUER, "sub-2", made.login), Identity("https://autre.exemple.fr", "sub-1", made.login)):
        with pytest.raises(NoAccountError):
            admit(registry, other, NOON)


def test_nobody_is_made_from_an_identity(office: Office) -> None:
    registry = registry_of(office)
    enrolled(registry)
    for unknown in (Identity(ISSUER, "sub-1", "personne@exemple.fr"), Identity(ISSUER, "sub-1", "")):
        with pytest.raises(NoAccountError):
            admit(registry, unknown, NOON)
    with registry.database.read() as connection:
        assert len(people.everybody(connection)) == 1


def test_a_closed_account_stays_closed_to_its_identity(office: Office) -> None:
    registry = registry_of(office)
    person, _ = accounts.invite(registry, None, wish(), NOON)
    admit(registry, Identity(ISSUER, "sub-1", person.login), NOON)
    accounts.disable(registry, None, person.id, NOON)
    with pytest.raises(NoAccountError):
        admit(registry, Identity(ISSUER, "sub-1", person.login), NOON)


def test_an_identity_is_forgotten_with_a_new_link(office: Office) -> None:
    registry = registry_of(office)
    person, _ = accounts.invite(registry, None, wish(), NOON)
    admit(registry, Identity(ISSUER, "sub-1", person.login), NOON)
    accounts.relink(registry, None, person.id, NOON)
    assert admit(registry, Identity(ISSUER, "sub-2", person.login), NOON)[0].id == person.id


def test_sessions_long_over_are_deleted(office: Office) -> None:
    registry = registry_of(office)
    person, telephone = enrolled(registry)
    much_later = NOON + timedelta(days=60)
    enter(registry, Try(person.login, PASSWORD, telephone.code(much_later)), much_later)
    with registry.database.read() as connection:
        assert len(connection.execute(select(SESSIONS)).all()) == 1


def test_what_is_wrong_in_the_policy_is_said_with_its_line(tmp_path: Path) -> None:
    text = (Settings().rules / "desk" / "access.yaml").read_text(encoding="utf-8")
    (tmp_path / "desk").mkdir()
    wrong = text.replace("least: 12", "least: 4").replace("hours: 48", "heures: 48")
    (tmp_path / "desk" / "access.yaml").write_text(wrong, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        load_access_policy(tmp_path)
    assert len(refused.value.problems) == 3 and all(one.where.line for one in refused.value.problems)
