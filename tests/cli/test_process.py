"""The command as a shell starts it: a process that reads its input, writes on two streams and ends with a code."""

from __future__ import annotations

import subprocess
import sys

import pytest


def started(*words: str, told: str = "") -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-m", "triage", *words], input=told.encode(), capture_output=True)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.whole
def test_a_report_is_read_and_its_diagnostic_written() -> None:
    code, written, complaints = started("assess", told="Un inconnu m'écrit chaque nuit « je vais te tuer ».")
    assert (code, complaints) == (0, "")
    assert "URGENT" in written and "Menace de mort ou de violence" in written


def test_a_mistake_is_said_on_the_other_stream() -> None:
    code, written, complaints = started("assess", "nulle-part.txt")
    assert (code, written) == (1, "")
    assert complaints == "nulle-part.txt : fichier introuvable.\n"


def test_an_unknown_option_is_a_usage_error() -> None:
    code, written, complaints = started("assess", "--inconnue")
    assert (code, written) == (2, "")
    assert "--inconnue" in complaints


def test_a_port_that_cannot_be_is_refused_before_anything_is_served() -> None:
    code, written, complaints = started("serve", "--port", "99999")
    assert (code, written) == (1, "")
    assert "--port" in complaints and "Traceback" not in complaints
