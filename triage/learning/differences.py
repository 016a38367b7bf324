"""What differs between two answers, in words that tell nothing of the report itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_Answer = Mapping[str, Any]
# Parts of an answer, as `triage.diagnostic.contract` and `export` name them, in the order in which they are read.
_PARTS = {
    "reasons": "raisons",
    "facts": "faits",
    "questions": "questions",
    "escalated": "transmission à un agent",
    "threats": "passages cités pour les types",
    "red_flags": "passages cités pour les drapeaux",
    "comments": "commentaires",
    "notes": "remarques",
    "engine": "moteur",
    "id": "identifiant",
}
_DIAGNOSTIC = {
    "level": "niveau",
    "about": "ce qui est dit des types",
    "around": "ce qui entoure",
    "steps": "gestes",
    "clocks": "délais",
    "contacts": "contacts",
    "refused": "contacts écartés",
    "measures": "mesures",
    "channels": "plateformes",
    "law": "droit",
    "changes": "ce qui changerait le niveau",
    "situation": "situation",
    "now": "heure",
    "warnings": "avertissements",
}


def differences(before: _Answer, after: _Answer) -> tuple[str, ...]:
    """A sentence for each difference; none when the two answers are the same."""
    if before == after:
        return ()
    found = (*_decisions(before, after), *_chances(before, after), *_reasons(before, after), *_others(before, after))
    return found or ("Réponse : quelque chose diffère.",)


def _decisions(before: _Answer, after: _Answer) -> Iterator[str]:
    was, now = _decision(before), _decision(after)
    yield from (f"{name} : {was[name]} → {now[name]}." for name in was if was[name] != now[name])


def _decision(answer: _Answer) -> dict[str, str]:
    return {
        "Niveau": answer["disposition"],
        "Type principal": answer["primary"],
        "Types": _listed(threat["type"] for threat in answer["threats"]),
        "Drapeaux": _listed(flag["id"] for flag in answer["red_flags"]),
    }


def _chances(before: _Answer, after: _Answer) -> Iterator[str]:
    was = {one["type"]: one["probability"] for one in before["threats"]}
    for one in after["threats"]:
        name, chance = one["type"], one["probability"]
        if was.get(name, chance) != chance:
            yield f"Probabilité de {name} : {_number(was[name])} → {_number(chance)}."


def _reasons(before: _Answer, after: _Answer) -> Iterator[str]:
    was, now = ([one["level"] for one in answer["reasons"]] for answer in (before, after))
    if was != now:
        yield f"Niveaux des raisons : {_listed(was)} → {_listed(now)}."


def _others(before: _Answer, after: _Answer) -> Iterator[str]:
    """The parts that differ, by their names: what they say is about somebody."""
    parts = [said for name, said in _PARTS.items() if before.get(name) != after.get(name)]
    if parts:
        yield f"Réponse, parties qui diffèrent : {', '.join(parts)}."
    was, now = before["diagnostic"], after["diagnostic"]
    parts = [said for name, said in _DIAGNOSTIC.items() if was.get(name) != now.get(name)]
    if parts:
        yield f"Diagnostic, parties qui diffèrent : {', '.join(parts)}."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "aucun"


def _number(value: float) -> str:
    return f"{value:.3f}".replace(".", ",")
