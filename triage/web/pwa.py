"""What lets the fiches open without a network: the manifest, the service worker and the page that it shows then."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from triage.web.fiches import CACHE, Book, book_of
from triage.web.templating import templates

router = APIRouter(include_in_schema=False)

_HERE = Path(__file__).parent
_STATIC = re.compile(r'"/static/([\w./-]+)"')
# The templates of every kept page that name static files.
_SOURCES = ("base.html", "fiches/_head.html")
OFFLINE = "/hors-ligne"
_ICONS = {
    "icons/icon-192.png": ("192x192", "any"),
    "icons/icon-512.png": ("512x512", "any"),
    "icons/icon-maskable-512.png": ("512x512", "maskable"),
}
MANIFEST = {
    "id": "/fiches",
    "name": "Fiches réflexes",
    "short_name": "Fiches",
    "description": "Que faire, qui appeler : des fiches qui s'ouvrent aussi sans réseau.",
    "lang": "fr",
    "dir": "ltr",
    "start_url": "/fiches",
    "scope": "/",
    "display": "standalone",
    "background_color": "#ffffff",
    "theme_color": "#1d4f91",
    "icons": [
        {"src": f"/static/{name}", "sizes": sizes, "type": "image/png", "purpose": purpose}
        for name, (sizes, purpose) in _ICONS.items()
    ],
}


@router.get("/manifest.webmanifest")
def manifest() -> Response:
    """What a phone needs to install the fiches."""
    return JSONResponse(MANIFEST, media_type="application/manifest+json", headers=CACHE)


@router.get("/sw.js")
def service_worker(request: Request) -> Response:
    """The worker that keeps the fiches, and nothing else; it changes when a fiche or a file does."""
    pages = ["/fiches", "/fiches.json", *(f"/fiches/{name}" for name in book_of(request).by_id)]
    kept = [*pages, OFFLINE, "/manifest.webmanifest", *files()]
    told = {"VERSION": version(book_of(request)), "OFFLINE": OFFLINE, "KEPT": kept}
    constants = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in told.items())
    script = (_HERE / "static" / "sw.js").read_text(encoding="utf-8")
    return Response(constants + script, media_type="text/javascript", headers=CACHE)


@router.get(OFFLINE)
def offline(request: Request) -> Response:
    """What any other page gives way to when there is no network: whom to call, and the fiches."""
    book = book_of(request)
    context = {"emergencies": book.emergencies, "groups": book.grouped(frozenset(book.by_id))}
    return templates.page(request, "fiches/hors-ligne.html", context, headers=CACHE)


def files() -> tuple[str, ...]:
    """The addresses of the static files that the kept pages name, and of the icons."""
    return tuple(f"/{path.relative_to(_HERE)}" for path in _files())


def version(book: Book) -> str:
    """Twelve hexadecimal digits that change with what the fiches say, the templates and the files."""
    total = sha256(repr((book.fiches, book.texts, book.emergencies)).encode())
    for path in (*sorted((_HERE / "templates").rglob("*.html")), *_files(), _HERE / "static" / "sw.js"):
        total.update(path.read_bytes())
    return total.hexdigest()[:12]


def _files() -> Iterator[Path]:
    """The static files, those that exist, each once and in order."""
    sources = [(_HERE / "templates" / name).read_text(encoding="utf-8") for name in _SOURCES]
    named = {name for source in sources for name in _STATIC.findall(source)} | _ICONS.keys()
    yield from sorted(path for name in named if (path := _HERE / "static" / name).is_file())
