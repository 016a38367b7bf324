"""The files that break readers, made by code: each is small, or small until it is unpacked."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

from PIL import Image

from tests.attachments import compound
from tests.attachments.files import archive, mail, pdf, saved
from tests.fuzz.files import ANDROID, CHAT, SMS

MIB = 2**20
_PHOTO = Image.effect_mandelbrot((48, 32), (-2, -1.5, 1, 1.5), 20).convert("RGB")
_MAIL = b"From: a@a.fr\nDate: Tue, 10 Mar 2026 10:00:00 +0100\nMIME-Version: 1.0\n"


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG image that says to be so large, with these chunks."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), *chunks, (b"IEND", b""))
    told = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(told)


def document(*objects: bytes, trailer: bytes = b"", begin: bytes = b"%PDF-1.7\n") -> bytes:
    """A PDF without a table of its objects, which its reader then looks for."""
    told = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, one) for number, one in enumerate(objects, 1))
    return begin + told + b"trailer << /Root 1 0 R " + trailer + b" >>\n%%EOF\n"


def nested(depth: int) -> bytes:
    """A mail in which parts hold parts."""
    parts = (b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (i, i) for i in range(depth))
    return _MAIL + b"".join(parts) + b"Content-Type: text/plain\n\nAu fond.\n"


def members(count: int) -> bytes:
    """An archive with so many files that hold nothing."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as opened:
        opened.writestr("_chat.txt", CHAT)
        for number in range(count):
            opened.writestr(zipfile.ZipInfo(f"{number}"), b"")
    return written.getvalue()


def locked() -> bytes:
    """An archive whose members are said to be encrypted."""
    told = bytearray(archive({"_chat.txt": CHAT}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        told[told.index(signature) + place] |= 1
    return bytes(told)


_PAGES = b"<< /Type /Pages /Kids [%s] /Count %d >>"
_CATALOG, _PAGE = b"<< /Type /Catalog /Pages 2 0 R %s>>", b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] %s>>"
_ENTITIES = b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
_LAUGHS = b'<?xml version="1.0"?><!DOCTYPE smses [<!ENTITY a "ha">' + _ENTITIES + b']><smses><sms body="&j;"/></smses>'
_XXE = (
    b'<?xml version="1.0"?><!DOCTYPE smses [<!ENTITY a SYSTEM "file:///etc/passwd">]><smses><sms body="&a;"/></smses>'
)

FILES: dict[str, Callable[[], bytes]] = {
    "PNG cut": lambda: saved(_PHOTO, "PNG")[:200],
    "PNG, header alone": lambda: png(9, 9),
    "PNG of 65,535 × 65,535": lambda: png(65_535, 65_535, (b"IDAT", zlib.compress(b"\0" * 99))),
    "PNG of no width": lambda: png(0, 9, (b"IDAT", zlib.compress(b"\0" * 99))),
    "PNG, largest numbers": lambda: png(2**31 - 1, 2**31 - 1),
    "PNG, false checksum": lambda: saved(_PHOTO, "PNG")[:-20] + b"\0" * 20,
    "PNG, data that swell": lambda: png(9, 9, (b"IDAT", zlib.compress(b"\0" * 100 * MIB, 9))),
    "PNG, text that swells": lambda: png(9, 9, (b"zTXt", b"a\0\0" + zlib.compress(b"a" * 100 * MIB, 9))),
    "PNG, profile that swells": lambda: png(9, 9, (b"iCCP", b"a\0\0" + zlib.compress(b"\0" * 100 * MIB, 9))),
    "PNG, 100,000 chunks": lambda: png(9, 9, *[(b"tEXt", b"a\0b")] * 100_000),
    "JPEG cut": lambda: saved(_PHOTO, "JPEG")[:400],
    "JPEG, two bytes more": lambda: b"\xff\xd8\xff",
    "JPEG of 65,535 × 65,535": lambda: saved(_PHOTO, "JPEG").replace(struct.pack(">HH", 32, 48), b"\xff" * 4, 1),
    "JPEG, metadata that loop": lambda: saved(_PHOTO, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0" + b"\xff" * 30),
    "JPEG, program after it": lambda: saved(_PHOTO, "JPEG") + b"MZ" + b"\0" * 99,
    "GIF": lambda: saved(_PHOTO, "GIF"),
    "GIF cut": lambda: saved(_PHOTO, "GIF")[:30],
    "WebP cut": lambda: saved(_PHOTO, "WEBP")[:60],
    "WebP, false length": lambda: b"RIFF\xff\xff\xff\xffWEBP" + saved(_PHOTO, "WEBP")[12:],
    "WebP, header alone": lambda: b"RIFF\x04\0\0\0WEBP",
    "HEIC, header alone": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "HEIC cut": lambda: saved(_PHOTO, "HEIF")[:300],
    "HEIC, false lengths": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\xff\xff\xff\xffmeta" + b"\0" * 40,
    "TIFF that loops": lambda: b"II*\0\x08\0\0\0\0\0\x08\0\0\0",
    "PDF, header alone": lambda: b"%PDF-1.7\n",
    "PDF cut": lambda: pdf(("Bonjour",))[:300],
    "PDF, pages that loop": lambda: document(_CATALOG % b"", _PAGES % (b"2 0 R 3 0 R", 2), _PAGES % (b"2 0 R", 9)),
    "PDF, page of itself": lambda: document(_CATALOG % b"", _PAGES % (b"3 0 R", 1), b"<< /Type /Page /Parent 3 0 R >>"),
    "PDF, script": lambda: document(
        _CATALOG % b"/OpenAction << /S /JavaScript /JS (while\\(1\\){}) >> ", _PAGES % (b"3 0 R", 1), _PAGE % b""
    ),
    "PDF, encrypted": lambda: pdf(
        ("Bonjour",),
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'28' * 32}> /U <{'28' * 32}> >> /ID [<00> <00>]",
    ),
    "PDF, table elsewhere": lambda: pdf(("Bonjour",)).replace(b"startxref\n", b"startxref\n9999999"),
    "PDF, no table": lambda: document(_CATALOG % b"", _PAGES % (b"3 0 R", 1), _PAGE % b""),
    "PDF, a million pages told": lambda: document(_CATALOG % b"", _PAGES % (b"3 0 R", 1_000_000), _PAGE % b""),
    "PDF, page without end": lambda: document(
        _CATALOG % b"", _PAGES % (b"3 0 R", 1), _PAGE.replace(b"9 9", b"1e30 1e30") % b""
    ),
    "PDF, no area": lambda: document(_CATALOG % b"", _PAGES % (b"3 0 R", 1), _PAGE.replace(b"9 9", b"0 0") % b""),
    "PDF, 50,000 levels": lambda: document(_CATALOG % (b"/A " + b"[" * 50_000), _PAGES % (b"3 0 R", 1), _PAGE % b""),
    "PDF and archive": lambda: pdf(("Bonjour, ceci est une lettre.",)) + archive({"_chat.txt": CHAT}),
    "picture and page": lambda: saved(_PHOTO, "PNG") + b"<html><script>alert(1)</script></html>",
    "mail, 1,000 levels": lambda: nested(1_000),
    "mail, header of a megabyte": lambda: _MAIL + b"Subject: " + b"a" * MIB + b"\n\nx",
    "mail, 100,000 headers": lambda: _MAIL + b"Received: x\n" * 100_000 + b"\nx",
    "mail, 50,000 addresses": lambda: _MAIL.replace(b"a@a.fr", b"a@a.fr," * 50_000) + b"\nx",
    "mail, charset unknown": lambda: _MAIL + b"Content-Type: text/plain; charset=zzz\n\n\xe9\xff\n",
    "mail, charset that fails": lambda: _MAIL + b"Content-Type: text/plain; charset=undefined\n\n\xe9\xff\n",
    "mail, charset idna": lambda: (
        _MAIL + b"Subject: =?idna?q?=ff?=\nContent-Type: text/plain; charset=idna\n\n\xff.x\n"
    ),
    "mail, bad base64": lambda: _MAIL + b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n=\xff===A\n",
    "mail, uuencode": lambda: _MAIL + b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n\xff\xff\nend\n",
    "mail, no end": lambda: _MAIL + b'Content-Type: multipart/mixed; boundary=""\n\n--\n--',
    "mail, page of one sign": lambda: _MAIL + b"Content-Type: text/html\n\n" + b"<" * 200_000,
    "mail, 100,000 levels of page": lambda: _MAIL + b"Content-Type: text/html\n\n" + b"<b><a href=http://a>" * 50_000,
    "mail, joined in itself": lambda: _MAIL + (b"Content-Type: message/rfc822\n\n" + _MAIL) * 500 + b"\nx",
    "Outlook, header alone": lambda: (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "__properties_version1.0".encode("utf-16-le")
    ),
    "Outlook cut": lambda: compound.mail({compound.SUBJECT: "a", compound.BODY: "b"}, None, ())[:1_600],
    "archive, names that climb": lambda: archive({"../../../tmp/_chat.txt": CHAT, "/etc/passwd": b"x", "C:\\x": b"y"}),
    "archive, 100,000 members": lambda: members(100_000),
    "archive that swells": lambda: archive({"_chat.txt": b"0" * (100 * MIB)}),
    "archive of archives": lambda: archive({"a.zip": archive({"_chat.txt": CHAT}), "b.txt": b"x"}),
    "archive, program in it": lambda: archive({"_chat.txt": CHAT, "photo.jpg": b"MZ" + b"\0" * 99}),
    "archive, locked": locked,
    "archive cut": lambda: archive({"_chat.txt": CHAT * 99})[:150],
    "archive, end alone": lambda: b"PK\x05\x06" + b"\0" * 18,
    "SMS, billion laughs": lambda: _LAUGHS,
    "SMS, file of the machine": lambda: _XXE,
    "SMS cut": lambda: SMS[:-30],
    "SMS, 100,000 levels": lambda: b"<smses>" + b"<mms>" * 100_000,
    "SMS, charset unknown": lambda: SMS.replace(b"UTF-8", b"zzz"),
    "SVG with a script": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "XML of something else": lambda: b"<?xml version='1.0'?><a/>",
    "table, quotation mark open": lambda: b'auteur;commentaire;date\na;"b;c\n' + b"x;y;z\n" * 99,
    "table, null characters": lambda: b"auteur;commentaire\na\x00;b\n",
    "JSON, 100,000 levels": lambda: b'[{"text":' * 100_000,
    "JSON, number without end": lambda: b'[{"text": "a", "date": ' + b"9" * 5_000 + b"}]",
    "page, 100,000 levels": lambda: b"<html><div class=a>" * 50_000,
    "chat, dates that are none": lambda: ANDROID * 200,
    "chat, one endless line": lambda: CHAT.strip() + b"a" * MIB,
    "text in four bytes": lambda: "Bonjour, je raconte.".encode("utf-32"),
    "text, null characters": lambda: b"\0" * 99,
    "empty": lambda: b"",
    "spaces": lambda: b" \n\t" * 99,
    "picture that is a program": lambda: b"MZ\x90\0" + saved(_PHOTO, "PNG"),
    "message that is a picture": lambda: mail().as_bytes()[:20] + saved(_PHOTO, "PNG"),
}


@cache
def content_of(name: str) -> bytes:
    """One of them, made once."""
    return FILES[name]()


# What a file may be called by whoever sends it.
NAMES = (
    "../../etc/passwd",
    "C:\\Windows\\a.exe",
    "a\x00b.png",
    "\u202egpj.exe",
    "a\r\nX: y.pdf",
    "é" * 300,
    " ",
    ".",
    '"x"',
)
