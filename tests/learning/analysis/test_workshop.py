"""What the notebooks begin with: decisions made once, kept without a text, and mistakes to be read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml

from tests.learning.analysis.frames import judged
from triage.engine import Engine
from triage.learning.analysis import Workshop, sample
from triage.learning.analysis.curves import levels_at
from triage.learning.analysis.frames import gold, guesses
from triage.learning.analysis.measures import headline, ranks
from triage.learning.analysis.mistakes import doubtful, mistakes, read_again, steps, taken_for
from triage.learning.analysis.proposals import draft, proposals
from triage.learning.evaluation import figures
from triage.settings import Settings
from triage.signals.rule import Signal


@pytest.fixture
def workshop(engine: Engine, tmp_path: Path) -> Workshop:
    """A bench with an empty data folder; the engine is the one that all tests share."""
    made = Workshop(Settings(data=tmp_path))
    made.__dict__["engine"] = engine
    return made


def test_a_sample_is_spread_evenly_and_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRIAGE_SAMPLE", raising=False)
    assert sample(range(10), 3) == list(range(10))
    monkeypatch.setenv("TRIAGE_SAMPLE", "1")
    assert sample(range(10), 3) == [0, 3, 6]
    assert sample(range(2), 3) == [0, 1]


def test_decisions_are_kept_without_any_text(workshop: Workshop, tmp_path: Path) -> None:
    texts = workshop.corpus().iloc[:4]
    told = workshop.served(texts)
    (kept,) = (tmp_path / "cache" / "analysis").iterdir()
    assert "text" not in pd.read_parquet(kept).columns
    pd.testing.assert_frame_equal(workshop.served(texts), told)
    kept.write_bytes(b"damaged")
    pd.testing.assert_frame_equal(workshop.served(texts), told)
    assert len(list(kept.parent.iterdir())) == 1
    workshop.served(texts.assign(text=texts["text"] + " Merci."))
    assert len(list(kept.parent.iterdir())) == 2


def test_moving_no_threshold_moves_no_level(workshop: Workshop) -> None:
    """Texts whose red flags make the engine read them again in part, among others."""
    texts = workshop.corpus()
    flagged = texts[texts["red_flags"].map(len) > 0].iloc[::25]
    told = workshop.served(pd.concat([texts.iloc[::150], flagged]).drop_duplicates("id"))
    assert len(told) > 60
    assert levels_at(told, workshop.thresholds().raise_at).tolist() == ranks(told["engine_disposition"]).tolist()
    assert (levels_at(told, {"urgent": 0.01}) >= levels_at(told, {})).all()


@pytest.mark.whole
def test_voices_left_out_are_judged_by_the_others(workshop: Workshop) -> None:
    texts = workshop.corpus().iloc[::12]
    told = workshop.held_out(texts)
    assert told["id"].tolist() == texts["id"].tolist()
    assert levels_at(told, workshop.thresholds().raise_at).tolist() == ranks(told["engine_disposition"]).tolist()
    served = workshop.served(texts)
    assert (
        figures(gold(told), guesses(told))["primary_accuracy"]
        < headline(served).set_index("figure").loc["primary_accuracy", "value"]
    )
    doubted = doubtful(told, workshop.names, 5)
    assert list(doubted.columns) == ["id", "label", "instead", "chance", "text"]
    assert not doubted["label"].str.contains(":").any()


ROWS = judged(
    ("juste", "menace", "menace", "urgent", "urgent"),
    ("trop_haut", "injure", "menace", "guided", "urgent"),
    ("trop_bas", "menace", "injure", "urgent", "guided"),
    ("type", "menace", "injure", "agent", "agent"),
    ("plus_bas", "menace", "hors_perimetre", "immediate", "advice"),
    engine_chance=[0.9, 0.8, 0.7, 0.6, 0.5],
)


def test_the_gravest_mistakes_come_first() -> None:
    wrong = mistakes(ROWS)
    assert wrong["id"].tolist() == ["plus_bas", "trop_bas", "trop_haut", "type"]
    assert wrong["step"].tolist() == [-4, -2, 2, 0]
    assert taken_for(wrong, "menace", "injure")["id"].tolist() == ["trop_bas", "type"]
    assert steps(ROWS)["count"].sum() == 5


def test_a_mistake_is_read_with_the_words_that_decide(workshop: Workshop) -> None:
    row = {**ROWS.iloc[2].to_dict(), "text": "Il m'a écrit <b>« on va te crever »</b> hier soir, et je ne dors plus."}
    told = read_again(workshop.engine, row, workshop.names)
    assert '<mark style="' in told
    assert "on va te crever</mark>" in told
    assert "&lt;b&gt;" in told
    assert "lecteurs : <b>Menace de mort ou de violence, Urgent</b>" in told


def test_words_of_missed_texts_are_proposed_as_a_rule() -> None:
    missed = [f"Un cercueil miniature posé devant la porte, numéro {i}." for i in range(4)]
    others = [f"Le conseil a voté le budget {i} devant une salle vide." for i in range(30)]
    rows = [(str(i), "menace" if i < 4 else "injure", "injure", "agent", "agent") for i in range(34)]
    frame = judged(*rows, voice=["a", "b", "a", "b", *["c"] * 30])
    frame["text"] = missed + others
    told = proposals(frame)
    assert (told.iloc[0]["type"], told.iloc[0]["missed"], told.iloc[0]["elsewhere"]) == ("menace", 4, 0)
    assert "cercueil" in told.iloc[0]["words"]
    assert not told["words"].str.contains("budget").any()
    content = yaml.safe_load(draft(frame, "menace", "cercueil miniature", date(2026, 3, 1)))
    rule = Signal.model_validate(content)
    assert (rule.id, rule.phrases) == ("menace.cercueil_miniature", ["cercueil miniature"])
    assert rule.examples.match[0] == "Un [cercueil miniature] posé devant la porte, numéro 0."
    assert all("[" not in sentence for sentence in rule.examples.no_match)


def test_words_of_one_voice_are_no_rule() -> None:
    rows = [(str(i), "menace" if i < 4 else "injure", "injure", "agent", "agent") for i in range(34)]
    frame = judged(*rows, voice=["a"] * 4 + ["c"] * 30)
    frame["text"] = ["Un cercueil miniature."] * 4 + ["Le budget est voté."] * 30
    assert proposals(frame).empty
