"""Keys. Each case has its own, wrapped by the service's keys, which live outside the store.

Without them a stolen database says nothing; once a case's key is destroyed nothing of that case can be read again.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from triage.errors import TriageError

_STORE, _RECEIPTS, _PAGES = "store.keys", "receipts.key", "pages.key"


class KeyRingError(TriageError):
    """The keys are missing, damaged, or not those that closed what is to be opened."""


class Sealer:
    """Closes and opens what belongs to one case. Fernet: AES-128-CBC with an HMAC-SHA256, in bytes, not base64."""

    def __init__(self, fernet: Fernet | MultiFernet) -> None:
        self._fernet = fernet

    def seal(self, content: bytes) -> bytes:
        """`content`, closed."""
        return urlsafe_b64decode(self._fernet.encrypt(content))

    def open(self, sealed: bytes, seconds: int | None = None) -> bytes:
        """What was sealed, at most `seconds` ago when they are given. Raises KeyRingError."""
        try:
            return self._fernet.decrypt(urlsafe_b64encode(sealed), ttl=seconds)
        except InvalidToken:
            raise KeyRingError("Ces données ne s'ouvrent pas avec les clés du service.") from None


@dataclass(frozen=True)
class KeyRing:
    """The service's keys: `wrapping` closes the cases' keys (the first is the one in use, the others still open),
    `receipts` hashes codes, `pages` closes what a browser keeps between two pages."""

    wrapping: Sealer
    receipts: bytes
    pages: Sealer

    def new_case_key(self) -> bytes:
        """A new data key, wrapped, to be kept in the store."""
        return self.wrapping.seal(Fernet.generate_key())

    def sealer(self, wrapped: bytes) -> Sealer:
        """What opens the case whose key is `wrapped`."""
        return Sealer(Fernet(self.wrapping.open(wrapped)))

    def digest(self, purpose: str, *parts: str | bytes) -> bytes:
        """A keyed hash (HMAC-SHA256) of `parts`: 32 bytes that tell nothing without the key."""
        raw = [part.encode() if isinstance(part, str) else part for part in (purpose, *parts)]
        framed = b"".join(len(part).to_bytes(8, "big") + part for part in raw)
        return hmac.digest(self.receipts, framed, hashlib.sha256)


def open_ring(folder: Path) -> KeyRing:
    """The keys in `folder`, made on first use, readable by their owner only. Raises KeyRingError when damaged."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _check_whole(folder)
        receipts, pages = _lines(folder / _RECEIPTS), _lines(folder / _PAGES)
        store = _lines(folder / _STORE)
    except OSError as error:
        raise KeyRingError(f"Les clés de {folder} ne peuvent être lues ni créées : {error.strerror}.") from None
    try:
        wrapping = Sealer(MultiFernet([Fernet(line) for line in store]))
        return KeyRing(wrapping, urlsafe_b64decode(receipts[0]), Sealer(MultiFernet([Fernet(line) for line in pages])))
    except (ValueError, IndexError):
        raise KeyRingError(f"Une clé de {folder} est abîmée : restaurez-la depuis une sauvegarde.") from None


def _check_whole(folder: Path) -> None:
    """The key of the store is made last: where it is and another is not, that one was lost, and codes with it."""
    for name in (_RECEIPTS, _PAGES):
        if (folder / _STORE).exists() and not (folder / name).exists():
            raise KeyRingError(f"La clé « {name} » manque dans {folder} : restaurez-la depuis une sauvegarde.")


def _lines(path: Path) -> Sequence[str]:
    """The keys in the file, one per line; a new one if there is no such file. Two processes may start at once."""
    if not path.exists():
        scratch = path.with_suffix(f".{secrets.token_hex(4)}")
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(Fernet.generate_key().decode() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(scratch, path)
        except FileExistsError:
            pass
        finally:
            scratch.unlink()
    return path.read_text().split()
