"""Mails: what they say, who vouches for them, what should be compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage

import pytest

from tests.attachments import compound
from tests.attachments.files import mail
from triage.attachments import emails, impersonation
from triage.attachments.reading import EmailFacts, Hop, Reading, read

PARIS = timezone(timedelta(hours=1))
MORNING = datetime(2026, 3, 10, 10, tzinfo=PARIS)

SPOOFED = b"""Delivered-To: maire@ville.fr
Return-Path: <bounce@envois.example>
Authentication-Results: mx.ville.fr;
 spf=fail (mx.ville.fr: not permitted) smtp.mailfrom=envois.example;
 dkim=none; dmarc=fail (p=NONE) header.from=impots.gouv.fr
Received: from smtp.envois.example (smtp.envois.example [203.0.113.7]) by mx.ville.fr
 (Postfix) with ESMTPS id 4F; Tue, 10 Mar 2026 10:00:05 +0100
Received: from [192.0.2.4] by smtp.envois.example; Tue, 10 Mar 2026 10:00:00 +0100
Authentication-Results: mx.impots.gouv.fr; spf=pass smtp.mailfrom=impots.gouv.fr; dmarc=pass header.from=impots.gouv.fr
From: =?utf-8?q?Imp=C3=B4ts_gouv=2Efr?= <contact@impots.gouv.fr>
Reply-To: remboursement@gmail.com
Subject: =?utf-8?q?Relev=C3=A9_impay=C3=A9?=
Date: Tue, 10 Mar 2026 10:00:00 +0100
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Payez 300 \xe2\x82\xac avant ce soir.
"""


def facts(content: bytes) -> EmailFacts:
    found = read("", content).email
    assert found
    return found


def told(content: bytes, sentence: str) -> bool:
    """Whether a remark is this `sentence`, with whatever it names."""
    return any(remark.startswith(sentence.partition("«")[0].partition("{")[0]) for remark in facts(content).remarks)


def test_all_that_a_forged_mail_tells() -> None:
    found = read("a.txt", SPOOFED)
    assert found.text == "Relevé impayé\n\nPayez 300 € avant ce soir."
    assert found.email == EmailFacts(
        sender="Impôts gouv.fr <contact@impots.gouv.fr>",
        reply_to="remboursement@gmail.com",
        return_path="bounce@envois.example",
        subject="Relevé impayé",
        sent_at=MORNING,
        spf="fail",
        dkim="none",
        dmarc="fail",
        hops=(
            Hop("mx.ville.fr", "smtp.envois.example", MORNING + timedelta(seconds=5), "203.0.113.7"),
            Hop("smtp.envois.example", "[192.0.2.4]", MORNING, "192.0.2.4"),
        ),
        remarks=(
            impersonation.SPF.format(result="fail"),
            impersonation.DMARC.format(result="fail", home="impots.gouv.fr"),
            impersonation.REPLY.format(reply="remboursement@gmail.com", home="impots.gouv.fr"),
            impersonation.RETURN.format(back="bounce@envois.example", home="impots.gouv.fr"),
        ),
    )


class TestVouching:
    HOP = "from a.fr (a.fr [192.0.2.1]) by mx.ville.fr; Tue, 10 Mar 2026 10:00:05 +0100"

    def checked(self, results: str, **headers: str) -> bytes:
        return mail(Authentication_Results=results, Received=self.HOP, **headers).as_bytes()

    def test_what_the_recipients_server_confirms_calls_for_no_remark(self) -> None:
        found = facts(self.checked("mx.ville.fr; spf=pass; dkim=pass header.d=impots.gouv.fr; dmarc=pass"))
        assert (found.spf, found.dkim, found.dmarc, found.remarks) == ("pass", "pass", "pass", ())

    def test_results_without_a_servers_name_are_read(self) -> None:
        results = (
            "spf=softfail (sender IP is 192.0.2.1) smtp.mailfrom=a.fr; dkim=fail (signature did not verify) "
            "header.d=a.fr;dmarc=fail action=none header.from=a.fr;compauth=fail reason=001"
        )
        found = facts(self.checked(results))
        assert (found.spf, found.dkim, found.dmarc) == ("softfail", "fail", "fail")

    def test_results_that_the_sender_may_have_written_are_not_believed(self) -> None:
        found = facts(self.checked("mx.impots.gouv.fr; spf=pass; dkim=pass; dmarc=pass"))
        assert (found.spf, found.dkim, found.dmarc) == ("", "", "")
        assert found.remarks == (impersonation.FORGED,)

    def test_of_several_signatures_the_one_that_passes_counts(self) -> None:
        content = self.checked("mx.ville.fr; dkim=pass header.d=impots.gouv.fr; dkim=fail header.d=liste.fr")
        assert facts(content).dkim == "pass"

    def test_a_signature_of_somebody_else_is_told(self) -> None:
        content = self.checked("mx.ville.fr; dkim=pass header.d=envois.example")
        signer = impersonation.SIGNER.format(signer="envois.example", home="impots.gouv.fr")
        assert facts(content).remarks == (signer,)

    def test_received_spf_is_enough(self) -> None:
        assert facts(mail(Received_SPF="Fail (mx.ville.fr: not allowed) client-ip=192.0.2.1").as_bytes()).spf == "fail"

    def test_without_any_check_the_address_is_not_confirmed(self) -> None:
        assert facts(mail().as_bytes()).remarks == (impersonation.UNCHECKED,)
        assert facts(mail(DKIM_Signature="v=1; d=a.fr").as_bytes()).remarks == (impersonation.UNVERIFIED,)

    @pytest.mark.parametrize("results", ["((", "", "mx.ville.fr", "mx.ville.fr; none", "a; b; c=d=e", "x" * 5_000])
    def test_odd_results_say_nothing(self, results: str) -> None:
        found = facts(self.checked(results))
        assert (found.spf, found.dkim, found.dmarc) == ("", "", "")


class TestShown:
    @pytest.mark.parametrize(
        ("sender", "sentence"),
        [
            ('"contact@impots.gouv.fr" <x@envois.example>', impersonation.NAME),
            ('"impots.gouv.fr" <x@envois.example>', impersonation.NAME),
            ("=?utf-8?q?=22contact=40impots=2Egouv=2Efr=22=2C?= <x@envois.example>", impersonation.NAME),
            ("Impоts <x@impots.gouv.fr>", impersonation.MIXED),  # a Cyrillic letter
            ("Impots <x@xn--impts-gouv-fr-xbb.example>", impersonation.FOREIGN),
            ("a@a.fr, b@b.fr", impersonation.SEVERAL),
            ("Le préfet", impersonation.NO_SENDER),
        ],
    )
    def test_what_imitates_is_told(self, sender: str, sentence: str) -> None:
        raw = f"From: {sender}\nDate: Tue, 10 Mar 2026 10:00:00 +0100\nSubject: a\n\nb".encode()
        assert told(raw, sentence)

    @pytest.mark.parametrize(
        "headers",
        [
            {"from": "Jean Dupont <j.dupont@ville.fr>", "Return_Path": "<bounce@mail.ville.fr>"},
            {"from": '"j.dupont@ville.fr" <j.dupont@ville.fr>'},
            {"from": "M. Dupont <j.dupont@ville.fr>", "reply_to": "secretariat@ville.fr"},
            {"from": "Hélène Élu <h@ville.fr>", "Return_Path": "<>"},
        ],
    )
    def test_what_is_usual_is_not(self, headers: dict[str, str]) -> None:
        assert facts(mail(**headers).as_bytes()).remarks == (impersonation.UNCHECKED,)


class TestBody:
    def test_html_is_read_with_the_true_address_of_links(self) -> None:
        message = EmailMessage()
        message["From"], message["Date"] = "a@a.fr", "Tue, 10 Mar 2026 10:00:00 +0100"
        message.set_content(
            "<html><head><title>x</title><style>p{}</style></head><body><p>Bonjour <b>Madame</b>,</p><p>Cliquez sur "
            "<a href='https://envois.example/p'>impots.gouv.fr</a>.<br>Merci</p><script>alert(1)</script></body></html>",
            subtype="html",
        )
        text = "Bonjour Madame,\n\nCliquez sur impots.gouv.fr <https://envois.example/p>.\nMerci"
        assert read("", message.as_bytes()).text == text

    def test_plain_text_is_preferred_and_attachments_are_named_only(self) -> None:
        message = mail("Le texte.")
        message.add_alternative("<p>La page.</p>", subtype="html")
        message.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="Relevé.exe")
        message.add_attachment("Secret", filename="note.txt")
        found = read("", message.as_bytes())
        assert found.text == "Le texte."
        assert found.notes == (emails.NOT_OPENED.format(names="Relevé.exe, note.txt"),)

    def test_a_mail_forwarded_whole_is_the_one_that_is_read(self) -> None:
        outer = mail("Voici ce que j'ai reçu.", **{"from": "maire@ville.fr"})
        outer.add_attachment(mail("Vous allez payer.", subject="Menace"))
        found = read("", outer.as_bytes())
        assert (found.text, found.notes) == ("Menace\n\nVous allez payer.", (emails.FORWARDED,))
        assert found.email and found.email.sender == "contact@impots.gouv.fr"

    def test_a_long_list_of_attachments_is_shortened(self) -> None:
        message = mail()
        for number in range(30):
            message.add_attachment(b"x", maintype="image", subtype="png", filename=f"{number}.png")
        assert read("", message.as_bytes()).notes[0].endswith("19.png et 10 autres.")

    @pytest.mark.parametrize("charset", ["iso-8859-1", "inconnu", "utf-8"])
    def test_a_wrong_charset_loses_no_word(self, charset: str) -> None:
        head = (
            f"From: a@a.fr\nDate: x\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
        )
        assert read("", head.encode() + "Élue menacée".encode("cp1252")).text == "Élue menacée"

    def test_an_empty_mail_says_so(self) -> None:
        assert emails.NO_BODY in read("", mail("").as_bytes()).notes


class TestOutlook:
    def outlook(self, **more: str) -> Reading:
        texts = {compound.SUBJECT: "Relevé", compound.BODY: "Payez vite.\r\n", compound.SENDER: "Impôts"}
        texts[compound.ADDRESS] = "x@envois.example"
        return read("", compound.mail(texts | {int(k[1:]): v for k, v in more.items()}, MORNING, ("facture.docm",)))

    def test_what_outlook_kept_is_read(self) -> None:
        found = self.outlook()
        assert found.text == "Relevé\n\nPayez vite."
        assert found.email
        assert found.email.sender == "Impôts <x@envois.example>"
        assert found.email.sent_at == MORNING.astimezone(UTC)
        assert found.notes == (emails.NOT_OPENED.format(names="facture.docm"),)

    @pytest.mark.parametrize("title", [b"", b"Microsoft Mail Internet Headers Version 2.0\r\n"])
    def test_the_headers_that_it_received_count_more(self, title: bytes) -> None:
        headers = (title + SPOOFED.partition(b"\n\n")[0]).decode()
        found = self.outlook(**{f"_{compound.HEADERS}": headers}).email
        assert found
        assert (found.sender, found.spf, len(found.hops)) == ("Impôts gouv.fr <contact@impots.gouv.fr>", "fail", 2)
