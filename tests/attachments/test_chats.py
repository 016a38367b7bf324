"""Conversations as telephones export them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.attachments.files import archive
from triage.attachments import archives, refusals, sms
from triage.attachments.reading import Message, read
from triage.attachments.wording import CUT_CHAT
from triage.errors import IntakeError

EVENING = datetime(2026, 3, 12, 22, 14)

ANDROID = """12/03/2026 à 22:13 - Les messages et les appels sont chiffrés de bout en bout.
12/03/2026 à 22:14 - Corbeau: Je sais où tu habites
et où va ta fille
12/03/2026 à 22:15 - +33 6 12 34 56 78: <Médias omis>
"""
IOS = """\u200e[12/03/2026 à 22:13:00] Corbeau\u202f: \u200eLes messages sont chiffrés de bout en bout.
[12/03/2026 à 22:14:00] Corbeau : Je sais où tu habites
et où va ta fille
\u200e[12/03/2026 à 22:15:00] +33 6 12 34 56 78 : \u200eimage absente
"""


@pytest.mark.parametrize("text", [ANDROID, IOS, IOS.replace("\n", "\r\n")], ids=["Android", "iOS", "Windows"])
def test_authors_dates_and_lines_that_go_on(text: str) -> None:
    found = read("chat", text.encode())
    assert (found.kind, found.media_type) == ("chat", "text/plain")
    assert found.messages[1] == Message("Corbeau", EVENING, "Je sais où tu habites\net où va ta fille")
    assert found.messages[2].author == "+33 6 12 34 56 78"
    assert found.text.split("\n")[1:3] == ["Corbeau : Je sais où tu habites", "et où va ta fille"]


@pytest.mark.parametrize(
    ("line", "when"),
    [
        ("12/03/2026, 22:14 - Jean: oui", EVENING),
        ("12/03/2026 22:14 - Jean: oui", EVENING),
        ("12/03/26 22:14 - Jean: oui", EVENING),
        ("12.03.26, 22:14 - Jean: oui", EVENING),
        ("[12/03/2026, 22:14:00] Jean: oui", EVENING),
        ("[12/03/2026 22:14:00] Jean : oui", EVENING),
        ("3/12/26, 10:14\u202fPM - Jean: oui", EVENING),
        ("[3/12/26, 10:14:00 PM] Jean: oui", EVENING),
        ("31/02/2026, 22:14 - Jean: oui", None),
    ],
)
def test_the_ways_in_which_a_date_is_written(line: str, when: datetime | None) -> None:
    assert read("", line.encode()).messages == (Message("Jean", when, "oui"),)


def test_a_report_that_begins_with_a_date_is_no_conversation() -> None:
    assert read("", "12/03/2026 à 22:14 - Jean m'a écrit.\nPuis rien.\nPuis encore.".encode()).kind == "text"


def test_only_the_latest_messages_of_a_long_conversation_are_kept() -> None:
    lines = [f"12/03/2026 à 22:14 - Jean: message numéro {number}" for number in range(5_000)]
    found = read("", "\n".join(lines).encode())
    assert found.messages[-1].text == "message numéro 4999"
    assert 49_900 < len(found.text) <= 50_000
    assert len(found.text.split("\n")) == len(found.messages)
    assert found.notes == (CUT_CHAT,)


def test_one_endless_message_is_cut() -> None:
    found = read("", ("12/03/2026 à 22:14 - Jean: " + "ha" * 40_000).encode())
    assert len(found.text) == 50_000
    assert found.text.startswith("Jean : haha")


class TestArchive:
    def test_the_text_beside_photos_is_read(self) -> None:
        found = read("x", archive({"IMG-1.jpg": b"\xff\xd8\xff", "_chat.txt": IOS.encode()}))
        assert (found.media_type, found.kind, len(found.messages)) == ("application/zip", "chat", 3)
        assert found.notes == (archives.MEDIA,)

    def test_a_conversation_alone_needs_no_note(self) -> None:
        assert read("x", archive({"Discussion WhatsApp avec Jean.txt": ANDROID.encode()})).notes == ()

    @pytest.mark.parametrize(
        ("members", "said"),
        [
            ({"a.txt": b"Bonjour"}, refusals.ARCHIVE),
            ({"_chat.txt": IOS.encode(), "photo.jpg": b"MZ\x90\x00"}, refusals.PROGRAM),
            ({"_chat.txt": b"0" * (26 * 2**20)}, refusals.ARCHIVE_HUGE),
        ],
        ids=["un autre texte", "un programme caché", "une bombe"],
    )
    def test_anything_else_is_refused(self, members: dict[str, bytes], said: str) -> None:
        with pytest.raises(IntakeError) as refused:
            read("", archive(members))
        assert str(refused.value) == said

    def test_a_damaged_archive_asks_for_another(self) -> None:
        with pytest.raises(IntakeError, match="abîmée"):
            read("", archive({"_chat.txt": IOS.encode() * 50})[:-40])


BACKUP = """<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>
<!--File Created By SMS Backup & Restore on 12/03/2026-->
<smses count="4">
  <sms address="+33612345678" date="1773350040000" type="1" contact_name="(Unknown)"
    body="Je vais te retrouver &#55357;&#56832;" />
  <sms address="+33612345678" date="1773350041000" type="2" body="Arrêtez." contact_name="(Unknown)" />
  <mms date="1773350039000" msg_box="1" address="+33612345678" contact_name="Corbeau">
    <parts><part ct="application/smil" text="x" /><part ct="text/plain" text="Regarde ta maison" /></parts>
  </mms>
  <mms date="pas une date" msg_box="1" address="+33612345678" contact_name="null"><parts /></mms>
</smses>
"""


class TestSms:
    def test_messages_come_in_order_with_their_author(self) -> None:
        found = read("sms.xml", BACKUP.encode())
        assert (found.kind, found.media_type) == ("chat", "application/xml")
        assert found.messages == (
            Message("Corbeau", datetime(2026, 3, 12, 21, 13, 59, tzinfo=UTC), "Regarde ta maison"),
            Message("+33612345678", datetime(2026, 3, 12, 21, 14, tzinfo=UTC), "Je vais te retrouver 😀"),
            Message(sms.OWNER, datetime(2026, 3, 12, 21, 14, 1, tzinfo=UTC), "Arrêtez."),
        )

    def test_an_empty_backup_says_so(self) -> None:
        assert read("", b'<smses count="0"></smses>').notes

    @pytest.mark.parametrize(
        "content",
        [
            BACKUP[:-20],
            '<!DOCTYPE smses [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><smses><sms body="&b;"/></smses>',
            '<!DOCTYPE smses SYSTEM "file:///etc/passwd"><smses></smses>',
        ],
        ids=["coupé", "entités", "fichier du serveur"],
    )
    def test_damaged_or_trapped_backups_are_refused(self, content: str) -> None:
        with pytest.raises(IntakeError, match="SMS Backup"):
            read("", content.encode())


def test_a_text_is_cut_and_its_encoding_told() -> None:
    found = read("", ("é" * 60_000).encode("cp1252"))
    assert found.kind == "text"
    assert len(found.text) == 50_000
    assert len(found.notes) == 2


def test_comments_are_left_to_those_who_sort_them() -> None:
    found = read("", b"auteur;commentaire\nJean;Honte\n")
    assert (found.kind, found.text) == ("comments", "")
