"""The whole case as one ZIP: dossier, letters, comments, the files that were given and the digest of each."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from hashlib import sha256

from triage.dossier.casefile import CaseFile, Comments, Exhibit
from triage.dossier.letters import complaint, no_protection, protection
from triage.dossier.packing import entry
from triage.dossier.pdf import as_pdf
from triage.dossier.texts import DossierTexts
from triage.dossier.word import as_docx
from triage.dossier.wording import moment
from triage.intake.moment import in_paris
from triage.spreadsheets import harmless

MANIFEST = "empreintes-sha256.txt"
LONGEST = 60
# What a file of each type is called: a name that says otherwise is completed, so that nothing opens as what it is not.
EXTENSIONS = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/heic": (".heic", ".heif"),
    "image/heif": (".heif", ".heic"),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
    "message/rfc822": (".eml",),
    "application/vnd.ms-outlook": (".msg",),
    "text/plain": (".txt",),
    "text/csv": (".csv",),
    "text/html": (".html", ".htm"),
    "application/json": (".json",),
    "text/xml": (".xml",),
    "application/xml": (".xml",),
    "application/zip": (".zip",),
}
UNKNOWN = (".bin",)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def as_zip(case: CaseFile, texts: DossierTexts) -> bytes:
    """The archive. The same case always gives the same bytes. Raises DossierError if the dossier cannot be set."""
    files = dict(_files(case, texts))
    files["LISEZ-MOI.txt"] = _readme(case, texts).encode(errors="replace")
    files[MANIFEST] = "".join(f"{sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())).encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            how = zipfile.ZIP_STORED if name.startswith("pieces/") else zipfile.ZIP_DEFLATED
            archive.writestr(entry(name, case.made_at), data, how)
    return made.getvalue()


def _files(case: CaseFile, texts: DossierTexts) -> Iterator[tuple[str, bytes]]:
    yield "dossier.pdf", as_pdf(case, texts)
    yield "plainte.docx", as_docx(complaint(case, texts))
    request = protection(case, texts)
    if request:
        yield "protection-fonctionnelle.docx", as_docx(request)
    if case.comments:
        yield "commentaires.csv", comments_csv(case.comments)
    for one in case.exhibits:
        if one.original is not None:
            yield f"pieces/{safe_name(one)}", one.original
        if one.text.strip():
            yield f"textes/{one.number:02d}.txt", one.text.encode(errors="replace")


def safe_name(one: Exhibit) -> str:
    """« 03-capture_ecran.png »: unique by its number, plain letters, and the extension of what it really is."""
    plain = unicodedata.normalize("NFKD", one.name.replace("\\", "/").rsplit("/", 1)[-1])
    name = _UNSAFE.sub("_", plain.encode("ascii", "ignore").decode())
    expected = EXTENSIONS.get(one.media_type, UNKNOWN)
    stem, dot, extension = name.rpartition(".")
    if f"{dot}{extension}".lower() not in expected:
        stem, extension = name, expected[0][1:]
    return f"{one.number:02d}-{stem.strip('._-')[:LONGEST] or 'piece'}.{extension}"


def comments_csv(told: Comments) -> bytes:
    """The comments that were kept, for a French spreadsheet; no cell is taken for a formula."""
    made = io.StringIO()
    rows = csv.writer(made, delimiter=";", lineterminator="\r\n")
    rows.writerow(("numéro", "date", "auteur", "types", "niveau", "texte", "adresse"))
    for i, one in enumerate(told.kept, 1):
        when = in_paris(one.when).isoformat(sep=" ", timespec="seconds") if one.when else ""
        cells = (str(i), when, one.author, ", ".join(one.types), one.level, one.text, one.url)
        rows.writerow([harmless(cell) for cell in cells])
    return made.getvalue().encode("utf-8-sig", errors="replace")


def _readme(case: CaseFile, texts: DossierTexts) -> str:
    lines = [
        f"Dossier {case.reference}, fait le {moment(case.made_at)} par {case.operator}",
        "",
        case.diagnostic.texts.not_a_complaint,
        texts.warning,
        "",
        *(f"- {line}" for line in texts.readme),
        "",
        no_protection(case, texts),
        *_about_files(case),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _about_files(case: CaseFile) -> Iterator[str]:
    """The exhibits that are missing, or no longer what was received."""
    for one in case.exhibits:
        if one.original is None:
            yield f"Pièce n° {one.number} ({one.name}) : le fichier d'origine n'est pas dans cette archive."
        elif sha256(one.original).hexdigest() != one.sha256.lower():
            yield f"Pièce n° {one.number} ({one.name}) : son empreinte n'est plus celle relevée à la réception."
