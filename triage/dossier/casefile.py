"""What a dossier is made from: plain data, built by whoever keeps the case. Moments are shown on Paris clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triage.assessment.triaged import Triaged
from triage.diagnostic.diagnostic import Diagnostic


@dataclass(frozen=True)
class Exhibit:
    """One file that was given. `size` is in bytes; `sha256` in hexadecimal, taken when it was received.

    `preview` is an image re-encoded for display; `original` the file untouched, None when it is not at hand. `text` is
    what was read in it, `details` what is known of it (« De », « Objet »…), `notes` what to be aware of.
    """

    number: int
    name: str
    media_type: str
    size: int
    sha256: str
    received_at: datetime
    captured_at: datetime | None
    text: str
    preview: bytes | None
    original: bytes | None
    notes: tuple[str, ...]
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Remark:
    """One comment that was kept; `types` and `level` are labels, as people read them."""

    author: str
    when: datetime | None
    text: str
    url: str
    types: tuple[str, ...]
    level: str


@dataclass(frozen=True)
class Comments:
    """An export of comments once sorted.

    `by_type`: label, comments, authors. `peaks`: hour, all comments, hostile ones. `kept`: the worst first.
    """

    total: int
    harmless: int
    by_type: tuple[tuple[str, int, int], ...]
    authors: int
    first: datetime | None
    last: datetime | None
    peaks: tuple[tuple[datetime, int, int], ...]
    kept: tuple[Remark, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """Something that happened to the case itself."""

    when: datetime
    text: str


@dataclass(frozen=True)
class CaseFile:
    """One case. `facts`: label and value of the optional facts; `addresses`: those of posts that were given."""

    reference: str
    operator: str
    made_at: datetime
    received_at: datetime
    told: str
    facts: tuple[tuple[str, str], ...]
    diagnostic: Diagnostic
    triaged: Triaged
    exhibits: tuple[Exhibit, ...]
    comments: Comments | None
    events: tuple[Event, ...]
    addresses: tuple[str, ...]
