"""The transmission as a ZIP that leaves as it is made: one exhibit in memory at a time, whatever the case holds."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from triage import __version__
from triage.desk.handover.content import hides_pictures
from triage.desk.handover.gathering import Handover
from triage.desk.handover.masking import Mask
from triage.desk.handover.minutes import minutes
from triage.desk.handover.pages import as_pdf
from triage.desk.office import DeskError, Office
from triage.dossier.archive import comments_csv, safe_name
from triage.dossier.casefile import Exhibit
from triage.dossier.packing import entry
from triage.dossier.texts import DossierTexts
from triage.dossier.wording import moment
from triage.store import evidence
from triage.store.records import Exhibit as Kept

MANIFEST, DIGESTS, README = "manifeste.json", "empreintes-sha256.txt", "LISEZ-MOI.txt"
_CHANGED = "empreinte différente de celle relevée à la réception"


@dataclass(frozen=True)
class Package:
    """A ZIP about to leave: its small files, where the others are read, and the digest of its manifest."""

    files: tuple[tuple[str, bytes], ...]
    exhibits: tuple[tuple[str, Callable[[], bytes]], ...]
    made_at: datetime
    digest: str

    def stream(self) -> Iterator[bytes]:
        """The bytes of the ZIP, piece by piece. Raises UnknownCaseError when the case is erased meanwhile."""
        sink = _Sink()
        with zipfile.ZipFile(sink, "w") as archive:
            for name, data in self.files:
                archive.writestr(entry(name, self.made_at), data, zipfile.ZIP_DEFLATED)
                yield sink.taken()
            for name, read in self.exhibits:
                archive.writestr(entry(name, self.made_at), read(), zipfile.ZIP_STORED)
                yield sink.taken()
        yield sink.taken()


class _Sink:
    """What a ZIP is written to, and taken from as it grows."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def package(office: Office, told: Handover, texts: DossierTexts, mask: Mask) -> Package:
    """The ZIP of `told`, `mask` applied. Raises DossierError, or DeskError for an image that shows what is masked."""
    check_images(told, texts, mask)
    files = dict(_small(office, told, texts, mask))
    exhibits = dict(_exhibits(office, told))
    absent = list(_absent(told))
    listed = [_line(name, data) for name, data in sorted(files.items())]
    for name, (one, read) in exhibits.items():
        line = _line(name, read())
        if not told.masked and line["sha256"] != one.sha256:
            line["note"] = _CHANGED
        listed.append(line)
    manifest = json.dumps(_manifest(told, listed, absent), ensure_ascii=False, indent=1).encode()
    digest = sha256(manifest).hexdigest()
    lines = [*((line["sha256"], line["name"]) for line in listed), (digest, MANIFEST)]
    files[MANIFEST] = manifest
    files[DIGESTS] = "".join(f"{value}  {name}\n" for value, name in lines).encode()
    return Package(
        tuple(files.items()), tuple((name, read) for name, (_, read) in exhibits.items()), told.file.made_at, digest
    )


def check_images(told: Handover, texts: DossierTexts, mask: Mask) -> None:
    """Raises DeskError when an image that is to be shown must not be, or shows what is masked."""
    if not told.shown:
        return
    if hides_pictures(told, texts):
        raise DeskError(texts.no_preview.text)
    for one in told.case.exhibits:
        if one.number in told.shown and mask.hides_in(one.about.text):
            raise DeskError(f"On lit dans la pièce n° {one.number} des mots que vous masquez : ne la joignez pas.")


def _small(office: Office, told: Handover, texts: DossierTexts, mask: Mask) -> Iterator[tuple[str, bytes]]:
    yield "transmission.pdf", as_pdf(office, told, texts, mask)
    yield "proces-verbal.txt", minutes(office, told, texts, mask).encode(errors="replace")
    if told.file.comments:
        yield "commentaires.csv", comments_csv(told.file.comments)
    for one in told.file.exhibits:
        if one.text.strip():
            yield f"textes/{one.number:02d}.txt", one.text.encode(errors="replace")
    yield README, mask(_readme(office, told)).encode(errors="replace")


def _readme(office: Office, told: Handover) -> str:
    said = office.policies.handover.transmission
    title = said.masked_title if told.masked else said.title
    made = f"{title}, {told.file.reference}, fait le {moment(told.file.made_at)} par {told.file.operator}"
    lines = [made, "", said.indication, *([said.masked, said.withheld] if told.masked else []), ""]
    return "\n".join([*lines, *(f"- {line}" for line in said.readme)]) + "\n"


def _exhibits(office: Office, told: Handover) -> Iterator[tuple[str, tuple[Exhibit, Callable[[], bytes]]]]:
    """The files that go with it: the originals, or in a masked version the images shown, made anew."""
    for one, kept in zip(told.file.exhibits, told.case.exhibits, strict=True):
        if told.masked:
            if one.preview:
                yield f"images/{one.number:02d}.jpg", (one, _reader(office, told.case.id, kept, evidence.preview))
        elif not _why_absent(kept):
            yield f"pieces/{safe_name(one)}", (one, _reader(office, told.case.id, kept, evidence.original))


def _reader(office: Office, case_id: str, kept: Kept, read: Callable[..., bytes | None]) -> Callable[[], bytes]:
    def opened() -> bytes:
        with office.database.read() as connection:
            return read(connection, office.cases.sealer(connection, case_id), kept.id) or b""

    return opened


def _absent(told: Handover) -> Iterator[dict[str, Any]]:
    for one, kept in zip(told.file.exhibits, told.case.exhibits, strict=True):
        why = "version masquée" if told.masked and not one.preview else _why_absent(kept)
        if why:
            yield {"exhibit": one.number, "name": one.name, "sha256": one.sha256, "why": why}


def _why_absent(kept: Kept) -> str:
    if kept.state == "unsafe":
        return "un logiciel malveillant y a été reconnu"
    if kept.kind == "comments" and kept.state == "read":
        return "export de commentaires : seuls ceux qui comptent ont été gardés"
    return ""


def _line(name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "size": len(data), "sha256": sha256(data).hexdigest()}


def _manifest(told: Handover, files: list[dict[str, Any]], absent: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "reference": told.file.reference,
        "made_at": told.file.made_at.isoformat(timespec="seconds"),
        "operator": told.file.operator,
        "masked": told.masked,
        "program": {"triage": __version__, "rules": told.rules, "model": told.model},
        "files": files,
        "absent": absent,
    }
