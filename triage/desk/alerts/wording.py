"""What an alert says outside the desk: a kind, a level, a number. Neither who, nor where, nor what."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from triage.desk.office import Office
from triage.store.deliveries import Parcel

_CLOSING = (
    "Ce message est automatique et ne dit rien des dossiers. Il ne demande ni mot de passe ni code :\n"
    "si un autre message vous en demande, n'y répondez pas.\n"
)


def subject(office: Office, parcel: Parcel) -> str:
    """The subject of an e-mail: what presses most."""
    kind, level, number = _ordered(office, parcel)[0]
    return f"Bureau des agents : {_line(office, kind, level, number)}"


def body(office: Office, parcel: Parcel, link: str) -> str:
    """The e-mail."""
    lines = "".join(f"- {_line(office, *one)}\n" for one in _ordered(office, parcel))
    where = f"Ouvrez le bureau : {link}" if link else "Ouvrez le bureau à l'adresse que vous connaissez."
    return f"Bonjour,\n\n{lines}\n{where}\n\n{_CLOSING}"


def payload(office: Office, parcel: Parcel, link: str, now: datetime) -> bytes:
    """The body sent to a webhook. `id` is the same when the same alerts are sent again."""
    alerts = [{"kind": kind, "level": level, "count": number} for kind, level, number in _ordered(office, parcel)]
    identifier = hashlib.sha256(" ".join(sorted(parcel.ids)).encode()).hexdigest()[:32]
    at = now.astimezone(UTC).isoformat(timespec="seconds")
    return json.dumps({"id": identifier, "at": at, "alerts": alerts, "link": link}).encode()


def _ordered(office: Office, parcel: Parcel) -> list[tuple[str, str, int]]:
    kinds = [*office.policies.alerts.kinds]
    ranks = {level.id: rank for rank, level in enumerate(office.engine.assessor.policy.levels)}
    return sorted(parcel.counts, key=lambda one: (kinds.index(one[0]), -ranks.get(one[1], -1)))


def _line(office: Office, kind: str, level: str, number: int) -> str:
    """« À prendre tout de suite (danger immédiat) : 2 »."""
    told = office.policies.alerts.kinds[kind]
    title = told.title
    if not level:
        return f"{title} : {told.see}"
    label = office.engine.assessor.policy.level(level).label
    return f"{title} ({label[:1].lower()}{label[1:]}) : {number}"
