"""The registry of models: which there are, which one serves, who put it into service; promoted and rolled back here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from triage.bootstrap import build_engine, build_registry, model_shelves, served_model
from triage.desk.people import accounts
from triage.desk.people.registry import Registry
from triage.engine import Engine
from triage.errors import ModelError, TriageError
from triage.learning import tried
from triage.learning.compared import Judged
from triage.learning.frozen import Progress, load_frozen
from triage.learning.gate import Side, Verdict, compare, examine
from triage.learning.policy import GatePolicy, load_gate_policy
from triage.settings import Settings
from triage.store import audit
from triage.store.people import Person
from triage.threats import manifest
from triage.threats.manifest import Manifest
from triage.threats.modelfile import Shelf, find
from triage.threats.modelfile import load as load_model

try:
    import fcntl
except ImportError:  # no such locks on this system
    fcntl = None  # type: ignore[assignment]

HISTORY, LOCK = "history.jsonl", "lock"
GATE = "gate.json"
Standing = Literal["served", "shadow", "refused", "candidate", "unusable"]
Action = Literal["first", "promote", "rollback"]


class ApprovalError(TriageError):
    """Whoever asks may not put a model into service, or gives no reason."""


class RefusedError(TriageError):
    """The gate refuses the candidate; `verdict` says why."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__("\n".join([f"La barrière refuse {verdict.version} :", *verdict.refusals]))


@dataclass(frozen=True)
class Change:
    """A line of the history: a version put into service, in place of `before`. `at` is ISO 8601."""

    at: str
    action: Action
    version: str
    before: str
    by: str
    reason: str


@dataclass(frozen=True)
class Version:
    """A model of the registry. `problem` says why it cannot be used; `change` how it came to serve, the last time."""

    version: str
    standing: Standing
    shipped: bool
    manifest: Manifest | None
    change: Change | None
    problem: str = ""


def versions(settings: Settings) -> list[Version]:
    """Every model folder, those of this installation first, the last trained first."""
    shelves, past = model_shelves(settings), history(settings)
    served, shadow = _served(settings), (tried.named(settings) or ("",))[0]
    found = [
        _version(shelf, path.name, served, shadow, past)
        for shelf in shelves
        for path in (sorted(shelf.root.iterdir(), reverse=True) if shelf.root.is_dir() else ())
        if path.is_dir() and (path / manifest.ARRAYS).exists()
    ]
    return sorted(found, key=lambda one: one.manifest.trained_at if one.manifest else "", reverse=True)


def history(settings: Settings) -> list[Change]:
    """What was put into service, the first change first. Raises ModelError when it cannot be read."""
    own, _ = model_shelves(settings)
    path, found = own.root / HISTORY, []
    try:
        for line in filter(None, path.read_text(encoding="utf-8").split("\n")):
            content = json.loads(line)
            seal = content.pop("seal")
            found.append(Change(**content))
            if seal != _seal(own, found[-1]):
                raise ValueError(seal)
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ModelError(f"{path} est abîmé ou a été modifié : restaurez-le d'une sauvegarde") from None
    return found


def sides(settings: Settings, served: str, candidate: str) -> tuple[Side, Side]:
    """Two models to compare; an empty `served` is the one that serves now. Raises ModelError."""
    shelves = model_shelves(settings)
    before = served or _served(settings)
    return _side(shelves, before) if before else Side(None, None), _side(shelves, candidate)


def measure(
    settings: Settings, engine: Engine, before: Side, after: Side, progress: Progress = lambda _: None
) -> Judged:
    """What both say of the frozen texts. Raises ModelError, DataError."""
    return compare(engine, before, after, load_frozen(engine, settings.rules, settings.models), progress)


def gate(settings: Settings, version: str, progress: Progress = lambda _: None) -> Verdict:
    """The gate's answer on a candidate, kept beside it; nothing else changes. Raises ModelError, DataError."""
    before, after = sides(settings, "", version)
    engine = build_engine(settings)
    judged = measure(settings, engine, before, after, progress)
    verdict = examine(engine, before, after, judged, load_gate_policy(settings.rules))
    _, shelf = find(version, model_shelves(settings))
    if shelf.seal and after.folder:
        (after.folder / GATE).write_text(verdict.as_json(), encoding="utf-8")
    return verdict


def promote(
    settings: Settings, version: str, by: str, reason: str, now: datetime, progress: Progress = lambda _: None
) -> Verdict:
    """Puts `version` into service once the gate lets it pass and `by`, an account's address, approves for a `reason`.

    Raises ApprovalError, RefusedError (audited too), ModelError, DataError, StoreError.
    """
    registry, policy = build_registry(settings), load_gate_policy(settings.rules)
    person = approver(registry, by, reason, policy)
    before = _served(settings)
    if version == before:
        raise ModelError(f"le modèle {version} sert déjà")
    verdict = gate(settings, version, progress)
    if not verdict.passed:
        checks = ",".join(sorted({one.check for one in verdict.findings if one.outcome == "refused"}))
        _note(registry, person, "model.refused", f"{version} {checks}", reason, now)
        raise RefusedError(verdict)
    with _alone(settings):
        if _served(settings) != before:  # somebody was faster: this verdict is about another comparison
            raise ModelError(f"le modèle qui sert a changé pendant la mesure de {version} : relancez la commande")
        _note(registry, person, "model.promote", f"{version} {before}".strip(), reason, now)
        put_into_service(settings, Change(now.isoformat(), "promote", version, before, person.name, reason))
    return verdict


def rollback(settings: Settings, by: str, reason: str, now: datetime, to: str = "") -> Change:
    """Puts back the version that served before, or `to`, which must have served once. Raises as `promote` does."""
    registry, policy = build_registry(settings), load_gate_policy(settings.rules)
    person = approver(registry, by, reason, policy)
    with _alone(settings):
        change = _back(settings, person, reason, now, to)
        _note(registry, person, "model.rollback", f"{change.version} {change.before}".strip(), reason, now)
        put_into_service(settings, change)
    return change


def serve_first(settings: Settings, version: str, now: datetime) -> None:
    """Puts a version into service where no model can be: a first one has nothing to be compared with.

    Raises ModelError when another one serves since.
    """
    change = Change(now.isoformat(), "first", version, "", "triage train", "aucun modèle ne servait")
    with _alone(settings):
        if served := _served(settings):
            raise ModelError(
                f"le modèle {served} sert depuis : {version} est un candidat, voyez « triage models gate »"
            )
        put_into_service(settings, change)


def put_into_service(settings: Settings, change: Change) -> None:
    """Writes a sealed line of history, then names the version that serves. The gate and the audit come before."""
    own, _ = model_shelves(settings)
    own.root.mkdir(parents=True, exist_ok=True)
    line = {**asdict(change), "seal": _seal(own, change)}
    with (own.root / HISTORY).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    own.point(change.version)


def approver(registry: Registry, by: str, reason: str, policy: GatePolicy) -> Person:
    """Who approves: an open account that may, with a reason of some words. Raises ApprovalError, AccountError."""
    person = accounts.by_login(registry, by)
    if person.state != "active":
        raise ApprovalError(f"Le compte de {by} n'est pas ouvert : une autre personne doit approuver.")
    if person.role not in policy.approval.roles:
        raise ApprovalError(f"Le rôle de {by} ne permet pas de mettre un modèle en service : demandez à un analyste.")
    if len(reason.split()) < policy.approval.words:
        raise ApprovalError(f"Donnez le motif en quelques mots, {policy.approval.words} au moins : --reason « … ».")
    return person


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Nobody else changes what serves meanwhile; a moment's wait for whoever comes second."""
    own, _ = model_shelves(settings)
    own.root.mkdir(parents=True, exist_ok=True)
    with (own.root / LOCK).open("w") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _back(settings: Settings, person: Person, reason: str, now: datetime, to: str) -> Change:
    """What a rollback changes. Raises ModelError."""
    past = history(settings)
    served = past[-1].version if past else _served(settings)
    wanted = to or _previous(past)
    if not wanted or wanted == served:
        raise ModelError("aucun modèle ne servait avant celui-ci : il n'y a rien à remettre en service")
    if wanted not in {name for change in past for name in (change.version, change.before)}:
        raise ModelError(f"le modèle {wanted} n'a jamais servi : il passe par « triage models promote »")
    _side(model_shelves(settings), wanted)  # whole and sealed, or nothing changes
    return Change(now.isoformat(), "rollback", wanted, served, person.name, reason)


def _seal(own: Shelf, change: Change) -> str:
    """What tells that a line of the history was written here."""
    assert own.seal is not None
    return own.seal(json.dumps(asdict(change), sort_keys=True).encode())


def _side(shelves: Sequence[Shelf], version: str) -> Side:
    folder, shelf = find(version, shelves)
    return Side(load_model(folder, shelf.seal), manifest.read(folder), folder)


def _served(settings: Settings) -> str:
    """The version that a service starting now would serve; empty when the rules alone would."""
    model, _ = served_model(settings)
    return model.version if model else ""


def _previous(past: Sequence[Change]) -> str:
    """What served before: each return takes its step back, so that two of them do not turn in a circle."""
    served: list[str] = []
    for change in past:
        if change.action == "rollback" and change.version in served:
            del served[served.index(change.version) + 1 :]
        else:
            served += [name for name in (change.before, change.version) if not served or name != served[-1]]
    return served[-2] if len(served) > 1 else ""


def _note(registry: Registry, person: Person, what: str, about: str, reason: str, now: datetime) -> None:
    """Writes the audit, before anything serves. The reason belongs to no case: the service's own keys seal it."""
    sealed = registry.ring.wrapping.seal(reason.encode())
    with registry.database.write() as connection:
        audit.append(connection, registry.ring, audit.Entry(now, person.id, person.role, what, "", about, sealed))


def _version(shelf: Shelf, name: str, served: str, shadow: str, past: Sequence[Change]) -> Version:
    change = next((one for one in reversed(past) if one.version == name), None)
    try:
        about = manifest.read(shelf.root / name)
        manifest.contents(shelf.root / name, shelf.seal)
    except TriageError as error:
        return Version(name, "unusable", shelf.seal is None, None, change, str(error))
    standing: Standing = "served" if name == served else "shadow" if name == shadow else _judged(shelf, name)
    return Version(name, standing, shelf.seal is None, about, change)


def _judged(shelf: Shelf, name: str) -> Standing:
    """What the gate said the last time, if it was asked."""
    try:
        passed = json.loads((shelf.root / name / GATE).read_text(encoding="utf-8"))["passed"]
    except (OSError, ValueError, KeyError, TypeError):
        return "candidate"
    return "candidate" if passed else "refused"
