"""A hostile file costs a process of its own, never the service."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from tests.attachments.files import archive, docx, mail, pdf, pdf_bomb, saved
from triage.attachments import sandbox, wire
from triage.attachments.model import EmailFacts, Hop, Message, Reading
from triage.attachments.reading import read
from triage.attachments.sandbox import read_safely
from triage.errors import IntakeError

CHAT = "[12/03/2026 à 22:14:00] Corbeau : Élue, je sais où tu habites 😀\n".encode()


@pytest.mark.parametrize("content", [b"Bonjour", CHAT, mail().as_bytes(), pdf(("Bonjour, voici une lettre.",))])
def test_it_reads_as_it_would_here(content: bytes) -> None:
    assert read_safely("pièce.pdf", content) == read("", content)


def test_a_refusal_comes_through_in_french() -> None:
    with pytest.raises(IntakeError, match="bureautique"):
        read_safely("", docx())
    with pytest.raises(IntakeError, match="archive"):
        read_safely("", archive({"a.txt": b"Bonjour"}))


def test_what_takes_too_long_is_stopped() -> None:
    start = time.monotonic()
    found = read_safely("", b"Bonjour", seconds=0.01)
    assert found == Reading("text/plain", "text", "", notes=(sandbox.TOO_LONG,))
    assert time.monotonic() - start < 2


def test_what_swells_is_stopped() -> None:
    found = read_safely("", saved(Image.new("RGB", (5_000, 5_000)), "PNG"), memory=150 * 2**20)
    assert found == Reading("image/png", "image", "", notes=(sandbox.NOT_READ,))


def test_a_reader_that_crashes_leaves_a_note(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    crash = tmp_path / "python"
    crash.write_text("#!/bin/sh\nkill -SEGV $$\n")
    crash.chmod(0o755)
    monkeypatch.setattr(sandbox.sys, "executable", str(crash))
    assert read_safely("", b"Bonjour").notes == (sandbox.NOT_READ,)


@pytest.mark.parametrize(
    "bomb",
    [
        lambda: saved(Image.new("1", (16_000, 16_000)), "PNG"),
        lambda: saved(Image.new("RGB", (13_000, 13_000)), "WEBP", method=0),
        lambda: archive({"_chat.txt": b"0" * (100 * 2**20)}),
        lambda: b"From: a@a.fr\nDate: x\nContent-Type: text/html\n\n" + b"<div>" * 200_000,
        lambda: (
            b"From: a@a.fr\nDate: x\nMIME-Version: 1.0\n"
            + b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (i, i) for i in range(2_000))
        ),
    ],
    ids=["PNG", "WebP", "ZIP", "HTML", "MIME"],
)
def test_a_bomb_is_refused_or_read_without_text(bomb: Callable[[], bytes]) -> None:
    """Each bomb is made by its test: made as the tests are listed, they would cost every process four seconds."""
    try:
        found = read_safely("", bomb(), seconds=5)
    except IntakeError:
        return
    assert found.notes


def test_a_pdf_that_never_ends_drawing_is_stopped() -> None:
    found = read_safely("", pdf_bomb(200 * 2**20), seconds=1)
    assert (found.text, bool(found.notes)) == ("", True)


def test_nothing_stays_on_the_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("triage.scratch._MEMORY", str(tmp_path))
    read_safely("", saved(Image.new("RGB", (300, 300), "white"), "PNG"))
    read_safely("", saved(Image.new("RGB", (300, 300), "white"), "PNG"), seconds=0.3)
    assert list(tmp_path.iterdir()) == []


def test_secrets_of_the_service_are_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_KEY", "secret")
    assert "TRIAGE_KEY" not in sandbox._environment("/tmp")


def test_a_reading_travels_whole() -> None:
    when = datetime(2026, 3, 12, 22, 14, tzinfo=UTC)
    facts = EmailFacts("a", "b", "c", "d", when, "pass", "", "", (Hop("a", "b", None, "c"),), ("Élu",))
    whole = Reading("a/b", "email", "é\n😀", (Message("", when, "x"),), b"\x00\xff", when, facts, ("n",))
    assert wire.loads(wire.dumps(whole)) == whole
    assert wire.loads(wire.dumps(Reading("a/b", "text", ""))) == Reading("a/b", "text", "")
