"""Screenshots and photographs: what to show, when they were taken."""

from __future__ import annotations

import io
from datetime import datetime, timedelta, timezone

from PIL import ExifTags, Image, ImageOps

from triage.attachments import ocr, refusals
from triage.attachments.model import Reading
from triage.attachments.wording import shortened
from triage.errors import IntakeError

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/heic": "HEIF"}
HIDDEN = "Cette image est abîmée : elle ne peut pas être affichée, et son texte n'a pas pu être lu."
PREVIEW_SIDE = 1_600  # pixels
MAX_PIXELS = 50_000_000  # decoded at once; a photograph larger than that is read at a lower resolution
_QUALITY = 85


def read_image(media_type: str, content: bytes) -> Reading:
    """The words of an image, its preview and its date. Raises IntakeError when it cannot be opened at all."""
    opened = _open(media_type, content)
    captured_at = _captured_at(opened)
    try:
        image = upright(opened)
    except (OSError, ValueError, SyntaxError, EOFError):
        return Reading(media_type, "image", "", captured_at=captured_at, notes=(HIDDEN,))
    found = ocr.words(image)
    text, cut = shortened(found.text)
    notes = ((found.note,) if found.note else ()) + cut
    return Reading(media_type, "image", text, preview=preview(image), captured_at=captured_at, notes=notes)


def upright(image: Image.Image) -> Image.Image:
    """`image` turned as the camera says, opaque on white, in plain colours, without anything else that it carried."""
    turned = _turned(image)
    if "A" in turned.getbands() or "transparency" in turned.info:
        turned = turned.convert("RGBA")
        plain = Image.new("RGB", turned.size, "white")
        plain.paste(turned, mask=turned.getchannel("A"))
    else:
        plain = turned.convert("RGB")
    plain.info.clear()
    return plain


def _turned(image: Image.Image) -> Image.Image:
    image.load()
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # the same metadata: an image that stays on its side is still evidence
        return image


def preview(image: Image.Image) -> bytes:
    """`image` as a JPEG to show, without any metadata."""
    small = image.copy()
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    written = io.BytesIO()
    small.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def _open(media_type: str, content: bytes) -> Image.Image:
    if media_type == "image/heic":
        import pillow_heif  # loads its decoder

        pillow_heif.register_heif_opener()
    try:
        image = Image.open(io.BytesIO(content), formats=[FORMATS[media_type]])
    except Image.DecompressionBombError:
        raise IntakeError(refusals.PICTURE_HUGE) from None
    except (OSError, ValueError, SyntaxError, EOFError):
        raise IntakeError(refusals.PICTURE_DAMAGED) from None
    return _bounded(image)


def _bounded(image: Image.Image) -> Image.Image:
    if image.width * image.height > MAX_PIXELS:
        image.draft("RGB", (image.width // 2, image.height // 2))  # only JPEG can
    if image.width * image.height > MAX_PIXELS:
        raise IntakeError(refusals.PICTURE_HUGE)
    return image


def _captured_at(image: Image.Image) -> datetime | None:
    """When the camera says that it took `image`; in its own time, without a zone, if it does not say which."""
    try:
        exif = image.getexif()
        details = exif.get_ifd(ExifTags.IFD.Exif)
        said = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
        return _dated(str(said), str(details.get(ExifTags.Base.OffsetTimeOriginal, "")))
    except Exception:  # metadata is written by anybody, and lost without harm
        return None


def _dated(said: str, offset: str) -> datetime:
    when = datetime.strptime(said.strip("\x00 ")[:19], "%Y:%m:%d %H:%M:%S")
    if not offset.strip("\x00 "):
        return when
    hours, minutes = offset.strip("\x00 ")[1:].split(":")
    shift = timedelta(hours=int(hours), minutes=int(minutes))
    return when.replace(tzinfo=timezone(-shift if offset.startswith("-") else shift))
