"""Makes the fingerprints of a case: MinHash over keyed pieces of its texts, keyed digests of what leads to somebody."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np

from triage.desk.campaigns.policy import TextPolicy
from triage.desk.campaigns.words import Thing, own_things, passages, plain, things
from triage.desk.office import Office
from triage.store.compared import Compared
from triage.store.keys import KeyRing
from triage.store.prints import Mark, Prints, Signature
from triage.store.records import Told

# Not the attacker's: by these one sees that two cases may be of one person.
OWN, PLACE, REPORT = "own", "place", "report"
_SCHEME, _SEED = "affine32", 1
_VALUE = "<u4"


def prints_of(office: Office, case: Compared) -> Prints:
    """What `case` is compared by. Nothing of it can be read back, nor made again without the keys."""
    told, policy, ring = case.told, office.policies.campaigns, office.ring
    pieces = [about.text for _, about in case.evidence if about.text]
    texts = passages(office, told, pieces)
    signatures = frozenset(signature(ring, policy.rules.text, text) for text in texts)
    found = things(policy, told, [told.text, *pieces])
    images = [Thing("image", about.sha256) for kind, about in case.evidence if kind == "image"]
    marks = {mark(ring, thing) for thing in (*found, *images)} | set(_whose(office, told))
    return Prints(signatures, frozenset(marks))


def mark(ring: KeyRing, thing: Thing) -> Mark:
    """The keyed digest of `thing`."""
    return Mark(thing.kind, ring.digest("campaign thing", thing.kind, thing.value)[:16])


def signature(ring: KeyRing, policy: TextPolicy, text: str) -> Signature:
    """Of a folded text."""
    key, length = ring.digest("shingles"), policy.shingle
    pieces = {text[i : i + length].encode() for i in range(max(1, len(text) - length + 1))}
    from datasketch import MinHash  # with SciPy: the worker compares, whoever answers needs neither

    made = MinHash(hashfunc=_hasher(key), **_shape(policy.bands * policy.rows))
    made.update_batch(pieces)
    values = made.hashvalues.astype(_VALUE)
    return Signature(text.count(" ") + 1, values.tobytes(), tuple(sorted(_bands(key, values, policy))))


def likeness(one: bytes, other: bytes) -> float:
    """The share of their pieces that two texts have in common, as their MinHash tell it."""
    first, second = np.frombuffer(one, _VALUE), np.frombuffer(other, _VALUE)
    return float(np.mean(first == second)) if len(first) == len(second) else 0.0


def _whose(office: Office, told: Told) -> Iterator[Mark]:
    """What tells that two cases are of one person, or may be."""
    ring = office.ring
    for thing in own_things(office.policies.campaigns, told):
        yield mark(ring, Thing(OWN, f"{thing.kind} {thing.value}"))
    if told.commune.strip():
        yield mark(ring, Thing(PLACE, f"{told.departement} {plain(told.commune)}"))
    yield mark(ring, Thing(REPORT, plain(told.text)))


def _bands(key: bytes, values: np.ndarray[Any, Any], policy: TextPolicy) -> Iterator[bytes]:
    for number in range(policy.bands):
        part = values[number * policy.rows : (number + 1) * policy.rows].tobytes()
        yield blake2b(number.to_bytes(2, "big") + part, key=key, digest_size=8).digest()


@lru_cache(maxsize=4)
def _hasher(key: bytes) -> Any:  # noqa: ANN401 (what datasketch takes)
    def hashed(piece: bytes) -> int:
        return int.from_bytes(blake2b(piece, key=key, digest_size=4).digest(), "big")

    return hashed


@lru_cache(maxsize=4)
def _shape(values: int) -> dict[str, Any]:
    """Drawn once: the permutations cost more than a signature."""
    from datasketch import MinHash

    drawn = MinHash(num_perm=values, seed=_SEED, scheme=_SCHEME)
    return {"num_perm": values, "seed": _SEED, "scheme": _SCHEME, "permutations": drawn.permutations}
