"""A link opens one account, once, for a while; what it opens is a password of one's own and a telephone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.desk.people.members import NOON, PASSWORD, Telephone, column, enrolled, wish
from triage.desk.office import Office
from triage.desk.people import accounts, enrolling, passwords, sessions
from triage.desk.people.enrolling import LinkError, WrongCodeError
from triage.desk.people.passwords import WeakPasswordError
from triage.desk.people.policy import load_access_policy
from triage.desk.people.registry import registry_of
from triage.settings import Settings
from triage.store.people_tables import ENROLMENTS, SESSIONS

POLICY = load_access_policy(Settings().rules).password
KNOWN = ("lea.martin@exemple.fr", "Léa Martin")


def test_an_enrolled_account_is_active_and_its_secrets_are_not_in_clear(office: Office) -> None:
    registry = registry_of(office)
    person, telephone = enrolled(registry)
    assert person.state == "active"
    assert str(column(registry, person, "password")).startswith("$argon2id$")
    assert telephone.secret.encode() not in bytes(column(registry, person, "totp"))


def test_the_store_keeps_no_token_in_clear(office: Office, tmp_path: Path) -> None:
    registry = registry_of(office)
    _, token = accounts.invite(registry, None, wish(), NOON)
    secret = enrolling.look(registry, token, NOON).secret
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("triage.sqlite*"))
    assert token.encode() not in raw and secret.encode() not in raw
    _, session = enrolling.complete(registry, token, PASSWORD, Telephone(secret).code(NOON), NOON)
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("triage.sqlite*"))
    assert session.encode() not in raw and secret.encode() not in raw and PASSWORD.encode() not in raw


def test_looking_does_not_use_the_link_and_using_it_does(office: Office) -> None:
    registry = registry_of(office)
    _, token = accounts.invite(registry, None, wish(), NOON)
    secrets = {enrolling.look(registry, token, NOON).secret for _ in range(2)}
    assert len(secrets) == 1
    enrolling.complete(registry, token, PASSWORD, Telephone(secrets.pop()).code(NOON), NOON)
    with pytest.raises(LinkError):
        enrolling.look(registry, token, NOON)


def test_a_link_expires_and_a_newer_one_replaces_it(office: Office) -> None:
    registry = registry_of(office)
    person, token = accounts.invite(registry, None, wish(), NOON)
    with pytest.raises(LinkError):
        enrolling.look(registry, token, NOON + timedelta(hours=registry.policy.link.hours))
    newer = accounts.relink(registry, None, person.id, NOON)
    with pytest.raises(LinkError):
        enrolling.look(registry, token, NOON)
    assert enrolling.look(registry, newer, NOON).person.id == person.id


def test_a_link_of_a_closed_account_opens_nothing(office: Office) -> None:
    registry = registry_of(office)
    person, token = accounts.invite(registry, None, wish(), NOON)
    accounts.disable(registry, None, person.id, NOON)
    with pytest.raises(LinkError):
        enrolling.look(registry, token, NOON)


def test_a_wrong_code_or_a_weak_password_leaves_the_link_usable(office: Office) -> None:
    registry = registry_of(office)
    _, token = accounts.invite(registry, None, wish(), NOON)
    telephone = Telephone(enrolling.look(registry, token, NOON).secret)
    with pytest.raises(WrongCodeError):
        enrolling.complete(registry, token, PASSWORD, telephone.code(NOON, 5), NOON)
    with pytest.raises(WeakPasswordError):
        enrolling.complete(registry, token, "lea.martin@exemple.fr", telephone.code(NOON), NOON)
    assert enrolling.complete(registry, token, PASSWORD, telephone.code(NOON), NOON)[0].state == "active"


def test_of_two_who_use_one_link_at_once_one_wins(each_office: Office) -> None:
    registry = registry_of(each_office)
    _, token = accounts.invite(registry, None, wish(), NOON)
    code = Telephone(enrolling.look(registry, token, NOON).secret).code(NOON)

    def use(number: int) -> bool:
        try:
            enrolling.complete(registry, token, f"{PASSWORD} {number}", code, NOON)
        except LinkError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, range(4))) == [False, False, False, True]
    with each_office.database.read() as connection:
        assert len(connection.execute(select(SESSIONS)).all()) == 1
        assert connection.execute(select(ENROLMENTS.c.opened)).scalar_one() is None


def test_a_link_of_another_service_opens_nothing(office: Office, engine: object, tmp_path: Path) -> None:
    from tests.conftest import office_at

    elsewhere = office_at(engine, tmp_path / "elsewhere", office.database.url)  # the same store, other keys
    person, token = accounts.invite(registry_of(office), None, wish(), NOON)
    with pytest.raises(LinkError):
        enrolling.look(registry_of(elsewhere), token, NOON)
    with office.database.write() as connection:
        session = sessions.begin(office, connection, person.id, "password", NOON)
    assert sessions.current(elsewhere, session, NOON) is None
    elsewhere.database.close()


@pytest.mark.parametrize(
    "weak",
    ["court", "aaaaaaaaaaaaaaaa", "ababababababab", "abcdefghijklmnop", "lea.martin@exemple.fr", "LeaMartin2026!",
     "motdepasse123456", "azertyuiop123456", "x" * 501],
)  # fmt: skip
def test_a_password_that_is_guessed_first_is_refused(weak: str) -> None:
    with pytest.raises(WeakPasswordError):
        passwords.checked(POLICY, weak, KNOWN)


@pytest.mark.parametrize(
    "good", [PASSWORD, "c'est l'été à Vézelay", "8462 9571 3048 1276", "パスワードは誰にも秘密です"]
)
def test_no_kind_of_character_is_asked_for(good: str) -> None:
    assert passwords.checked(POLICY, good, KNOWN) == good


def test_a_password_is_the_same_from_every_keyboard() -> None:
    kept = passwords.hashed("été à la plage")
    assert passwords.fits(kept, "e\u0301te\u0301 a\u0300 la plage")
    assert not passwords.fits(kept, "ete a la plage")


def test_a_hash_is_costly(real_hashes: None) -> None:
    kept = passwords.hashed(PASSWORD)
    assert "$argon2id$" in kept and int(kept.split("m=")[1].split(",")[0]) >= 47_104  # KiB, as the OWASP asks


def test_nothing_fits_where_no_password_is_kept() -> None:
    assert not passwords.fits(None, "")
    assert not passwords.fits("pas une empreinte", PASSWORD)


@given(st.integers(1, 10_000))
def test_waiting_grows_and_is_capped(failures: int) -> None:
    policy = load_access_policy(Settings().rules).tries
    assert policy.wait(failures) <= policy.wait(failures + 1) <= timedelta(seconds=policy.longest)
    assert bool(policy.wait(failures)) == (failures > policy.free)
