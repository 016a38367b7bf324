"""What each role may do. A check gives the person back, or raises."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from triage.errors import TriageError
from triage.store.people import Person, Role
from triage.store.records import Standing


class ForbiddenError(TriageError):
    """The person may not do this. What is said does not tell whether what was asked for exists."""


class Right(StrEnum):
    """Something that a role may do."""

    ENTER = "enter"  # be at the desk at all
    HANDLE = "handle"  # read cases of one's scope, claim them, decide
    LABEL = "label"  # read, blind, the reports of one's scope that were drawn or chosen for it, and say what they are
    SUPERVISE = "supervise"  # see how the desk does, the rota, who works on what; take a case from somebody
    AUDIT = "audit"  # read who did what
    ANALYSE = "analyse"  # figures; decide between two who read a report differently; never open a case
    ADMINISTER = "administer"  # accounts, directory, alerts; never a case


RIGHTS: Mapping[Role, frozenset[Right]] = {
    "agent": frozenset({Right.ENTER, Right.HANDLE, Right.LABEL}),
    "supervisor": frozenset({Right.ENTER, Right.HANDLE, Right.LABEL, Right.SUPERVISE, Right.AUDIT, Right.ANALYSE}),
    "analyst": frozenset({Right.ENTER, Right.LABEL, Right.ANALYSE}),
    "administrator": frozenset({Right.ENTER, Right.ADMINISTER, Right.AUDIT}),
}
_NOT_YOURS = "Cette page n'est pas ouverte à votre compte. Demandez à votre responsable si vous en avez besoin."
_NO_CASE = "Ce dossier n'existe pas, ou il n'est pas de votre ressort."


def may(person: Person, right: Right) -> bool:
    """Whether the role of `person` gives `right`."""
    return person.state == "active" and right in RIGHTS[person.role]


def require(person: Person, right: Right) -> Person:
    """`person`, who has `right`. Raises ForbiddenError."""
    if not may(person, right):
        raise ForbiddenError(_NOT_YOURS)
    return person


def require_case(person: Person, standing: Standing, excluded: bool, right: Right = Right.HANDLE) -> Person:
    """`person`, who may see the case: it is in their scope, not about their unit, and they are not `excluded`.

    `right`: what they have to be allowed to do with it. Raises ForbiddenError.
    """
    require(person, right)
    about_theirs = bool(person.unit) and standing.concerns == person.unit
    if excluded or about_theirs or not person.covers(standing.departement, standing.force):
        raise ForbiddenError(_NO_CASE)
    return person
