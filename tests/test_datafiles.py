"""Markdown with front matter: sections, bullets that go on, and faults with their line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.bootstrap import build_texts
from triage.datafiles import read_markdown
from triage.errors import DataError, Problem
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
