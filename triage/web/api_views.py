"""What the API shows of a case: its state, its evidence, what the agents wrote, and the diagnostic of today."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from triage.assessment.triaged import Triaged
from triage.desk.erasing import Outcome
from triage.desk.understanding import Understood
from triage.diagnostic.contract import as_json
from triage.diagnostic.export import diagnostic_json
from triage.engine import Engine
from triage.store.records import Case, Exhibit, ExhibitState, State
from triage.web.api_models import Contract
from triage.web.problems import ProblemDetails

_SHA256 = r"^[0-9a-f]{64}$"


class ExhibitOut(BaseModel, json_schema_extra={"description": "Une pièce, sans son contenu."}):
    """A piece of evidence."""

    number: int = Field(ge=1, description="Son numéro dans le dossier.")
    name: str = Field(description="Son nom.", examples=["capture.png"])
    kind: str = Field(description="Ce qu'elle est, d'après son contenu.", examples=["image"])
    media_type: str = Field(description="Son type, d'après son contenu.", examples=["image/png"])
    size: int = Field(ge=0, description="Sa taille à la réception, en octets.")
    sha256: str = Field(pattern=_SHA256, description="L'empreinte du fichier reçu.")
    received_at: datetime = Field(description="Quand elle a été reçue.")
    state: ExhibitState = Field(description="« pending » : sa lecture attend ; « unsafe » : logiciel malveillant.")
    notes: list[str] = Field(description="Ce que sa lecture a fait remarquer.")


class SortingOut(BaseModel, json_schema_extra={"description": "Le tri d'un export de commentaires."}):
    """How far the sorting of an export is."""

    exhibit: int = Field(ge=1, description="Le numéro de la pièce.")
    position: int = Field(ge=0, description="Combien sont triés.")
    total: int = Field(ge=0, description="Combien il y en a.")
    done: bool = Field(description="Tous le sont.")
    reasons: list[str] = Field(description="Ce que les commentaires triés disent.")


class RequestOut(BaseModel, json_schema_extra={"description": "Une demande faite aux agents."}):
    """Something asked of the agents."""

    at: datetime = Field(description="Quand elle a été faite.")
    kind: str = Field(description="La mesure demandée, ou « erasure » pour l'effacement.", examples=["referent"])
    state: str = Field(description="« asked » : elle attend.", examples=["asked"])


class EventOut(BaseModel, json_schema_extra={"description": "Ce qui est arrivé au dossier."}):
    """Something that happened."""

    at: datetime = Field(description="Quand.")
    kind: str = Field(description="Quelle sorte d'événement.", examples=["received"])
    detail: str = Field(description="Ce qui est arrivé, en une phrase.", examples=["Récit reçu. Niveau : Urgent."])


class Summary(BaseModel, json_schema_extra={"description": "Où en est le dossier."}):
    """Where the case stands."""

    reference: str = Field(description="Pour en parler de vive voix : n'ouvre rien.", examples=["A966-8359"])
    state: State = Field(description="« open » : dans la file des agents.")
    level: str = Field(description="Le niveau qu'ont les agents.", examples=["urgent"])
    received_at: datetime = Field(description="Quand le récit a été reçu.")
    changed_at: datetime = Field(description="Quand le dossier a changé pour la dernière fois.")
    claimed: bool = Field(description="Un agent s'en occupe.")
    unread: int = Field(ge=0, description="Messages d'agents que vous n'avez pas lus.")
    exhibits: list[ExhibitOut] = Field(description="Les pièces.")
    comments: list[SortingOut] = Field(description="Le tri des exports de commentaires.")
    requests: list[RequestOut] = Field(description="Ce qui est demandé aux agents.")
    events: list[EventOut] = Field(description="Ce qui est arrivé, du plus ancien au plus récent.")


class CaseView(Contract, Summary, json_schema_extra={"description": "Le dossier, son tri et son diagnostic du jour."}):
    """The case as it is now."""


class Received(Contract, json_schema_extra={"description": "Le récit est enregistré."}):
    """A report that was kept."""

    receipt: str = Field(
        pattern="^[0-9]{16}$",
        description="Le code qui ouvre le dossier. Il n'est donné qu'ici : gardez-le.",
        examples=["7924286489618069"],
    )
    reference: str = Field(description="Pour en parler de vive voix : n'ouvre rien.", examples=["A966-8359"])
    case: Summary | None = Field(description="Où en est le dossier ; nul si le registre a cessé de répondre depuis.")
    refused: list[str] = Field(description="Les pièces qui n'ont pas été gardées, et pourquoi. Dit une seule fois.")


class NotSaved(ProblemDetails, json_schema_extra={"description": "Rien n'est enregistré, mais voici le diagnostic."}):
    """The store does not answer: the diagnostic all the same."""

    saved: Literal[False] = Field(default=False, description="Rien n'a été enregistré.")
    lost: list[str] = Field(default=[], description="Les noms des pièces qui n'ont pas été gardées.")
    assessment: Contract | None = Field(default=None, description="Le tri et le diagnostic, qui restent valables.")


class MessageOut(BaseModel, json_schema_extra={"description": "Un message entre vous et les agents."}):
    """A message."""

    at: datetime = Field(description="Quand il a été écrit.")
    by: Literal["official", "agent"] = Field(description="Qui l'a écrit ; « official » : vous.")
    text: str = Field(description="Le message.")
    read_at: datetime | None = Field(description="Quand l'autre l'a lu.")


class Messages(BaseModel, json_schema_extra={"description": "Les messages du dossier, du plus ancien au plus récent."}):
    """All the messages."""

    messages: list[MessageOut] = Field(description="Les messages.")


class Exhibits(BaseModel, json_schema_extra={"description": "Les pièces du dossier."}):
    """All the evidence."""

    exhibits: list[ExhibitOut] = Field(description="Les pièces.")
    refused: list[str] = Field(default=[], description="Les pièces qui n'ont pas été gardées, et pourquoi.")


class Erased(BaseModel, json_schema_extra={"description": "Ce qu'est devenue la demande d'effacement."}):
    """What became of a request to erase."""

    outcome: Outcome = Field(description="« erased » : effacé ; « asked » : un agent décidera ; « kept » : conservé.")
    said: str = Field(
        description="La même chose, en une phrase.",
        examples=["Votre récit et vos pièces sont effacés. Le code ne sert plus."],
    )


def contract(engine: Engine, triaged: Triaged, identifier: str) -> dict[str, Any]:
    """The contract's object with the diagnostic, as JSON."""
    return {
        **as_json(engine.composer, triaged, identifier),
        "diagnostic": diagnostic_json(engine.composer.make(triaged)),
    }


def understood_json(engine: Engine, found: Understood, reference: str) -> dict[str, Any]:
    """The same for what a case says: its diagnostic is already made."""
    return {
        **as_json(engine.composer, found.triaged, reference),
        "diagnostic": diagnostic_json(found.diagnostic),
    }


def summary(case: Case, found: Understood) -> Summary:
    """Where `case` stands."""
    numbers = {one.id: one.number for one in case.exhibits}
    begun = (one.exhibit_id for one in case.runs if one.position)
    said = {exhibit: verdict.reasons for exhibit, verdict in zip(begun, found.verdicts, strict=False)}
    return Summary(
        reference=case.reference,
        state=case.state,
        level=case.level,
        received_at=case.received_at,
        changed_at=case.changed_at,
        claimed=case.claimed_by is not None,
        unread=sum(1 for one in case.messages if one.by == "agent" and one.read_at is None),
        exhibits=[exhibit_out(one) for one in case.exhibits],
        comments=[
            SortingOut(
                exhibit=numbers[one.exhibit_id],
                position=one.position,
                total=one.total,
                done=one.done,
                reasons=list(said.get(one.exhibit_id, ())),
            )
            for one in case.runs
        ],
        requests=[RequestOut(at=one.at, kind=one.kind, state=one.state) for one in case.asked],
        events=[EventOut(at=one.at, kind=one.kind, detail=one.detail) for one in case.events],
    )


def exhibit_out(exhibit: Exhibit) -> ExhibitOut:
    """An exhibit as it is told."""
    return ExhibitOut(
        number=exhibit.number,
        name=exhibit.about.name,
        kind=exhibit.kind,
        media_type=exhibit.media_type,
        size=exhibit.size,
        sha256=exhibit.about.sha256,
        received_at=exhibit.received_at,
        state=exhibit.state,
        notes=list(exhibit.about.notes),
    )


def messages_out(case: Case) -> Messages:
    """The messages of a case."""
    return Messages.model_validate({"messages": [vars(one) for one in case.messages]})
