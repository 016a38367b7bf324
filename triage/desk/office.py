"""What the verbs of the desk work with: the store, the keys, the engine, and the clock's answer given by the caller."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from triage.comments.policy import CommentsPolicy
from triage.desk.measures.places import Locator
from triage.desk.policies import Policies
from triage.desk.service import Service
from triage.engine import Engine
from triage.errors import TriageError
from triage.store.cases import Cases
from triage.store.database import Database
from triage.store.keys import KeyRing

_DIGITS = 15
_PURPOSE = "receipt"


class DeskError(TriageError):
    """What was asked cannot be done, and why; shown to the person as it is."""


@dataclass(frozen=True)
class Office:
    """One guichet. `clamav` is the address of an antivirus, empty without one."""

    engine: Engine
    database: Database
    ring: KeyRing
    service: Service
    comments: CommentsPolicy
    policies: Policies
    clamav: str = ""

    @property
    def cases(self) -> Cases:
        """The cases, opened with this office's keys."""
        return Cases(self.ring, self.locator)

    @property
    def locator(self) -> Locator:
        """Finds the commune of a case."""
        return Locator(self.policies.directory, self.service.departements)


def new_receipt() -> str:
    """A code that opens a case: fifteen random digits and one that tells a slip of the finger from a wrong code."""
    return _checked(f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}")


def derived_receipt(ring: KeyRing, key: str, body: bytes) -> str:
    """The code of what was sent with an idempotency key: the same again for the same request, and no other."""
    number = int.from_bytes(ring.digest("derived receipt", key, body)[:16], "big") % 10**_DIGITS
    return _checked(f"{number:0{_DIGITS}}")


def read_receipt(typed: str) -> str:
    """The sixteen digits in what was typed. Raises DeskError with what is wrong with them."""
    digits = "".join(c for c in typed if c.isdigit() and c.isascii())
    if len(digits) != _DIGITS + 1:
        read = f"{len(digits)} ont été lus" if len(digits) > 1 else f"{len(digits)} a été lu"
        raise DeskError(f"Le code compte {_DIGITS + 1} chiffres ; {read}. Vérifiez et recommencez.")
    if _luhn(digits):
        raise DeskError("Ce code contient une faute de frappe. Relisez chaque groupe de quatre chiffres.")
    return digits


def hashed(ring: KeyRing, receipt: str) -> bytes:
    """What the store keeps of a code."""
    return ring.digest(_PURPOSE, receipt)


def _checked(digits: str) -> str:
    return digits + str(-_luhn(digits + "0") % 10)


def _luhn(digits: str) -> int:
    """The remainder that is 0 for a number with its check digit (ISO/IEC 7812-1, annex B)."""
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10
