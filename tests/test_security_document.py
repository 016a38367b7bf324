"""What `docs/securite.md` says is proved where it says so."""

from __future__ import annotations

import re

from tests.conftest import ROOT


def test_every_test_that_is_named_is_there() -> None:
    told = (ROOT / "docs" / "securite.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", told))
    assert len(named) > 20
    assert sorted(one for one in named if not (ROOT / one).is_file()) == []


def test_it_can_be_read_in_one_go() -> None:
    assert len((ROOT / "docs" / "securite.md").read_text(encoding="utf-8").splitlines()) < 200
