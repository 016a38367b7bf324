"""Requests as nobody's browser sends them, straight to the application as the server hands them on."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, unquote

from tests.fuzz.mutating import damaged
from tests.fuzz.running import HANG
from tests.fuzz.texts import SAID, long_text
from triage.web.signing import FIELD

_ODD = (
    "",
    "0",
    "-1",
    "1",
    "2",
    "99999999999999999999",
    "9" * 5_000,
    "x",
    "\x00",
    "é😀",
    "a\nb",
    "../../etc/passwd",
    "%00",
)
_ODD += (
    "'; --",
    "{{7*7}}",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "2026-03-18",
    "12:30",
    "99:99",
    "on",
    "true",
    "a" * 3_000,
)
_ODD += (
    "elu@exemple.fr",
    "a@b\r\nBcc: c@d",
    "35",
    "2A",
    "police",
    "urgent",
    "immediate",
    "nan",
    "1e400",
    "\u202e\u200b",
    "\ufdd0",
)
_HOSTS = (
    "testserver",
    "testserver",
    "testserver",
    "[",
    "[::1",
    "a:99999999",
    "",
    "é.fr",
    "a b",
    "a/b",
    "..",
    "xn--\xff",
    "@",
)
_ORIGINS = (
    "null",
    "https://testserver",
    "http://[",
    "https://autre.fr",
    "http://[::1",
    "é",
    "://",
    "javascript:x",
    "http://a:b:c",
)
_CHARSETS = ["utf-8", "utf-7", "utf-16", "idna", "hex", "unicode_escape", "raw_unicode_escape", "undefined"]
_TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "text/plain",
    "x",
    "/;;",
)
_TYPES += (
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=\xff",
    "application/json; charset=x",
)
_HEADERS: Mapping[str, Sequence[str]] = {
    "origin": _ORIGINS,
    "referer": _ORIGINS,
    "sec-fetch-site": ("same-origin", "cross-site", "x", "none"),
    "accept-language": ("fr", "x" * 300, ",;q=z"),
    "accept": ("text/html", "*/*;q=x", ""),
    "cookie": ("guichet=x", "guichet=é", "a=b; =; ;;", "bureau=\xff", "guichet=" + "A" * 4_000, "guichet_refus=Zm9v"),
    "authorization": ("Bearer 1", "Bearer " + "9" * 40, "Bearer \xff", "Basic Og==", "Bearer", "bearer  x y"),
    "idempotency-key": ("k" * 16, "x", "é" * 20, "k" * 200, "k" * 201),
    "hx-request": ("true",),
    "range": ("bytes=0-1", "bytes=-1", "bytes=9-1", "bytes=a-b,c"),
    "if-none-match": ('"x"', "*"),
    "if-modified-since": ("hier", "Tue, 10 Mar 2026 10:00:00 GMT"),
    "last-event-id": ("9" * 300, "x"),
    "x-forwarded-for": ("é", "1.2.3.4, x", "::1%a"),
    "content-encoding": ("gzip",),
    "transfer-encoding": ("chunked", "x"),
    "content-length": ("0", "x", "-1", "1", "9" * 30, "²", ""),
}


@dataclass(frozen=True)
class Asked:
    """One request; `headers` are bytes, as they come."""

    method: str
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes = b""


@dataclass(frozen=True)
class Known:
    """What a sender knows of the service: its routes, the fields of its forms, ids that exist, files, its cookies, and
    for each what signs the forms of the pages given to it."""

    routes: Sequence[tuple[str, str]]
    fields: Sequence[str]
    ids: Mapping[str, Sequence[str]]
    files: Sequence[bytes]
    cookies: Mapping[str, str]


async def sent(app: Callable[..., Any], asked: Asked) -> int:
    """The status of the answer, read to its end. Raises whatever the application does not answer."""
    path, _, query = asked.target.partition(b"?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": asked.method,
        "scheme": "https",
        "path": unquote(path.decode("ascii", "replace")),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": list(asked.headers),
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 443),
        "state": {},
    }
    waiting: list[dict[str, Any]] = [{"type": "http.request", "body": asked.body, "more_body": False}]
    status: list[int] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])
            for name, value in message["headers"]:
                assert b"\n" not in name + value and b"\r" not in name + value, message["headers"]

    async with asyncio.timeout(HANG):
        await app(scope, receive, send)
    assert len(status) == 1, status
    return status[0]


def asked(chance: random.Random, known: Known) -> Asked:
    """A request to a route that exists, most of the time, by somebody who knows the service."""
    method, path = chance.choice(known.routes)
    if chance.random() < 0.05:
        method = chance.choice(("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "é", ""))
    target = _path(chance, path, known)
    if chance.random() < 0.3:
        pairs = ((chance.choice(known.fields), value(chance, known)) for _ in range(chance.randint(1, 4)))
        target += b"?" + "&".join(f"{name}={quote_plus(told)}" for name, told in pairs).encode()
    if chance.random() < 0.05:
        target += chance.choice((b"%", b"%zz", b"%ff%fe", b"?%00&=&&;=%", b"//..//", b"?a=%ED%A0%80", b"%2e%2e/%2f"))
    cookie = chance.choice(tuple(known.cookies))
    signed = known.cookies[cookie] if chance.random() < 0.9 else ""
    kind, body = _body(chance, known, signed) if method not in ("GET", "HEAD") else ("", b"")
    headers = {"host": "testserver", "content-type": kind, "content-length": str(len(body))}
    headers["cookie"] = cookie
    for _ in range(chance.choice((0, 0, 0, 1, 2, 5))):
        name = chance.choice(tuple(_HEADERS))
        headers[name] = chance.choice(_HEADERS[name])
    if chance.random() < 0.03:
        headers["host"] = chance.choice(_HOSTS)
    return Asked(
        method, target, tuple((k.encode(), v.encode("utf-8", "surrogatepass")) for k, v in headers.items() if v), body
    )


def _path(chance: random.Random, path: str, known: Known) -> bytes:
    parts = path.split("/")
    for place, part in enumerate(parts):
        if part.startswith("{"):
            real = known.ids.get(part.strip("{}").partition(":")[0], ())
            parts[place] = (
                chance.choice(real) if real and chance.random() < 0.7 else quote_plus(value(chance, known)[:200])
            )
    return "/".join(parts).encode()


def value(chance: random.Random, known: Known) -> str:
    """What a field may hold."""
    way = chance.random()
    if way < 0.4:
        return chance.choice(_ODD)
    if way < 0.6:
        return chance.choice(chance.choice([some for some in known.ids.values() if some]))
    return chance.choice(SAID) if way < 0.97 else long_text(chance)


def _body(chance: random.Random, known: Known, signed: str) -> tuple[str, bytes]:
    """The type of a body and the body; the one does not always go with the other."""
    make = chance.choices((_form, _json, _parts), (6, 3, 3))[0]
    kind, body = _json(chance, known) if make is _json else make(chance, known, signed)
    if chance.random() < 0.1:
        kind = chance.choice(_TYPES)
    return kind, damaged(chance, [body]) if chance.random() < 0.2 else body


def _form(chance: random.Random, known: Known, signed: str) -> tuple[str, bytes]:
    names = chance.sample(known.fields, chance.randint(1, 12)) + ["text"] * (chance.random() < 0.6)
    told = "&".join(f"{name}={quote_plus(value(chance, known), errors='replace')}" for name in names)
    return "application/x-www-form-urlencoded", (f"{FIELD}={signed}&" * bool(signed) + told).encode()


def _json(chance: random.Random, known: Known) -> tuple[str, bytes]:
    names = ("answers", "situation", "departement", "force", "commune", "began", "addresses", "contact", "mail", "kind")
    names += ("received_at", "id", "measure", "hours")
    told: dict[str, Any] = {"text": value(chance, known)} if chance.random() < 0.9 else {}
    told |= {name: _json_value(chance, known, 0) for name in chance.sample(names, chance.choice((0, 0, 1, 2)))}
    if chance.random() < 0.1:
        told["received_at"] = chance.choice(
            ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-03-18T22:30:00")
        )
    raw = json.dumps(told, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    if chance.random() < 0.1:
        odd = (
            b"\\ud800",
            b"\\u0000",
            b"[" * 50_000,
            b"1e999",
            b"9" * 5_000,
            b"NaN",
            b"\xff",
            b'"a":1,"a":2',
            b"{" * 900,
        )
        place = chance.randrange(len(raw))
        raw = raw[:place] + chance.choice(odd) + raw[place:]
    return "application/json", raw


def _json_value(chance: random.Random, known: Known, depth: int) -> Any:
    way = chance.random()
    if way < 0.6 or depth > 3:
        return chance.choice((value(chance, known), value(chance, known), None, True, 10**30, -1, 0.5))
    some = [_json_value(chance, known, depth + 1) for _ in range(chance.randint(0, 3))]
    return some if way < 0.8 else {value(chance, known)[:50]: one for one in some}


def _parts(chance: random.Random, known: Known, signed: str) -> tuple[str, bytes]:
    """Fields and files in parts."""
    lines: list[bytes] = []
    if signed:
        lines += [f'--b\r\nContent-Disposition: form-data; name="{FIELD}"'.encode(), b"", signed.encode()]
    for _ in range(chance.randint(1, 4)):
        name = chance.choice((*known.fields, "report", "report", "files", "files", "files", "text", "text"))
        extra, content = b"", value(chance, known).encode("utf-8", "surrogatepass")
        if name == "report":
            content = _json(chance, known)[1]
        if name in ("files", "file") or chance.random() < 0.1:
            shown = chance.choice(
                ("a.png", "../../x", "é\\b.pdf", "a\x00b", "x" * 3_000, "", 'a"b', "con", "\u202egpj.exe")
            )
            extra = f'; filename="{shown}"'.encode()
            content = damaged(chance, known.files)
        kind = chance.choice((b"", b"", b"\r\nContent-Type: image/png", b"\r\nContent-Type: text/plain; charset=utf-7"))
        kind += chance.choice((b"", b"", b"", b"\r\nContent-Transfer-Encoding: base64", b"\r\nX: \xff", b"\r\n: x"))
        lines += [b'--b\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + extra + kind, b"", content]
    end = chance.choice((b"--b--\r\n", b"--b--\r\n", b"--b--\r\n", b"", b"--b", b"--b--x"))
    charset = f"; charset={chance.choice(_CHARSETS)}" if chance.random() < 0.3 else ""
    return f"multipart/form-data; boundary=b{charset}", b"\r\n".join([*lines, end])
