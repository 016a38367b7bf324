"""What people change of their own account: password, authenticator, alerts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from triage.desk.office import DeskError
from triage.desk.people import codes, passwords, sessions
from triage.desk.people.enrolling import WrongCodeError
from triage.desk.people.entering import confirm
from triage.desk.people.registry import Registry
from triage.desk.people.sessions import Session
from triage.store import people
from triage.store.people import Person
from triage.store.people_tables import PEOPLE


class QuietHoursError(DeskError):
    """The quiet hours cannot be read."""


def change_password(registry: Registry, session: Session, current: str, new: str, now: datetime) -> None:
    """Another password; the person's other sessions end. Raises WeakPasswordError, WrongPasswordError."""
    person = session.person
    passwords.checked(registry.policy.password, new, (person.login, person.name))
    confirm(registry, person, current, now)
    kept = passwords.hashed(new)
    with registry.database.write() as connection:
        people.change(connection, person.id, password=kept)
        sessions.revoke_all(connection, person.id, now, but=session.id)
        registry.note(connection, person, "own.password", now)


def change_authenticator(
    registry: Registry, session: Session, current: str, secret: str, code: str, now: datetime
) -> None:
    """Another authenticator, that gave `code`; other sessions end. Raises WrongPasswordError, WrongCodeError."""
    confirm(registry, session.person, current, now)
    step = codes.step_of(secret, code, now)
    if step is None:
        raise WrongCodeError
    sealed = registry.ring.wrapping.seal(secret.encode())
    with registry.database.write() as connection:
        people.change(connection, session.person.id, totp=sealed, totp_step=step)
        sessions.revoke_all(connection, session.person.id, now, but=session.id)
        registry.note(connection, session.person, "own.authenticator", now)


def set_alerts(registry: Registry, person: Person, alerts: bool, start: str, end: str, now: datetime) -> None:
    """Whether alerts are sent by e-mail, and between which hours none is. Raises QuietHoursError."""
    quiet = (_minutes(start), _minutes(end))
    if None in quiet and quiet != (None, None):
        raise QuietHoursError("Indiquez les deux heures, comme 22:00 et 07:00, ou aucune.")
    with registry.database.write() as connection:
        people.change(connection, person.id, alerts=alerts, quiet_from=quiet[0], quiet_until=quiet[1])
        registry.note(connection, person, "own.alerts", now)


def has_password(registry: Registry, person: Person) -> bool:
    """Whether the person may enter with a password; otherwise only their OIDC provider knows them."""
    with registry.database.read() as connection:
        return connection.scalar(select(PEOPLE.c.password).where(PEOPLE.c.id == person.id)) is not None


def end_session(registry: Registry, person: Person, session_id: str, now: datetime) -> None:
    """Ends one of the person's own sessions; anybody else's is left alone."""
    with registry.database.write() as connection:
        if session_id in {one.id for one in sessions.open_ones(connection, person.id, now)}:
            sessions.revoke(connection, session_id, now)
            registry.note(connection, person, "own.session", now)


def _minutes(typed: str) -> int | None:
    """The minute of the day; None when nothing is typed. Raises QuietHoursError."""
    if not typed.strip():
        return None
    try:
        moment = datetime.strptime(typed.strip()[:5], "%H:%M")
    except ValueError:
        raise QuietHoursError(f"« {typed} » n'est pas une heure : écrivez 22:00.") from None
    return moment.hour * 60 + moment.minute
