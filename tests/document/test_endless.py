"""What goes on and on without a space costs no more than words do, and is read all the same."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.document.measuring import NOW, SIGNS
from triage.diagnostic.contract import as_json
from triage.engine import Engine
from triage.intake.report import Report


@pytest.fixture(scope="module")
def measured() -> dict[str, list[float]]:
    """Seconds for a thousand of each sign, and for four thousand. What other tests leave in memory does not count."""
    command = [sys.executable, "-m", "tests.document.measuring"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("sign", SIGNS)
def test_four_times_as_long_takes_no_more_than_about_four_times_as_long(
    measured: dict[str, list[float]], sign: str
) -> None:
    """Where each sign looks at all the others again, it would be sixteen times: minutes for a whole report of them."""
    short, long = measured[sign]
    assert long < 10 * short + 0.05


def test_a_threat_among_them_is_found_where_it_stands(engine: Engine) -> None:
    wall = "😂" * 350
    text = f"Il m'écrit {wall} « je vais te tuer » {wall}"
    found = as_json(engine.composer, engine.assess(Report(text), NOW))
    quoted = [text[one["start"] : one["end"]] for threat in found["threats"] for one in threat["evidence"]]
    assert any("tuer" in words for words in quoted), quoted


def test_a_long_address_is_still_one(engine: Engine) -> None:
    address = "https://exemple.fr/" + "page-1/" * 40
    document = engine.reader.read(Report(f"Voici la page : {address} et la suite."), NOW)
    (found,) = document.indicators
    assert document.cleaned.text[found.start : found.end] == address
    assert document.doc.text == document.cleaned.text
