"""The words of an image, read by Tesseract when it is installed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from PIL import Image, ImageChops, ImageOps

from triage.attachments.wording import tidy

ABSENT = "La lecture du texte des images n'est pas installée ici : aucun texte n'a été lu."
FAILED = "Le texte de cette image n'a pas pu être lu."
NOTHING = "Aucun texte n'a été trouvé dans cette image."
SLOW = "Le texte de cette image n'a pas pu être lu dans le temps imparti."

LANGUAGE = "fra"
SECONDS = 20.0  # for all the images of a file
_LAYOUT = "--psm 6"
_MAX_PIXELS = 6_000_000
_DARK = 110  # median grey below which an image is light on dark
_NARROW = 1_000  # pixels: narrower images have small letters
_ENLARGED = 3.0  # times, at most
_SURE = 40  # of 100: confidence below which a word is left out
_WORD = re.compile(r"\w{2}")
_STATUS_BAR = re.compile(r"\d{1,2}[:h.]\d{2}\b(?!.*[^\W\d_]{4})")


@dataclass(frozen=True)
class Words:
    """What was read; `note` says in French why `text` is empty."""

    text: str
    note: str = ""


def words(image: Image.Image, seconds: float = SECONDS) -> Words:
    """The words in `image`, read within `seconds`. Never an error: a note says what did not work."""
    import pytesseract  # slow to import, and many files need no reading

    try:
        read = pytesseract.image_to_data(
            prepared(image), lang=LANGUAGE, config=_LAYOUT, timeout=seconds, output_type=pytesseract.Output.DICT
        )
    except pytesseract.TesseractNotFoundError:
        return Words("", ABSENT)
    except pytesseract.TesseractError:
        return Words("", FAILED)
    except RuntimeError:
        return Words("", SLOW)
    text = without_chrome("\n".join(_lines(read)))
    return Words(text, "" if text else NOTHING)


def words_of_all(images: list[Image.Image]) -> Words:
    """The words of several pages, within the time of one file."""
    end = time.monotonic() + SECONDS
    found = [words(image, max(end - time.monotonic(), 1)) for image in images]
    text = "\n\n".join(one.text for one in found if one.text)
    return Words(text, "" if text or not found else found[0].note)


def prepared(image: Image.Image) -> Image.Image:
    """`image` as Tesseract reads best: grey, dark on light, letters large enough, not too many pixels."""
    grey = image.convert("L")
    if _median(grey) < _DARK:
        grey = ImageOps.invert(_darkest(image))
    return ImageOps.autocontrast(_sized(grey))


def _lines(read: dict[str, list[Any]]) -> Iterator[str]:
    """The lines of words that are sure enough: what Tesseract sees in a face or in leaves is left out."""
    places = zip(read["block_num"], read["par_num"], read["line_num"], strict=True)
    words = zip(places, read["conf"], read["text"], strict=True)
    for _, line in groupby(words, key=lambda word: word[0]):
        yield " ".join(str(text) for _, sure, text in line if float(sure) >= _SURE and str(text).strip())


def without_chrome(text: str) -> str:
    """`text` without the clock of the telephone at its top and the lines that icons leave."""
    lines = [line for line in text.split("\n") if not line.strip() or _WORD.search(line)]
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is not None and _STATUS_BAR.match(lines[first].strip()):
        del lines[first]
    return tidy("\n".join(lines))


def _darkest(image: Image.Image) -> Image.Image:
    """The darkest of the three colours of each point: coloured bubbles go dark, the white letters in them stay."""
    red, green, blue = image.convert("RGB").split()
    return ImageChops.darker(ImageChops.darker(red, green), blue)


def _sized(grey: Image.Image) -> Image.Image:
    width, height = grey.size
    scale = min(max(1.0, _NARROW * 2 / width), _ENLARGED) if width < _NARROW else 1.0
    scale = min(scale, (_MAX_PIXELS / (width * height)) ** 0.5)
    if scale == 1.0:
        return grey
    return grey.resize((max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.LANCZOS)


def _median(grey: Image.Image) -> int:
    half, seen = grey.width * grey.height / 2, 0
    for value, count in enumerate(grey.histogram()):
        seen += count
        if seen >= half:
            return value
    return 255
