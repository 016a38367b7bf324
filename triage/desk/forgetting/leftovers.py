"""What is no case and is not kept for ever: sessions, prints, answers of a model tried, readings, old measures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select

from triage.desk.forgetting.policy import Retention
from triage.store.campaign_tables import BANDS, FINGERPRINTS, SIGNATURES
from triage.store.desk_tables import RULINGS, SAMPLE_READS, SAMPLES
from triage.store.limit_tables import SOURCES
from triage.store.people_tables import ATTEMPTS, ENROLMENTS, SESSIONS
from triage.store.prints import KEPT
from triage.store.quality_tables import QUALITY
from triage.store.samples import CALM, TEACHING
from triage.store.tables import DUTY, SHADOW_ANSWERS

# The rows of a table that go, in the order in which they do.
Old = tuple[Table, ColumnElement[bool]]


def old(policy: Retention, name: str, now: datetime, tried: str) -> Iterator[Old]:
    """What goes under a name of the policy. `tried`: the model on trial, whose answers stay or it would answer anew."""
    since = now - policy.other(name).time
    if name == "empreintes":
        yield BANDS, BANDS.c.at < since
        yield SIGNATURES, SIGNATURES.c.at < since
        yield FINGERPRINTS, KEPT & (FINGERPRINTS.c.at < since)
    elif name == "ombre":
        yield SHADOW_ANSWERS, (SHADOW_ANSWERS.c.at < since) & (SHADOW_ANSWERS.c.version != tried)
    elif name in ("echantillon", "apprentissage"):
        drawn = (SAMPLES.c.drawn_at < since) & (SAMPLES.c.purpose == (CALM if name == "echantillon" else TEACHING))
        ids = select(SAMPLES.c.id).where(drawn)
        yield RULINGS, RULINGS.c.sample_id.in_(ids)
        yield SAMPLE_READS, SAMPLE_READS.c.sample_id.in_(ids)
        yield SAMPLES, drawn
    elif name == "sessions":
        yield SESSIONS, SESSIONS.c.ends_at < since
    elif name == "inscriptions":
        yield ENROLMENTS, ENROLMENTS.c.expires_at < since
    elif name == "essais":
        yield ATTEMPTS, ATTEMPTS.c.at < since
    elif name == "provenances":
        yield SOURCES, SOURCES.c.at < since
    elif name == "gardes":
        yield DUTY, DUTY.c.ends_at < since
    elif name == "qualite":
        yield QUALITY, (QUALITY.c.at < since) & QUALITY.c.accepted.is_(False)


ROWS = (
    *("empreintes", "ombre", "echantillon", "apprentissage"),
    *("sessions", "inscriptions", "essais", "provenances", "gardes", "qualite"),
)


def number(connection: Connection, policy: Retention, name: str, now: datetime, tried: str) -> int:
    """How many rows would go."""
    return sum(
        connection.scalar(select(func.count()).select_from(table).where(where)) or 0
        for table, where in old(policy, name, now, tried)
    )


def remove(connection: Connection, policy: Retention, name: str, now: datetime, tried: str) -> int:
    """Deletes them; how many."""
    return sum(
        connection.execute(delete(table).where(where)).rowcount for table, where in old(policy, name, now, tried)
    )
