"""The dossier of a case: everything in it, gathered for whoever makes the PDF or the archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from triage.comments.running import Progress
from triage.comments.verdict import verdict, worst_first
from triage.desk.case import understood
from triage.desk.comments import progresses
from triage.desk.office import Office
from triage.dossier.casefile import CaseFile, Comments, Event, Exhibit, Remark
from triage.store import evidence
from triage.store.records import Case
from triage.store.records import Exhibit as Kept


def case_file(office: Office, case: Case, operator: str, now: datetime, originals: bool) -> CaseFile:
    """What the dossier says of `case`; with the originals of the exhibits when the archive is to hold them."""
    found = understood(office, case, now)
    with office.database.read() as connection:
        exhibits = tuple(_exhibits(office, connection, case, originals))
    sorted_ones = progresses(case)
    return CaseFile(
        reference=case.reference,
        operator=operator,
        made_at=now,
        received_at=case.received_at,
        told=case.told.text,
        facts=tuple(told_facts(office, case)),
        diagnostic=found.diagnostic,
        triaged=found.triaged,
        exhibits=exhibits,
        comments=_comments(office, sorted_ones) if sorted_ones else None,
        events=tuple(Event(one.at, one.detail) for one in case.events),
        addresses=case.told.addresses,
    )


def _exhibits(office: Office, connection: Connection, case: Case, originals: bool) -> Iterator[Exhibit]:
    sealer = office.cases.sealer(connection, case.id)
    for one in case.exhibits:
        yield Exhibit(
            number=one.number,
            name=one.about.name,
            media_type=one.media_type,
            size=one.size,
            sha256=one.about.sha256,
            received_at=one.received_at,
            captured_at=one.about.captured_at,
            text=one.about.text,
            preview=evidence.preview(connection, sealer, one.id),
            original=evidence.original(connection, sealer, one.id) if originals and _handed_over(one) else None,
            notes=one.about.notes,
            details=one.about.details,
        )


def _handed_over(exhibit: Kept) -> bool:
    """Not what an antivirus knows, nor an export of comments: of this only a part is kept, told elsewhere."""
    return exhibit.state != "unsafe" and not (exhibit.kind == "comments" and exhibit.state == "read")


def told_facts(office: Office, case: Case) -> Iterator[tuple[str, str]]:
    """The optional facts of the case, each with its title."""
    told, dimensions = case.told, office.engine.composer.observer.dimensions
    for trait in told.traits:
        head, _, value = trait.partition(":")
        yield dimensions[head].title, dimensions[head].values[value]
    place = office.service.departements.get(told.departement)
    if place:
        yield "Département", f"{place.name} ({place.code})"
    if told.commune:
        yield "Commune", told.commune
    if told.began:
        yield "Début des faits", f"{told.began:%d/%m/%Y}"


def _comments(office: Office, several: Sequence[Progress]) -> Comments:
    """The exports of the case as one."""
    whole = several[0]
    for one in several[1:]:
        whole = Progress(whole.position + one.position, whole.kept + one.kept, whole.tally + one.tally)
    policy = office.comments
    found = verdict(whole.kept, whole.tally, policy)
    return Comments(
        total=found.total,
        harmless=found.harmless,
        by_type=tuple(
            (policy.labels[name], count, found.authors_by_type.get(name, 0)) for name, count in found.counts.items()
        ),
        authors=found.authors,
        first=found.first,
        last=found.last,
        peaks=tuple((peak[0], peak[1], peak[2]) for peak in found.peaks),
        kept=tuple(
            Remark(
                one.author,
                one.when,
                one.text,
                one.url,
                tuple(policy.labels[name] for name in one.types),
                policy.levels[policy.ranks[one.level]].label,
            )
            for one in worst_first(whole.kept, policy)
        ),
        reasons=found.reasons,
    )
