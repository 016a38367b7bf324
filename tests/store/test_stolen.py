"""A stolen store or backup, without the keys: nothing that was told or written of a case can be read in it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, inspect, select, text

from tests.desk.measures.conftest import directory, holds
from tests.store.filling import source_of
from tests.web.desk.conftest import Desk
from tests.web.visitor import Visitor
from triage.desk.alerts.raising import look
from triage.desk.campaigns.finding import catch_up
from triage.desk.case import open_by
from triage.engine import Engine
from triage.jobs.work import read_files
from triage.store.backups.making import back_up
from triage.store.campaign_tables import SIGNATURES
from triage.store.campaigns import of_cases
from triage.store.desk_tables import ALERTS, MEASURE_STEPS, MESSAGE_FILES, NOTES, WEBHOOKS
from triage.store.named_tables import ACCOUNTS, CAMPAIGN_NAMES, DUTY_NAMES, VIEW_NAMES
from triage.store.tables import EXHIBITS, FEEDBACK, MESSAGES
from triage.web.desk.door import HOME

NAMED = (ACCOUNTS, CAMPAIGN_NAMES, DUTY_NAMES, VIEW_NAMES)
OWN = {"sec-fetch-site": "same-origin"}
# The same words in two reports make a campaign, in the campaign's own tables.
SAID = "on connait la Citroen verte de Perrinot et le portail de Valbrisson, demission ou tout brulera cet hiver"
REPORT = (
    f"Je suis maire. J'ai lu ce matin : « {SAID} ». C'est signe @corbeau_zymolite, du 06 98 76 54 32, et il renvoie "
    "vers https://forum-zibeline.example/fil/4242 et vers le compte FR7612345987650123456789014."
)
FACTS = {
    "contact": "Ondine Perrinot, 07 55 44 33 22",
    "hours": "apres la chorale de Grimolle",
    "mail": "ondine.perrinot@mairie-valbrisson.example",
    "addresses": ["https://reseau-quetsche.example/posts/987654321"],
    "departement": "35",
    "commune": "Clairval",
}
FILE_NAME, FILE_TEXT = "capture-tournebroche.txt", "Le chien de la voisine Hermeline a ete empoisonne au zinc."
WRITTEN = {
    "message": "Il a recommence devant le gymnase Tarasquin.",
    "answer": "Nous avons prevenu le brigadier Folcoche, bureau 318.",
    "note": "Le suspect serait un certain Malivert, garagiste.",
    "measure": "Cabinet prevenu, dossier de Mme Ondelette.",
    "sent": "courrier-mirabelle.txt",
    "sent text": "Rendez-vous au tribunal, porte Sarrasine.",
    "correction": "Ce n'est pas exact, dit Barnabe Quillet.",
}
NEEDLES = (
    *("Citroen verte", "Perrinot", "Valbrisson", "tout brulera", "corbeau_zymolite", "forum-zibeline", "98 76 54 32"),
    *("0698765432", "33698765432", "FR76123459876", "FR76 1234", "55 44 33 22", "0755443322", "chorale", "quetsche"),
    *("987654321", "Grimolle", "ondine.perrinot", "tournebroche", "Hermeline", "empoisonne", "Tarasquin", "Folcoche"),
    *("Malivert", "Ondelette", "mirabelle", "Sarrasine", "Quillet", "Claude Zephyrin", "Wolframite", "Cunegonde"),
    *("Grelot", "cunegonde.grelot", "Pulcherie"),
)
LOGIN = "cunegonde.grelot@brigade-valbrisson.example"
# Told in clear by the store: levels, types, places, services.
CLEAR = ("urgent", "relais.example", "Clairval")


def forms(word: str) -> Iterator[bytes]:
    """How a word may be written: in bytes, two bytes a letter, hexadecimal, in base64 wherever it begins."""
    for raw in (word.lower().encode(), word.lower().encode("utf-16-le")):
        yield raw
        yield raw.hex().encode()
    for written in (word, word.lower(), word.upper()):
        for raw in (written.encode(), written.encode("utf-16-le")):
            for shift in range(3):
                whole = b64encode(b"\0" * shift + raw)
                yield whole[(4 if shift else 0) : -4]


def found(stolen: bytes, words: tuple[str, ...]) -> list[str]:
    """The words that can be read in what was stolen."""
    lower = stolen.lower()
    return [word for word in words if any(form in lower or form in stolen for form in forms(word) if len(form) > 5)]


def stolen_store(desk: Desk, data: Path) -> bytes:
    """All that the store holds: SQLite's files with their journals and the queue's, or every table of PostgreSQL."""
    if desk.office.database.engine.dialect.name == "sqlite":
        files = [*data.glob("triage.sqlite*"), *data.glob("jobs.sqlite*")]
        assert {"triage.sqlite", "jobs.sqlite"} <= {path.name for path in files}
        return b"\n".join(path.read_bytes() for path in files)
    engine = create_engine(desk.office.database.url)
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        assert any(name.startswith("huey") for name in tables)
        values = [
            value if isinstance(value, bytes) else str(value).encode()
            for name in tables
            for row in connection.execute(text(f'SELECT * FROM "{name}"'))
            for value in row
        ]
    engine.dispose()
    return b"\n".join(bytes(value) for value in values)


@pytest.fixture
def desk(engine: Engine, tmp_path: Path, store_address: str) -> Iterator[Desk]:
    made = Desk(engine, tmp_path, **({} if store_address.startswith("sqlite") else {"database": store_address}))
    yield made
    made.close()


def post(client: Visitor, path: str, form: dict[str, str], **more: object) -> None:
    answer = client.post(path, data=form, headers=OWN, **more)  # type: ignore[arg-type]
    assert answer.status_code in (200, 201, 303), (path, answer.status_code, answer.text[:2000])


def reported(client: Visitor, said: str, **facts: object) -> str:
    """A report by the API, with a piece; its code."""
    parts = [
        ("report", (None, json.dumps({"text": said, **facts}), "application/json")),
        ("files", (FILE_NAME, FILE_TEXT.encode())),
    ]
    answer = client.post("/api/v1/reports", files=parts)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["receipt"])


def lived(desk: Desk) -> tuple[str, ...]:
    """A case with all that may be told and written of one, through the pages and the API; its codes, as written."""
    directory(desk.office)
    official, agent = desk.browser(), desk.person("agent", unit="BR-01", login=LOGIN, name="Cunegonde Grelot")
    alike = REPORT.replace("Je suis maire.", "Bonjour, pour notre conseillere.")
    codes = reported(official, REPORT, **FACTS), reported(official, alike, departement="22")
    case_id = open_by(desk.office, codes[0])
    assert case_id
    bearer = {"Authorization": f"Bearer {codes[0]}"}
    sent = official.post("/api/v1/reports/me/messages", json={"text": WRITTEN["message"]}, headers=bearer)
    assert sent.status_code == 201, sent.text
    post(official, "/suivi", {"code": codes[0]})
    post(official, "/suivi/corriger", {"type": "", "comment": WRITTEN["correction"]})
    read_files(desk.office, None)
    catch_up(desk.office, lambda: datetime.now(UTC))
    browser, page = desk.browser(agent), f"{HOME}/dossiers/{case_id}"
    holds(desk.office, agent, case_id, datetime.now(UTC))
    attached = {"files": (WRITTEN["sent"], WRITTEN["sent text"].encode())}
    post(browser, f"{page}/messages", {"message": WRITTEN["answer"]}, files=attached)
    post(browser, f"{page}/notes", {"note": WRITTEN["note"]})
    post(browser, f"{page}/mesures", {"kind": "bouton_appel", "note": WRITTEN["measure"]})
    letter = {"official": "Claude Zephyrin", "narrative": "oui", "as": "pdf"}
    post(browser, f"{page}/mesures/bouton_appel/lettres/demande", letter)
    post(browser, "/desk/vues", {"nom": "Suivi de Pulcherie", "niveau": "urgent"})
    chief, soon = desk.browser(desk.person("supervisor")), datetime.now(UTC) + timedelta(days=1)
    shift = {"login": LOGIN, "departement": "35", "force": "gendarmerie"}
    shift |= {"starts": f"{soon:%Y-%m-%dT08:00}", "ends": f"{soon:%Y-%m-%dT20:00}"}
    post(chief, "/desk/gardes", shift)
    administrator = desk.browser(desk.person("administrator"))
    post(administrator, "/desk/envois/services", {"name": "Relais", "url": "https://relais.example/hook"})
    with desk.office.database.read() as connection:
        campaign = of_cases(connection, [case_id])[case_id]
    post(browser, f"{HOME}/campagnes/{campaign}/nom", {"name": "Campagne Wolframite"})
    look(desk.office, datetime.now(UTC) + timedelta(hours=3), mail=True)
    desk.app.state.wake()
    for table in (
        FEEDBACK,
        MESSAGES,
        NOTES,
        MEASURE_STEPS,
        MESSAGE_FILES,
        EXHIBITS,
        SIGNATURES,
        WEBHOOKS,
        ALERTS,
        *NAMED,
    ):
        with desk.office.database.read() as connection:  # else nothing would have been planted there
            assert connection.scalar(select(func.count()).select_from(table)), table.name
    return codes


def test_nothing_that_was_told_or_written_can_be_read(desk: Desk, tmp_path: Path) -> None:
    codes = lived(desk)
    back_up(source_of(desk.office, tmp_path), tmp_path / "saved", datetime.now(UTC))
    backup = b"\n".join(path.read_bytes() for path in (tmp_path / "saved").rglob("*") if path.is_file())
    stolen = stolen_store(desk, tmp_path)
    secrets = (*NEEDLES, *codes, *(code.replace(" ", "").replace("-", "") for code in codes))
    for content in (stolen, backup):
        assert found(content, secrets) == []
        # What is in clear, and is said to be (docs/exploitation.md): the search does find what is there.
        assert found(content, CLEAR) == list(CLEAR)


def test_the_search_finds_what_is_there() -> None:
    for hidden in ("...Perrinot...", "PERRINOT"):
        for raw in (
            hidden.encode(),
            hidden.encode("utf-16-le"),
            b64encode(b"ab" + hidden.encode()),
            b64encode(hidden.encode()),
        ):
            assert found(b"\0\1" + raw + b"\xff", ("Perrinot",)) == ["Perrinot"], raw
    assert found(b"Perrin", ("Perrinot",)) == []
