"""The parts that the pages are made of: text that can be drawn, underlined words, dates, addresses, bars."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.dossier.cases import MAYOR, case, comments, exhibit, picture
from triage.dossier.chart import MOST_BARS, chart
from triage.dossier.chronology import chronology, told_dates
from triage.dossier.exhibits import MOST_TEXT, exhibits, size
from triage.dossier.glyphs import drawable
from triage.dossier.letter import runs
from triage.dossier.places import places
from triage.dossier.previews import WIDEST, small
from triage.dossier.remarks import MOST_SHOWN, masked
from triage.dossier.remarks import comments as rows_of
from triage.dossier.story import story
from triage.dossier.texts import DossierTexts, load_dossier_texts
from triage.engine import Engine
from triage.errors import DataError
from triage.settings import Settings

# --- signs


@pytest.mark.parametrize(
    ("told", "drawn"),
    [
        ("Écœurant, « à 5 € » – n° 1 …", "Écœurant, « à 5 € » – n° 1 …"),
        ("😂😂😂", "[emoji : visage × 3]"),
        ("👍🏽", "[emoji : thumbs up sign]"),
        ("🇫🇷", "[drapeau : FR]"),
        ("中", "[1 caractère CJK non imprimable ici : U+4E2D]"),
        ("Ｍｏｒｔ", "Mort"),
        ("\U0002fffd \ue000", "[1 caractère non imprimable ici : U+2FFFD] [1 caractère non imprimable ici : U+E000]"),
        ("Привет مرحبا שלום ☠", "Привет مرحبا שלום ☠"),
        ("a\x00\x1b\u202e\ufeffb\tc\r\nd", "ab c\nd"),
    ],
)
def test_what_no_font_draws_is_named(told: str, drawn: str) -> None:
    assert drawable(told, {"😂": "visage"}) == drawn


def test_long_words_may_be_cut_and_lose_nothing() -> None:
    address = "https://www.facebook.com/groups/1234567890/permalink/98765432109876/?comment_id=1"
    cut = drawable(address, {})
    assert cut.count("\u200b") > 5
    assert cut.replace("\u200b", "") == address


@given(st.text())
def test_drawing_twice_changes_nothing(told: str) -> None:
    once = drawable(told, {}).replace("\u200b", "")
    assert drawable(once, {}).replace("\u200b", "") == once


# --- the story


def test_deciding_words_are_marked_and_no_word_is_lost(engine: Engine) -> None:
    pieces = story(case(engine))
    assert "\n".join("".join(piece["text"] for piece in line) for line in pieces) == MAYOR
    marked = " ".join(piece["text"] for line in pieces for piece in line if piece["decided"])
    assert "je vais te tuer" in marked
    assert "La page" not in marked


def test_a_story_that_is_not_what_was_sorted_has_no_marks(engine: Engine) -> None:
    other = replace(case(engine), told="Un tout autre récit, corrigé depuis.")
    assert not any(piece["decided"] for line in story(other) for piece in line)


# --- the chronology


def test_the_chronology_goes_from_the_oldest_to_the_newest(engine: Engine) -> None:
    told = case(engine, exhibits=(exhibit(1), exhibit(2, captured_at=None)))
    entries = chronology(told)
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    assert [entry.source for entry in entries] == ["récit", "récit", "pièce n° 1", "dossier"]
    assert told_dates(told)[0].told == "Il y a 10 jours"
    assert "« ordure, pourriture »" in told_dates(told)[0].text


def test_moments_of_any_zone_are_said_on_the_clocks_of_paris(engine: Engine) -> None:
    taken = datetime(2026, 3, 18, 20, 15, tzinfo=UTC)
    entries = chronology(case(engine, exhibits=(exhibit(1, captured_at=taken),)))
    assert "18 mars 2026 à 21 h 15" in [entry.when for entry in entries]


# --- addresses


def test_an_address_is_listed_once_with_all_its_places(engine: Engine, texts: DossierTexts) -> None:
    told = case(
        engine,
        exhibits=(exhibit(1, text="écrit par @corbeau.61", details=(("De", "Corbeau <c@exemple.fr>"),)),),
        addresses=("https://x.com/c/1", "pas une adresse"),
    )
    found = places(told, texts.indicators)
    assert found["handle", "@corbeau.61"] == ["récit", "pièce n° 1"]
    assert found["email", "c@exemple.fr"] == ["pièce n° 1"]
    assert found["url", "https://x.com/c/1"] == ["adresse donnée"]
    assert found["url", "pas une adresse"] == ["adresse donnée"]
    assert not [kind for kind, _ in found if kind == "amount"]


# --- exhibits


@pytest.mark.parametrize(
    ("octets", "said"), [(0, "0 octets"), (312, "312 octets"), (1536, "1,5 Ko"), (25 * 2**20, "25,0 Mo")]
)
def test_sizes_are_said_in_french(octets: int, said: str) -> None:
    assert size(octets) == said


def test_a_long_text_is_cut_in_the_pages(engine: Engine) -> None:
    shown = exhibits(case(engine, exhibits=(exhibit(1, text="mot " * MOST_TEXT),)), {})[0]
    assert shown["cut"]
    assert len("\n".join(shown["text"])) <= MOST_TEXT


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_previews_are_small_and_bare(kind: str) -> None:
    with Image.open(io.BytesIO(small(picture(1, kind, (1600, 1600))))) as image:
        assert image.format == "JPEG"
        assert image.width <= WIDEST[0]
        assert not image.getexif()


def test_what_is_transparent_is_set_on_white() -> None:
    made = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(made, "PNG")
    with Image.open(io.BytesIO(small(made.getvalue()))) as image:
        assert min(image.convert("L").tobytes()) > 250


# --- comments


def test_only_first_letters_are_shown() -> None:
    assert masked("Sale  ordure,\non t'attend !") == "S••• o•••••, o• t'a••••• !"
    assert masked("mot " * 100).endswith("…")


def test_many_comments_are_cut_and_said_to_be() -> None:
    told = rows_of(comments(("Sale ordure",) * (MOST_SHOWN + 40)))
    assert len(told["rows"]) == MOST_SHOWN
    assert told["more"] == "40"
    assert told["more_authors"] == str(MOST_SHOWN + 40 - len(told["by_author"]))


def test_bars_are_even_empty_hours_included() -> None:
    start = datetime(2026, 3, 18, 10)
    told = chart([(start, 5, 1), (start + timedelta(hours=4), 9, 2)])
    assert told is not None
    assert [bar["all"] for bar in told["bars"]] == [5, 0, 0, 0, 9]
    assert told["most"] == 9
    assert "le 18 mars 2026 à 14 h" in told["alt"]


@given(
    st.lists(
        st.tuples(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)), st.integers(0, 500), st.integers(0, 500)),
        max_size=60,
    )
)
def test_no_chart_loses_a_comment(peaks: list[tuple[datetime, int, int]]) -> None:
    told = chart(peaks)
    assert (told is None) == (not peaks)
    if told:
        assert sum(bar["all"] for bar in told["bars"]) == sum(everyone for _, everyone, _ in peaks)
        assert len(told["bars"]) <= MOST_BARS + 1


# --- letters and rules


@given(st.text(alphabet="à compléter:[]x\n", max_size=60))
def test_pieces_make_the_whole(text: str) -> None:
    assert "".join(words for words, _ in runs(text)) == text


def test_the_rules_are_sound(engine: Engine, texts: DossierTexts) -> None:
    assert texts.protection.measure in engine.composer.knowledge.measures
    assert texts.protection.clock in engine.composer.knowledge.clocks
    assert all(len(sign) == 1 for sign in texts.emoji)
    assert [name for sign, name in texts.emoji.items() if drawable(sign, {}) == sign] == []
    assert texts.mandates[-1].when == [""]


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("{told_on}", "{tell_on}", "« {tell_on} » n'est pas connu"),
        ('when: "role:maire"', 'when: "role:mayor"', "étiquette inconnue « role:mayor »"),
        ("fill: offences", "fill: offense", "valeur inconnue"),
        ("  crypto: ", "  bitcoin: ", "indicateur inconnu « bitcoin »"),
        ("{fill: clocks}", "{fill: clocks, text: trop}", "soit un texte"),
        ("du maire\\n", "du maire { \\n", "accolade isolée"),
    ],
)
def test_every_fault_of_the_sentences_is_told(
    settings: Settings, tmp_path: Path, before: str, after: str, problem: str
) -> None:
    (tmp_path / "situation").symlink_to(settings.rules / "situation")
    text = (settings.rules / "dossier.yaml").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "dossier.yaml").write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(DataError, match=problem.replace("{", r"\{").replace("}", r"\}")) as caught:
        load_dossier_texts(tmp_path)
    assert "dossier.yaml:" in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="fichier illisible"):
        load_dossier_texts(tmp_path)
