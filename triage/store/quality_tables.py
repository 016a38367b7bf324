"""What each night's measure of the served engine found: figures and ids of shipped texts, nothing of any case."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Integer, String, Table

from triage.store.tables import METADATA, Moment, own_id

QUALITY = Table(
    "quality",
    METADATA,
    own_id(),
    Column("at", Moment, nullable=False, index=True),
    Column("since", Moment, nullable=False),  # from when decisions are counted
    Column("rules", String(64), nullable=False),
    Column("model", String(40)),  # none: the rules alone
    Column("accepted", Boolean, nullable=False),  # what later nights are compared with
    Column("settled", Boolean, nullable=False),  # somebody said that what it found is as it should be
    Column("texts", Integer, nullable=False),  # of the frozen set; 0 when it could not be read
    Column("frozen", JSON, nullable=False),  # kind → figures, as they are sealed in a model's manifest
    Column("sealed", JSON, nullable=False),  # the same, at the promotion of the model
    Column("wrong", JSON, nullable=False),  # what is judged → the texts on which it is wrong
    Column("decided", JSON, nullable=False),  # what is counted of decisions → [how many, of how many]
    Column("charts", JSON, nullable=False),  # the same → the height of its chart
    Column("findings", JSON, nullable=False),  # [check, sentence]
)
