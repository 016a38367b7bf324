"""What protects the person: the browser is told nothing more than it must know, and no one else anything at all."""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from fastapi import FastAPI
from lxml import html

from tests.web.api_app import CALM, THREAT, api_app, bearer, deposit, refused
from tests.web.visitor import Visitor, unsigned
from triage.attachments.reading import MAX_FILE
from triage.desk import evidence, follow_up
from triage.desk.case import open_by
from triage.desk.evidence import File
from triage.desk.office import new_receipt
from triage.engine import Engine
from triage.jobs.work import read_files, sort_comments
from triage.web.access import COOKIE, REFUSED_COOKIE
from triage.web.room import SMALL, Room

ROOT = Path(__file__).parents[2]
WEB = ROOT / "triage" / "web"
ATTACK = '"\'><script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:alert(3)">'
ME = "/api/v1/reports/me"
PROGRAM = b"MZ\x90\x00" * 20
# What is the same for everybody, and holds nothing of anybody.
PUBLIC = {
    "/fiches",
    "/fiches.json",
    "/fiches/{name}",
    "/hors-ligne",
    "/manifest.webmanifest",
    "/sw.js",
    "/module.js",
} | {
    "/donnees",
    "/accessibilite",
}


@pytest.fixture(scope="module")
def app(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    made = api_app(engine, tmp_path_factory.mktemp("protection"))
    yield made
    made.state.office.database.close()


@pytest.fixture
def client(app: FastAPI) -> Visitor:
    """A fresh browser, in clear on the machine itself."""
    return Visitor(app)


def sent(client: Visitor, text: str = CALM, *files: tuple[str, bytes], **more: str) -> str:
    """The code of a report sent through the pages; the browser then holds it."""
    uploads = [("files", (name, content)) for name, content in files]
    answer = client.post("/signalement", data={"text": text, **more}, files=uploads or None, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    shown = html.fromstring(client.get("/suivi").content).find_class("code-shown")
    return re.sub(r"\D", "", shown[0].text_content())


def case_of(app: FastAPI, code: str) -> str:
    return open_by(app.state.office, code) or ""


def paths(app: FastAPI) -> list[tuple[str, str]]:
    """Every path of the application with each of its methods."""
    found = {}

    def walk(routes: Any, prefix: str = "") -> None:
        for route in routes:
            inner = getattr(route, "original_router", None) or getattr(route, "router", None)
            if inner is not None:
                walk(inner.routes, prefix)
            elif getattr(route, "methods", None):
                found.update(dict.fromkeys((prefix + route.path, method) for method in route.methods))

    walk(app.routes)
    return sorted(found)


# --- Every answer -----------------------------------------------------------------------------------------------


def test_every_route_answers_with_the_protective_headers(app: FastAPI, client: Visitor) -> None:
    code = sent(client, CALM, ("note.txt", b"Bonjour"))
    everything = paths(app)
    assert len(everything) > 50, everything
    for path, method in everything:
        answer = (
            client.request(
                method,
                path.replace("{number}", "1").replace("{name}", "menace"),
                headers=bearer(code) | {"Cookie": f"{COOKIE}={client.cookies.get(COOKIE)}"},
                follow_redirects=False,
            )
            if path not in ("/suivi/effacer", ME) or method == "GET"
            else client.get("/suivi")
        )
        headers = answer.headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"], path
        if path != "/module":
            assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["referrer-policy"] == "no-referrer", path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["cross-origin-opener-policy"] == "same-origin", path
        if path not in PUBLIC:
            assert headers["cache-control"] == "no-store", path
        assert answer.status_code != 500, (method, path)


def test_a_failure_is_protected_too_and_tells_nothing(
    client: Visitor, app: FastAPI, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object, told: str, *more: object) -> None:
        raise RuntimeError(told)

    monkeypatch.setattr("triage.web.pages._diagnosed", broken)
    answer = client.post("/diagnostic", data={"text": THREAT})
    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert "Traceback" not in answer.text and "tuer" not in answer.text
    assert "RuntimeError" in caplog.text and "tuer" not in caplog.text


@pytest.mark.parametrize("path", ["/absent", "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fapp.py"])
def test_what_is_not_there_is_not_found(client: Visitor, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["//exemple.org", "//exemple.org/", "/suivi/?retour=https://exemple.org", "/fiches/"])
def test_no_address_leads_to_another_site(client: Visitor, path: str) -> None:
    answer = client.get(f"http://testserver{path}", follow_redirects=False)
    assert answer.headers.get("location", "/").replace("http://testserver", "").startswith("/")
    assert not answer.headers.get("location", "").replace("http://testserver", "").startswith("//")


def test_nothing_is_loaded_from_elsewhere(client: Visitor) -> None:
    """Neither the pages, nor the styles, nor our scripts name another site as something to load."""
    sent(client, THREAT)
    for path in ("/", "/aide", "/suivi", "/suivi/pieces", "/suivi/messages", "/fiches", "/donnees", "/module"):
        page = html.fromstring(client.get(path).content)
        loaded = page.xpath("//script/@src | //img/@src | //iframe/@src | //link/@href | //form/@action | //*/@srcset")
        assert [one for one in loaded if not re.match(r"/(?!/)", one)] == [], path
        assert page.xpath("//script[not(@src)] | //style | //*[@style]") == [], path
    for sheet in WEB.rglob("*.css"):
        assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", sheet.read_text(encoding="utf-8")), sheet
    for script in (WEB / "static").glob("*.js"):
        assert not re.search(r"https?://|localStorage|indexedDB|document\.cookie", script.read_text()), script


def test_the_titles_of_personal_pages_say_nothing(client: Visitor) -> None:
    sent(client, THREAT)
    for path in (
        "/suivi",
        "/suivi/pieces",
        "/suivi/messages",
        "/suivi/chronologie",
        "/suivi/dossier",
        "/suivi/effacer",
    ):
        assert html.fromstring(client.get(path).content).findtext(".//title") == "Guichet", path


# --- Hostile words ----------------------------------------------------------------------------------------------


def harmless(page: str) -> bool:
    """Whether a page runs nothing that somebody wrote in it."""
    tree = html.fromstring(page)
    inline = tree.xpath("//script[not(@src)] | //img[@src='x'] | //*[@*[starts-with(name(), 'on')]]")
    return not inline and not tree.xpath("//@href[starts-with(., 'javascript:')]")


def hostile_mail() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f'"{ATTACK}" <a@exemple.fr>'.replace('"', ""), "b@exemple.fr", ATTACK
    mail["Date"] = "Wed, 18 Mar 2026 22:30:00 +0100"
    mail.set_content(ATTACK)
    return mail.as_bytes()


def test_no_word_of_anybody_is_run(app: FastAPI, client: Visitor) -> None:
    table = f"auteur;date;commentaire\n{ATTACK};2026-11-20;je vais te tuer {ATTACK}\n".replace('"', "") * 3
    told = dict.fromkeys(("contact", "hours", "addresses", "key", "departement", "who", "began", "force"), ATTACK)
    files = [
        (f"{ATTACK}.txt", ATTACK.encode()),
        ("a.eml", hostile_mail()),
        ("x.csv", table.encode()),
        ("y.exe", PROGRAM),
    ]
    code = sent(client, f"{THREAT} {ATTACK}", *files, **told)
    office = app.state.office
    read_files(office, None)
    sort_comments(office, None, 1)
    follow_up.write(office, case_of(app, code), "agent", ATTACK, datetime.now(UTC))
    client.post("/suivi/messages", data={"message": ATTACK})
    client.post("/suivi/corriger", data={"comment": ATTACK})
    for path in ("", "/pieces", "/messages", "/commentaires", "/chronologie", "/precisions", "/dossier", "/question"):
        page = client.get(f"/suivi{path}")
        assert page.status_code == 200, path
        assert harmless(page.text), path
    for path, fields in {
        "/recit": {"text": THREAT + ATTACK},
        "/diagnostic": {"text": THREAT + ATTACK, f"question.{ATTACK}": ATTACK},
        "/modifier": {"text": ATTACK},
        "/aide": {"who": ATTACK, "touched": ATTACK},
        "/suivi": {"code": ATTACK},
        "/suivi/corriger": {"type": ATTACK},
        "/suivi/mesures": {"measure": ATTACK},
        "/suivi/question": {"question": ATTACK, "answer": ATTACK},
    }.items():
        assert harmless(client.post(path, data=fields).text), path
    assert harmless(client.get("/fiches", params={"q": ATTACK}).text)
    assert harmless(client.get(f"/fiches/{ATTACK}").text)


def test_what_is_taken_away_runs_nothing_and_leads_nowhere(app: FastAPI, client: Visitor) -> None:
    """Neither formulas in the table, nor paths in the archive, nor markup in the pages or the letters."""
    table = "auteur;date;commentaire\n=cmd|' /C calc'!A0;2026-11-20;\"@SUM(1) je vais te tuer\"\n" * 3
    marks = f'{THREAT} #import "x.typ" #panic() *_$ \\ </w:t><w:instrText>DDE</w:instrText> {{{{1}}}}'
    sent(client, marks, ("../../etc/passwd", b"bonjour"), ("C:\\a\\..\\b.html", b"bonjour"), ("c.csv", table.encode()))
    read_files(app.state.office, None)
    sort_comments(app.state.office, None, 1)
    archive = zipfile.ZipFile(io.BytesIO(client.get("/suivi/dossier.zip").content))
    assert not any(name.startswith("/") or ".." in name or "\\" in name for name in archive.namelist())
    assert not any(name.endswith(".html") for name in archive.namelist())
    cells = re.split(r"[;\r\n]+", archive.read("commentaires.csv").decode("utf-8-sig"))
    assert not [cell for cell in cells if cell.lstrip('"').startswith(("=", "@", "+"))]
    letter = zipfile.ZipFile(io.BytesIO(client.get("/suivi/plainte.docx").content)).read("word/document.xml").decode()
    assert "<w:instrText" not in letter
    assert client.get("/suivi/dossier.pdf").content.startswith(b"%PDF-")


def test_a_name_that_hides_its_ending_is_shown_plain(app: FastAPI, client: Visitor) -> None:
    sent(client, CALM, ("photo\u202egpj.exe\u2066.txt", b"bonjour"), ("m\u200brtel\u202e.exe", PROGRAM))
    pages = client.get("/suivi").text + client.get("/suivi/pieces").text
    assert not re.search("[\u200b\u202a-\u202e\u2066-\u2069]", pages)


@pytest.mark.parametrize(
    "content",
    [b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"<!doctype html><script>alert(1)</script>"],
)
def test_an_exhibit_is_saved_and_never_shown(app: FastAPI, client: Visitor, content: bytes) -> None:
    office, code = app.state.office, sent(client, CALM, ("note.txt", b"bonjour"))
    evidence.add(office, case_of(app, code), [File('a".html', content)], datetime.now(UTC))
    for number in (1, 2):
        for answer in (
            client.get(f"/suivi/pieces/{number}"),
            client.get(f"{ME}/evidence/{number}", headers=bearer(code)),
        ):
            if answer.status_code == 404:  # a script is refused when it is sent
                continue
            assert answer.headers["content-type"] == "application/octet-stream"
            assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
            assert '"' not in answer.headers["content-disposition"]
    assert client.get("/suivi/pieces/1/apercu").status_code == 404


def test_malware_is_given_back_by_no_way(app: FastAPI, client: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    code = sent(client, CALM, ("note.txt", b"bonjour"))
    monkeypatch.setattr(evidence, "scan", lambda *_: "Eicar")
    monkeypatch.setattr(app.state.office.__class__, "clamav", "127.0.0.1:3310")
    object.__setattr__(app.state.office, "clamav", "127.0.0.1:3310")
    read_files(app.state.office, None)
    object.__setattr__(app.state.office, "clamav", "")
    assert client.get("/suivi/pieces/1").status_code == 400
    refused(client.get(f"{ME}/evidence/1", headers=bearer(code)), 409)
    assert b"bonjour" not in client.get("/suivi/dossier.zip").content


# --- Other sites ------------------------------------------------------------------------------------------------

FOREIGN = [
    {"Origin": "https://exemple.org"},
    {"Origin": "http://["},  # no address at all
    {"Referer": "http://["},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},  # a frame in a sandbox
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://testserver.exemple.org", "Sec-Fetch-Site": "same-origin"},
]
OURS = [{"Origin": "http://testserver"}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, {}]
# What only shows again what it was sent: the module sends there from other sites.
STATELESS = {"/recit", "/modifier", "/diagnostic", "/echeances.ics", "/aide", "/api/v1/triage"}


def test_no_form_is_followed_that_another_site_sends(app: FastAPI, client: Visitor) -> None:
    sent(client)
    posts = [path for path, method in paths(app) if method == "POST" and not path.startswith(ME)]
    for path in posts:
        if path not in STATELESS:
            for headers in FOREIGN:
                assert client.post(path, headers=headers).status_code == 403, (path, headers)


@pytest.mark.parametrize("charset", ["undefined", "idna", "utf-7", "raw_unicode_escape", '"utf-16"'])
def test_a_form_in_another_encoding_is_refused_unread(client: Visitor, charset: str) -> None:
    """Python fails on the first ones whatever is sent, and makes half characters of it with the others."""
    body = '--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n\\ud800 é\r\n--b--\r\n'.encode()
    for path in ("/signalement", "/diagnostic", "/api/v1/reports"):
        headers = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
        assert client.post(path, content=body, headers=headers).status_code == 415
    headers = {"Content-Type": "multipart/form-data; boundary=b; charset=UTF-8"}
    assert client.post("/diagnostic", content=body, headers=headers).status_code == 200


@pytest.mark.parametrize("headers", OURS)
def test_our_own_forms_are_followed(client: Visitor, headers: dict[str, str]) -> None:
    sent(client)
    assert client.post("/suivi/note", headers=headers, follow_redirects=False).status_code == 303


def test_the_public_address_is_ours_behind_a_proxy_that_renames_the_host(engine: Engine, tmp_path: Path) -> None:
    app = api_app(engine, tmp_path, address="https://guichet.exemple.fr")
    headers = {"Origin": "https://guichet.exemple.fr", "Sec-Fetch-Site": "same-origin"}
    answer = Visitor(app).post("/signalement", data={"text": CALM}, headers=headers, follow_redirects=False)
    assert answer.status_code == 303
    assert all("; Secure" in one for one in answer.headers.get_list("set-cookie"))
    assert answer.headers["strict-transport-security"]
    app.state.office.database.close()


# --- The code ---------------------------------------------------------------------------------------------------


def test_the_cookie_is_kept_from_scripts_and_other_sites(client: Visitor) -> None:
    answer = client.post(
        "/signalement", data={"text": CALM}, files=[("files", ("a.exe", PROGRAM))], follow_redirects=False
    )
    cookies = answer.headers.get_list("set-cookie")
    assert {one.partition("=")[0] for one in cookies} == {COOKIE, REFUSED_COOKIE}
    for one in cookies:
        assert "HttpOnly" in one and "SameSite=strict" in one and "Path=/" in one and "Domain" not in one
    assert "Max-Age" not in next(one for one in cookies if one.startswith(f"{COOKIE}="))


def test_a_page_left_open_no_longer_opens_the_case(
    app: FastAPI, client: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty-five minutes without a page; each page begins them anew, what a script polls does not."""
    sent(client)
    start = datetime.now(UTC)

    def later(minutes: int) -> None:
        monkeypatch.setattr("time.time", lambda: (start + timedelta(minutes=minutes)).timestamp())

    later(40)
    assert "Votre dossier" in client.get("/suivi").text
    later(80)
    assert client.get("/suivi/lecture", headers={"HX-Request": "true"}).status_code == 200
    later(86)
    assert "Votre code à 16 chiffres" in client.get("/suivi").text


def test_a_cookie_cannot_be_made_up(app: FastAPI, client: Visitor) -> None:
    code = sent(client)
    for forged in ("", code, "AAAA", Fernet(Fernet.generate_key()).encrypt(code.encode()).decode()):
        other = Visitor(app, cookies={COOKIE: forged})
        assert "Votre code à 16 chiffres" in other.get("/suivi").text


def test_a_reason_told_by_cookie_opens_nothing(app: FastAPI, client: Visitor) -> None:
    """What the service seals for one purpose does not serve for another: a file's name could be a code."""
    code = sent(client)
    other = Visitor(app)
    sent_with = other.post(
        "/signalement", data={"text": CALM}, files=[("files", (f"{code}.exe", PROGRAM))], follow_redirects=False
    )
    told = sent_with.cookies[REFUSED_COOKIE]
    assert "Votre code à 16 chiffres" in Visitor(app, cookies={COOKIE: told}).get("/suivi").text


@pytest.mark.parametrize("way", ["/sortie", "/suivi/quitter", "/suivi/effacer"])
def test_leaving_leaves_nothing_in_the_browser(client: Visitor, way: str) -> None:
    sent(client)
    answer = client.get(way, follow_redirects=False) if way == "/sortie" else client.post(way, follow_redirects=False)
    assert answer.headers["clear-site-data"] == '"cache"'
    assert not {COOKIE, REFUSED_COOKIE} & set(client.cookies)


def test_codes_cannot_be_tried_for_long(engine: Engine, tmp_path: Path) -> None:
    """Ten codes a minute, of the 10^15 there are; an IPv6 provider's customer has one allowance, not 2^64."""
    app = api_app(engine, tmp_path, per_minute=60)
    tries = []
    for number in range(12):
        client = Visitor(app, client=(f"2001:db8:1:2::{number:x}", 1))
        tries.append(client.post("/suivi", data={"code": new_receipt()}).status_code)
    assert tries == [404] * 10 + [429] * 2
    assert Visitor(app, client=("2001:db8:1:3::1", 1)).post("/suivi", data={"code": "1"}).status_code == 400
    api = [Visitor(app).get(ME, headers=bearer(new_receipt())).status_code for _ in range(7)]
    assert api == [401] * 5 + [401, 429] or api[-1] == 429
    app.state.office.database.close()


def test_long_texts_are_slowed_down_sooner(engine: Engine, tmp_path: Path) -> None:
    """Reading fifty thousand characters takes a second: a minute of an address is not a minute of the processor."""
    app = api_app(engine, tmp_path, per_minute=60)
    tries = [Visitor(app).post("/diagnostic", data={"text": "mot " * 12_500}).status_code for _ in range(12)]
    assert tries.count(200) == 10
    app.state.office.database.close()


def test_an_erased_code_is_told_from_an_unknown_one_by_nothing(app: FastAPI, client: Visitor) -> None:
    code = sent(client)
    client.post("/suivi/effacer")
    erased, unknown = (Visitor(app).post("/suivi", data={"code": one}) for one in (code, new_receipt()))
    assert (erased.status_code, unsigned(erased.text)) == (unknown.status_code, unsigned(unknown.text))


def test_one_case_never_shows_another(app: FastAPI, client: Visitor) -> None:
    sent(client, CALM, ("note.txt", b"celle de la premiere"))
    other = Visitor(app)
    code = sent(other, CALM)
    assert other.get("/suivi/pieces/1").status_code == 404
    assert other.get("/suivi/pieces/1/apercu").status_code == 404
    assert other.get(f"{ME}/evidence/1", headers=bearer(code)).status_code == 404


def test_a_key_used_twice_gives_its_code_to_its_sender_only(client: Visitor) -> None:
    key = {"Idempotency-Key": "0123456789abcdef"}
    first = client.post("/api/v1/reports", json={"text": CALM}, headers=key).json()
    assert client.post("/api/v1/reports", json={"text": CALM}, headers=key).json()["receipt"] == first["receipt"]
    told = refused(client.post("/api/v1/reports", json={"text": THREAT}, headers=key), 409)
    assert "receipt" not in told and first["receipt"] not in str(told)


# --- What is sent -----------------------------------------------------------------------------------------------


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    file = f'; filename="{filename}"' if filename else ""
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content + b"\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="' + b"A" * 2_000_000 + b'"\r\n\r\nx\r\n--x--\r\n',
        b"--x\r\n" + b"A: b\r\n" * 200_000 + b"\r\nx\r\n--x--\r\n",
        part("a", b"b") * 20_000 + b"--x--\r\n",
        b"\r" * 2_000_000,
        part("text", b"b" * 2_000_000) + b"--x--\r\n",
        b"",
    ],
    ids=["a huge header", "many headers", "many fields", "no boundary", "a huge field", "nothing"],
)
def test_a_malformed_body_is_refused_at_once(client: Visitor, body: bytes) -> None:
    answer = client.post("/signalement", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 400
    assert "Maximum" not in answer.text and "boundary" not in answer.text


@pytest.mark.parametrize("length", ["999999999999", "-1", "x", "²", ""])
def test_a_length_that_cannot_be_is_refused(client: Visitor, length: str) -> None:
    headers = {"Content-Length": length.encode("latin-1"), "Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/recit", content=b"text=a", headers=headers).status_code == 413


def test_a_file_too_large_never_touches_a_disk(client: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.TemporaryFile", lambda *a, **b: pytest.fail("écrit en clair sur un disque"))
    files = [("files", ("grand.txt", b"a" * (MAX_FILE + 2**20)))]
    page = client.post("/signalement", data={"text": CALM}, files=files)
    assert "« grand.txt » n&#39;a pas été gardé." in page.text + client.get("/suivi").text


@pytest.fixture
def with_room(engine: Engine, tmp_path: Path) -> Iterator[Callable[[int], Visitor]]:
    """The guichet with so much room for evidence, and little patience."""
    with ExitStack() as stack:

        def made(most: int) -> Visitor:
            app = api_app(engine, tmp_path)
            (found,) = (one for one in app.user_middleware if one.cls is Room)
            found.kwargs.update(most=most, patience=0.1)
            stack.callback(app.state.office.database.close)
            return stack.enter_context(Visitor(app))

        yield made


def test_evidence_waits_for_room_and_a_report_never_does(with_room: Callable[[int], Visitor]) -> None:
    """More evidence at once than there is room for: 503, politely; a report alone goes through all the same."""
    client, large = with_room(SMALL), b"a" * (SMALL + 1)
    sent(client, CALM)
    answer = client.post("/signalement", data={"text": CALM}, files=[("files", ("a.txt", large))])
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "sans pièce" in answer.text
    told = client.post("/api/v1/reports", data={"report": "{}"}, files=[("files", ("a.txt", large))])
    assert "sans pièce" in refused(told, 503)["detail"]


def test_room_is_given_back(with_room: Callable[[int], Visitor]) -> None:
    client = with_room(2 * SMALL)
    for _ in range(3):
        sent(client, CALM, ("a.txt", b"a" * (SMALL + 1)))


# --- What is kept -----------------------------------------------------------------------------------------------

SECRETS = {
    "text": "Je suis maire de Trifouillis. On m'écrit « je vais te tuer ».",
    "contact": "06 39 98 11 22",
    "hours": "pas le mardi-zèbre",
    "addresses": "https://exemple.fr/ornithorynque",
    "mail": "jeanne-ornithorynque@exemple.fr",
}
WORDS = ("Trifouillis", "je vais te tuer", "39 98 11 22", "mardi-z", "ornithorynque", "cerise", "203.0.113.77")


def test_nothing_personal_is_written_anywhere(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in a log at any level, nor in any file of the service, nor in a folder of temporary files."""
    shared = tmp_path / "memory"
    shared.mkdir()
    monkeypatch.setattr("triage.scratch._MEMORY", str(shared))
    monkeypatch.setattr("tempfile.tempdir", str(shared))
    caplog.set_level(logging.DEBUG)
    app = api_app(engine, tmp_path / "data")
    client = Visitor(app, client=("203.0.113.77", 4321))
    code = sent(
        client,
        SECRETS["text"],
        ("cerise.txt", b"une cerise rouge"),
        ("cerise.exe", PROGRAM),
        **{name: value for name, value in SECRETS.items() if name != "text"},
    )
    read_files(app.state.office, None)
    client.post("/suivi/messages", data={"message": "une cerise de plus"})
    client.post("/suivi", data={"code": new_receipt()})
    assert client.get("/suivi/dossier.zip").status_code == 200
    app.state.office.database.close()
    assert len(caplog.records) > 0
    written = {"the log": caplog.text} | {
        str(path): path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()
    }
    for where, content in written.items():
        for word in (*WORDS, code):
            assert word not in content and word.encode().decode("latin-1") not in content, (where, word)
    assert list(shared.iterdir()) == []


def test_the_store_and_the_keys_are_for_their_owner_only(engine: Engine, tmp_path: Path) -> None:
    app = api_app(engine, tmp_path / "data")
    deposit(Visitor(app))
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    assert (tmp_path / "data" / "keys").stat().st_mode & 0o077 == 0
    app.state.office.database.close()


def test_a_notice_goes_to_one_address_and_carries_no_other_header(client: Visitor) -> None:
    for mail in ("a@b.fr\nBcc: c@d.fr", "a@b.fr\r\nSubject: x", "a@b.fr, c@d.fr", "a b@c.fr", "@b.fr", "a@b"):
        assert client.post("/api/v1/reports", json={"text": CALM, "mail": mail}).status_code == 400, mail
