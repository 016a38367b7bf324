"""The exhibits, ready to be set in pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triage.dossier.casefile import CaseFile, Exhibit
from triage.dossier.wording import moment

MOST_TEXT = 6_000  # characters of an exhibit shown in the pages; the whole is in the ZIP
_UNITS = ("octets", "Ko", "Mo", "Go")
_STEP = 1024


def exhibits(case: CaseFile, pictures: Mapping[int, str]) -> list[dict[str, Any]]:
    """Each exhibit; `pictures` are the files of those that can be shown."""
    return [_exhibit(one, pictures.get(one.number, "")) for one in case.exhibits]


def _exhibit(one: Exhibit, picture: str) -> dict[str, Any]:
    return {
        "number": one.number,
        "name": one.name,
        "type": one.media_type,
        "size": size(one.size),
        "sha256": one.sha256,
        "captured": moment(one.captured_at),
        "received": moment(one.received_at),
        "details": [list(pair) for pair in one.details],
        "notes": list(one.notes),
        "picture": picture,
        "text": [line for line in one.text[:MOST_TEXT].splitlines() if line.strip()],
        "cut": len(one.text) > MOST_TEXT,
    }


def size(octets: int) -> str:
    """« 312 octets », « 1,4 Mo »."""
    value, unit = float(octets), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{octets} {_UNITS[0]}" if not unit else f"{value:.1f} {_UNITS[unit]}".replace(".", ",")
