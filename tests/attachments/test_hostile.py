"""Whatever is sent, the answer is a reading or a refusal in French, fit to be stored and shown."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.attachments import compound
from tests.attachments.files import archive, mail, pdf, saved
from triage.attachments import ocr, wire
from triage.attachments.chats import messages_of
from triage.attachments.markup import text_of
from triage.attachments.reading import MAX_FILE, Reading, read
from triage.errors import IntakeError

SMALL = Image.new("RGB", (24, 24), "navy")
CHAT = "[12/03/2026 à 22:14:00] Corbeau : Bonsoir\n[12/03/2026 à 22:15:00] Moi : Bonsoir".encode()
SMS = b'<?xml version="1.0"?><smses><sms address="1" date="1" type="1" body="a"/><mms><part ct="a"/></mms></smses>'
MAIL = mail("Élue", Received="from a (b [192.0.2.1]) by c; x", Authentication_Results="a; spf=pass; dkim=pass")
MAIL.add_attachment(b"x", maintype="image", subtype="png", filename="é.png")
WHOLE = {
    "PNG": saved(SMALL, "PNG"),
    "JPEG": saved(SMALL, "JPEG", exif=SMALL.getexif()),
    "WebP": saved(SMALL, "WEBP"),
    "HEIC": saved(SMALL, "HEIF"),
    "PDF": pdf(("Bonjour, voici une lettre de menaces.",)),
    "eml": MAIL.as_bytes(),
    "msg": compound.mail({compound.SUBJECT: "a", compound.BODY: "b", compound.SENDER: "c"}, None, ("d.pdf",)),
    "zip": archive({"_chat.txt": CHAT, "a.jpg": b"x"}),
    "sms": SMS,
    "chat": CHAT,
}
QUICK = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "words", lambda image, seconds=0: ocr.Words("", ocr.NOTHING))


def holds(content: bytes) -> None:
    """The property: a reading that can be sent, stored and shown, or a refusal."""
    try:
        found = read("", content)
    except IntakeError as refused:
        assert str(refused).endswith(".")
        return
    assert isinstance(found, Reading)
    assert len(found.text) <= 50_000
    assert wire.loads(wire.dumps(found)) == found
    assert "\x00" not in str(wire.dumps(found)) and "\\u0000" not in str(wire.dumps(found))
    str(found).encode()


@QUICK
@given(st.binary(max_size=400))
def test_random_bytes(content: bytes) -> None:
    holds(content)


@QUICK
@given(st.text(max_size=400))
def test_random_texts(text: str) -> None:
    holds(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("kind", WHOLE)
@QUICK
@given(data=st.data())
def test_damaged_files(kind: str, data: st.DataObject) -> None:
    content = bytearray(WHOLE[kind])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=12)):
        content[place] = data.draw(st.integers(0, 255))
    holds(bytes(content[: data.draw(st.integers(0, len(content)))]))


@pytest.mark.parametrize("kind", WHOLE)
@QUICK
@given(tail=st.binary(max_size=200), keep=st.integers(0, 64))
def test_files_that_begin_well(kind: str, tail: bytes, keep: int) -> None:
    holds(WHOLE[kind][:keep] + tail)


NAMES = ("From", "Reply-To", "Return-Path", "Subject", "Date", "Received", "Authentication-Results", "Received-SPF")


@QUICK
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.text(max_size=80)), max_size=8), st.text(max_size=80))
def test_any_headers(headers: list[tuple[str, str]], body: str) -> None:
    lines = "".join(f"{name}: {' '.join(value.split())}\n" for name, value in headers)
    holds(f"From: a@a.fr\nMIME-Version: 1.0\n{lines}\n{body}".encode("utf-8", "surrogatepass"))


@QUICK
@given(st.text(max_size=300))
def test_any_page_and_any_conversation(text: str) -> None:
    text_of(text)
    messages_of("12/03/2026 à 22:14 - " + text)


def test_a_file_of_the_greatest_size_is_sniffed() -> None:
    holds(b"Bonjour. " * (MAX_FILE // 9))
