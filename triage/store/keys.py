"""Keys. Each case has its own, wrapped by the service's keys, which live outside the store.

Without them a stolen database says nothing; once a case's key is destroyed nothing of that case can be read again.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from triage.errors import TriageError

STORE, NEXT, JOURNAL = "store.keys", "next.key", "journal.keys"
_RECEIPTS, _PAGES = "receipts.key", "pages.key"
_MARK = 8  # hexadecimal digits that a key is called by


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


class Wrapping(Sealer):
    """The service's own keys: the first one closes, all of them open.

    Read again when their files change, so that the processes that run follow a rotation of the keys.
    """

    def __init__(self, folder: Path, *names: str) -> None:
        self._paths = [folder / name for name in names]
        self._seen = self._look()
        self._keys: Mapping[str, Fernet] = self._read()
        super().__init__(MultiFernet(self._keys.values()))

    @property
    def marks(self) -> list[str]:
        """What the keys are called by, the one that closes first."""
        self.follow()
        return list(self._keys)

    def seal(self, content: bytes) -> bytes:
        """`content`, closed with the first key of this moment."""
        self.follow()
        return super().seal(content)

    def open(self, sealed: bytes, seconds: int | None = None) -> bytes:
        """See `Sealer`; a key that came meanwhile opens too."""
        try:
            return super().open(sealed, seconds)
        except KeyRingError:
            if not self.follow():
                raise
            return super().open(sealed, seconds)

    def mark_of(self, sealed: bytes) -> str | None:
        """What the key that closed `sealed` is called by; None when it is not here."""
        token = urlsafe_b64encode(sealed)
        mark = self._opening(token)
        return self._opening(token) if mark is None and self.follow() else mark

    def _opening(self, token: bytes) -> str | None:
        for mark, key in self._keys.items():
            with suppress(InvalidToken):
                key.decrypt(token)
                return mark
        return None

    def follow(self) -> bool:
        """Reads the keys again if their files changed, and says whether they did. What was read before stays otherwise,
        even when the folder is away for a moment."""
        seen = self._look()
        if seen == self._seen:
            return False
        with suppress(OSError, ValueError):
            keys = self._read()
            if keys:
                self._keys, self._fernet, self._seen = keys, MultiFernet(keys.values()), seen
                return True
        return False

    def _look(self) -> list[tuple[int, int, int] | None]:
        return [_stamp(path) for path in self._paths]

    def _read(self) -> dict[str, Fernet]:
        lines = [line for path in self._paths if path.exists() for line in path.read_text().split()]
        return {mark_of(line): Fernet(line) for line in lines}


@dataclass(frozen=True)
class KeyRing:
    """The service's keys: `wrapping` closes the cases' keys (the first is the one in use, the others still open),
    `receipts` hashes codes, `pages` closes what a browser keeps between two pages. `reasons` opens the reasons of
    the audit that belong to no case: it cannot be written again, so that keys retired since are kept for them alone."""

    wrapping: Wrapping
    receipts: bytes
    pages: Sealer
    reasons: Wrapping

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
        _lines(folder / STORE)
    except OSError as error:
        raise KeyRingError(f"Les clés de {folder} ne peuvent être lues ni créées : {error.strerror}.") from None
    try:
        wrapping, reasons = Wrapping(folder, STORE, NEXT), Wrapping(folder, STORE, NEXT, JOURNAL)
        browsers = Sealer(MultiFernet([Fernet(line) for line in pages]))
        return KeyRing(wrapping, urlsafe_b64decode(receipts[0]), browsers, reasons)
    except (ValueError, IndexError):
        raise KeyRingError(f"Une clé de {folder} est abîmée : restaurez-la depuis une sauvegarde.") from None


def held_ring(folder: Path) -> KeyRing:
    """The keys in `folder`, which must be there already. Raises KeyRingError."""
    if not (folder / STORE).exists():
        raise KeyRingError(
            f"Il n'y a pas de clés dans {folder} : remettez-y celles qui ont été sauvegardées à part (TRIAGE_KEYS)."
        )
    return open_ring(folder)


def mark_of(key: str) -> str:
    """What a key is called by, aloud and in the audit: it tells nothing of the key."""
    return hashlib.sha256(b"triage " + key.encode()).hexdigest()[:_MARK]


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Changes whenever a file is replaced."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _check_whole(folder: Path) -> None:
    """The key of the store is made last: where it is and another is not, that one was lost, and codes with it."""
    for name in (_RECEIPTS, _PAGES):
        if (folder / STORE).exists() and not (folder / name).exists():
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
