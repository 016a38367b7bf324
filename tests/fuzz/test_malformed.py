"""A collection of files that break readers: each is read or refused, in French and in time, and hurts nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.fuzz.malformed import FILES, NAMES, content_of
from tests.fuzz.reading import MALFORMED
from tests.fuzz.running import Target
from tests.fuzz.test_attachments import read_all
from tests.web.api_app import CALM, api_app, bearer
from triage.engine import Engine

pytestmark = pytest.mark.whole
_SENTENCES = re.compile(r"« [^»]+ » n'a pas été gardé\. [A-Z].+[.»]")
_AT_ONCE = 20
_READ = 20  # of the collection, at least: what is only refused tells nothing of the readers


def test_each_is_read_or_refused() -> None:
    target = Target(MALFORMED, len(FILES), len(FILES))
    deadly = read_all(target)
    target.check("read", _READ / len(FILES), steady=False)
    assert len(deadly) <= 2


def test_each_can_be_sent_and_none_keeps_a_report_from_being_received(engine: Engine, tmp_path: Path) -> None:
    app, kept, refused = api_app(engine, tmp_path), list[str](), list[str]()
    client, names = TestClient(app, raise_server_exceptions=False), [*FILES]
    for first in range(0, len(names), _AT_ONCE):
        some = names[first : first + _AT_ONCE]
        files = [("files", (NAMES[i % len(NAMES)], content_of(name))) for i, name in enumerate(some)]
        answer = client.post("/api/v1/reports", data={"report": f'{{"text": "{CALM}"}}'}, files=files)
        assert answer.status_code == 201, answer.text
        refused += answer.json()["refused"]
        shown = client.get("/api/v1/reports/me/evidence", headers=bearer(answer.json()["receipt"])).json()
        kept += [one["name"] for one in shown["exhibits"]]
    app.state.office.database.close()
    assert len(kept) + len(refused) == len(FILES)
    assert [one for one in refused if not _SENTENCES.fullmatch(one)] == []
    assert all(name.isprintable() and not set("/\\") & set(name) for name in kept)
