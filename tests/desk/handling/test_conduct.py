"""The rules of conduct are read whole: every problem at once, with its file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT
from triage.desk.handling.conduct import load_conduct
from triage.desk.office import Office
from triage.errors import DataError


def test_what_officials_read_of_each_outcome_is_said(office: Office) -> None:
    conduct = office.policies.conduct
    assert all(one.told and one.label for one in conduct.outcomes.values())
    assert {one.state for one in conduct.outcomes.values()} == {"closed", "transmitted"}
    assert "verified" in conduct.results and set(conduct.identity.callers).isdisjoint(conduct.identity.units)


def test_the_directory_has_the_sorts_of_entries_that_are_named(office: Office) -> None:
    kinds = set(office.policies.directory.kinds)
    assert kinds.issuperset((*office.policies.conduct.identity.callers, *office.policies.conduct.identity.units))


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path, office: Office) -> None:
    shutil.copytree(ROOT / "rules" / "desk", tmp_path / "desk")
    for name, old, new in (
        ("messages.yaml", "{contact:17}", "{contact:inconnu}"),
        ("outcomes.yaml", "state: transmitted", "state: perdu"),
        ("sampling.yaml", "share: 0.05", "share: 5"),
        ("identity.yaml", "id: impostor", "id: verified"),
    ):
        path = tmp_path / "desk" / name
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_conduct(tmp_path, office.engine.composer.knowledge.references)
    told = str(caught.value)
    for part in ("{contact:inconnu}", "outcomes.yaml", "sampling.yaml", "« verified » est écrit deux fois"):
        assert part in told, part
