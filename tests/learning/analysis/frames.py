"""Small tables for the tests of this folder."""

from __future__ import annotations

import pandas as pd

COLUMNS = ("id", "primary", "engine_primary", "disposition", "engine_disposition")


def judged(*rows: tuple[str, str, str, str, str], **more: object) -> pd.DataFrame:
    """(id, true type, given type, true level, given level), one type a text and no flag."""
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["text"], frame["kind"] = frame["id"], "report"
    for prefix in ("", "engine_"):
        frame[prefix + "threats"] = [(name,) for name in frame[prefix + "primary"]]
        frame[prefix + "red_flags"] = [()] * len(frame)
    return frame.assign(**more)
