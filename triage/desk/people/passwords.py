"""Passwords: argon2id, one at a time on each processor, and the same time spent whether there is an account or not."""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from triage.desk.office import DeskError
from triage.desk.people.policy import PasswordPolicy

LONGEST = 500
_HASHER = PasswordHasher()
# Each hash takes 64 MiB: whoever sends many passwords at once waits, and does not take the memory of the service.
_ROOM = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


class WeakPasswordError(DeskError):
    """The password would be guessed."""


def checked(policy: PasswordPolicy, password: str, known: Iterable[str]) -> str:
    """`password`, which nobody guesses from what is `known` of the person. Raises WeakPasswordError."""
    text = _plain(password)
    if len(text) < policy.least:
        raise WeakPasswordError(f"Choisissez un mot de passe d'au moins {policy.least} caractères.")
    if len(text) > LONGEST:
        raise WeakPasswordError(f"Choisissez un mot de passe d'au plus {LONGEST} caractères.")
    if _regular(text) or len(_own(text, [*policy.common, *_words(known)])) < policy.own:
        raise WeakPasswordError("Ce mot de passe se devine trop vite. Choisissez par exemple quatre mots sans lien.")
    return password


def hashed(password: str) -> str:
    """What the store keeps of a password."""
    with _ROOM:
        return _HASHER.hash(_plain(password))


def fits(kept: str | None, password: str) -> bool:
    """Whether `password` is the one of which `kept` is the hash; as long to say when nothing is kept."""
    typed = _plain(password)
    with _ROOM:
        try:
            right = _HASHER.verify(kept or _nobody(), typed if len(typed) <= LONGEST else "")
        except (VerificationError, InvalidHashError):
            return False
    return right and kept is not None


def outdated(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than those of today."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobody() -> str:
    """The hash of no account."""
    return _HASHER.hash(os.urandom(16).hex())


def _plain(password: str) -> str:
    """The same characters whatever the keyboard that typed them."""
    return unicodedata.normalize("NFKC", password)


def _regular(text: str) -> bool:
    """Whether the text is few characters repeated, or characters in a row."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return len(set(text.casefold())) < 5 or len(steps) == 1


def _own(text: str, guessed: Iterable[str]) -> str:
    """What is left of `text` without what is guessed first."""
    left = text.casefold()
    for word in sorted(guessed, key=len, reverse=True):
        left = left.replace(word.casefold(), "")
    return left


def _words(known: Iterable[str]) -> set[str]:
    """The words of names and addresses, long enough not to be found anywhere by chance."""
    whole = [*known]
    parts = {word for text in whole for word in text.replace("@", " ").replace(".", " ").replace("-", " ").split()}
    return {word for word in {*whole, *parts} if len(word) > 2}
