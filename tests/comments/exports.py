"""Exports of comments like real ones, made the same each time from `samples.yaml`."""

from __future__ import annotations

import csv
import io
import random
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import yaml

from triage.comments.comment import Comment, Export
from triage.intake.moment import in_paris

SAMPLES = yaml.safe_load((Path(__file__).parent / "samples.yaml").read_text(encoding="utf-8"))
BEGIN = in_paris(datetime(2026, 3, 12, 18, 0))
# What people write under an ordinary post of a town, in parts of 1,000.
ORDINARY = {"harmless": 620, "criticism": 300, "irony": 60, "insults": 15, "jokes": 5}
DEBATE = {"harmless": 250, "criticism": 640, "irony": 90, "insults": 20}


def said(kind: str, chance: random.Random) -> str:
    """One to three sentences of `kind`, typed as people type: no two comments are quite alike."""
    text = " ".join(written(kind, chance) for _ in range(chance.choice((1, 1, 1, 2, 2, 3))))
    if chance.random() < 0.4:
        text = text.lower()
    if chance.random() < 0.3:
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    if chance.random() < 0.3 and len(text) > 12:
        place = chance.randrange(6, len(text) - 2)
        text = text[:place] + text[place + 1 :]
    return text + chance.choice(
        ("", "", " !", "...", f" ({chance.randint(2, 30)} fois)", f" @{chance.choice(SAMPLES['slots']['prenom'])}")
    )


def written(kind: str, chance: random.Random) -> str:
    """One comment of `kind`, its slots filled."""
    text = chance.choice(SAMPLES[kind])
    return text.format(**{name: chance.choice(values) for name, values in SAMPLES["slots"].items()})


def mixed(shares: Mapping[str, int], size: int, seed: int = 7) -> list[str]:
    """`size` comments of the kinds of `shares`, in these proportions."""
    chance = random.Random(seed)
    kinds = chance.choices(list(shares), list(shares.values()), k=size)
    return [said(kind, chance) for kind in kinds]


def plain(shares: Mapping[str, int], size: int, seed: int = 7) -> list[str]:
    """As `mixed`, word for word as in the samples: quicker to sort, for many texts come back."""
    chance = random.Random(seed)
    return [written(kind, chance) for kind in chance.choices(list(shares), list(shares.values()), k=size)]


def of(kind: str, size: int, seed: int = 7) -> list[str]:
    """`size` comments of one kind."""
    return mixed({kind: 1}, size, seed)


def export_of(texts: Sequence[str], authors: int, hours: float, seed: int = 7, begin: datetime = BEGIN) -> Export:
    """`texts` in order, over that many `hours`, by that many authors: each writes once before any writes twice."""
    chance = random.Random(seed)
    names = [f"Compte {i + 1}" for i in range(authors)]
    chance.shuffle(names)
    comments = [
        Comment(i + 1, names[i % authors], text, begin + timedelta(hours=hours * i / len(texts)), "")
        for i, text in enumerate(texts)
    ]
    return Export(tuple(comments), ())


def joined(*exports: Export) -> Export:
    """The comments of several exports, in the order of their dates."""
    comments = sorted((c for export in exports for c in export.comments), key=lambda c: c.when or BEGIN)
    return Export(tuple(Comment(i, c.author, c.text, c.when, c.url) for i, c in enumerate(comments, 1)), ())


def as_csv(export: Export) -> bytes:
    """`export` as a tool would write it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["Auteur", "Date", "Commentaire"])
    for one in export.comments:
        writer.writerow([one.author, f"{one.when:%d/%m/%Y %H:%M}" if one.when else "", one.text])
    return out.getvalue().encode("utf-8-sig")
