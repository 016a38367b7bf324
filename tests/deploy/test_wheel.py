"""The wheel: all that the service needs is in it, nothing else, and the same commit gives the same bytes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.conftest import ROOT
from tests.deploy.conftest import built, checkout

SHIPPED = "triage/_shipped/"
MADE = {"__pycache__", ".pytest_cache"}


@pytest.fixture(scope="module")
def carried() -> set[str]:
    """What the wheel would hold."""
    return {one.distribution_path for one in WheelBuilder(str(ROOT)).recurse_included_files()}


def tree(*folders: str) -> set[str]:
    """What these folders hold, but what Python makes."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in found if not MADE & set(path.parts)}


def test_it_carries_the_code_and_what_the_code_reads(carried: set[str]) -> None:
    assert {name for name in carried if not name.startswith(SHIPPED)} == tree("triage") - {
        "triage/web/static/vendor/stamp.txt"
    }
    for suffix in (".html", ".css", ".js", ".typ", ".mako", ".png", ".svg"):
        assert {name for name in tree("triage") if name.endswith(suffix)} <= carried


def test_it_carries_rules_model_and_texts(carried: set[str]) -> None:
    assert {name.removeprefix(SHIPPED) for name in carried if name.startswith(SHIPPED)} == tree("rules", "models")
    current = (ROOT / "models/current").read_text().strip()
    for name in (f"models/{current}/model.skops", "models/corpus/CARD.md", "models/frozen/README.md"):
        assert SHIPPED + name in carried


def test_what_npm_brings_goes_with_its_licence(carried: set[str]) -> None:
    vendor = {Path(name).name for name in carried if "/vendor/" in name}
    assert {"pico.min.css", "htmx.min.js", "altcha.min.js"} <= vendor
    assert {f"{name}.LICENSE.txt" for name in ("pico", "htmx", "altcha")} <= vendor


def test_what_it_needs_is_pinned_apart_from_the_tools() -> None:
    serve = (ROOT / "requirements-serve.lock").read_text(encoding="utf-8")
    whole = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = [line for line in serve.splitlines() if "==" in line and not line.startswith(" ")]
    assert len(pinned) > 80
    assert [line for line in pinned if line not in whole] == []
    assert [line for line in serve.splitlines() if "--hash" in line and line.rstrip(" \\") not in whole] == []
    for tool in ("pytest", "mypy", "playwright", "pip-audit"):
        assert f"\n{tool}==" not in serve
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {line.partition("==")[0].partition("[")[0] for line in pinned}
    assert {one.partition(">")[0].partition("[")[0] for one in needed} <= names


@pytest.mark.whole
def test_two_clones_give_the_same_bytes_later_and_elsewhere(tmp_path: Path) -> None:
    first = built(checkout(tmp_path / "one"), 1_700_000_000)
    elsewhere = checkout(tmp_path / "a much longer place" / "two")
    for path in (elsewhere / "rules").rglob("*.yaml"):
        path.touch()
    # Tools that were left there change nothing.
    subprocess.run(["git", "-C", str(elsewhere), "gc", "--quiet"], check=True)
    shutil.copytree(ROOT / "triage" / "__pycache__", elsewhere / "rules" / "__pycache__")
    second = built(elsewhere, 1_700_000_000, umask=0o077)
    assert first.name == second.name
    assert _digest(first) == _digest(second)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
