"""What stands in the tables of notebooks is read, never run: the page of a notebook may do all that its reader may."""

from __future__ import annotations

import pandas as pd

from triage.learning.charts import table

TRAP = "<img src=x onerror=alert(1)>"


def test_what_people_wrote_runs_nothing() -> None:
    frame = pd.DataFrame({"text": [TRAP], "threats": [[TRAP, "menace"]], "share": [0.25], "z": [1.5]})
    shown = table(frame, {"text": "Récit", "threats": "Types", "share": "Part", "z": "z"}, ("share",)).to_html()
    assert "<img" not in shown
    assert shown.count("&lt;img src=x onerror=alert(1)&gt;") == 2
    assert "25,0" in shown and "1,50" in shown
