"""A file is known by what it contains; its name is never asked."""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest
from PIL import Image

from tests.attachments import compound
from tests.attachments.files import archive, docx, mail, pdf, saved
from triage.attachments.model import MAX_FILE
from triage.attachments.sandbox import sniff
from triage.errors import IntakeError

DOT = Image.new("RGB", (8, 8), "red")
CHAT = "12/03/2026 à 22:14 - Jean: Bonsoir\n12/03/2026 à 22:15 - Moi: Bonsoir"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (saved(DOT, "PNG"), ("image/png", "image")),
        (saved(DOT, "JPEG"), ("image/jpeg", "image")),
        (saved(DOT, "WEBP"), ("image/webp", "image")),
        (saved(DOT, "HEIF"), ("image/heic", "image")),
        (pdf(("Bonjour",)), ("application/pdf", "pdf")),
        (mail().as_bytes(), ("message/rfc822", "email")),
        (b"\r\n" + mail().as_bytes(), ("message/rfc822", "email")),
        (compound.mail({compound.SUBJECT: "Bonjour"}), ("application/vnd.ms-outlook", "email")),
        (b"Bonjour, je suis maire d'une commune.\nOn me menace.", ("text/plain", "text")),
        ("Élu menacé".encode("cp1252"), ("text/plain", "text")),
        ("Élu menacé".encode("utf-16"), ("text/plain", "text")),
        ("Oui, d'accord\nNon, merci\nBien, à demain".encode(), ("text/plain", "text")),
        (b"From: moi\nIl m'a dit ceci", ("text/plain", "text")),
        (b"Objet : menaces\nDate : hier\n\nBonjour", ("text/plain", "text")),
        (CHAT.encode(), ("text/plain", "chat")),
        (archive({"Discussion WhatsApp avec Jean.txt": CHAT.encode()}), ("application/zip", "chat")),
        (b'<?xml version="1.0"?>\n<smses count="0"></smses>', ("application/xml", "chat")),
        ("auteur;commentaire;date\nJean;Honte à vous;12/03/2026\n".encode(), ("text/csv", "comments")),
        (b'\xef\xbb\xbfauthor,text\njean,"a, b\nc"\nanne,d\n', ("text/csv", "comments")),
        (b",author,text\n0,jean,honte\n1,anne,bravo\n", ("text/csv", "comments")),
        ("auteur\ttexte\t\nJean\tHonte à vous\t\n".encode("utf-16"), ("text/csv", "comments")),
        (b"auteur;texte\n" + b"Jean;Honte\n" * 20_000, ("text/csv", "comments")),
        (b"Oui,\nNon,\n", ("text/plain", "text")),
        (b'[{"author": "jean", "text": "honte"}]', ("application/json", "comments")),
        (b'{"a": 1}\n{"a": 2}\n', ("application/json", "comments")),
        (b"<!-- saved --><!DOCTYPE html><html><body><p>a</p></body></html>", ("text/html", "comments")),
        (b"<div class=c>honte</div>", ("text/html", "comments")),
    ],
)
def test_what_is_accepted(content: bytes, found: tuple[str, str]) -> None:
    assert sniff(content) == found


def tarball() -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as opened:
        member = tarfile.TarInfo("a.txt")
        member.size = 5
        opened.addfile(member, io.BytesIO(b"hello"))
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"),
        (b"\x00" * 50, "vide"),
        (b"a" * (MAX_FILE + 1), "25 Mo"),
        (b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200), "programme"),
        (b"\x7fELF\x02\x01\x01" + bytes(200), "programme"),
        (b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(200), "programme"),
        (archive({"META-INF/MANIFEST.MF": b"Main-Class: x", "a.txt": b""}), "programme"),
        (b"#!/bin/sh\nrm -rf ~\n", "code"),
        (b"@echo off\r\nformat c:\r\n", "code"),
        (b"<?php system($_GET['c']); ?>", "code"),
        (b"<script>alert(1)</script>", "code"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "code"),
        (archive({"photo.jpg": b"x"}), "archive"),
        (gzip.compress(b"bonjour"), "archive"),
        (tarball(), "pas accepté"),
        (b"Rar!\x1a\x07\x00" + bytes(50), "archive"),
        (docx(), "PDF"),
        (archive({"[Content_Types].xml": b"<a/>", "word/vbaProject.bin": b"x"}), "macros"),
        (compound.compound({"WordDocument": b"x", "_VBA_PROJECT": b"y"}), "macros"),
        (compound.compound({"WordDocument": b"x"}), "bureautique"),
        (b"{\\rtf1\\ansi Bonjour}", "bureautique"),
        (saved(DOT, "GIF"), "capture d'écran"),
        (saved(DOT, "TIFF"), "capture d'écran"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(100), "vidéos"),
        (b"OggS\x00" + bytes(100), "vidéos"),
        (b'<?xml version="1.0"?><calls count="1"></calls>', "SMS Backup"),
        (b"SQLite format 3\x00" + b"\x10\x00\x01\x01" * 50, "Ce type de fichier"),
        (b"\x00\x01\x02\x03\x04" * 40, "Ce type de fichier"),
    ],
)
def test_what_is_refused_says_what_it_is_or_what_to_send(content: bytes, said: str) -> None:
    with pytest.raises(IntakeError, match=said):
        sniff(content)


def test_a_page_of_nothing_but_comments_does_not_take_for_ever() -> None:
    assert sniff(b"<!---->" * 5_000 + b"bonjour")[1] == "text"
