"""The process that reads damaged files one after the other: `python -m tests.fuzz.reading NAME FIRST LAST`.

The first that it says nothing of is the one that killed it; the same numbers give the same files.
Words in images are not looked for: that is Tesseract's work, and takes most of the time.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import psutil

from tests.fuzz.files import kind_of, of_all_kinds
from tests.fuzz.malformed import FILES, content_of
from tests.fuzz.mutating import damaged
from tests.fuzz.running import chance, where
from triage.attachments import ocr, sandbox, wire
from triage.attachments.reading import read
from triage.comments.parsing import parse
from triage.errors import IntakeError

_SEEDS = of_all_kinds()


MALFORMED = "malformed files"


def made(name: str, index: int) -> bytes:
    """A damaged file, the same each time; under the name of the collection, one of its own."""
    if name == MALFORMED:
        return content_of([*FILES][index])
    luck = chance(name, index)
    return damaged(luck, _SEEDS[kind_of(luck)])


def answer(content: bytes) -> str:
    """How a file is read; fails for whatever is neither a reading nor a refusal in French."""
    try:
        found = read("", content)
        if found.kind == "comments":
            export = parse(content)
            assert export.comments
            return "read: comments"
    except IntakeError as refused:
        assert str(refused).endswith((".", "»."))
        return f"refused: {str(refused)[:36]}"
    except MemoryError:
        return "stopped: memory"
    assert len(found.text) <= 50_000
    assert wire.loads(wire.dumps(found)) == found
    str(found).encode()
    return f"read: {found.kind}"


def main() -> None:
    """Reads those files; a line of JSON for each."""
    name, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_AS, (sandbox.MEMORY, sandbox.MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ocr.words = lambda image, seconds=0: ocr.Words("", ocr.NOTHING)  # type: ignore[assignment]
    process = psutil.Process()
    for index in range(first, last):
        content = made(name, index)
        began, fault = time.process_time(), ""
        try:
            told = answer(content)
        except Exception as error:
            told, fault = "FAULT", where(error)
        took = time.process_time() - began
        said = {"index": index, "answer": told, "fault": fault, "took": took, "memory": process.memory_info().rss}
        sys.stdout.write(f"{json.dumps(said)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
