"""Slows down whoever sends too much. Addresses are not kept: only a hash of two octets and of the rest, in memory."""

from __future__ import annotations

import hashlib
import secrets
from ipaddress import IPv6Address, ip_address
from typing import Any

from fastapi import Depends, HTTPException, Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from triage.web.access import office_of

# Bytes of text whose reading costs as much as a page: one hundred times what people write takes a second to read.
_LONG = 10_000
_SALT = secrets.token_bytes(16)


def make_limiter() -> MovingWindowRateLimiter:
    """The counts of one process."""
    return MovingWindowRateLimiter(MemoryStorage())


def limited(cost: int = 1, name: str = "pages") -> Any:  # noqa: ANN401 (a FastAPI dependency)
    """A dependency that raises 429 once an address has spent its minute; a page costs 1, a report sent more.

    The limit is far above what a person does, panic included: a dozen clicks a minute.
    """

    async def check(request: Request) -> None:
        spend(request, cost + _length(request) // _LONG, name)

    return Depends(check)


def spend(request: Request, cost: int, name: str) -> None:
    """Takes `cost` from what the address may do in a minute. Raises 429 when it has spent it all."""
    limiter: MovingWindowRateLimiter = request.app.state.limiter
    most = RateLimitItemPerMinute(request.app.state.settings.per_minute)
    if not limiter.hit(most, name, _who(request), cost=cost):
        raise HTTPException(429, office_of(request).service.alert.too_many, headers={"Retry-After": "60"})


def _length(request: Request) -> int:
    """How long a text is sent; evidence is not read in the request."""
    told = request.headers.get("content-length", "")
    evidence = request.headers.get("content-type", "").startswith("multipart/")
    return int(told) if told.isdecimal() and not evidence else 0


def _who(request: Request) -> str:
    """Something that tells addresses apart until the service stops, and says nothing of them."""
    host = _network(request.client.host if request.client else "")
    return hashlib.blake2b(host.encode(), key=_SALT, digest_size=12).hexdigest()


def _network(host: str) -> str:
    """`host`; of an IPv6 address the half that a provider gives, for whoever has it has all the addresses in it."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    return address.exploded[:19] if isinstance(address, IPv6Address) and not address.ipv4_mapped else host
