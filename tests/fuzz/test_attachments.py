"""Damaged files: read or refused in French, in time; a reader that dies of one is stopped, and it alone."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import IO

import pytest

from tests.conftest import ROOT
from tests.fuzz.reading import made
from tests.fuzz.running import HangError, Target, watched
from triage.attachments.sandbox import read_safely
from triage.errors import IntakeError

pytestmark = pytest.mark.whole
DEADLY = 0.002  # share of the files that may kill the process that reads them: it is there for that


def read_from(target: Target, first: int) -> int:
    """Has a process read the files from `first` on; the number of the one that killed it, or how many there are."""
    command = [sys.executable, "-m", "tests.fuzz.reading", target.name, str(first), str(target.size)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        begun = followed(target, child.stdout, first)
        child.kill()
    return begun


def followed(target: Target, lines: IO[bytes], first: int) -> int:
    """Notes what each line says; the number of the file that was begun last and not done with."""
    began = time.monotonic()
    while True:
        try:
            with watched():
                told = json.loads(lines.readline() or b"null")
        except HangError:
            target.failed("hangs", made(target.name, first))
            return first
        if told is None:
            return first
        first = told["index"] + 1
        if told["fault"]:
            target.failed(told["fault"], made(target.name, told["index"]))
        target.note(told["answer"], told["index"], told["took"], time.monotonic() - began, told["memory"])
        began = time.monotonic()


def read_all(target: Target) -> list[bytes]:
    """Has all the files read; those that killed their reader.

    What the service does of these: the file is kept, and the person is told that it was not read.
    """
    deadly, first = list[bytes](), 0
    while first < target.size:
        first = read_from(target, first)
        if first < target.size:
            deadly.append(made(target.name, first))
            target.note("killed", first, 0, 0, target.memory)
            first += 1
    for content in deadly:
        assert read_safely("", content).notes
    return deadly


def test_damaged_files_are_read_or_refused() -> None:
    target = Target("attachments", 400, 20_000)
    deadly = read_all(target)
    target.check("read", 0.3)
    assert len(deadly) <= DEADLY * target.size


def test_damaged_files_go_through_the_process_of_each() -> None:
    """The same as the service reads them, in a process for each, with the words of images."""
    target = Target("attachments, apart", 5, 60, clock=time.monotonic)

    def read(content: bytes) -> str:
        try:
            found = read_safely("", content)
        except IntakeError as refused:
            assert str(refused).endswith((".", "»."))
            return "refused"
        return "read" if found.text or found.notes or found.preview else "comments"

    target.tries((made(target.name, index) for index in range(target.size)), read)
    target.check("", 1.0)
