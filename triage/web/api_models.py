"""What the API reads and the contract's object, as OpenAPI describes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

from triage.engine import Engine
from triage.errors import IntakeError
from triage.intake.moment import in_paris
from triage.intake.report import MAX_CHARACTERS, Kind
from triage.web.openapi import CHOICES
from triage.web.problems import FieldError

REPORT = "Depuis hier, un inconnu m'écrit sur Instagram : « je vais te tuer, toi et tes enfants »."
_MAIL = r"^$|^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+\.[^@\s\x00-\x1f\x7f.]+$"


def _typed(value: object) -> object:
    """Dates are written out: a number of seconds is a mistake."""
    if not isinstance(value, str) or value.strip().lstrip("+-").replace(".", "").isdigit():
        raise PydanticCustomError("date_type", "not a date")
    return value


def _somewhen(moment: datetime) -> datetime:
    """The last hours of the calendar are on no clock of Paris."""
    try:
        in_paris(moment)
    except OverflowError:
        raise PydanticCustomError("date_type", "out of the calendar") from None
    return moment


# Strict mode refuses text for a date, even where it came as JSON; numbers stay refused.
Day = Annotated[date, Strict(False), BeforeValidator(_typed)]
Moment = Annotated[datetime, Strict(False), BeforeValidator(_typed), AfterValidator(_somewhen)]
Label = Annotated[str, Field(max_length=100)]
Answers = Annotated[dict[Label, Label], Field(max_length=50, json_schema_extra={CHOICES: "answers"})]
Trait = Annotated[str, Field(max_length=100, json_schema_extra={CHOICES: "situation"})]


class Input(BaseModel):
    """What a request holds, and nothing else."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Told(Input):
    """What is told of the facts, whether it is kept or not."""

    text: str = Field(min_length=1, max_length=MAX_CHARACTERS, description="Le récit, en français.", examples=[REPORT])
    answers: Answers = Field(
        default={},
        description="Réponses à des questions : identifiant de question → identifiant de réponse.",
        examples=[{"en_cours": "oui"}],
    )
    situation: list[Trait] = Field(
        default=[],
        max_length=50,
        description="Ce que l'on sait de plus, comme « role:maire » ou « canal:instagram ».",
        examples=[["role:maire", "parle:elu"]],
    )


class TriageIn(Told, json_schema_extra={"description": "Un récit à trier. Rien n'en est conservé."}):
    """A report to sort."""

    kind: Kind = Field(
        default="report", description="« message » : les mots de l'attaquant, tels quels ; « report » : un récit."
    )
    received_at: Moment | None = Field(
        default=None,
        description="Moment dont partent « hier » ou « lundi » ; sans fuseau, l'heure de Paris.",
        examples=["2026-03-18T22:30:00+01:00"],
    )
    id: str = Field(default="", max_length=200, description="Un identifiant à vous, rendu tel quel.", examples=["r1"])


class ReportIn(Told, json_schema_extra={"description": "Un récit à déposer. Seul le texte est obligatoire."}):
    """A report to keep, with the optional facts."""

    departement: str = Field(
        default="",
        max_length=3,
        description="Code du département.",
        examples=["35"],
        json_schema_extra={CHOICES: "departement"},
    )
    force: Literal["", "police", "gendarmerie"] = Field(default="", description="Qui est compétent, si on le sait.")
    commune: str = Field(
        default="",
        max_length=100,
        description="Commune : son nom, suivi de son code Insee si vous l'avez.",
        examples=["Rennes 35238"],
    )
    began: Day | None = Field(default=None, description="Jour où les faits ont commencé.", examples=["2026-03-17"])
    addresses: list[Annotated[str, Field(max_length=2_000)]] = Field(
        default=[],
        max_length=200,
        description="Adresses des publications.",
        examples=[["https://exemple.fr/publication/1"]],
    )
    contact: str = Field(default="", max_length=300, description="Où vous joindre.", examples=["Par la mairie"])
    hours: str = Field(default="", max_length=300, description="Quand vous joindre sans risque.", examples=["Le matin"])
    mail: str = Field(
        default="",
        max_length=254,
        pattern=_MAIL,
        description="Où envoyer un avis qui ne dit rien du dossier, si ce service envoie des courriels.",
        examples=["elu@exemple.fr"],
    )


class MessageIn(Input, json_schema_extra={"description": "Un message aux agents."}):
    """A message to the agents."""

    text: str = Field(
        min_length=1,
        max_length=5_000,
        description="Le message.",
        examples=["Il a recommencé ce matin, au même numéro."],
    )


class AnswersIn(Input, json_schema_extra={"description": "Des réponses aux questions posées."}):
    """Answers to questions."""

    answers: Answers = Field(
        min_length=1,
        description="Question → réponse ; une réponse vide : la question n'est plus posée.",
        examples=[{"en_cours": "oui"}],
    )


class MeasureIn(Input, json_schema_extra={"description": "Une mesure de protection demandée aux agents."}):
    """A measure to ask for."""

    measure: str = Field(
        max_length=100,
        description="Identifiant de la mesure.",
        examples=["referent"],
        json_schema_extra={CHOICES: "measure"},
    )


class Evidence(BaseModel, json_schema_extra={"description": "Des mots du récit, et ce qui les a reconnus."}):
    """Words of the report, and the rule or the model that found them."""

    start: int = Field(description="Début, en points de code.")
    end: int = Field(description="Fin, exclue.")
    text: str = Field(description="Les mots.", examples=["je vais te tuer"])
    rule: str = Field(default="", description="La règle ; absente quand c'est le modèle.")
    model: str = Field(default="", description="Le modèle ; absent quand c'est une règle.")


class ThreatOut(BaseModel, json_schema_extra={"description": "Un type d'atteinte reconnu."}):
    """A type that was found."""

    type: str = Field(description="Son identifiant.", examples=["menace"])
    label: str = Field(description="Son nom.", examples=["Menace de mort ou de violence"])
    probability: float = Field(ge=0, le=1, description="À quel point c'est sûr, de 0 à 1.")
    evidence: list[Evidence] = Field(description="Les mots qui le montrent.")


class FlagOut(BaseModel, json_schema_extra={"description": "Un drapeau rouge : il ne peut que relever le niveau."}):
    """A red flag."""

    id: str = Field(description="Son identifiant.", examples=["domicile_vise"])
    evidence: list[Evidence] = Field(description="Les mots qui le montrent.")


class ReasonOut(BaseModel, json_schema_extra={"description": "Une raison du niveau donné."}):
    """Why the level is what it is."""

    level: str = Field(description="Le niveau qu'elle demande.", examples=["urgent"])
    text: str = Field(description="La raison, en une phrase.")
    evidence: list[Evidence] = Field(description="Les mots qui la fondent.")


class Choice(BaseModel, json_schema_extra={"description": "Une réponse possible."}):
    """A possible answer."""

    id: str = Field(description="L'identifiant à renvoyer.", examples=["oui"])
    label: str = Field(description="Ce que lit une personne.", examples=["Oui"])


class QuestionOut(BaseModel, json_schema_extra={"description": "Une question dont la réponse compterait."}):
    """A question worth asking."""

    id: str = Field(description="L'identifiant à renvoyer.", examples=["en_cours"])
    text: str = Field(description="La question.")
    why: str = Field(description="Pourquoi elle est posée.")
    answers: list[Choice] = Field(description="Les réponses possibles.")


class EngineOut(BaseModel, json_schema_extra={"description": "Ce qui a trié."}):
    """What sorted."""

    rules: str = Field(description="Empreinte des règles.")
    model: str | None = Field(description="Version du modèle ; nulle si les règles seules ont trié.")
    degraded: bool = Field(description="Les règles seules ont trié : le résultat est moins sûr.")


class Contract(BaseModel, json_schema_extra={"description": "Le tri d'un récit, ses raisons et le diagnostic."}):
    """The contract's object, and the diagnostic."""

    id: str = Field(description="Votre identifiant, ou la référence du dossier.")
    threats: list[ThreatOut] = Field(description="Les types reconnus, le principal d'abord.")
    primary: str = Field(description="Le type principal.", examples=["menace"])
    facts: dict[str, str] = Field(description="Faits décisifs : « oui », « non » ou « inconnu ».")
    disposition: str = Field(description="Le niveau.", examples=["urgent"])
    escalated: bool = Field(description="Un agent doit agir.")
    red_flags: list[FlagOut] = Field(description="Les drapeaux rouges levés.")
    reasons: list[ReasonOut] = Field(description="Pourquoi ce niveau.")
    questions: list[QuestionOut] = Field(description="Les questions à poser, la plus utile d'abord.")
    engine: EngineOut
    notes: list[str] = Field(description="Ce qui rend le résultat moins sûr.")
    diagnostic: dict[str, Any] = Field(description="Tout ce que lit une personne : gestes, délais, contacts, droit.")


def known_answers(engine: Engine, answers: Mapping[str, str]) -> Mapping[str, str]:
    """`answers` themselves. Raises FieldError for a question or an answer that does not exist."""
    known = {question.id: [one.id for one in question.answers] for question in engine.assessor.questions}
    for question, answer in answers.items():
        if question not in known:
            raise FieldError("answers", f"Question inconnue : {question}. Questions possibles : {', '.join(known)}.")
        if answer and answer not in known[question]:
            possible = ", ".join(known[question])
            raise FieldError(f"answers.{question}", f"Réponse inconnue : {answer}. Réponses possibles : {possible}.")
    return answers


def known_situation(engine: Engine, situation: list[str]) -> tuple[str, ...]:
    """`situation` itself. Raises FieldError for what does not exist."""
    try:
        return engine.composer.observer.checked(situation)
    except IntakeError as error:
        raise FieldError("situation", str(error)) from None
