"""The keys: a stolen store says nothing, a damaged key is said, two processes that start at once share one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from triage.store.keys import KeyRingError, open_ring


def test_what_is_sealed_opens_with_the_same_keys_only(tmp_path: Path) -> None:
    ring, other = open_ring(tmp_path / "a"), open_ring(tmp_path / "b")
    wrapped = ring.new_case_key()
    sealed = ring.sealer(wrapped).seal("il a dit « je viens »".encode())
    assert b"viens" not in sealed
    assert open_ring(tmp_path / "a").sealer(wrapped).open(sealed).decode() == "il a dit « je viens »"
    with pytest.raises(KeyRingError):
        other.sealer(wrapped)


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    sealer = open_ring(tmp_path).sealer(open_ring(tmp_path).new_case_key())
    sealed = bytearray(sealer.seal(b"preuve"))
    sealed[-1] ^= 1
    with pytest.raises(KeyRingError):
        sealer.open(bytes(sealed))


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    open_ring(tmp_path / "keys")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}


def test_a_new_first_key_closes_and_the_old_one_still_opens(tmp_path: Path) -> None:
    wrapped = open_ring(tmp_path).new_case_key()
    path = tmp_path / "store.keys"
    path.write_text(Fernet.generate_key().decode() + "\n" + path.read_text())
    assert open_ring(tmp_path).sealer(wrapped)


def test_a_damaged_key_is_said_with_its_folder(tmp_path: Path) -> None:
    open_ring(tmp_path)
    (tmp_path / "store.keys").write_text("abîmée")
    with pytest.raises(KeyRingError, match=str(tmp_path)):
        open_ring(tmp_path)


def test_processes_that_start_together_share_the_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: open_ring(tmp_path / "keys"), range(8)))
    wrapped = rings[0].new_case_key()
    assert all(ring.sealer(wrapped) for ring in rings)
    assert len({ring.digest("receipt", "1") for ring in rings}) == 1


def test_a_digest_tells_its_parts_apart(tmp_path: Path) -> None:
    ring = open_ring(tmp_path)
    assert ring.digest("a", "bc") != ring.digest("ab", "c")
    assert ring.digest("a", "b", "c") != ring.digest("a", "bc")
