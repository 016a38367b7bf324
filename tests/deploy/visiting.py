"""Somebody who tells a report with its evidence, waits until it is read, and takes the dossier: through HTTP alone.

Run as a script (ADDRESS FILES…), it prints what was had of a service that runs elsewhere, as JSON.
"""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

TOLD = "Je suis maire d'une petite commune. On me menace depuis hier, voici la capture du message que j'ai reçu."
PATIENCE = 180.0
_SIGNED = re.compile(r'name="jeton" value="([0-9a-f]+)"')


@dataclass(frozen=True)
class Visit:
    """What somebody was given: the level, what was noted while each file was read, the page, the first octets of the
    dossier; whether the model is missing."""

    level: str
    notes: dict[str, list[str]]
    page: str
    dossier: str
    degraded: bool


def visit(client: httpx.Client, files: list[Path]) -> Visit:
    """The whole way, on a service that may still be starting."""
    until(lambda: answered(client))
    degraded = client.get("/readyz").json()["degraded"]
    parts: list[Any] = [("report", (None, json.dumps({"text": TOLD}), "application/json"))]
    parts += [("files", (file.name, file.read_bytes())) for file in files]
    told = client.post("/api/v1/reports", files=parts, timeout=PATIENCE).raise_for_status().json()
    assert told["refused"] == []
    bearer = {"Authorization": f"Bearer {told['receipt']}"}
    exhibits = until(lambda: done(client, bearer))
    assert [one["state"] for one in exhibits] == ["read"] * len(files)
    signature = _SIGNED.search(client.get("/suivi").text)
    assert signature, "the page signs its form"
    client.post("/suivi", data={"code": told["receipt"], "jeton": signature[1]}).raise_for_status()
    page = client.get("/suivi").raise_for_status()
    dossier = client.get("/suivi/dossier.pdf", timeout=PATIENCE).raise_for_status().content
    notes = {one["name"]: one["notes"] for one in exhibits}
    return Visit(told["disposition"], notes, page.text, dossier[:5].decode("latin-1"), degraded)


def answered(client: httpx.Client) -> httpx.Response | None:
    """/healthz, once it is answered."""
    try:
        answer = client.get("/healthz")
    except httpx.TransportError:
        return None
    return answer if answer.status_code == 200 else None


def done(client: httpx.Client, bearer: dict[str, str]) -> Any:
    """The exhibits, once none is waiting to be read."""
    found = client.get("/api/v1/reports/me/evidence", headers=bearer).raise_for_status().json()["exhibits"]
    return None if any(one["state"] == "pending" for one in found) else found


def until(look: Any) -> Any:
    """What `look` finds, within the patience of a loaded machine."""
    limit = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < limit, "nothing came"
        time.sleep(1)  # below what one address may ask in a minute
    return found


if __name__ == "__main__":
    with httpx.Client(base_url=sys.argv[1], follow_redirects=True) as browser:
        sys.stdout.write(json.dumps(asdict(visit(browser, [Path(name) for name in sys.argv[2:]]))))
