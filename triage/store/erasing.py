"""Erasing a case: its key, and all that hangs on it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from triage.store.campaign_tables import (
    BANDS,
    CAMPAIGN_CASES,
    CAMPAIGN_LINKS,
    CAMPAIGN_PARTED,
    FINGERPRINTS,
    SIGNATURES,
)
from triage.store.desk_tables import (
    ALERTS,
    CLAIMS,
    DECISIONS,
    EXCLUSIONS,
    EXPOSURES,
    MEASURE_STEPS,
    MEASURES,
    MESSAGE_FILES,
    NEWS,
    NOTES,
    RULINGS,
    SAMPLE_READS,
    SAMPLES,
)
from triage.store.limit_tables import APART, SOURCES
from triage.store.named_tables import CAMPAIGN_NAMES
from triage.store.tables import (
    ASSESSMENTS,
    CASE_KEYS,
    CASES,
    EVENTS,
    EXHIBITS,
    FEEDBACK,
    MESSAGES,
    REQUESTS,
    SHADOW_ANSWERS,
)

# What goes with a case, what hangs on something else first.
BELONGINGS = (
    *(SHADOW_ANSWERS, ASSESSMENTS, EXHIBITS, MESSAGE_FILES, MESSAGES, EVENTS, REQUESTS, FEEDBACK, CASE_KEYS),
    *(CLAIMS, NOTES, DECISIONS, EXPOSURES, EXCLUSIONS, RULINGS, SAMPLE_READS, SAMPLES, MEASURE_STEPS, MEASURES),
    *(CAMPAIGN_CASES, CAMPAIGN_LINKS, CAMPAIGN_PARTED, FINGERPRINTS, BANDS, SIGNATURES, NEWS, ALERTS),
    *(SOURCES, APART),
)


def erase(connection: Connection, case_id: str, now: datetime) -> None:
    """Destroys the case's key and all that belongs to it; a line without any content remains, to be counted.

    What was made of a part of it goes too, but for what was transmitted.
    """
    parts = (CASES.c.split_from == case_id) & CASES.c.state.not_in(("erased", "transmitted"))
    for part in connection.scalars(select(CASES.c.id).where(parts)).all():
        erase(connection, part, now)
    connection.execute(update(CASES).where(CASES.c.split_from == case_id).values(split_from=None))
    for table in BELONGINGS:
        connection.execute(delete(table).where(table.c.case_id == case_id))
    # What agents called a campaign goes with the last of its cases.
    empty = CAMPAIGN_NAMES.c.id.not_in(select(CAMPAIGN_CASES.c.campaign_id))
    connection.execute(delete(CAMPAIGN_NAMES).where(empty))
    # Those that were joined to it stand for themselves again.
    alone = {"merged_into": None, "queued": CASES.c.due_at.is_not(None) & CASES.c.state.in_(("open", "withdrawn"))}
    connection.execute(update(CASES).where(CASES.c.merged_into == case_id).values(**alone))
    nothing = {
        "receipt": None,
        "asked_once": None,
        "body": None,
        "told": None,
        "claimed_by": None,
        "lease_until": None,
    }
    places = {
        "departement": "",
        "force": "",
        "commune": "",
        "types": "",
        "flags": "",
        "concerns": "",
        "queued": False,
    }
    connection.execute(
        update(CASES).where(CASES.c.id == case_id).values(state="erased", changed_at=now, **nothing, **places)
    )
