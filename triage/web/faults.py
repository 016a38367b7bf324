"""What is wrong in a request, field by field, in words that its sender can act on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_SAID = {
    "missing": "Ce champ est obligatoire.",
    "extra_forbidden": "Ce champ n'existe pas.",
    "json_invalid": "Ce contenu n'est pas du JSON valide.",
    "string_type": "Un texte est attendu.",
    "string_unicode": "Ce texte contient des caractères qui n'existent pas.",
    "string_too_short": "Ce texte compte au moins {min_length} caractère(s).",
    "string_too_long": "Ce texte compte au plus {max_length} caractères.",
    "string_pattern_mismatch": "Ce texte n'a pas la forme attendue.",
    "too_long": "Cette liste compte au plus {max_length} éléments.",
    "too_short": "Cette liste compte au moins {min_length} élément(s).",
    "list_type": "Une liste est attendue.",
    "tuple_type": "Une liste est attendue.",
    "dict_type": "Un objet est attendu.",
    "model_type": "Un objet est attendu.",
    "model_attributes_type": "Un objet JSON est attendu, avec l'en-tête « Content-Type: application/json ».",
    "literal_error": "Valeurs possibles : {expected}.",
    "int_parsing": "Un nombre entier est attendu.",
    "greater_than_equal": "La plus petite valeur possible est {ge}.",
    "less_than_equal": "La plus grande valeur possible est {le}.",
}
_DATES = "Une date est attendue, comme « 2026-03-18 » ou « 2026-03-18T22:30:00+01:00 »."
_OTHERWISE = "Cette valeur n'a pas la forme attendue."
# Where FastAPI says that a value came from: not a part of its name.
_PLACES = ("body", "header", "path", "query")
_WHOLE = "corps"
_LONGEST = 200


class Fault(BaseModel):
    """One field, and what is wrong with it."""

    model_config = ConfigDict(
        frozen=True, json_schema_extra={"description": "Un champ de la demande, et ce qui n'y va pas."}
    )

    field: str = Field(description="Nom du champ, ses parties séparées par des points.", examples=["situation"])
    what: str = Field(description="Ce qui ne va pas, et comment y remédier.", examples=["Ce champ est obligatoire."])


def faults(errors: Iterable[Mapping[str, Any]]) -> list[Fault]:
    """The faults that pydantic's `errors` tell; what was sent is never repeated, but the names of fields."""
    return [Fault(field=_named(error), what=_said(error)) for error in errors]


def _named(error: Mapping[str, Any]) -> str:
    if error["type"] == "json_invalid":
        return _WHOLE
    parts = [str(part) for part in error["loc"]]
    if parts and parts[0] in _PLACES:
        parts = parts[1:]
    readable = ".".join(parts).encode("utf-8", "replace").decode()
    return "".join(c for c in readable if c.isprintable())[:_LONGEST] or _WHOLE


def _said(error: Mapping[str, Any]) -> str:
    kind, context = error["type"], dict(error.get("ctx", {}))
    if kind.startswith("date"):
        return _DATES
    if "expected" in context:
        context["expected"] = context["expected"].replace(" or ", " ou ").replace("'", "")
    return _SAID.get(kind, _OTHERWISE).format_map(context)
