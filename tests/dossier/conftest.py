"""What the tests of the dossier share."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from triage.dossier.texts import DossierTexts, load_dossier_texts
from triage.settings import Settings


@pytest.fixture(scope="session")
def texts(settings: Settings) -> DossierTexts:
    return load_dossier_texts(settings.rules)


@pytest.fixture
def poppler(tmp_path: Path) -> Callable[..., str]:
    """Runs a tool of poppler on a PDF and gives what it prints, spaces made plain."""
    if shutil.which("pdftotext") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Poppler est absent : lancez « make system »")
        pytest.skip("POPPLER ABSENT : le PDF du dossier n'est pas relu (installez poppler-utils)")

    def run(tool: str, pdf: bytes, *options: str) -> str:
        path = tmp_path / "dossier.pdf"
        path.write_bytes(pdf)
        after = ["-"] if tool == "pdftotext" else []
        done = subprocess.run([tool, *options, str(path), *after], capture_output=True, text=True, check=True)
        return done.stdout.replace("\u00a0", " ")

    return run
