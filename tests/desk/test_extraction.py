"""The rules of extracts are checked when they are read, with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.desk.extraction import load_extraction_policy
from triage.desk.people.registry import load_codes
from triage.errors import DataError
from triage.settings import Settings


def changed(folder: Path, *change: str) -> Path:
    text = (Settings().rules / "desk" / "extraction.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    (folder / "desk").mkdir()
    (folder / "desk" / "extraction.yaml").write_text(text.replace(*change, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("labels: {nom: NOM, ", "labels: {", "« nom » est absent"),
        ("structured: [telephone", "structured: [fax", "sorte d'identifiant inconnue « fax »"),
        ("roles: [analyst", "roles: [visiteur", "rôle inconnu « visiteur »"),
        ("columns: [month]", "columns: [jour]", "colonne inconnue « jour »"),
        ("{month: annee}", "{month: siecle}", "table inconnue « siecle »"),
        ("least: 5", "least: 0", "« least »"),
    ],
    ids=["label", "kind", "role", "column", "table", "least"],
)
def test_faults(tmp_path: Path, before: str, after: str, said: str) -> None:
    with pytest.raises(DataError) as caught:
        load_extraction_policy(changed(tmp_path, before, after))
    assert said in str(caught.value) and "extraction.yaml:" in str(caught.value)


def test_every_departement_is_in_a_region() -> None:
    rules = Settings().rules
    assert set(load_codes(rules)) <= set(load_extraction_policy(rules).table("regions"))
