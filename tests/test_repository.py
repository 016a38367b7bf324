"""The house: what must stay true of the repository itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from triage.settings import Settings

MODULES = sorted((ROOT / "triage").rglob("*.py"))
LONGEST = 300


def tracked() -> list[Path]:
    """The files of the repository; outside a checkout, all but what is made."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name] if listed.returncode == 0 else MODULES


def test_modules_stay_short() -> None:
    assert len(MODULES) > 40
    assert {
        path.name: size
        for path in MODULES
        if "migrations" not in path.parts and (size := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    } == {}


def test_no_package_index_is_named() -> None:
    hosts = [
        ".".join(parts) for parts in (("pypi", "org"), ("files", "pythonhosted", "org"), ("registry", "npmjs", "org"))
    ]
    texts = [
        path
        for path in tracked()
        if path.suffix in {".py", ".md", ".toml", ".lock", ".yaml", ".cfg", ""} and path.is_file()
    ]
    assert len(texts) > 100
    assert [
        str(path) for path in texts for host in hosts if host in path.read_text(encoding="utf-8", errors="ignore")
    ] == []


def test_the_lock_pins_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    pinned = [line for line in lock.splitlines() if "==" in line and not line.startswith(" ")]
    assert len(pinned) > 50
    assert lock.count("--hash=sha256:") >= len(pinned)


@pytest.mark.parametrize("name", [f"TRIAGE_{field.upper()}" for field in Settings.model_fields])
def test_every_setting_has_its_row(name: str) -> None:
    told = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8").partition("\n## Réglages\n")[2]
    assert any(f"`{name}`" in line.split("|")[1] for line in told.splitlines() if line.startswith("| "))


@pytest.mark.parametrize("command", ["make run", "make test", "triage assess", "triage evaluate", "triage serve"])
def test_the_first_commands_are_in_the_readme(command: str) -> None:
    """All of them have a row in docs/reference.md: see tests/test_documents.py."""
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")


def test_no_french_knowledge_hides_in_the_mechanism() -> None:
    """Emergency numbers live in `rules/` and in the page that always shows three of them."""
    numbers = ("3114", "33700", "3018", "01 80 52 33 84")
    assert [
        (path.name, number) for path in MODULES for number in numbers if number in path.read_text(encoding="utf-8")
    ] == []
