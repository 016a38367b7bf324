"""The webhooks: other services that are told of alerts. Their secret is shown once, then kept sealed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from sqlalchemy import Connection, Row, insert, select, update

from triage.desk import journal
from triage.desk.alerts.signing import HEADER, signature
from triage.desk.office import DeskError, Office
from triage.store.cases import new_id
from triage.store.desk_tables import WEBHOOKS
from triage.store.people import Person, Scope

_LOCAL = ("localhost", "127.0.0.1", "::1")
_LONGEST = {"name": 80, "url": 400}
_GOOD = range(200, 300)


def add(office: Office, person: Person, name: str, url: str, scope: Scope, now: datetime) -> str:
    """Adds a webhook; its secret, to be shown once. Raises DeskError when the address will not do."""
    name, url = name.strip(), url.strip()
    if not name or len(name) > _LONGEST["name"]:
        raise DeskError(f"Donnez un nom à ce service, de {_LONGEST['name']} caractères au plus.")
    _check(url)
    secret = secrets.token_urlsafe(32)
    hook_id, sealed = new_id(), office.ring.wrapping.seal(secret.encode())
    row = {"id": hook_id, "name": name, "url": url, "secret": sealed, "state": "active", "created_at": now}
    place = {"departement": scope.departement, "force": scope.force}
    with office.database.write() as connection:
        connection.execute(insert(WEBHOOKS).values(**row, **place))
        journal.record(office, connection, person, "webhook.add", now, about=hook_id)
    return secret


def turn(office: Office, person: Person, hook_id: str, on: bool, now: datetime) -> None:
    """Stops a webhook, or starts it again. Raises DeskError for one that does not exist."""
    state = "active" if on else "stopped"
    with office.database.write() as connection:
        if not connection.execute(update(WEBHOOKS).where(WEBHOOKS.c.id == hook_id).values(state=state)).rowcount:
            raise DeskError("Ce service n'est plus dans la liste.")
        journal.record(office, connection, person, f"webhook.{state}", now, about=hook_id)


def every(connection: Connection) -> Sequence[Row[Any]]:
    """All the webhooks, by name."""
    return connection.execute(select(WEBHOOKS).order_by(WEBHOOKS.c.name)).all()


def call(url: str, secret: bytes, body: bytes, now: datetime, seconds: int) -> None:
    """Sends `body`, signed. Raises DeskError with what went wrong. No redirect is followed, no answer is read."""
    headers = {"Content-Type": "application/json", HEADER: signature(secret, body, int(now.timestamp()))}
    try:
        client = httpx.Client(timeout=seconds, follow_redirects=False)
        with client, client.stream("POST", url, content=body, headers=headers) as answer:
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeskError(f"Le service ne répond pas ({type(error).__name__}).") from error
    if status not in _GOOD:
        raise DeskError(f"Le service a répondu {status}.")


def _check(url: str) -> None:
    """An address that nobody on the way can read: https, but on this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL)
    if not host or not safe or parts.username or parts.password or len(url) > _LONGEST["url"] or " " in url:
        raise DeskError("Donnez une adresse complète qui commence par « https:// », sans nom d'utilisateur.")
