"""The life of a case in one list: what the person may read of it, who had it, what was decided, who wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.desk.office import Office
from triage.store import history, people
from triage.store.history import Decided, Held, Judged
from triage.store.records import Case, Message

CAUSES = {
    "received": "Récit reçu",
    "answer": "Réponse à une question",
    "facts": "Précisions",
    "complement": "Ajout au récit",
    "correction": "Correction par la personne",
    "evidence": "Pièce lue",
    "comments": "Commentaires triés",
}
ENDINGS = {
    "released": "rendu à la file",
    "expired": "rendu à la file, sans activité",
    "handed": "passé à un collègue",
    "referred": "orienté vers un autre service",
    "snoozed": "mis en attente",
    "escalated": "niveau relevé, rendu à la file",
    "closed": "clos",
}
_KINDS = {"confirmed": "Décision confirmée", "corrected": "Décision corrigée", "raised": "Niveau relevé"}
_SOMEBODY = "un agent"


@dataclass(frozen=True)
class Line:
    """Something that happened; `seen`: the person reads it in their own history too."""

    at: datetime
    text: str
    seen: bool


@dataclass(frozen=True)
class Past:
    """A case's life, its assessments, and what the person said of them; all oldest first."""

    lines: tuple[Line, ...]
    assessments: tuple[Judged, ...]
    opinions: tuple[history.Opinion, ...]


def past(office: Office, connection: Connection, case: Case) -> Past:
    """What the case went through. Raises UnknownCaseError."""
    claims, decisions = history.claims(connection, case.id), history.decisions(connection, case.id)
    ids = {*(one.who for one in claims), *(one.by for one in decisions), *(m.author for m in case.messages if m.author)}
    names = people.names(connection, ids)
    lines = [
        *(Line(one.at, one.detail, True) for one in case.events),
        *(line for one in claims for line in _held(one, names)),
        *(_decided(office, one, names) for one in decisions),
        *(_written(one, names) for one in case.messages),
    ]
    sealer = office.cases.sealer(connection, case.id)
    return Past(
        tuple(sorted(lines, key=lambda line: line.at)),
        tuple(history.assessments(connection, case.id)),
        tuple(history.opinions(connection, sealer, case.id)),
    )


def _held(claim: Held, names: Mapping[str, str]) -> Iterator[Line]:
    who = names.get(claim.who, _SOMEBODY)
    yield Line(claim.since, f"Pris par {who}.", False)
    if claim.until:
        yield Line(claim.until, f"N'est plus suivi par {who} : {ENDINGS.get(claim.ended, 'fin du suivi')}.", False)


def _decided(office: Office, one: Decided, names: Mapping[str, str]) -> Line:
    level = office.engine.assessor.policy.level
    moved = f" : {level(one.level_before).label} → {level(one.level).label}" if one.level != one.level_before else ""
    kind = _KINDS.get(one.kind, "Décision")
    return Line(one.at, f"{kind} par {names.get(one.by, _SOMEBODY)}{moved}.", False)


def _written(message: Message, names: Mapping[str, str]) -> Line:
    who = "la personne" if message.by == "official" else names.get(message.author or "", _SOMEBODY)
    read = ", lu" if message.read_at else ", pas encore lu"
    return Line(message.at, f"Message de {who}{read}.", True)
