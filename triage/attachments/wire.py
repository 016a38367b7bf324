"""A reading as JSON, between the process that reads and the one that asked."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from triage.attachments.model import EmailFacts, Hop, Message, Reading


def dumps(reading: Reading) -> bytes:
    """`reading` as JSON."""
    return json.dumps(asdict(reading), default=_plain).encode("ascii")


def loads(raw: bytes) -> Reading:
    """The reading that `dumps` wrote. Raises ValueError, KeyError or TypeError for anything else."""
    told: dict[str, Any] = json.loads(raw)
    told["messages"] = tuple(Message(**one | {"when": _date(one["when"])}) for one in told["messages"])
    told["captured_at"] = _date(told["captured_at"])
    told["preview"] = base64.b64decode(told["preview"]) if told["preview"] else None
    told["email"] = _email(told["email"]) if told["email"] else None
    told["notes"] = tuple(told["notes"])
    return Reading(**told)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(type(value).__name__)


def _date(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _email(told: dict[str, Any]) -> EmailFacts:
    hops = tuple(Hop(**hop | {"when": _date(hop["when"])}) for hop in told["hops"])
    return EmailFacts(**told | {"sent_at": _date(told["sent_at"]), "hops": hops, "remarks": tuple(told["remarks"])})
