"""Cookies of this host only: no script reads them, no other site has them sent, no neighbouring host can set them."""

from __future__ import annotations

from typing import Literal

from fastapi import Request, Response

# What browsers hold to: set over https, by this very host and for all of it (RFC 6265bis).
PREFIX = "__Host-"


def secure(request: Request) -> bool:
    """Whether cookies only go over https."""
    return request.url.scheme == "https" or _public(request)


def name_of(request: Request, name: str) -> str:
    """What the browser calls the cookie `name`: with the prefix, where the public address is an https one."""
    return f"{PREFIX}{name}" if _public(request) else name


def put(
    response: Response,
    request: Request,
    name: str,
    value: str,
    seconds: int | None = None,
    path: str = "/",
    samesite: Literal["lax", "strict"] = "strict",
) -> None:
    """Keeps `value` for some seconds, or until the browser closes. `path` does not count where the prefix is given.

    `lax`: sent too when another site leads back here.
    """
    where = "/" if _public(request) else path
    own = secure(request)
    name = name_of(request, name)
    response.set_cookie(name, value, seconds, path=where, secure=own, httponly=True, samesite=samesite)


def read(request: Request, name: str) -> str:
    """What is kept under that name; empty when nothing is."""
    return request.cookies.get(name_of(request, name), "")


def drop(response: Response, request: Request, name: str, path: str = "/") -> None:
    """Forgets what was kept."""
    where = "/" if _public(request) else path
    own = secure(request)
    response.delete_cookie(name_of(request, name), path=where, secure=own, httponly=True, samesite="strict")


def _public(request: Request) -> bool:
    address: str = request.app.state.settings.address
    return address.startswith("https:")
