"""Files as people attach them, made with the libraries that make them in life."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
import zlib
from email.message import EmailMessage

import pillow_heif
import pytest
from docx import Document
from PIL import Image, ImageDraw, ImageFont

needs_tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None and os.environ.get("CI") != "true",
    reason="TESSERACT ABSENT : le texte des images n'est pas lu (lancez « make system »)",
)

THREAT = ("Tu vas payer pour la fermeture", "de l'école. Demain soir je passe", "chez toi avec un couteau.")
INKS = {"clair": ("#efeae2", "#ffffff", "#111111"), "sombre": ("#0b141a", "#202c33", "#e9edef")}


def screenshot(
    theme: str = "clair", lines: tuple[str, ...] = THREAT, size: int = 40, width: int = 1_080
) -> Image.Image:
    """The screen of a telephone with one message, under the clock and the battery."""
    ground, bubble, ink = INKS[theme]
    image = Image.new("RGB", (width, size * 12), ground)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size)
    draw.text((size, size // 2), "22:14", font=font, fill=ink)
    draw.text((width - size * 4, size // 2), "87 %", font=font, fill=ink)
    draw.rounded_rectangle((size, size * 3, width - size, size * 9), size // 2, fill=bubble)
    for row, line in enumerate(lines):
        draw.text((size * 2, size * (3.5 + row * 1.5)), line, font=font, fill=ink)
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """`image` as a file of this kind (« PNG », « HEIF »…)."""
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def pdf(pages: tuple[str, ...], trailer: str = "") -> bytes:
    """A PDF whose pages say these words, line by line."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for i, words in enumerate(pages):
        lines = " T* ".join(f"({line}) Tj" for line in words.split("\n"))
        stream = f"BT /F1 10 Tf 12 TL 50 800 Td {lines} ET".encode("cp1252")
        objects += [_page(5 + 2 * i), b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)]
    return _written(objects, trailer)


def pdf_bomb(size: int) -> bytes:
    """A PDF whose only page asks for `size` bytes of drawing once it is decompressed."""
    packer = zlib.compressobj(9)
    stream = b"".join(packer.compress(b"0 0 m 9 9 l S\n" * 75_000) for _ in range(size // 2**20)) + packer.flush()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        _page(5),
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    return _written(objects, "")


def _page(contents: int) -> bytes:
    return (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {contents} 0 R "
        "/Resources << /Font << /F1 3 0 R >> >> >>"
    ).encode()


def _written(objects: list[bytes], trailer: str) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{len(out)}\n%%EOF\n".encode()
    return out + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table) + end


def mail(body: str = "Payez avant ce soir.", **headers: str) -> EmailMessage:
    """A mail with these headers (« reply_to » is « Reply-To »)."""
    message = EmailMessage()
    for name, value in (
        {"from": "contact@impots.gouv.fr", "date": "Tue, 10 Mar 2026 10:00:00 +0100"} | headers
    ).items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message


def archive(members: dict[str, bytes]) -> bytes:
    """A ZIP file with these members."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return written.getvalue()


def docx() -> bytes:
    """A document of Word."""
    document = Document()
    document.add_paragraph("Je raconte ce qui s'est passé.")
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()
