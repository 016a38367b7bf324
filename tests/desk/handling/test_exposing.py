"""Images are spared: shown when asked, for a while, to whoever asked; each time is counted for the shift."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from triage.desk import duty, evidence
from triage.desk.evidence import File
from triage.desk.handling import exposing
from triage.desk.handling.exposing import NotShownError
from triage.desk.office import DeskError, Office
from triage.desk.people import sessions
from triage.desk.people.rights import ForbiddenError
from triage.desk.submit import submit
from triage.store import evidence as kept
from triage.store import people
from triage.store.people import Person, Scope
from triage.store.people_tables import AUDIT
from triage.store.records import Told

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
TEXT = "Un inconnu m'envoie des images de ma maison et me dit qu'il reviendra."


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(made, "PNG")
    return made.getvalue()


def agent(office: Office, *scopes: Scope, login: str = "agent@exemple.fr") -> Person:
    with office.database.write() as connection:
        made = people.add(connection, login, "Agent", "agent", scopes or (Scope(),), "", NOW)
        people.change(connection, made, state="active")
        return people.get(connection, made)


def case_with(office: Office, *files: File, departement: str = "") -> str:
    case_id = submit(office, Told(text=TEXT, departement=departement), files, NOW).case_id
    for one in evidence.waiting(office):
        evidence.read_exhibit(office, one, NOW)
    return case_id


def test_an_image_is_shown_only_once_it_was_asked_for(each_office: Office) -> None:
    who, case_id = agent(each_office), case_with(each_office, File("maison.png", picture()))
    with pytest.raises(NotShownError):
        exposing.image(each_office, who, case_id, 1, NOW)
    exposing.show(each_office, who, case_id, 1, NOW)
    assert Image.open(io.BytesIO(exposing.image(each_office, who, case_id, 1, NOW))).size == (60, 40)


def test_it_is_hidden_again_after_a_while(office: Office) -> None:
    who, case_id = agent(office), case_with(office, File("maison.png", picture()))
    exposing.show(office, who, case_id, 1, NOW)
    later = NOW + office.policies.handling.stays + timedelta(seconds=1)
    with pytest.raises(NotShownError):
        exposing.image(office, who, case_id, 1, later)


def test_what_one_asked_for_is_not_shown_to_another(office: Office) -> None:
    one, other = agent(office), agent(office, login="autre@exemple.fr")
    case_id = case_with(office, File("maison.png", picture()))
    exposing.show(office, one, case_id, 1, NOW)
    with pytest.raises(NotShownError):
        exposing.image(office, other, case_id, 1, NOW)


def test_each_time_is_counted_and_written_down(each_office: Office) -> None:
    who, case_id = agent(each_office), case_with(each_office, File("maison.png", picture()))
    for minutes in (0, 1):
        exposing.show(each_office, who, case_id, 1, NOW + timedelta(minutes=minutes))
    assert exposing.exposed(each_office, who, NOW + timedelta(minutes=2)).images == 2
    with each_office.database.read() as connection:
        lines = connection.execute(select(AUDIT).where(AUDIT.c.what == "exhibit.show")).all()
    assert [(line.who, line.case_id) for line in lines] == [(who.id, case_id)] * 2


def test_the_count_is_that_of_the_shift_on_the_rota(office: Office) -> None:
    who, case_id = agent(office), case_with(office, File("maison.png", picture()))
    exposing.show(office, who, case_id, 1, NOW)
    duty.add(office.database, who.login, NOW + timedelta(hours=1), NOW + timedelta(hours=9))
    assert exposing.exposed(office, who, NOW + timedelta(hours=2)).images == 0


def test_without_a_rota_it_is_that_of_the_sessions_of_the_day(office: Office) -> None:
    who, case_id = agent(office), case_with(office, File("maison.png", picture()))
    exposing.show(office, who, case_id, 1, NOW)
    with office.database.write() as connection:
        sessions.begin(office, connection, who.id, "password", NOW + timedelta(hours=3))
    assert exposing.exposed(office, who, NOW + timedelta(hours=4)).images == 0
    assert exposing.exposed(office, who, NOW + timedelta(hours=4)).since == NOW + timedelta(hours=3)


def test_a_rest_is_proposed_after_many_images(office: Office) -> None:
    who, case_id = agent(office), case_with(office, File("maison.png", picture()))
    for _ in range(office.policies.handling.images - 1):
        exposing.show(office, who, case_id, 1, NOW)
    assert not exposing.exposed(office, who, NOW).much
    exposing.show(office, who, case_id, 1, NOW)
    assert exposing.exposed(office, who, NOW).much


def test_a_text_has_no_image_to_show(office: Office) -> None:
    who, case_id = agent(office), case_with(office, File("note.txt", b"Bonjour"))
    with pytest.raises(DeskError):
        exposing.show(office, who, case_id, 1, NOW)
    assert exposing.exposed(office, who, NOW).images == 0


def test_an_original_is_given_as_it_came_and_an_image_counts_as_seen(office: Office) -> None:
    who = agent(office)
    case_id = case_with(office, File("maison.png", picture()), File("note.txt", b"Bonjour"))
    assert exposing.original(office, who, case_id, 1, NOW)[1] == picture()
    assert exposing.original(office, who, case_id, 2, NOW)[1] == b"Bonjour"
    assert exposing.exposed(office, who, NOW).images == 1
    with office.database.read() as connection:
        assert len(connection.execute(select(AUDIT).where(AUDIT.c.what == "export.exhibit")).all()) == 2


def test_what_is_unsafe_is_never_given(office: Office) -> None:
    who, case_id = agent(office), case_with(office, File("note.txt", b"Bonjour"))
    with office.database.write() as connection:
        exhibit = office.cases.get(connection, case_id).exhibits[0]
        kept.settle(connection, office.cases.sealer(connection, case_id), exhibit.id, "unsafe", exhibit.about, None)
    with pytest.raises(DeskError, match="malveillant"):
        exposing.original(office, who, case_id, 1, NOW)


def test_out_of_scope_nothing_is_shown_nor_given(office: Office) -> None:
    who = agent(office, Scope("29"))
    case_id = case_with(office, File("maison.png", picture()), departement="35")
    for verb in (exposing.show, exposing.image, exposing.original):
        with pytest.raises(ForbiddenError):
            verb(office, who, case_id, 1, NOW)
