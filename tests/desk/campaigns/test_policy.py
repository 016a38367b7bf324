"""The rules of campaigns: what is wrong with them is said, all at once; the map has a place for each département."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from triage.desk.campaigns.policy import load_campaign_policy
from triage.desk.office import Office
from triage.errors import DataError

LEVELS = ("immediate", "urgent", "agent", "guided", "advice")


def test_each_departement_has_a_cell_of_its_own(office: Office) -> None:
    cells = office.policies.campaigns.cells
    assert set(cells) == set(office.service.departements)
    assert len(set(cells.values())) == len(cells)


@pytest.mark.parametrize(
    ("one", "side", "other"),
    [("29", "west of", "67"), ("59", "north of", "66"), ("33", "west of", "06"), ("35", "west of", "75")],
)
def test_the_map_is_roughly_that_of_france(office: Office, one: str, side: str, other: str) -> None:
    axis = 0 if side == "west of" else 1
    cells = office.policies.campaigns.cells
    assert cells[one][axis] < cells[other][axis]


def test_what_is_wrong_is_said_all_at_once_with_its_line(tmp_path: Path, settings: object) -> None:
    rules: Path = settings.rules  # type: ignore[attr-defined]
    (tmp_path / "desk").mkdir()
    shutil.copy(rules / "departements.yaml", tmp_path)
    policy = (rules / "desk" / "campaigns.yaml").read_text(encoding="utf-8")
    policy = policy.replace("level: agent, most: 20", "level: rouge, most: 20")
    (tmp_path / "desk" / "campaigns.yaml").write_text(policy, encoding="utf-8")
    places = (rules / "desk" / "carte.yaml").read_text(encoding="utf-8").splitlines()
    places = [line for line in places if '"01"' not in line] + ['  "999": [0, 0]', '  "998": [0, 0]']
    (tmp_path / "desk" / "carte.yaml").write_text("\n".join(places), encoding="utf-8")
    with pytest.raises(DataError) as error:
        load_campaign_policy(tmp_path, LEVELS)
    said = str(error.value)
    for what in ("« rouge »", "sans case : « 01 »", "inconnu : « 999 »", "même case que « 999 »"):
        assert what in said
    line = next(i for i, text in enumerate(policy.splitlines(), 1) if "rouge" in text)
    assert f"campaigns.yaml:{line} " in said
