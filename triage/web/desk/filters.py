"""The filters of the queue, as they are written in an address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from string import hexdigits
from urllib.parse import urlencode

from triage.desk.office import Office
from triage.store.queue import Filters, Key, Show

# What the views are called in addresses and on the page.
VIEWS: Mapping[str, tuple[Show, str]] = {
    "libres": ("free", "À prendre"),
    "retard": ("late", "En retard"),
    "miens": ("mine", "Les miens"),
    "attente": ("snoozed", "En attente"),
    "tous": ("all", "Tous"),
}
_NAMES = {show: name for name, (show, _) in VIEWS.items()}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST = 32


def read(office: Office, typed: Mapping[str, str]) -> Filters:
    """The filters that an address or a form names; what does not exist is left out."""
    composer, levels = office.engine.composer, {one.id for one in office.engine.assessor.policy.levels}
    return Filters(
        show=VIEWS.get(typed.get("vue", ""), VIEWS["libres"])[0],
        level=_known(typed.get("niveau", ""), levels),
        type=_known(typed.get("type", ""), composer.kinds),
        departement=_known(typed.get("departement", ""), office.service.departements),
        force=_known(typed.get("force", ""), office.policies.queue.forces),
        reference=_reference(typed.get("q", "")),
    )


def written(filters: Filters, **more: str) -> str:
    """The query of an address that names the filters."""
    fields = {
        "vue": "" if filters.show == "free" else _NAMES[filters.show],
        "niveau": filters.level,
        "type": filters.type,
        "departement": filters.departement,
        "force": filters.force,
        "q": filters.reference,
    }
    return urlencode({name: value for name, value in (fields | more).items() if value})


def view_of(filters: Filters) -> str:
    """What the view is called in addresses."""
    return _NAMES[filters.show]


def as_text(key: Key) -> str:
    """Where a page ends, as an address says it."""
    return f"{(key[0] - _EPOCH) // timedelta(microseconds=1)}-{key[1]}"


def as_key(text: str) -> Key | None:
    """What `as_text` wrote; None for anything else."""
    moment, _, case_id = text.partition("-")
    if not moment.isdecimal() or len(moment) > _MOST // 2 or len(case_id) != _MOST:
        return None
    return _EPOCH + timedelta(microseconds=int(moment)), case_id


def _known(value: str, values: object) -> str:
    return value if value and value in values else ""  # type: ignore[operator]


def _reference(typed: str) -> str:
    """« 1A2B-3C4D » as the beginning of an id; what is no reference finds nothing."""
    start = typed.strip().lower().replace("-", "").replace(" ", "")
    if not start:
        return ""
    return start[:_MOST] if all(c in hexdigits for c in start) else "z"
