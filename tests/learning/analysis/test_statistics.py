"""Figures are checked against cases whose answer is known without them."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.learning.analysis.frames import judged
from triage.learning.analysis import drift, measures, scenarios, staffing, themes, volumes
from triage.learning.analysis.curves import costs, curve, level_shares, levels_at, weighted_interval
from triage.learning.analysis.frames import own
from triage.learning.analysis.scenarios import Scenario, ScenariosFile, load_scenarios
from triage.learning.analysis.words import telling_words
from triage.learning.intervals import clopper_pearson
from triage.settings import Settings

SEVEN = judged(
    ("a", "menace", "menace", "urgent", "urgent"),
    ("b", "menace", "injure", "urgent", "guided"),
    ("c", "injure", "injure", "guided", "guided"),
    ("d", "injure", "menace", "guided", "agent"),
    ("e", "doxing", "doxing", "agent", "agent"),
    ("f", "doxing", "menace", "immediate", "urgent"),
    ("g", "injure", "injure", "advice", "advice"),
    voice=["x"] * 4 + ["y"] * 3,
)


def test_words_of_one_side_come_first_and_shared_ones_never() -> None:
    texts = ["le chien aboie fort"] * 60 + ["le chat dort bien"] * 60
    told = telling_words(texts, ["chien"] * 60 + ["chat"] * 60, most=3)
    assert set(told[told["group"] == "chien"]["word"]) == {"chien", "aboie", "fort"}
    assert (told["z"] > 1.96).all()
    shared = telling_words(texts, ["chien"] * 60 + ["chat"] * 60, most=7).set_index(["group", "word"])
    assert shared.loc[("chien", "le"), "z"] == pytest.approx(0, abs=1e-9)


def test_counts_have_shares_and_exact_intervals() -> None:
    told = volumes.counts(SEVEN, "primary").set_index("value")
    assert told.loc["injure", ["count", "share"]].tolist() == [3, 3 / 7]
    assert (told.loc["injure", "low"], told.loc["injure", "high"]) == clopper_pearson(3, 7)


def test_a_text_of_two_types_counts_for_both() -> None:
    frame = pd.DataFrame({"threats": [("menace", "raid"), ("menace",)], "level": ["agent", "urgent"]})
    assert volumes.counts(frame, "threats").set_index("value")["count"].to_dict() == {"menace": 2, "raid": 1}
    crossed = volumes.crossed(frame, "threats", "level").set_index(["row", "column"])["share"]
    assert crossed.to_dict() == {("menace", "agent"): 0.5, ("menace", "urgent"): 0.5, ("raid", "agent"): 1.0}


def test_places_where_nothing_came_are_there() -> None:
    told = volumes.by_place(pd.DataFrame({"departement": ["35", "35"]}), {"35": (2, 3), "44": (2, 4)}, {"35": "Ille"})
    assert told.to_dict("list") == {
        "code": ["35", "44"], "name": ["Ille", "44"], "column": [2, 2], "row": [3, 4], "count": [2, 0],
    }  # fmt: skip


def test_precision_and_recall_of_a_type() -> None:
    told = measures.by_type(SEVEN).set_index(["type", "measure"])[["count", "share"]]
    assert told.loc[("menace", "precision")].tolist() == [3, 1 / 3]
    assert told.loc[("menace", "recall")].tolist() == [2, 1 / 2]
    assert told.loc[("doxing", "precision")].tolist() == [1, 1.0]


def test_groups_are_compared_with_all() -> None:
    told = measures.by_group(SEVEN, ["voice"], least=3).set_index(["group", "measure"])["share"]
    assert told[("x", "under")] == 1 / 2
    assert told[("y", "under")] == 0.0
    assert told[("x", "over")] == 1 / 2
    assert measures.overall(SEVEN, "under") == 1 / 3
    assert measures.apart(measures.by_group(SEVEN, ["voice"], least=3), SEVEN).empty


def test_a_group_that_is_always_wrong_is_apart() -> None:
    frame = judged(*((str(i), "x", "x" if i < 200 else "y", "agent", "agent") for i in range(240)))
    frame["voice"] = ["ordinaire"] * 200 + ["oubliée"] * 40
    told = measures.apart(measures.by_group(frame, ["voice"]), frame)
    assert ("oubliée", "primary") in set(zip(told["group"], told["measure"], strict=True))


def test_confusions_the_most_frequent_first() -> None:
    told = measures.confusions(SEVEN)
    assert told["count"].sum() == 3
    assert ("doxing", "menace") in set(zip(told["truth"], told["said"], strict=True))


# base rank, chances of agent, urgent, immediate; then the level at (0.85, 0.25, 0.05).
REACHED = [
    ((0, 0.9, 0.0, 0.0), "agent"),
    ((0, 0.8, 0.0, 0.0), "advice"),
    ((1, 0.9, 0.3, 0.0), "urgent"),
    ((3, 0.9, 0.0, 0.0), "urgent"),
    ((2, 0.9, 0.1, 0.06), "immediate"),
]


@pytest.mark.parametrize(("reach", "level"), REACHED)
def test_a_level_at_other_thresholds(reach: tuple[float, ...], level: str) -> None:
    frame = pd.DataFrame([reach], columns=["base_rank", "chance_agent", "chance_urgent", "chance_immediate"])
    ranks = levels_at(frame, {"agent": 0.85, "urgent": 0.25, "immediate": 0.05})
    assert ranks.tolist() == [("advice", "guided", "agent", "urgent", "immediate").index(level)]


def spread(size: int = 400) -> pd.DataFrame:
    """Reports whose chance of an urgency is what it should be."""
    chance = np.linspace(0.01, 0.99, size)
    urgent = np.random.default_rng(1).random(size) < chance
    return pd.DataFrame(
        {
            "primary": np.where(urgent, "menace", "injure"),
            "disposition": np.where(urgent, "urgent", "guided"),
            "base_rank": 1.0,
            "chance_agent": 0.0,
            "chance_urgent": chance,
            "chance_immediate": 0.0,
        }
    )


NEVER = {"agent": 2.0, "urgent": 0.5, "immediate": 2.0}


def test_a_higher_threshold_misses_more_and_calls_less() -> None:
    told = curve(spread(), "urgent", NEVER)
    assert told["missed"].is_monotonic_increasing
    assert told["over"].is_monotonic_decreasing
    assert ((told["low"] <= told["missed"]) & (told["missed"] <= told["high"])).all()
    priced = costs(told, deserved=0.5, miss_cost=4)
    assert priced.loc[priced["cost"].idxmin(), "threshold"] == pytest.approx(1 / 5, abs=0.1)  # cost 4: one in five


def test_weights_of_one_change_nothing() -> None:
    frame = spread()
    ones = pd.Series(1.0, index=frame.index)
    pd.testing.assert_frame_equal(curve(frame, "urgent", NEVER), curve(frame, "urgent", NEVER, ones))
    found = pd.Series([True] * 3 + [False] * 7)
    assert weighted_interval(found, pd.Series(1.0, index=found.index)) == clopper_pearson(3, 10)
    uneven = pd.Series([5.0] + [1.0] * 9)
    low, high = weighted_interval(found, uneven)
    assert high - low > clopper_pearson(3, 10)[1] - clopper_pearson(3, 10)[0]


def test_shares_of_levels_sum_to_one() -> None:
    assert sum(level_shares(spread(), NEVER).values()) == pytest.approx(1)


# Erlang C: (agents, busy on average, chance of waiting), from published tables.
WAITS = [(1, 0.5, 0.5), (2, 1.0, 1 / 3), (3, 2.0, 0.4444), (10, 8.0, 0.4092), (2, 2.5, 1.0)]


@pytest.mark.parametrize(("agents", "busy", "chance"), WAITS)
def test_the_chance_of_waiting(agents: int, busy: float, chance: float) -> None:
    assert staffing.waiting(agents, busy) == pytest.approx(chance, abs=1e-4)


@given(st.floats(0.01, 60), st.floats(1, 120), st.floats(1, 240))
def test_one_agent_fewer_would_not_do(busy: float, minutes: float, within: float) -> None:
    agents = staffing.needed(busy, minutes, within, 0.9)

    def late(n: int) -> float:
        return staffing.waiting(n, busy) * math.exp(-(n - busy) * within / minutes) if n > busy else 1.0

    assert late(agents) <= 0.1 + 1e-9
    assert late(agents - 1) > 0.1 - 1e-9


def test_nobody_waits_where_nothing_comes() -> None:
    assert staffing.needed(0.0, 25, 60, 0.9) == 0


POLICY = ScenariosFile(
    minutes={"agent": 30, "urgent": 30, "immediate": 30},
    answered=0.9,
    within=60,
    scenarios=[
        Scenario(id="calme", title="Calme", per_hour=4, factors={}),
        Scenario(id="menaces", title="Menaces", per_hour=40, factors={"menace": 3}),
    ],
)


def test_more_reports_and_graver_ones_need_more_agents() -> None:
    told = staffing.compared(spread(), NEVER, POLICY).set_index("scenario")
    assert told.loc["Menaces", "agents"] > told.loc["Calme", "agents"]
    assert told.loc["Menaces", "sent"] > told.loc["Calme", "sent"]
    assert told.loc["Calme", "load"] == pytest.approx(4 * told.loc["Calme", "sent"] * 0.5)
    staffed = staffing.staffed(spread(), "urgent", NEVER, POLICY.scenarios[0], POLICY)
    assert staffed["agents"].is_monotonic_decreasing
    assert (staffed["low_day"] <= staffed["missed_day"]).all()


def test_the_shipped_scenarios_are_read() -> None:
    told = load_scenarios(Settings().rules)
    assert [one.id for one in told.scenarios] == ["ordinaire", "elections", "hameconnage"]


def test_weights_follow_the_factors() -> None:
    frame = pd.DataFrame({"primary": ["menace", "injure", "injure", "injure"]})
    told = scenarios.weights(frame, POLICY.scenarios[1])
    assert told.tolist() == pytest.approx([2.0, 2 / 3, 2 / 3, 2 / 3])
    drawn = scenarios.drawn(frame, POLICY.scenarios[1], 2000)
    assert (drawn["primary"] == "menace").mean() == pytest.approx(0.5, abs=0.05)


@given(st.floats(0.05, 0.95), st.integers(0, 50))
def test_the_mix_is_found_again_from_scores_alone(share: float, seed: int) -> None:
    """Two types whose scores are exactly calibrated on an even mix; the new mix is `share`."""
    dice = np.random.default_rng(seed)
    kind = dice.random(4000) < share
    x = dice.normal(np.where(kind, 1.5, -1.5), 1)
    first = 1 / (1 + np.exp(-3 * x))  # P(type | x) when both are as frequent
    told = scenarios.estimated_mix(np.column_stack([first, 1 - first]), np.array([0.5, 0.5]))
    assert told[0] == pytest.approx(share, abs=0.04)
    assert told.sum() == pytest.approx(1)


def test_distances_between_distributions() -> None:
    same, other = np.array([1.0, 1.0]), np.array([1.0, 0.0])
    assert drift.jensen_shannon(same, same) == 0
    assert drift.jensen_shannon(other, np.array([0.0, 1.0])) == 1
    assert drift.psi(same, same) == 0
    assert drift.psi(np.array([0.5, 0.5]), np.array([0.25, 0.75])) == pytest.approx(0.25 * math.log(3), abs=1e-9)


def test_chance_is_no_drift_and_a_change_is() -> None:
    dice = np.random.default_rng(0)
    recent = np.arange(400) >= 300
    rows = np.eye(4)[dice.integers(0, 4, 400)]
    assert drift.permuted(rows, recent, 200)[2] > 0.05
    rows[recent] = np.eye(4)[dice.integers(0, 2, 100)]
    assert drift.permuted(rows, recent, 200)[2] == 1 / 201


def test_p_values_are_uniform_where_nothing_changes() -> None:
    """A test at 5 % is wrong 5 % of the time, no more."""
    dice = np.random.default_rng(7)
    recent = np.arange(120) >= 80
    ps = [drift.permuted(np.eye(3)[dice.integers(0, 3, 120)], recent, 99)[2] for _ in range(200)]
    assert np.mean(np.array(ps) <= 0.05) <= 0.09


def test_holm_corrects_for_the_number_of_tests() -> None:
    assert drift.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert drift.holm([0.6, 0.9]) == [1.0, 1.0]


def test_a_classifier_tells_new_words_apart_and_no_others() -> None:
    old = [f"la mairie du village {i % 7} reçoit du courrier" for i in range(60)]
    area, p = drift.told_apart(old, [f"un lien pour le colis {i % 7} arrive" for i in range(30)], 99)
    assert area == 1.0
    assert p == 0.01
    assert drift.told_apart(old, old[:30], 99)[1] > 0.05


def test_a_week_of_corrections_out_of_the_band() -> None:
    start = datetime(2026, 1, 5)
    rows = [(start + timedelta(weeks=week), "corrected" if i < (40 if week == 5 else 8) else "confirmed")
            for week in range(8) for i in range(80)]  # fmt: skip
    told = drift.corrections(pd.DataFrame(rows, columns=["received_at", "decision"]))
    assert (told["decided"] == 80).all()
    assert told[told["share"] > told["alarm"]]["when"].tolist() == [pd.Timestamp("2026-02-09")]


def test_themes_put_alike_reports_together() -> None:
    drones = [f"un drone survole la cour numéro {i} et son pilote filme" for i in range(20)]
    bees = [f"des ruches renversées au rucher numéro {i} par un voisin" for i in range(20)]
    words = [f"mot{a}{b}" for a in "abcdefghijklm" for b in "nopqrstuvwxyz"]
    dice = np.random.default_rng(3)
    others = [" ".join(dice.choice(words, 6)) for _ in range(400)]
    frame = pd.DataFrame({"text": drones + bees + others, "engine_chance": 0.3, "engine_primary": "indetermine"})
    told = themes.themes(frame, number=12, recent=pd.Series(range(440)) < 20)
    drone = told.table[told.table["words"].str.contains("drone")].iloc[0]
    assert (drone["count"], drone["now"]) == (20, 20)
    assert themes.read(told, int(drone["theme"]), 1) == [drones[0]]


def test_reports_are_unsure_under_a_chance_or_undetermined() -> None:
    frame = pd.DataFrame({"engine_chance": [0.9, 0.3, 0.9], "engine_primary": ["menace", "menace", "indetermine"]})
    assert themes.unsure(frame).index.size == 2


def test_own_cases_take_the_same_form() -> None:
    cases = pd.DataFrame(
        {"case": [7], "text": ["On me menace."], "threats": ["menace raid"], "red_flags": [np.array(["arme"])],
         "month": ["2026-02"]}
    )  # fmt: skip
    told = own(cases).iloc[0]
    assert (told["id"], told["threats"], told["red_flags"], told["words"]) == ("7", ("menace", "raid"), ("arme",), 3)
    assert told["received_at"] == pd.Timestamp("2026-02-01")
