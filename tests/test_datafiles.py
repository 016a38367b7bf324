"""Markdown with front matter: sections, bullets that go on, and faults with their line."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokenizer import Tokenizer
from spacy.vocab import Vocab

from triage.bootstrap import build_texts
from triage.datafiles import read, read_markdown
from triage.document.reader import load_reader
from triage.errors import DataError, Location, Problem
from triage.settings import Settings

SHEET = """---
id: essai
when: "type:menace"
---
## Ce que c'est
Une phrase
qui continue.

Une autre.

## Maintenant
- Un geste
  sur deux lignes.
- Un autre.
"""


def test_sections_bullets_and_lines(tmp_path: Path) -> None:
    (tmp_path / "essai.md").write_text(SHEET, encoding="utf-8")
    file = read_markdown(tmp_path / "essai.md", [])
    assert file is not None
    assert file.front.data == {"id": "essai", "when": "type:menace"}
    told = {title: [(line.text, line.line) for line in lines] for title, lines in file.sections.items()}
    assert told == {
        "Ce que c'est": [("Une phrase qui continue.", 6), ("Une autre.", 9)],
        "Maintenant": [("Un geste sur deux lignes.", 12), ("Un autre.", 14)],
    }


@pytest.mark.parametrize("text", ["", "## Sans en-tête\n", "---\n- liste\n---\n", "---\na: [\n---\n", "---\nid: x\n"])
def test_what_is_no_sheet_is_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "essai.md"
    path.write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    assert read_markdown(path, problems) is None
    assert [problem.where.path for problem in problems] == [path]


@pytest.mark.parametrize(
    "value", ["2026-13-45", "!!int ''", "!!timestamp hier", "!!bool x", pytest.param("9" * 5_000, id="nombre sans fin")]
)
def test_a_value_that_is_impossible_is_told_with_its_line(tmp_path: Path, value: str) -> None:
    rule, sheet = tmp_path / "essai.yaml", tmp_path / "essai.md"
    rule.write_text(f"id: essai\nchecked_on: {value}\n", encoding="utf-8")
    sheet.write_text(f"---\nid: essai\nchecked_on: {value}\n---\n", encoding="utf-8")
    problems: list[Problem] = []
    assert read(rule, problems) is None
    assert read_markdown(sheet, problems) is None
    assert [(one.where.path, one.where.line) for one in problems] == [(rule, 2), (sheet, 3)]


def test_a_table_of_words_that_is_misshapen_is_told_field_by_field(tmp_path: Path) -> None:
    cues = tmp_path / "cues"
    copytree(Settings().rules / "cues", cues)
    dates, spelling = cues / "dates.yaml", cues / "orthographe.yaml"
    dates.write_text(dates.read_text(encoding="utf-8").replace("janvier: 1,", "janvier: un,"), encoding="utf-8")
    spelling.write_text(spelling.read_text(encoding="utf-8").replace("leet:", "lete:"), encoding="utf-8")
    with pytest.raises(DataError) as refused:
        load_reader(tmp_path, Tokenizer(Vocab()), lambda _: True, lambda _: [])
    assert [(one.where, one.what) for one in refused.value.problems] == [
        (Location(dates, 4), "champ « months.janvier » : valeur incorrecte"),
        (Location(spelling, 1), "champ « leet » : champ obligatoire absent"),
    ]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r#-"), min_size=1), max_size=5))
def test_every_bullet_is_read(tmp_path_factory: pytest.TempPathFactory, bullets: list[str]) -> None:
    bullets = [" ".join(bullet.split()) for bullet in bullets]
    bullets = [bullet for bullet in bullets if bullet]
    path = tmp_path_factory.mktemp("md") / "essai.md"
    path.write_text("---\nid: x\n---\n## T\n" + "".join(f"- {b}\n" for b in bullets), encoding="utf-8")
    file = read_markdown(path, [])
    assert file is not None
    assert [line.text for line in file.sections["T"]] == bullets


def test_every_fault_of_the_knowledge_is_said_at_once(tmp_path: Path) -> None:
    import shutil

    rules = tmp_path / "rules"
    shutil.copytree(Settings().rules, rules)
    sheet = rules / "advice" / "injure.md"
    sheet.write_text(sheet.read_text(encoding="utf-8").replace("@ne_pas_repondre", "@ne_pas_repondr"), encoding="utf-8")
    law = rules / "law" / "outrage.yaml"
    law.write_text(law.read_text(encoding="utf-8").replace("type:injure", "type:injures"), encoding="utf-8")
    (rules / "law" / "usurpation.yaml").unlink()
    with pytest.raises(DataError) as caught:
        build_texts(rules)
    said = str(caught.value)
    assert "geste partagé inconnu « @ne_pas_repondr »" in said
    assert "injure.md:" in said
    assert "étiquette inconnue « type:injures » ; vouliez-vous dire « type:injure » ?" in said
    assert "outrage.yaml:" in said
    assert "usurpation" in said
