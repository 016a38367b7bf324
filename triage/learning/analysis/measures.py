"""How right the engine is, with how sure we are of it: by type, by level, by voice, by group."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from triage.learning.analysis.frames import gold, guesses
from triage.learning.calibration import Bin, reliability
from triage.learning.evaluation import LEVELS, figures
from triage.learning.intervals import clopper_pearson, intervals

_URGENT, _AGENT = LEVELS.index("urgent"), LEVELS.index("agent")
HEADLINES = {
    "primary_accuracy": "Type principal juste",
    "threats_micro_f1": "Types trouvés (F1, tous récits)",
    "threats_macro_f1": "Types trouvés (F1, moyenne des types)",
    "red_flags_f1": "Drapeaux rouges trouvés (F1)",
    "disposition_accuracy": "Niveau juste",
    "disposition_kappa": "Accord sur le niveau (kappa pondéré)",
    "critical_under_triage": "Urgences envoyées plus bas",
    "escalation_miss": "Récits à envoyer à un agent, non envoyés",
    "over_triage_fpr": "Récits calmes envoyés à un agent",
}


@dataclass(frozen=True)
class Rate:
    """A share among texts: which have it counted, which are wrong (or right) among them."""

    counted: pd.Series[bool]
    found: pd.Series[bool]

    def of(self, here: pd.Series[bool]) -> tuple[int, float, float, float]:
        """Over the texts `here`: how many are counted, the share found, its exact 95 % interval."""
        total, count = int((self.counted & here).sum()), int((self.counted & self.found & here).sum())
        return total, count / total if total else math.nan, *clopper_pearson(count, total)


def headline(frame: pd.DataFrame) -> pd.DataFrame:
    """figure, name, value, low, high: the figures of `triage evaluate`, with their 95 % interval."""
    truths, said = gold(frame), guesses(frame)
    values, sure = figures(truths, said), intervals(truths, said)
    rows = [(one, name, values[one], *sure.get(one, (math.nan, math.nan))) for one, name in HEADLINES.items()]
    return pd.DataFrame(rows, columns=["figure", "name", "value", "low", "high"])


def by_type(frame: pd.DataFrame) -> pd.DataFrame:
    """type, measure (precision or recall), count, share, low, high: exact 95 % intervals; types never met left out."""
    rows = []
    for name in sorted({*frame["threats"].explode(), *frame["engine_threats"].explode()}):
        true = frame["threats"].map(lambda types, name=name: name in types)
        told = frame["engine_threats"].map(lambda types, name=name: name in types)
        both = int((true & told).sum())
        for measure, total in (("precision", int(told.sum())), ("recall", int(true.sum()))):
            share = both / total if total else math.nan
            rows.append((name, measure, total, share, *clopper_pearson(both, total)))
    return pd.DataFrame(rows, columns=["type", "measure", "count", "share", "low", "high"])


def rates(frame: pd.DataFrame) -> dict[str, Rate]:
    """What is compared between groups: main type right, urgent reports sent lower, calm reports sent to an agent."""
    true, told = ranks(frame["disposition"]), ranks(frame["engine_disposition"])
    return {
        "primary": Rate(true >= 0, frame["primary"] == frame["engine_primary"]),
        "under": Rate(true >= _URGENT, told < _URGENT),
        "over": Rate(true < _AGENT, told >= _AGENT),
    }


def overall(frame: pd.DataFrame, measure: str) -> float:
    """One of `rates` over all texts."""
    return rates(frame)[measure].of(pd.Series(True, index=frame.index))[1]


def calibration(frame: pd.DataFrame) -> list[Bin]:
    """The reliability table of the chance of each main type."""
    heads = [name for name in frame.columns if name.startswith("primary:")]
    truth = np.array([frame["primary"] == head.removeprefix("primary:") for head in heads]).T
    return reliability(frame[heads].to_numpy(np.float32), truth)


def by_group(frame: pd.DataFrame, columns: Sequence[str], least: int = 8) -> pd.DataFrame:
    """axis, group, measure, count, share, low, high, for each value of `columns` that `least` texts have."""
    measured = rates(frame)
    rows = []
    for axis in columns:
        sizes = frame[axis].value_counts()
        for group in sorted(str(value) for value, size in sizes.items() if value != "" and size >= least):
            here = frame[axis] == group
            rows += [(axis, group, name, *rate.of(here)) for name, rate in measured.items()]
    return pd.DataFrame(rows, columns=["axis", "group", "measure", "count", "share", "low", "high"])


def apart(groups: pd.DataFrame, whole: pd.DataFrame) -> pd.DataFrame:
    """The groups whose interval does not hold the share of all texts: to be looked at, not yet proved unfair.

    Of twenty groups that are all alike, about one is apart by chance.
    """
    share = groups["measure"].map({name: overall(whole, name) for name in rates(whole)})
    found = groups[(share < groups["low"]) | (share > groups["high"])]
    return found.assign(overall=share[found.index]).reset_index(drop=True)


def confusions(frame: pd.DataFrame, most: int = 15) -> pd.DataFrame:
    """truth, said, count: the main types most often taken for others."""
    wrong = frame[frame["primary"] != frame["engine_primary"]]
    table = wrong.groupby(["primary", "engine_primary"]).size().rename("count").reset_index()
    table.columns = pd.Index(["truth", "said", "count"])
    return table.sort_values(["count", "truth", "said"], ascending=[False, True, True], ignore_index=True).head(most)


def ranks(levels: pd.Series[str]) -> pd.Series[int]:
    """The place of each level, 0 for the lowest."""
    return levels.map({level: rank for rank, level in enumerate(LEVELS)})
