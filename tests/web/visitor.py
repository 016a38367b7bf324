"""A browser for the tests: what it posts comes from the pages that it was given, as people's forms do."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from typing import Any

import httpx
from fastapi.testclient import TestClient

from triage.store.keys import KeyRing
from triage.web import access, cookies, signing
from triage.web.desk import door

_SIGNED = re.compile(rf'name="{signing.FIELD}" value="([0-9a-f]+)"')


class Visitor(TestClient):
    """A TestClient that signs its forms for what it holds, as a page would have been; not while `signs` is false."""

    signs = True

    def request(self, method: str, url: Any, **more: Any) -> httpx.Response:
        """See TestClient."""
        form = method == "POST" and not more.get("content") and not more.get("json")
        if form and self.signs and str(url).startswith(("/suivi", "/desk")):
            more["data"] = {signing.FIELD: self.signature(str(url)), **(more.get("data") or {})}
        return super().request(method, url, **more)

    def signature(self, path: str) -> str:
        """The signature that a page of that part of the service would have carried."""
        ring = self.app.state.office.ring
        held = self._held(door.COOKIE if path.startswith(door.HOME) else access.COOKIE)
        if held and not path.startswith(door.HOME):
            held = ring.pages.open(urlsafe_b64decode(held)).decode().removeprefix("n")
        held = held or self._held(access.ENTRY_COOKIE) or self._enter(path)
        return signature_for(ring, held)

    def _held(self, name: str) -> str:
        return next((one.value for one in self.cookies.jar if one.name in (name, cookies.PREFIX + name)), "")

    def _enter(self, path: str) -> str:
        self.get(door.ENTER if path.startswith(door.HOME) else "/suivi")
        return self._held(access.ENTRY_COOKIE)


def signature_for(ring: KeyRing, held: str) -> str:
    """The signature of a page given to whoever holds `held`."""
    salt = bytes(8)
    return (salt + ring.digest("form", held, salt)[:16]).hex()


def unsigned(page: str) -> str:
    """The page without its signatures: no two pages carry the same ones."""
    return _SIGNED.sub("", page)


def signature_in(page: str) -> str:
    """The signature of the forms of a page, for clients of a service that runs elsewhere."""
    found = _SIGNED.search(page)
    assert found, "no form of this page is signed"
    return found[1]


def signed(client: httpx.Client, page: str, **fields: Any) -> dict[str, Any]:
    """The fields, and the signature that the forms of `page` carry for this browser."""
    return {signing.FIELD: signature_in(client.get(page).text), **fields}
