"""Dates, places and agents' decisions for texts that have none, drawn as the demonstration desk draws them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

_SEED = 20261127
CONFIRMED, CORRECTED = "confirmed", "corrected"


def dated(frame: pd.DataFrame, places: Sequence[str], until: datetime, days: int = 182) -> pd.DataFrame:
    """`frame` with `received_at` and `departement` drawn at random, evenly: they say nothing of any real place or time.

    Cases that have them keep them.
    """
    dice = np.random.default_rng(_SEED)
    minutes = dice.integers(0, days * 24 * 60, len(frame))
    drawn: dict[str, Any] = {
        "received_at": [until - timedelta(minutes=int(m)) for m in minutes],
        "departement": dice.choice(sorted(places), len(frame)),
    }
    made = frame.copy()
    for name, values in drawn.items():
        if name not in frame:
            made[name] = values
    return made


def decided(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with the agent's `decision`: confirmed where the engine found the main type and level of the readers.

    As `triage demo` plays it: an agent who always sees what readers saw. Cases that were decided keep their decision.
    """
    if "decision" in frame:
        return frame
    same = (frame["primary"] == frame["engine_primary"]) & (frame["disposition"] == frame["engine_disposition"])
    return frame.assign(decision=np.where(same, CONFIRMED, CORRECTED))
