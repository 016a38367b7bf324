"""Addresses, accounts and numbers of a case, and where each was found."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from triage.dossier.casefile import CaseFile
from triage.intake.indicators import find

Found = dict[tuple[str, str], list[str]]


def places(case: CaseFile, kinds: Collection[str]) -> Found:
    """(kind, value) → where it stands, in the order in which they are met; only the `kinds` named."""
    found: Found = {}
    for text, where in _texts(case):
        for one in find(text):
            if one.kind in kinds:
                _add(found, one.kind, one.value, where)
    for address in case.addresses:
        _given(found, address.strip())
    return found


def _given(found: Found, address: str) -> None:
    """An address that was given as such, whatever it looks like."""
    told = find(address)
    whole = len(told) == 1 and told[0].end - told[0].start == len(address)
    _add(found, *((told[0].kind, told[0].value) if whole else ("url", address)), "adresse donnée")


def _texts(case: CaseFile) -> Iterator[tuple[str, str]]:
    yield case.told, "récit"
    for label, value in case.facts:
        yield value, f"« {label} »"
    for one in case.exhibits:
        yield "\n".join((one.text, *(value for _, value in one.details))), f"pièce n° {one.number}"


def _add(found: Found, kind: str, value: str, where: str) -> None:
    places = found.setdefault((kind, value), [])
    if where not in places:
        places.append(where)
