"""The HTML and the CSS as the validator of the W3C reads them, and what Lighthouse measures of the pages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT
from tests.web.serving import CHROMIUM, missing, served
from triage.desk.office import Office
from triage.engine import Engine
from triage.jobs.work import read_files, sort_comments
from triage.settings import Settings
from triage.web.app import create_app

VNU = ROOT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
LIGHTHOUSE = ROOT / "node_modules" / "lighthouse" / "cli" / "index.js"
STATIC = ROOT / "triage" / "web" / "static"
THREAT = "Je suis maire. Hier par SMS : « je sais où tu habites, je vais te tuer »."
CALM = "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte ni menace."
MINOR = "Ma fille de 14 ans a envoyé une photo intime ; un garçon menace de la diffuser si elle ne paie pas."
REMARKS = "auteur;date;commentaire\n" + "".join(f"a{i};2026-03-12 22:{i:02};je vais te tuer\n" for i in range(12))
FILES = [
    ("files", ("note « été ».txt", b"Je vais te tuer ce soir.")),
    ("files", ("commentaires.csv", REMARKS.encode())),
    ("files", ("programme.exe", b"MZ" + bytes(90))),
]
PLACES = ("messages", "pieces", "precisions", "chronologie", "dossier", "effacer", "commentaires")
# What Lighthouse asks of a page, out of 1.
LEAST = {"accessibility": 1.0, "best-practices": 0.95}


@pytest.fixture(scope="module")
def guichet(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Office]]:
    settings = Settings(data=tmp_path_factory.mktemp("quality"), per_minute=100_000, smtp="localhost:25")
    app = create_app(settings, engine)
    app.state.wake = lambda: None
    with served(app) as port:
        yield f"http://127.0.0.1:{port}", app.state.office
    app.state.office.database.close()


def browse(address: str, office: Office) -> Iterator[tuple[str, httpx.Response]]:
    """Every page in each of its states, by name."""
    fiches = [f"/fiches/{fiche}" for fiche in ("menace", "suicide", "facebook", "rien")]
    with httpx.Client(base_url=address, follow_redirects=True, timeout=60) as client:
        for place in ("/", "/aide", "/donnees", "/accessibilite", "/module", "/fiches", "/fiches?q=menace", *fiches):
            yield f"public {place}", client.get(place)
        for name, data in {"one": {}, "two": {"who": "moi"}, "three": {"who": "moi", "touched": "compte"}}.items():
            yield f"guided {name}", client.post("/aide", data=data)
        for name, text in {"threat": THREAT, "calm": CALM, "minor": MINOR, "empty": " "}.items():
            yield f"facts {name}", client.post("/recit", data={"text": text})
            yield f"diagnostic {name}", client.post("/diagnostic", data={"text": text})
        yield "no page", client.get("/rien")
        yield "code", client.get("/suivi")
        yield "wrong code", client.post("/suivi", data={"code": "12"})
        yield from _case(client, office)


def _case(client: httpx.Client, office: Office) -> Iterator[tuple[str, httpx.Response]]:
    yield "question", client.post("/signalement", data={"text": THREAT}, files=FILES)
    yield "case just sent", client.get("/suivi")
    read_files(office, None)
    sort_comments(office, None, 1)
    client.post("/suivi/note")
    client.post("/suivi/mesures", data={"measure": "referent"})
    client.post("/suivi/messages", data={"message": "Il a recommencé.\nDeux fois."})
    yield "case", client.get("/suivi")
    for place in PLACES:
        yield f"case {place}", client.get(f"/suivi/{place}")
    yield "case, wrong correction", client.post("/suivi/corriger", data={"type": "", "comment": ""})
    yield "case, empty message", client.post("/suivi/messages", data={"message": " "})
    yield "case, no file", client.post("/suivi/pieces", files=FILES[2:])
    yield "asked", client.post("/suivi/effacer")
    client.post("/suivi/quitter")
    client.post("/signalement", data={"text": CALM})
    yield "calm case", client.get("/suivi")
    yield "calm case, to be erased", client.get("/suivi/effacer")
    yield "erased", client.post("/suivi/effacer")


def tool(name: str, how: str, *files: Path) -> str:
    """The program `name`, where the `files` that it needs are."""
    found = shutil.which(name)
    if found is None or not all(file.is_file() for file in files):
        missing(f"{name} ou ses fichiers sont absents", how)
    return str(found)


@pytest.mark.whole
def test_every_page_and_every_sheet_is_valid(guichet: tuple[str, Office], tmp_path: Path) -> None:
    java = tool("java", "lancez « make system » puis « scripts/front.py --with-dev »", VNU)
    for number, (name, response) in enumerate(browse(*guichet)):
        assert response.status_code < 500, name
        assert response.headers["content-type"].startswith("text/html"), name
        (tmp_path / f"{number:03}-{name.replace('/', '_')}.html").write_text(response.text, encoding="utf-8")
    pages, sheets = sorted(tmp_path.glob("*.html")), sorted(STATIC.glob("*.css"))
    assert len(pages) > 40
    reading = [
        subprocess.Popen([java, "-jar", VNU, "--errors-only", *more, *files], stderr=subprocess.PIPE, text=True)
        for more, files in (([], pages), (["--css"], sheets))
    ]
    said = [one.communicate(timeout=120)[1] for one in reading]
    assert [text for one, text in zip(reading, said, strict=True) if one.returncode] == []


@pytest.mark.whole
def test_lighthouse_finds_the_first_page_and_a_case_accessible(guichet: tuple[str, Office], tmp_path: Path) -> None:
    node = tool("node", "lancez « scripts/front.py --with-dev »", LIGHTHOUSE)
    if CHROMIUM is None:
        missing("Chromium est absent", "lancez « make system »")
    address, _ = guichet
    with httpx.Client(base_url=address, follow_redirects=True, timeout=60) as client:
        client.post("/signalement", data={"text": THREAT})
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    (tmp_path / "headers.json").write_text(json.dumps({"Cookie": cookies}))
    running = [_lighthouse(node, address + place, tmp_path) for place in ("/", "/suivi")]
    for place, one in zip(("/", "/suivi"), running, strict=True):
        out, err = one.communicate(timeout=120)
        assert one.returncode == 0, err
        report = json.loads(out)
        assert report["finalDisplayedUrl"] == address + place
        below = {
            name: [key for key, audit in report["audits"].items() if audit["score"] not in (None, 1)]
            for name, least in LEAST.items()
            if report["categories"][name]["score"] < least
        }
        assert below == {}, place


def _lighthouse(node: str, url: str, folder: Path) -> subprocess.Popen[str]:
    flags = "--headless --no-sandbox --disable-background-networking"
    asked = [f"--only-categories={','.join(LEAST)}", f"--extra-headers={folder / 'headers.json'}"]
    return subprocess.Popen(
        [node, LIGHTHOUSE, url, f"--chrome-flags={flags}", *asked, "--output=json", "--quiet"],
        env={**os.environ, "CHROME_PATH": str(CHROMIUM)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
