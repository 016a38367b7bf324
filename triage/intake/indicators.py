"""Addresses, numbers and amounts in a text, found with libraries and checked by them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
import tldextract
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException


@dataclass(frozen=True)
class Indicator:
    """`value` is normalised (E.164 for phones, compact for IBANs); offsets are those of the text searched."""

    kind: str
    value: str
    start: int
    end: int


_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_URL = re.compile(
    r"(?:https?|hxxps?)://[^\s<>«»\"]+|(?<![@\w.-])(?:[a-zA-Z0-9-]{1,63}(?:\.|\[\.\])){1,5}[a-zA-Z]{2,24}(?:/[^\s<>«»\"]*)?(?![\w@])"
)
_HANDLE = re.compile(r"(?<![\w.@/])@[A-Za-z0-9_][A-Za-z0-9_.]{1,29}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
_AMOUNT = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:[ .\u00a0\u202f]\d{3})+(?:,\d{1,2})?|\d+(?:[.,]\d{1,2})?)"
    r"\s?(k€|k euros|€|euros?\b|eur\b|dollars?\b|\$|btc\b|bitcoins?\b|xmr\b)",
    re.IGNORECASE,
)
_IP = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{0,4}(?![\w:])"
)
_CRYPTO = re.compile(
    r"\b(?:bc1[a-z0-9]{25,62}|[13][a-km-zA-HJ-NP-Z1-9]{25,34}|0x[a-fA-F0-9]{40}|4[0-9AB][1-9A-HJ-NP-Za-km-z]{93})\b"
)
_DIGITS = re.compile(r"\d")


def find(text: str) -> tuple[Indicator, ...]:
    """Every indicator of `text`, in order; where two overlap, the longer one."""
    found = (
        list(_mails(text)) + list(_urls(text)) + [Indicator("handle", m[0], *m.span()) for m in _HANDLE.finditer(text)]
    )
    if _DIGITS.search(text):
        found += [*_ibans(text), *_amounts(text), *_addresses(text), *_phones(text)]
    kept: list[Indicator] = []
    for one in sorted(found, key=lambda i: (i.start, i.start - i.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return tuple(kept)


def _mails(text: str) -> Iterator[Indicator]:
    if "@" in text:
        for match in _MAIL.finditer(text):
            yield Indicator("email", match[0].lower(), *match.span())


def _urls(text: str) -> Iterator[Indicator]:
    if "." not in text and "://" not in text:
        return
    for match in _URL.finditer(text):
        address = match[0].rstrip(".,;:!?)»")
        plain = address.replace("[.]", ".").replace("hxxp", "http")
        if "://" in plain or _known_suffix(plain.split("/")[0].lower()):
            yield Indicator("url", plain, match.start(), match.start() + len(address))


@lru_cache(maxsize=1)
def _extractor() -> tldextract.TLDExtract:
    """The list of suffixes that the package ships: nothing is fetched."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@lru_cache(maxsize=4096)
def _known_suffix(host: str) -> bool:
    parts = _extractor()(host)
    return bool(parts.domain and parts.suffix)


def _ibans(text: str) -> Iterator[Indicator]:
    for match in _IBAN.finditer(text):
        try:
            yield Indicator("iban", IBAN(match[0]).compact, *match.span())
        except SchwiftyException:
            continue


def _amounts(text: str) -> Iterator[Indicator]:
    for match in _AMOUNT.finditer(text):
        number = re.sub(r"[ \u00a0\u202f]|\.(?=\d{3})", "", match[1]).replace(",", ".")
        unit = match[2].lower()
        value = f"{float(number) * 1000:g} €" if unit.startswith("k") else f"{number} {unit}"
        yield Indicator("amount", value, *match.span())


def _addresses(text: str) -> Iterator[Indicator]:
    for match in _IP.finditer(text):
        try:
            yield Indicator("ip", str(ipaddress.ip_address(match[0])), *match.span())
        except ValueError:
            continue
    for match in _CRYPTO.finditer(text):
        if any(c.isdigit() for c in match[0]) and any(c.isalpha() for c in match[0]):
            yield Indicator("crypto", match[0], *match.span())


def _phones(text: str) -> Iterator[Indicator]:
    """Numbers that libphonenumber holds for valid, French unless they say otherwise."""
    if len(_DIGITS.findall(text)) < 8:
        return
    for match in phonenumbers.PhoneNumberMatcher(text, "FR"):
        value = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        yield Indicator("phone", value, match.start, match.end)
