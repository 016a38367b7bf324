"""One-time codes (TOTP, RFC 6238): each step serves once, a clock that is off by one step is forgiven."""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp
import segno
from sqlalchemy import Connection, update

from triage.store.people_tables import PEOPLE

ISSUER = "Bureau des agents"
_AROUND = (0, -1, 1)


def new_secret() -> str:
    """A secret for an authenticator, in base 32."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """What an authenticator reads in the image."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def image(secret: str, login: str) -> str:
    """The image to scan, as an SVG « data: » address."""
    return segno.make(address(secret, login), error="m").svg_data_uri(scale=5, border=2, light="#fff")


def grouped(secret: str) -> str:
    """The secret in groups of four, to be typed by hand."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def step_of(secret: str, typed: str, now: datetime) -> int | None:
    """Which step `typed` is the code of, now or one step away."""
    totp, code = pyotp.TOTP(secret), "".join(typed.split())
    if not (code.isascii() and code.isdigit()):
        return None
    current = totp.timecode(now)
    return next((current + i for i in _AROUND if hmac.compare_digest(totp.generate_otp(current + i), code)), None)


def spend(connection: Connection, person_id: str, step: int) -> bool:
    """Uses a step up; whether it still could be used. Of two at once only one can."""
    where = (PEOPLE.c.id == person_id) & (PEOPLE.c.totp_step < step)
    return connection.execute(update(PEOPLE).where(where).values(totp_step=step)).rowcount == 1
