"""The systemd units: right by systemd's own word, and held to a score that is written here."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.web.serving import missing
from triage.settings import Settings
from triage.store.backups import manifest

HERE = ROOT / "deploy" / "systemd"
SERVICES = sorted(path.name for path in HERE.glob("*.service"))
UNITS = sorted(path.name for path in HERE.iterdir() if path.suffix in (".service", ".socket", ".timer"))
# « exposure » from 0 to 10, the least first; 0.9 when this was written (systemd 252).
MOST_EXPOSED = 1.0


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a machine on which our units are installed."""
    if shutil.which("systemd-analyze") is None:
        missing("systemd-analyze est absent", "lancez « make system »")
    root = tmp_path_factory.mktemp("machine")
    units = root / "etc/systemd/system"
    shutil.copytree(HERE, units)
    shutil.copytree("/usr/lib/systemd/system", root / "usr/lib/systemd/system", symlinks=True)
    (root / "lib").symlink_to("usr/lib")
    for program in ("opt/triage/bin/triage", "bin/sh", "usr/bin/find"):
        path = root / program
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    return root


def analyze(*arguments: str) -> str:
    done = subprocess.run(["systemd-analyze", "--no-pager", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_systemd_has_nothing_to_say_of_them(machine: Path) -> None:
    assert len(UNITS) == 5
    assert analyze("verify", f"--root={machine}", "--man=no", *UNITS) == ""


@pytest.mark.parametrize("unit", SERVICES)
def test_each_service_is_held_to_the_score(machine: Path, unit: str) -> None:
    told = analyze("security", "--offline=true", f"--root={machine}", unit)
    (score,) = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", told)
    assert float(score) <= MOST_EXPOSED


def test_the_settings_of_the_example_exist() -> None:
    text = (HERE / "triage.toml").read_text(encoding="utf-8")
    all_of_them = tomllib.loads(re.sub(r"^#(?=\w+ = )", "", text, flags=re.MULTILINE))
    assert set(all_of_them) <= set(Settings.model_fields)
    assert {"data", "keys", "address", "database"} <= set(all_of_them)


def test_secrets_are_named_after_the_settings_that_they_are() -> None:
    texts = [(HERE / name).read_text(encoding="utf-8") for name in SERVICES]
    loaded = {name for text in texts for name in re.findall(r"^LoadCredential=(\w+)$", text, re.MULTILINE)}
    assert {f"triage_{name}" for name in ("database", "oidc_secret", "metrics_token", "smtp_password")} == loaded
    assert loaded <= {f"triage_{name}" for name in Settings.model_fields}


def test_the_cases_keys_stay_in_the_last_two_backups_alone(tmp_path: Path) -> None:
    """What was erased is then out of reach of the others, which those keys open."""
    told = (HERE / "triage-backup.service").read_text("utf-8")
    (command,) = re.findall(r"^ExecStartPost=/bin/sh -c '(.+)'$", told, re.MULTILINE)
    nights = [f"2026-11-{day:02}-030000" for day in (9, 10, 27, 28)]
    for night in nights:
        (tmp_path / night).mkdir()
        for name in (manifest.STORE, manifest.CASE_KEYS):
            (tmp_path / night / name).touch()
    here = command.replace("$$", "$").replace("%%", "%").replace("/var/lib/triage-backups", str(tmp_path))
    for _ in range(2):
        subprocess.run(["/bin/sh", "-c", here], check=True)
        assert sorted(one.parent.name for one in tmp_path.rglob(manifest.CASE_KEYS)) == nights[2:]
        assert sorted(one.parent.name for one in tmp_path.rglob(manifest.STORE)) == nights
