"""Entering takes an address, a password and a code; trying makes the one who tries wait, and nobody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from tests.desk.people.members import NOON, PASSWORD, Telephone, column, enrolled
from triage.desk.office import Office
from triage.desk.people import accounts, own, passwords, sessions
from triage.desk.people.entering import RefusedError, Try, WrongPasswordError, enter
from triage.desk.people.lockout import SlowedDownError
from triage.desk.people.registry import Registry, registry_of
from triage.store import people
from triage.store.people import Person
from triage.store.people_tables import ATTEMPTS, AUDIT

LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def registry(office: Office) -> Registry:
    return registry_of(office)


def right(person: Person, telephone: Telephone, now: datetime = LATER, browser: str = "") -> Try:
    return Try(person.login, PASSWORD, telephone.code(now), browser)


def wrong(person: Person, browser: str = "") -> Try:
    return Try(person.login, "mauvais mot de passe", "000000", browser)


def fail(registry: Registry, typed: Try, times: int, now: datetime = LATER) -> None:
    """Fails so many times, as early as one may."""
    for _ in range(times):
        try:
            enter(registry, typed, now)
        except SlowedDownError:
            now += timedelta(seconds=registry.policy.tries.longest)
        except RefusedError:
            pass


def test_all_three_right_enter(registry: Registry) -> None:
    person, telephone = enrolled(registry)
    typed = Try(f"  {person.login.upper()} ", PASSWORD, f" {telephone.code(LATER)[:3]} {telephone.code(LATER)[3:]}")
    assert enter(registry, typed, LATER)[0].id == person.id


def test_every_failure_reads_the_same(registry: Registry) -> None:
    person, telephone = enrolled(registry)
    closed, theirs = enrolled(registry, "noe.petit@exemple.fr")
    accounts.disable(registry, None, closed.id, NOON)
    said = set()
    for typed in (
        wrong(person),
        Try(person.login, PASSWORD, "000000"),
        Try(person.login, "mauvais mot de passe", telephone.code(LATER)),
        Try("personne@exemple.fr", PASSWORD, telephone.code(LATER)),
        right(closed, theirs),
    ):
        with pytest.raises(RefusedError) as refused:
            enter(registry, typed, LATER)
        said.add(str(refused.value))
    assert len(said) == 1


def test_an_unknown_address_costs_a_hash_too(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []
    fits = passwords.fits
    monkeypatch.setattr(passwords, "fits", lambda kept, typed: seen.append(kept) or fits(kept, typed))
    with pytest.raises(RefusedError):
        enter(registry, Try("personne@exemple.fr", PASSWORD, "000000"), LATER)
    assert seen == [None]


def test_a_code_serves_once(registry: Registry) -> None:
    person, telephone = enrolled(registry)
    enter(registry, right(person, telephone), LATER)
    with pytest.raises(RefusedError):
        enter(registry, right(person, telephone), LATER)
    with pytest.raises(RefusedError):  # the step before it does not serve any more either
        enter(registry, Try(person.login, PASSWORD, telephone.code(LATER, -1)), LATER)
    assert enter(registry, Try(person.login, PASSWORD, telephone.code(LATER, 1)), LATER)


@pytest.mark.parametrize(("steps", "enters"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step(registry: Registry, steps: int, enters: bool) -> None:
    person, telephone = enrolled(registry)
    typed = Try(person.login, PASSWORD, telephone.code(LATER, steps))
    if enters:
        assert enter(registry, typed, LATER)
    else:
        with pytest.raises(RefusedError):
            enter(registry, typed, LATER)


def test_one_code_sent_twice_at_once_enters_once(each_office: Office) -> None:
    registry = registry_of(each_office)
    person, telephone = enrolled(registry)

    def attempt(_: int) -> bool:
        try:
            enter(registry, right(person, telephone), LATER)
        except RefusedError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1


def test_the_code_of_enrolment_does_not_enter_again(registry: Registry) -> None:
    person, telephone = enrolled(registry)
    with pytest.raises(RefusedError):
        enter(registry, right(person, telephone, NOON), NOON)


def test_failures_make_the_next_try_wait_longer_and_longer(registry: Registry) -> None:
    person, telephone = enrolled(registry)
    tries = registry.policy.tries
    fail(registry, wrong(person), tries.free)
    with pytest.raises(RefusedError):  # still let through, but the next one waits
        enter(registry, wrong(person), LATER)
    with pytest.raises(SlowedDownError):
        enter(registry, right(person, telephone), LATER)
    after = LATER + timedelta(seconds=tries.first)
    assert enter(registry, right(person, telephone, after), after)[0].id == person.id


def test_an_attacker_elsewhere_never_slows_a_colleague_where_they_work(registry: Registry) -> None:
    person, telephone = enrolled(registry)
    fail(registry, wrong(person), 40)
    with pytest.raises(SlowedDownError):
        enter(registry, right(person, telephone), LATER)
    assert enter(registry, right(person, telephone, browser="poste-de-lea"), LATER)[0].id == person.id


def test_entering_where_one_works_gives_the_attacker_no_new_tries(registry: Registry) -> None:
    person, telephone = enrolled(registry)
    fail(registry, wrong(person), registry.policy.tries.free + 1)
    enter(registry, right(person, telephone, browser="poste-de-lea"), LATER)
    with pytest.raises(SlowedDownError):
        enter(registry, wrong(person), LATER)


def test_a_stolen_workstation_is_slowed_down_too(registry: Registry) -> None:
    person, _ = enrolled(registry)
    fail(registry, wrong(person, "poste-de-lea"), registry.policy.tries.free + 1)
    with pytest.raises(SlowedDownError):
        enter(registry, wrong(person, "poste-de-lea"), LATER)


def test_an_unknown_address_is_slowed_down_just_the_same(registry: Registry) -> None:
    typed = Try("personne@exemple.fr", PASSWORD, "000000")
    fail(registry, typed, registry.policy.tries.free + 1)
    with pytest.raises(SlowedDownError):
        enter(registry, typed, LATER)


def test_of_many_tries_at_once_few_are_let_through(each_office: Office) -> None:
    registry = registry_of(each_office)

    def attempt(_: int) -> bool:
        try:
            enter(registry, Try("personne@exemple.fr", PASSWORD, "000000"), LATER)
        except SlowedDownError:
            return False
        except RefusedError:
            return True
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(12))) == registry.policy.tries.free + 1


def test_failures_are_forgotten_in_the_end(registry: Registry) -> None:
    person, telephone = enrolled(registry)
    fail(registry, wrong(person), registry.policy.tries.free)
    much_later = LATER + timedelta(hours=registry.policy.tries.forget + 1)
    enter(registry, right(person, telephone, much_later, "poste-de-lea"), much_later)
    with registry.database.read() as connection:
        assert connection.execute(select(ATTEMPTS)).all() == []


def test_what_is_counted_names_nobody(registry: Registry) -> None:
    fail(registry, Try("personne@exemple.fr", PASSWORD, "000000"), 1)
    with registry.database.read() as connection:
        row = connection.execute(select(ATTEMPTS)).one()
    assert b"personne" not in row.key and len(row.key) == 32


def test_a_password_hashed_with_less_is_hashed_again(registry: Registry) -> None:
    person, telephone = enrolled(registry)
    weaker = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    with registry.database.write() as connection:
        people.change(connection, person.id, password=weaker)
    enter(registry, right(person, telephone), LATER)
    kept = str(column(registry, person, "password"))
    assert kept != weaker and passwords.fits(kept, PASSWORD) and not passwords.outdated(kept)


def test_entrances_and_slowing_down_are_audited(registry: Registry) -> None:
    person, telephone = enrolled(registry)
    fail(registry, wrong(person), registry.policy.tries.free + 1)
    enter(registry, right(person, telephone, browser="poste-de-lea"), LATER)
    with registry.database.read() as connection:
        lines = connection.execute(select(AUDIT.c.who, AUDIT.c.what, AUDIT.c.about).order_by(AUDIT.c.seq)).all()
    assert ("system", "enter.slowed", person.id) in lines
    assert (person.id, "enter", "password") in lines


def test_changing_the_password_asks_for_the_old_one_and_ends_other_sessions(office: Office) -> None:
    registry = registry_of(office)
    person, telephone = enrolled(registry)
    _, other = enter(registry, right(person, telephone), LATER)
    later = LATER + timedelta(minutes=2)
    _, token = enter(registry, right(person, telephone, later), later)
    session = sessions.current(office, token, later)
    assert session
    with pytest.raises(WrongPasswordError):
        own.change_password(registry, session, "mauvais mot de passe", "quatre autres mots faciles", later)
    own.change_password(registry, session, PASSWORD, "quatre autres mots faciles", later)
    assert sessions.current(office, other, later) is None
    assert sessions.current(office, token, later)


def test_a_new_telephone_replaces_the_old_one(office: Office) -> None:
    registry = registry_of(office)
    person, telephone = enrolled(registry)
    _, token = enter(registry, right(person, telephone), LATER)
    session = sessions.current(office, token, LATER)
    assert session
    new = Telephone("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    own.change_authenticator(registry, session, PASSWORD, new.secret, new.code(LATER), LATER)
    later = LATER + timedelta(minutes=2)
    with pytest.raises(RefusedError):
        enter(registry, right(person, telephone, later), later)
    assert enter(registry, right(person, new, later), later)
