"""What the store gives back: cases and what belongs to them, opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

State = Literal["open", "withdrawn", "transmitted", "closed", "erased"]
# Those that have left the desk for good, or for a court.
FINISHED = ("transmitted", "closed", "erased")


def reference_of(case_id: str) -> str:
    """What to call a case by, aloud (« 1A2B-3C4D »): it opens nothing."""
    return f"{case_id[:4]}-{case_id[4:8]}".upper()


class Sealed(BaseModel):
    """Something kept sealed, as JSON."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Told(Sealed):
    """What the person told and did: the report, answers (question → answer), and the optional facts, all of them free.

    `commune` is a name or a code, as told. `settled` are the questions that such a fact answered without being asked.
    `traits` are those of `rules/situation/` (« role:maire »); `corrections` what they corrected (« type » → id);
    `ticks` the gestures done, `mail` where a neutral notice may be sent.
    """

    text: str
    answers: dict[str, str] = {}
    settled: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    departement: str = ""
    force: str = ""
    commune: str = ""
    began: date | None = None
    addresses: tuple[str, ...] = ()
    contact: str = ""
    hours: str = ""
    mail: str = ""
    corrections: dict[str, str] = {}
    ticks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where a case is: what was told, completed by the commune (Insee's code) where it is known."""

    departement: str
    force: str
    commune: str


# Where a case is, from what was told and the code of the commune that was found or chosen before.
Locate = Callable[[Connection, Told, str], Place]


def as_told(connection: Connection, told: Told, kept: str) -> Place:
    """Where a case is when no table of communes is at hand."""
    return Place(told.departement, told.force, kept)


class Read(Sealed):
    """What an exhibit is, and what was read in it. `sha256` is that of the original."""

    name: str
    sha256: str
    text: str = ""
    captured_at: datetime | None = None
    details: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


ExhibitState = Literal["pending", "read", "unread", "unsafe"]


@dataclass(frozen=True)
class Exhibit:
    """A piece of evidence, without its content. `size` in bytes."""

    id: str
    number: int
    received_at: datetime
    kind: str
    media_type: str
    size: int
    state: ExhibitState
    about: Read


@dataclass(frozen=True)
class Run:
    """How far the sorting of an export of comments is; `progress` is its own record."""

    exhibit_id: str
    position: int
    total: int
    done: bool
    progress: Mapping[str, Any]


@dataclass(frozen=True)
class Message:
    """What the person and the agents write to each other; `by` is « official » or « agent », `author` which agent."""

    id: str
    at: datetime
    by: str
    text: str
    read_at: datetime | None
    author: str | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened to the case, as the person may read it."""

    at: datetime
    kind: str
    detail: str


@dataclass(frozen=True)
class Asked:
    """Something asked of the agents: a measure, or the erasure of the case."""

    at: datetime
    kind: str
    state: str


@dataclass(frozen=True)
class Standing:
    """Where a case stands at the desk: all in clear in the store, nothing of what was told.

    `queued`: an agent has to act; `turn`: the earliest is read first; `taken_at`: claimed since it was last due.
    `claimed_by` is a person's id, `concerns` that of the unit that the case is about, in the directory; `decided` is
    the level that an agent gave it, if one did.
    """

    id: str
    received_at: datetime
    changed_at: datetime
    state: State
    level: str
    rank: int
    types: tuple[str, ...]
    flags: tuple[str, ...]
    departement: str
    force: str
    channel: str
    commune: str
    queued: bool
    harm: float
    level_since: datetime | None
    due_at: datetime | None
    turn: datetime | None
    claimed_by: str | None
    claimed_at: datetime | None
    lease_until: datetime | None
    taken_at: datetime | None
    snoozed_until: datetime | None
    identity: str
    concerns: str
    outcome: str
    closed_at: datetime | None
    merged_into: str | None
    split_from: str | None
    decided: str = ""

    @property
    def reference(self) -> str:
        """What to call the case by, aloud: it opens nothing."""
        return reference_of(self.id)

    def held_by(self, now: datetime) -> str | None:
        """Who holds the case now; nobody once the lease is over."""
        held = self.claimed_by and self.lease_until and self.lease_until > now
        return self.claimed_by if held else None


@dataclass(frozen=True)
class Case:
    """A case, opened. `types` and `flags` are ids, the main type first; `rank` that of its level in the policy."""

    id: str
    received_at: datetime
    changed_at: datetime
    state: State
    level: str
    rank: int
    types: tuple[str, ...]
    flags: tuple[str, ...]
    claimed_by: str | None
    claimed_at: datetime | None
    told: Told
    exhibits: tuple[Exhibit, ...]
    runs: tuple[Run, ...]
    messages: tuple[Message, ...]
    events: tuple[Event, ...]
    asked: tuple[Asked, ...]
    standing: Standing
    measured: bool  # whether agents follow a measure in it

    @property
    def reference(self) -> str:
        """What to call the case by, aloud: it opens nothing."""
        return reference_of(self.id)
