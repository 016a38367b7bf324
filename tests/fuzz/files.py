"""Whole files of each kind that is read, small and quick, to be damaged."""

from __future__ import annotations

import random
from email.message import EmailMessage

from PIL import Image

from tests.attachments import compound
from tests.attachments.files import archive, mail, pdf, saved

_NARROW = (b"[0 0 595 842]", b"[0 0  9  842]")  # a page that takes no time to draw
CHAT = "[12/03/2026 à 22:14:00] Corbeau : Bonsoir 😀\n[12/03/2026 à 22:15:00] Moi : Bonsoir\nsuite\n".encode()
ANDROID = "12/03/2026, 22:14 - Ana: Salut\n31/02/2026, 25:61 - Ana: <Médias omis>\n3/25/26, 9:05 PM - x".encode()
SMS = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<smses count="2"><sms address="+33612345678" date="1773349440000" '
    b'type="1" body="Je sais o&#249; tu habites &#55357;&#56832;" contact_name="(Unknown)"/><mms msg_box="2" '
    b'date="99999999999999999"><parts><part ct="text/plain" text="b"/><part ct="image/png"/></parts></mms></smses>'
)
HTML = (
    '<!doctype html><html><head><title>x</title></head><body><table class="c"><tr><th>Auteur</th><th>Commentaire</th>'
    "<th>Date</th></tr><tr><td>Ana</td><td>Bravo &eacute; <b>tous</b></td><td>12/03/2026 22:14</td></tr></table>"
    '<div class="comment"><a href="https://exemple.fr/a">Bob</a><p>Dehors !</p><time datetime="2026-03-12T22:14">hier'
    '</time></div><div class="comment"><strong>Léa</strong><br>Non</div></body></html>'
).encode()


_SUBJECT = b"=?utf-8?q?=C3=89lue?= =?x-none?b?zzz?="


def _photo(kind: str, mode: str = "RGB", **options: object) -> bytes:
    drawn = Image.effect_mandelbrot((24, 16), (-2, -1.5, 1, 1.5), 20).convert(mode)
    return saved(drawn, kind, **options)


def _exif() -> Image.Exif:
    told = Image.Exif()
    told[0x0112], told[0x0132], told[0x010F] = 6, "2026:03:12 22:14:00", "Téléphone"
    told.get_ifd(0x8769).update({0x9003: "2026:03:12 22:14:00", 0x9011: "+01:00"})
    return told


def messages() -> list[bytes]:
    """Mails, as they travel and as Outlook keeps them."""
    travelled = mail(
        "Élue, payez.",
        subject="OBJET",
        reply_to='"maire@exemple.fr" <b@exemple.com>, c',
        return_path="<d@exemple.org>",
        received="from a.fr (b.fr [192.0.2.1]) by c.fr with ESMTP; Tue, 10 Mar 2026 10:00:00 +0100",
        authentication_results="c.fr; spf=pass smtp.mailfrom=a.fr; dkim=fail header.d=a.fr; dmarc=none",
        received_spf="pass (c.fr: ok)",
        dkim_signature="v=1; a=rsa-sha256; d=a.fr; s=x; b=abc",
    )
    travelled.add_alternative("<p>Bonjour <a href='https://exemple.fr/x'>ici</a></p>", subtype="html")
    travelled.add_attachment(b"x", maintype="image", subtype="png", filename="é.png")
    joined = EmailMessage()
    joined["From"], joined["Date"] = "a@a.fr", "hier"
    joined.set_content("Voici.")
    joined.add_attachment(travelled)
    kept = {compound.SUBJECT: "a", compound.BODY: "b", compound.SENDER: "c"}
    written = [one.as_bytes().replace(b"OBJET", _SUBJECT) for one in (mail(), travelled, joined)]
    return [*written, compound.mail(kept, None, ("d.pdf",))]


def pictures() -> list[bytes]:
    """Images of each kind, with the metadata that cameras write."""
    modes = ("1", "L", "P", "RGB", "RGBA", "LA", "I;16")
    drawn = [_photo("PNG", mode) if mode != "I;16" else saved(Image.new(mode, (9, 9)), "PNG") for mode in modes]
    drawn += [_photo("JPEG", exif=_exif()), _photo("JPEG", "L"), _photo("JPEG", "CMYK", progressive=True)]
    drawn += [_photo("WEBP"), _photo("WEBP", "RGBA", lossless=True), _photo("HEIF"), _photo("PNG", exif=_exif())]
    drawn.append(_photo("PNG", save_all=True, append_images=[Image.new("RGB", (24, 16))]))
    return drawn


def documents() -> list[bytes]:
    """PDF documents."""
    told = pdf(("Bonjour, voici une lettre de menaces.", "Suite (fin)"), "/Info << /Title (a) >>")
    return [told.replace(*_NARROW), pdf(("",)).replace(*_NARROW)]


def conversations() -> list[bytes]:
    """What telephones export, and plain texts."""
    zipped = [archive({"_chat.txt": CHAT, "a.jpg": b"x"}), archive({"é/Discussion.txt": ANDROID, "b.txt": b"z"})]
    return [CHAT, ANDROID, SMS, *zipped, "Je raconte.\nÀ toi.".encode("cp1252"), "Élue".encode("utf-16"), HTML]


def of_all_kinds() -> list[list[bytes]]:
    """The seeds, by kind: what is spliced is of one kind, most of the time."""
    kinds = [pictures(), documents(), messages(), conversations()]
    return [*kinds, [one for kind in kinds for one in kind]]


def kind_of(chance: random.Random) -> int:
    """Which of these is damaged; PDFs, which take longest, less often."""
    return chance.choices(range(5), (35, 8, 30, 20, 7))[0]
