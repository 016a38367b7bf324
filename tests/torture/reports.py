"""Reports with their evidence, no two of them alike, as the API and the form are sent them."""

from __future__ import annotations

import hashlib
import json
import random
import secrets
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cache

from PIL import Image

from tests.attachments.files import pdf, saved
from triage.settings import Settings

_WORDS = ("vous", "partez", "ce soir", "maire", "route", "école", "conseil", "vote", "plainte", "voisin")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Report:
    """What one person sends, and what they were told of it."""

    text: str
    files: list[tuple[str, bytes]]
    by_form: bool
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    receipt: str = ""
    told: bool = False  # that it is kept, before the code
    tries: int = 0
    took: float = 0.0  # seconds from the first try to the acknowledgement

    @property
    def path(self) -> str:
        return "/signalement" if self.by_form else "/api/v1/reports"

    def request(self) -> bytes:
        """All of it, the same at each try."""
        told = (
            [("text", self.text), ("key", self.key)] if self.by_form else [("report", json.dumps({"text": self.text}))]
        )
        parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in told]
        parts += [
            f'name="files"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode() + content
            for name, content in self.files
        ]
        line = f"--{self.key}"
        body = b"".join(f"{line}\r\nContent-Disposition: form-data; ".encode() + one + b"\r\n" for one in parts)
        body += f"{line}--\r\n".encode()
        head = [
            f"POST {self.path} HTTP/1.1",
            "Host: guichet",
            f"Content-Type: multipart/form-data; boundary={self.key}",
            f"Content-Length: {len(body)}",
            f"Idempotency-Key: {self.key}",
            "Connection: close",
        ]
        return "\r\n".join([*head, "", ""]).encode() + body


def made(chance: random.Random) -> Report:
    """Another one."""
    mark = secrets.token_hex(6)
    text = f"{chance.choice(_texts())}\nRepère : {mark}."
    kinds = chance.choices([_note, _mail, _picture, _pages], weights=[6, 4, 1, 1], k=chance.choice([1, 1, 1, 2]))
    return Report(text, [kind(mark, chance) for kind in kinds], by_form=chance.random() < 0.3)


@cache
def _texts() -> list[str]:
    """What people told: the texts that models learn from."""
    lines = [line for path in (Settings().models / "corpus").glob("*.jsonl") for line in path.read_text().splitlines()]
    return [str(json.loads(line)["text"]) for line in lines]


def _note(mark: str, chance: random.Random) -> tuple[str, bytes]:
    said = " ".join(
        chance.choices(
            ["vous", "partez", "ce", "soir", "maire", "route", "école", "conseil", "vote", "plainte", "voisin"], k=2_000
        )
    )
    return f"note-{mark}.txt", f"Notes du secrétariat, repère {mark}.\n\n{said}\n".encode()


def _mail(mark: str, chance: random.Random) -> tuple[str, bytes]:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "x@exemple.net", "mairie@exemple.fr", f"Repère {mark}"
    message["Date"] = "Wed, 18 Mar 2026 22:30:00 +0100"
    message.set_content("Démissionnez. " * chance.randrange(10, 400))
    return f"{mark}.eml", message.as_bytes()


def _picture(mark: str, chance: random.Random) -> tuple[str, bytes]:
    return f"{mark}.png", saved(Image.frombytes("RGB", (64, 64), chance.randbytes(64 * 64 * 3)), "PNG")


def _pages(mark: str, chance: random.Random) -> tuple[str, bytes]:
    return f"{mark}.pdf", pdf((f"Courrier {mark}", "Page deux"))
