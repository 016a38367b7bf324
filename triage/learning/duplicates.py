"""Texts that say nearly the same in nearly the same words."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from triage.learning.corpus import Example

_PERMUTATIONS = 128
_WORDS = 2


def near_duplicates(examples: Sequence[Example], likeness: float = 0.6) -> list[tuple[str, str, float]]:
    """(id, other id, likeness) of texts that share at least `likeness` of their word pairs, the likest first.

    Broder, A. (1997): MinHash, estimated on pairs of neighbouring words. The texts of a contrast pair are meant to be
    alike and are left out.
    """
    from datasketch import MinHash, MinHashLSH  # only this needs it: other commands start without

    index = MinHashLSH(threshold=likeness, num_perm=_PERMUTATIONS)
    seen: dict[str, tuple[Example, MinHash]] = {}
    found = []
    for example in examples:
        sketch = MinHash(num_perm=_PERMUTATIONS)
        sketch.update_batch([piece.encode() for piece in _pieces(example.text)])
        for other in index.query(sketch):
            twin, its_sketch = seen[other]
            alike = float(sketch.jaccard(its_sketch))
            if alike >= likeness and not (
                example.axes.get("pair") and example.axes.get("pair") == twin.axes.get("pair")
            ):
                found.append((twin.id, example.id, alike))
        index.insert(example.id, sketch)
        seen[example.id] = (example, sketch)
    return sorted(found, key=lambda pair: -pair[2])


def _pieces(text: str) -> set[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    words = "".join(c if c.isalnum() else " " for c in plain).split()
    return {" ".join(words[i : i + _WORDS]) for i in range(max(1, len(words) - _WORDS + 1))}
