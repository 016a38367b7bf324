"""Installed from the wheelhouse, on a machine without any network: it serves, alone then under systemd."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attachments.files import pdf, saved, screenshot
from tests.conftest import ROOT
from tests.deploy import visiting
from tests.deploy.conftest import elsewhere, told
from tests.web.serving import missing
from triage.attachments.sandbox import TOO_LONG

pytestmark = pytest.mark.whole
HERE = Path(__file__).parent


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """What goes in, and what comes out."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "capture.png").write_bytes(saved(screenshot(), "PNG"))
    (folder / "lettre.pdf").write_bytes(pdf(("Demain soir je passe chez toi avec un couteau.",)))
    shutil.copy(visiting.__file__, folder)
    shutil.copy(HERE / "visit.sh", folder)
    return folder


def visited(folder: Path) -> None:
    """By rules and model, from the words of the evidence; a loaded machine may stop the reading of an image."""
    given = told(folder / "visit.json")
    assert (given["dossier"], given["degraded"]) == ("%PDF-", False)
    assert "couteau" in str(given["page"])
    notes = given["notes"]
    assert isinstance(notes, dict)
    assert notes["lettre.pdf"] == []
    assert notes["capture.png"] in ([], [TOO_LONG]) or not shutil.which("tesseract")


def test_it_serves_in_an_empty_folder(installed: Path, outside: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    script = (
        "set -e; T=/opt/triage/bin; $T/triage rules check; $T/triage doctor || true; $T/triage serve --port 8017 & "
        '$T/python "$0/visiting.py" http://127.0.0.1:8017 "$0/capture.png" "$0/lettre.pdf" > "$0/visit.json"; '
        "kill %1; wait || true"
    )
    bare = {"PATH": "/usr/bin:/bin:/usr/sbin", "LANG": "C.UTF-8"}
    done = elsewhere(
        installed,
        "bash",
        "-c",
        script,
        str(outside),
        cwd=empty,
        env=bare,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    written, _ = done.communicate(timeout=500)
    assert done.returncode == 0, written.decode()
    visited(outside)
    assert {path.name for path in empty.iterdir()} == {"var"}


def test_a_wheel_that_was_changed_is_refused(wheelhouse: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    changed.mkdir()
    line = next(one for one in (wheelhouse / "requirements.txt").read_text().splitlines() if one.startswith("segno"))
    (changed / "requirements.txt").write_text(line)
    (wheel,) = wheelhouse.glob("segno-*.whl")
    (changed / wheel.name).write_bytes(wheel.read_bytes() + b"\0")
    pip = [sys.executable, "-m", "pip", "install", "--no-index", "--find-links", str(changed), "--require-hashes"]
    pip += ["--target", str(tmp_path / "there"), "--requirement", str(changed / "requirements.txt")]
    bare = {"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": os.devnull}
    done = subprocess.run(pip, capture_output=True, text=True, env=bare)
    assert done.returncode != 0
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr


def test_its_units_run_under_systemd_with_all_their_limits(installed: Path, outside: Path, tmp_path: Path) -> None:
    """A systemd of its own, as process 1 of a machine without network: the units as they are delivered."""
    if not Path("/lib/systemd/systemd").is_file():
        missing("systemd est absent", "lancez « make system »")
    apart = ["--mount", "--pid", "--fork", "--kill-child", "--net", "--ipc", "--uts", "--cgroup"]
    script = ["bash", str(HERE / "machine.sh"), str(ROOT), str(installed), str(outside)]
    done = subprocess.run(
        ["unshare", *apart, *script], capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL
    )
    assert (outside / "limits").is_file(), done.stdout + done.stderr
    limits = dict(line.split(":\t") for line in (outside / "limits").read_text().splitlines())
    assert (limits["NoNewPrivs"], limits["Seccomp"], limits["CapBnd"]) == ("1", "2", "0" * 16)
    visited(outside)
    assert (outside / "states").read_text().splitlines() == ["active", "active"]
    # The secret came by LoadCredential; nobody was refused while the service restarted; the backup was made.
    assert (outside / "metrics").read_text() == "200"
    assert set((outside / "restarted").read_text().split()) == {"200"}
    assert (outside / "backup").read_text().strip() == "0"
