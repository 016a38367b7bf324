"""The texts that benchmarks read: cut from the corpus, all different."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

from triage.settings import Settings

CORPUS = Settings().models / "corpus"
WORDS = 120


def told() -> Iterator[str]:
    """Every text of the corpus."""
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)["text"]


def words() -> Iterator[str]:
    """All the words of the corpus, one text after the other."""
    return itertools.chain.from_iterable(text.split(" ") for text in told())


def reports(most: int, size: int = WORDS) -> list[str]:
    """At most `most` texts of `size` words each."""
    corpus, texts = words(), list[str]()
    while len(texts) < most and (chunk := list(itertools.islice(corpus, size))):
        texts.append(" ".join(chunk))
    return texts
