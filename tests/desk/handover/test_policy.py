"""What is wrong in `rules/desk/handover.yaml` is told all at once, each on its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from triage.desk.handover.policy import load_handover_policy
from triage.errors import DataError
from triage.settings import Settings


def test_all_that_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    path = Path(shutil.copy(Settings().rules / "desk" / "handover.yaml", tmp_path / "desk"))
    text = path.read_text(encoding="utf-8")
    for was, now in (
        ("contact: pharos", "contact: inconnu"),
        ("natures: [menace,", "natures: [ménace,"),
        ("units: [brigade,", "units: [caserne,"),
        ("{received}, un récit", "{jour}, un récit"),
        ("{fill: told}", "{text: a, fill: told}"),
        ("personne: personne,", ""),
        ("{found}", "{trouvé}"),
    ):
        assert was in text
        text = text.replace(was, now, 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as told:
        load_handover_policy(tmp_path, ["pharos"], ["menace", "haine", "doxing", "violence_sexuelle"], ["commissariat"])
    said = str(told.value)
    for word in ("« inconnu »", "« ménace »", "« caserne »", "« {jour} »", "« {trouvé} »", "« personne »"):
        assert word in said, word
    assert "soit un texte" in said and all("handover.yaml:" in line for line in said.splitlines())
