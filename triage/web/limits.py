"""Slows down whoever sends too much. Addresses are not kept: only a keyed hash of each, another one every day.

Pages are counted by each process, in memory. What matters (reports, codes tried, entering the desk) is counted in the
store as well, for all processes together; when the store does not answer, each process goes by its own counts.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address
from typing import Any, TypeVar

from fastapi import Depends, HTTPException, Request
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from triage.store.counts import Counts
from triage.store.database import Database, StoreError
from triage.web.access import office_of

# Bytes of text whose reading costs as much as a page: one hundred times what people write takes a second to read.
_LONG = 10_000
# What a wrong code costs of an hour: an address may be wrong sixty times an hour, where it may ask for 300 pages a
# minute. A right code costs nothing of it, so that a town hall behind one address is not kept out.
_WRONG_CODE = 5
_CODES = "wrong codes"
_REST = 10.0  # seconds for which a store that failed is not asked again
_LOG = logging.getLogger(__name__)
T = TypeVar("T")


class Limiter:
    """The counts of one process, and those that it shares with the others; without a database, its own alone."""

    def __init__(self, database: Database | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._counts = Counts(database) if database else None
        self._clock, self._asked_again = clock, 0.0

    def hit(self, most: RateLimitItem, name: str, who: bytes, cost: int = 1) -> bool:
        """Spends `cost` here; false, with nothing spent, beyond what may be."""
        return self._own.hit(most, name, who.hex(), cost=cost)

    def hit_everywhere(self, most: RateLimitItem, name: str, who: bytes, cost: int = 1) -> bool:
        """The same for all processes together. Asks the store: not in the event loop."""
        taken = self._asked(lambda counts: counts.take(_key(name, who), most.amount, most.get_expiry(), cost))
        return self.hit(most, f"all {name}", who, cost) if taken is None else taken

    def may_spend(self, most: RateLimitItem, name: str, who: bytes, cost: int = 1) -> bool:
        """Whether `hit_everywhere` would pass; nothing is counted."""
        spent = self._asked(lambda counts: counts.spent(_key(name, who), most.get_expiry()))
        if spent is None:
            return self._own.test(most, f"all {name}", who.hex(), cost=cost)
        return spent + cost <= most.amount

    def first_use(self, key: bytes, made_for: bytes, seconds: float) -> bool | None:
        """Whether `key` serves for the first time, or again for the same thing; None when the store does not say."""
        return self._asked(lambda counts: counts.first_use(key, made_for, seconds))

    def _asked(self, question: Callable[[Counts], T]) -> T | None:
        """The store's answer; none while it does not answer, which is asked again only after a rest."""
        if self._counts is None or self._clock() < self._asked_again:
            return None
        try:
            return question(self._counts)
        except StoreError as error:
            _LOG.warning("each process counts by itself for now: %s", error)
            self._asked_again = self._clock() + _REST
            return None


def make_limiter(database: Database | None = None) -> Limiter:
    """The counts of one process, shared with the others by `database` where one is given."""
    return Limiter(database)


def limited(cost: int = 1, name: str = "pages", *, everywhere: bool = False) -> Any:  # noqa: ANN401 (FastAPI's)
    """A dependency that raises 429 once an address has spent its minute; a page costs 1, a report sent more.

    The limit is far above what a person does, panic included: a dozen clicks a minute. `everywhere`: for all
    processes together.
    """

    async def here(request: Request) -> None:
        spend(request, cost + _length(request) // _LONG, name)

    def shared(request: Request) -> None:
        spent = cost + _length(request) // _LONG
        spend(request, spent, name)
        if not _limiter(request).hit_everywhere(_minute(request), name, source_of(request), spent):
            raise _too_many(request)

    return Depends(shared if everywhere else here)


def spend(request: Request, cost: int, name: str) -> None:
    """Takes `cost` from what the address may do in a minute here. Raises 429 when it has spent it all."""
    if not _limiter(request).hit(_minute(request), name, source_of(request), cost):
        raise _too_many(request)


def refuse_guesser(request: Request) -> None:
    """A dependency that raises 429 for an address that typed too many wrong codes, in whatever process."""
    if not _limiter(request).may_spend(_hour(request), _CODES, source_of(request), _WRONG_CODE):
        raise HTTPException(429, office_of(request).service.alert.wrong_codes, headers={"Retry-After": "3600"})


def wrong_code(request: Request) -> None:
    """Counts a code that opens nothing. Not in the event loop."""
    _limiter(request).hit_everywhere(_hour(request), _CODES, source_of(request), _WRONG_CODE)


def source_of(request: Request) -> bytes:
    """Something that tells addresses apart for a day, and says nothing of them without the service's keys."""
    day = datetime.now(UTC).date().isoformat()
    return office_of(request).ring.digest("source", day, network_of(request))


def _limiter(request: Request) -> Limiter:
    limiter: Limiter = request.app.state.limiter
    return limiter


def _minute(request: Request) -> RateLimitItem:
    return RateLimitItemPerMinute(request.app.state.settings.per_minute)


def _hour(request: Request) -> RateLimitItem:
    return RateLimitItemPerHour(request.app.state.settings.per_minute)


def _too_many(request: Request) -> HTTPException:
    return HTTPException(429, office_of(request).service.alert.too_many, headers={"Retry-After": "60"})


def _key(name: str, who: bytes) -> bytes:
    return hashlib.blake2b(name.encode(), key=who, digest_size=32).digest()


def _length(request: Request) -> int:
    """How long a text is sent; evidence is not read in the request."""
    told = request.headers.get("content-length", "")
    evidence = request.headers.get("content-type", "").startswith("multipart/")
    return int(told) if told.isdecimal() and not evidence else 0


def network_of(request: Request) -> str:
    """The address; of an IPv6 one the half that a provider gives, for whoever has it has all the addresses in it."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    return address.exploded[:19] if isinstance(address, IPv6Address) and not address.ipv4_mapped else host
