"""Whether the engine answers the same when only what should not matter changes."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from scipy.stats import binomtest

from triage.learning.analysis.agreement import gender_of
from triage.learning.analysis.measures import ranks
from triage.learning.analysis.swaps import CounterfactualFile, swapped
from triage.learning.intervals import clopper_pearson
from triage.learning.noise import Noise

Assess = Callable[[pd.DataFrame], pd.DataFrame]


def pairs(frame: pd.DataFrame, rules: CounterfactualFile, noise: Noise) -> pd.DataFrame:
    """Every report of `frame` that a swap changes, twice: id, source, swap, side (« one » or « other »), text, kind.

    A report is put in the feminine only where it is not already told by a woman, and the reverse.
    """
    rows = []
    for source, text, kind in zip(frame["id"], frame["text"], frame["kind"], strict=True):
        told = {"f": "feminine", "m": "masculine"}.get(gender_of(text, rules.gender) or "")
        for swap in rules.swaps:
            pair = swapped(text, swap, rules.gender, noise) if swap.how != told else None
            for side in ("one", "other") if pair else ():
                rows.append((f"{source}#{swap.id}#{side}", source, swap.id, side, getattr(pair, side), kind))
    return pd.DataFrame(rows, columns=["id", "source", "swap", "side", "text", "kind"])


def flips(twice: pd.DataFrame, assess: Assess) -> pd.DataFrame:
    """source, swap, then text, type and level of one and the other, and `step`: how far the level moves.

    `assess` adds the engine's columns; each text is asked once, though it stands in several pairs.
    """
    asked = twice.drop_duplicates("text")[["id", "text", "kind"]]
    answers = assess(asked).set_index("text")[["engine_primary", "engine_disposition"]]
    both = twice.join(answers, on="text").set_index(["source", "swap"])
    one, other = (both[both["side"] == side] for side in ("one", "other"))
    made = pd.DataFrame(
        {
            "one": one["text"],
            "other": other["text"],
            "type_one": one["engine_primary"],
            "type_other": other["engine_primary"],
            "level_one": one["engine_disposition"],
            "level_other": other["engine_disposition"],
        }
    )
    made["step"] = ranks(made["level_other"]) - ranks(made["level_one"])
    return made.reset_index()


def summary(flipped: pd.DataFrame, rules: CounterfactualFile) -> pd.DataFrame:
    """swap, title, pairs; how many change type or level, with the share of the latter and its exact interval; up, down.

    `p`: how likely so uneven a number of ups and downs is, were both as likely (exact sign test): a small one says
    that the change is a bias, a large one that it is a tremor.
    """
    rows = []
    for swap in rules.swaps:
        here = flipped[flipped["swap"] == swap.id]
        if here.empty:
            continue
        up, down = int((here["step"] > 0).sum()), int((here["step"] < 0).sum())
        types = int((here["type_one"] != here["type_other"]).sum())
        sure = clopper_pearson(up + down, len(here))
        p = float(binomtest(up, up + down).pvalue) if up + down else 1.0
        rows.append((swap.id, swap.title, len(here), types, up + down, (up + down) / len(here), *sure, up, down, p))
    names = ["swap", "title", "pairs", "types", "levels", "share", "low", "high", "up", "down", "p"]
    return pd.DataFrame(rows, columns=names)


def moved(flipped: pd.DataFrame, most: int = 3) -> pd.DataFrame:
    """For each swap the reports whose level moves most: to be read, both versions side by side."""
    changed = flipped[flipped["step"] != 0]
    order = changed.assign(far=changed["step"].abs()).sort_values(["swap", "far"], ascending=[True, False])
    return order.groupby("swap", sort=False).head(most).drop(columns="far").reset_index(drop=True)
