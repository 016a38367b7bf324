"""What the headers of a mail say of who sent it and of the way it took."""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from triage.attachments.impersonation import Address, Shown, remarks
from triage.attachments.model import EmailFacts, Hop
from triage.attachments.vouching import vouched
from triage.attachments.wording import flat, one_line

_MAX_HOPS = 30
_MAX_HEADER = 20_000  # characters
_BY = re.compile(r"\bby\s+([^\s;()]+)")
_FROM = re.compile(r"^\s*from\s+([^\s;()]+)")
_IP = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]{3,45})\]|\(([0-9A-Fa-f:.]{3,45})\)")


def facts_of(parsed: Message) -> EmailFacts:
    """The facts in the headers of `parsed`, and what they suggest."""
    hops = tuple(_hop(raw) for raw in _all(parsed, "Received")[:_MAX_HOPS])
    word = vouched(_first(parsed, "Authentication-Results"), _first(parsed, "Received-SPF"), hops)
    senders, replies, returns = (_addresses(parsed, name) for name in ("From", "Reply-To", "Return-Path"))
    return EmailFacts(
        sender=_written(senders) or decoded(_first(parsed, "From")),
        reply_to=_written(replies),
        return_path=_written(returns),
        subject=decoded(_first(parsed, "Subject")),
        sent_at=date(_first(parsed, "Date")),
        spf=word.spf,
        dkim=word.dkim,
        dmarc=word.dmarc,
        hops=hops,
        remarks=tuple(remarks(word, Shown(senders, replies, returns, signed="DKIM-Signature" in parsed))),
    )


def decoded(value: str) -> str:
    """`value` on one line, with its encoded words read."""
    try:
        return one_line(str(make_header(decode_header(value))))
    except (LookupError, ValueError, UnicodeError):
        return one_line(value)


def date(value: str) -> datetime | None:
    """The moment that a header tells, in the mails' format or in ISO 8601."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            return read(value.strip())
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _all(parsed: Message, name: str) -> list[str]:
    """The headers called `name`; bytes outside ASCII are read as UTF-8 where they can be."""
    found = parsed.get_all(name) or []
    return [_legible(str(value)[:_MAX_HEADER]) for value in found]


def _legible(value: str) -> str:
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _first(parsed: Message, name: str) -> str:
    return next(iter(_all(parsed, name)), "")


def _addresses(parsed: Message, name: str) -> tuple[Address, ...]:
    """Names and addresses; names are decoded last, since an encoded name may itself contain an address."""
    pairs = getaddresses([flat(value) for value in _all(parsed, name)])
    return tuple(Address(decoded(shown), address.lower()) for shown, address in pairs if "@" in address)


def _written(addresses: tuple[Address, ...]) -> str:
    return one_line(", ".join(f"{one.name} <{one.address}>" if one.name else one.address for one in addresses))


def _hop(raw: str) -> Hop:
    told, _, when = " ".join(raw.split()).rpartition(";")
    by, from_ = _BY.search(told), _FROM.match(told)
    origin = told.partition(" by ")[0]
    return Hop(one_line(by[1]) if by else "", one_line(from_[1]) if from_ else "", date(when), _ip(origin))


def _ip(told: str) -> str:
    for match in _IP.finditer(told):
        try:
            return str(ipaddress.ip_address(match[1] or match[2]))
        except ValueError:
            continue
    return ""
