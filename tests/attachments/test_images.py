"""Screenshots: read, shown without what the telephone wrote in them, dated by it."""

from __future__ import annotations

import difflib
import io
from datetime import datetime, timedelta, timezone

import pytesseract
import pytest
from PIL import ExifTags, Image, PngImagePlugin

from tests.attachments.files import INKS, THREAT, needs_tesseract, saved, screenshot
from triage.attachments import images, ocr, refusals
from triage.attachments.model import Reading
from triage.attachments.reading import read
from triage.errors import IntakeError


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "words", lambda image: ocr.Words("", ocr.NOTHING))


def same(read_text: str, wanted: str) -> float:
    return difflib.SequenceMatcher(None, " ".join(read_text.split()), wanted, autojunk=False).ratio()


@needs_tesseract
@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (screenshot(), "PNG"),
        (screenshot("sombre"), "JPEG"),
        (screenshot(size=18, width=480), "WEBP"),
        (screenshot("sombre", size=18, width=480), "HEIF"),
    ],
    ids=["clair", "sombre", "petit", "petit et sombre"],
)
def test_the_words_of_a_screenshot_are_read_and_the_clock_left_out(image: Image.Image, kind: str) -> None:
    found = read("capture", saved(image, kind))
    assert same(found.text, " ".join(THREAT)) > 0.97
    assert "22:14" not in found.text
    assert found.notes == ()


@needs_tesseract
def test_white_letters_in_a_coloured_bubble_are_read_on_a_dark_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(INKS, "bleu", ("#000", "#0b84fe", "#fff"))
    assert same(ocr.words(screenshot("bleu")).text, " ".join(THREAT)) > 0.97


@needs_tesseract
def test_an_image_without_words_says_so() -> None:
    found = read("", saved(Image.new("RGB", (300, 300), "white"), "PNG"))
    assert (found.text, found.notes) == ("", (ocr.NOTHING,))


def test_without_tesseract_the_image_is_kept_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", "/nowhere/tesseract")
    found = read("", saved(screenshot(), "PNG"))
    assert found.preview
    assert found.notes == (ocr.ABSENT,)


@pytest.mark.parametrize(
    ("raised", "note"),
    [(RuntimeError("timeout"), ocr.SLOW), (pytesseract.TesseractError(1, "fra"), ocr.FAILED)],
)
def test_when_reading_fails_a_note_says_it(monkeypatch: pytest.MonkeyPatch, raised: Exception, note: str) -> None:
    def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(pytesseract, "image_to_data", fail)
    assert ocr.words(screenshot()) == ocr.Words("", note)


@pytest.mark.usefixtures("unread")
class TestShown:
    def test_the_preview_is_small_and_carries_nothing_but_the_picture(self) -> None:
        exif = Image.Exif()
        exif[ExifTags.Base.Make] = "Secret"
        exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (48.0, 51.0, 30.0)
        image = Image.new("RGB", (4_000, 1_000), "red")
        photo = saved(image, "JPEG", exif=exif, comment=b"Secret", xmp=b"Secret", icc_profile=b"Secret")
        assert photo.count(b"Secret") == 4
        preview = read("", photo).preview
        assert preview
        shown = Image.open(io.BytesIO(preview))
        assert shown.size == (1_600, 400)
        assert b"Secret" not in preview
        assert not shown.getexif()
        assert not set(shown.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}

    def test_text_hidden_in_a_png_is_not_shown(self) -> None:
        told = PngImagePlugin.PngInfo()
        told.add_text("Author", "Secret")
        preview = read("", saved(screenshot(), "PNG", pnginfo=told)).preview
        assert preview
        assert b"Secret" not in preview

    def test_a_photograph_is_turned_upright(self) -> None:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = 6
        preview = read("", saved(Image.new("RGB", (400, 100)), "JPEG", exif=exif)).preview
        assert preview
        assert Image.open(io.BytesIO(preview)).size == (100, 400)

    def test_transparent_parts_are_white(self) -> None:
        preview = read("", saved(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG")).preview
        assert preview
        assert Image.open(io.BytesIO(preview)).getpixel((25, 25)) == (255, 255, 255)

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "CMYK"])
    def test_any_kind_of_colours_can_be_shown(self, mode: str) -> None:
        assert read("", saved(Image.new(mode, (20, 20)), "JPEG" if mode == "CMYK" else "PNG")).preview

    @pytest.mark.parametrize(
        ("offset", "zone"),
        [(None, None), ("+01:00", timezone(timedelta(hours=1))), ("-03:30", timezone(-timedelta(hours=3, minutes=30)))],
    )
    def test_the_camera_says_when(self, offset: str | None, zone: timezone | None) -> None:
        exif = Image.Exif()
        details = exif.get_ifd(ExifTags.IFD.Exif)
        details[ExifTags.Base.DateTimeOriginal] = "2026:03:12 22:14:05"
        if offset:
            details[ExifTags.Base.OffsetTimeOriginal] = offset
        found = read("", saved(Image.new("RGB", (20, 20)), "JPEG", exif=exif))
        assert found.captured_at == datetime(2026, 3, 12, 22, 14, 5, tzinfo=zone)

    def test_a_date_that_is_none_is_left_out(self) -> None:
        exif = Image.Exif()
        exif[ExifTags.Base.DateTime] = "hier"
        assert read("", saved(Image.new("RGB", (20, 20)), "JPEG", exif=exif)).captured_at is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "HEIF"])
def test_a_truncated_image_is_kept_or_refused_in_french(kind: str) -> None:
    content = saved(screenshot(), kind)
    try:
        found = read("", content[: len(content) // 2])
    except IntakeError as refused:
        assert str(refused) in (refusals.PICTURE_DAMAGED, refusals.UNREADABLE)
    else:
        assert found == Reading(found.media_type, "image", "", notes=(images.HIDDEN,))


def test_an_image_of_too_many_points_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(IntakeError, match="trop de points"):
        read("", saved(Image.new("1", (8_000, 8_000)), "PNG"))


@pytest.mark.parametrize(
    ("seen", "kept"),
    [
        ("22:14 5G 87 %\nBonjour\n.\n| .\nVous", "Bonjour\nVous"),
        ("22:14 Vous allez mourir\nà bientôt", "22:14 Vous allez mourir\nà bientôt"),
        ("Bonjour\n22:14", "Bonjour\n22:14"),
        ("", ""),
    ],
)
def test_the_bar_of_the_telephone_and_icons_are_left_out(seen: str, kept: str) -> None:
    assert ocr.without_chrome(seen) == kept
