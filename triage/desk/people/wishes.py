"""What is asked for an account, as typed in a form or a command: read, with all that is wrong said at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import product
from typing import cast, get_args

from triage.desk.office import DeskError
from triage.store.people import Person, Role, Scope

ROLES: dict[str, str] = {
    "agent": "Agent",
    "supervisor": "Responsable",
    "analyst": "Analyste",
    "administrator": "Administrateur",
}
FORCES = {"": "police et gendarmerie", "police": "police", "gendarmerie": "gendarmerie"}
_ADDRESS = re.compile(r"[^\s@<>,;:\"()]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")
_LONGEST_LOGIN, _LONGEST_NAME = 200, 100


class WishError(DeskError):
    """What was typed cannot be an account; one sentence for each thing wrong."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Wish:
    """An account to be made."""

    login: str
    name: str
    role: Role
    scopes: tuple[Scope, ...]
    unit: str = ""


def read_wish(
    login: str, name: str, role: str, places: Iterable[str], force: str, unit: str, known: Collection[str]
) -> Wish:
    """The account that was asked for; `known` are the codes of the départements. Raises WishError."""
    login, name, problems = login.strip().lower(), " ".join(name.split()), list[str]()
    if not _ADDRESS.fullmatch(login) or len(login) > _LONGEST_LOGIN:
        problems.append(f"« {login} » n'est pas une adresse électronique : écrivez prenom.nom@exemple.fr.")
    if not 0 < len(name) <= _LONGEST_NAME:
        problems.append(f"Indiquez le nom de la personne, en {_LONGEST_NAME} caractères au plus.")
    problems += _role_problems(role)
    scopes = _scopes(places, force, known, problems)
    if problems:
        raise WishError(problems)
    return Wish(login, name, cast(Role, role), scopes, unit)


def read_role(role: str) -> Role:
    """The role. Raises WishError."""
    if problems := _role_problems(role):
        raise WishError(problems)
    return cast(Role, role)


def read_scopes(places: Iterable[str], force: str, known: Collection[str]) -> tuple[Scope, ...]:
    """What somebody may see: everywhere when no place is given. Raises WishError."""
    problems: list[str] = []
    scopes = _scopes(places, force, known, problems)
    if problems:
        raise WishError(problems)
    return scopes


def scope_label(person: Person) -> str:
    """« 01, 2A ; police »."""
    places = ", ".join(dict.fromkeys(scope.departement or "partout" for scope in person.scopes)) or "aucun"
    forces = ", ".join(dict.fromkeys(scope.force for scope in person.scopes if scope.force))
    return f"{places} ; {forces}" if forces else places


def _role_problems(role: str) -> list[str]:
    if role in get_args(Role):
        return []
    return [f"Rôle inconnu : « {role} ». Choisissez {', '.join(ROLES)}."]


def _scopes(places: Iterable[str], force: str, known: Collection[str], problems: list[str]) -> tuple[Scope, ...]:
    codes = list(dict.fromkeys(code.strip().upper().zfill(2) for code in places if code.strip()))
    problems += [
        f"Département inconnu : « {code} ». Écrivez son code, par exemple 01, 2A ou 974."
        for code in codes
        if code not in known
    ]
    if force not in FORCES:
        problems.append(f"Force inconnue : « {force} ». Choisissez police ou gendarmerie ; les deux sans rien choisir.")
    return tuple(Scope(code, one) for code, one in product(codes or [""], [force]))
