"""A candidate tried beside the served model: begun, ended, and what it would have changed.

The figures come from what stands in clear: no case is opened for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from triage.archive import archive_of
from triage.desk.office import Office
from triage.desk.people.registry import Registry
from triage.errors import ModelError
from triage.learning import tried
from triage.learning.paired import mcnemar
from triage.learning.policy import load_gate_policy
from triage.learning.registry import approver
from triage.settings import Settings
from triage.store import shadows
from triage.store.shadows import Pair

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Judged:
    """Both models against agents, on the same cases: who was right, and McNemar's exact test on who alone was.

    `p` is two-sided: twice the lower of the two one-sided ones, 1 at most.
    """

    cases: int
    served_right: int
    tried_right: int
    served_alone: int
    tried_alone: int
    p: float


@dataclass(frozen=True)
class Compared:
    """How many answers there are, how many move, and how both stand against agents.

    `moves` counts (level served, level tried) where they differ; `added` and `dropped` the types that the candidate
    alone gives, and those that it does not give.
    """

    version: str
    answers: int
    up: int
    down: int
    moves: Mapping[tuple[str, str], int]
    primary_differs: int
    types_differ: int
    flags_differ: int
    added: Mapping[str, int]
    dropped: Mapping[str, int]
    levels: Judged
    primaries: Judged


def start(desk: Registry, settings: Settings, by: str, version: str, reason: str, now: datetime) -> None:
    """Tries `version` on what comes from now on, in place of any other; `by` is the address of who approves.

    Raises ApprovalError, AccountError, ModelError, StoreError.
    """
    who = approver(desk, by, reason, load_gate_policy(settings.rules))
    archive_of(settings).model_of(version)  # whole and sealed, or nothing is tried
    tried.note(desk.database, desk.ring, who, "model.shadow", version, reason, now)
    tried.name(settings, version)


def stop(desk: Registry, settings: Settings, by: str, reason: str, now: datetime) -> str:
    """Tries no candidate any more; which one it was. Raises as `start` does, ModelError when none is tried."""
    who = approver(desk, by, reason, load_gate_policy(settings.rules))
    found = tried.named(settings)
    if found is None:
        raise ModelError("aucun modèle n'est à l'essai : il n'y a rien à arrêter")
    tried.note(desk.database, desk.ring, who, "model.shadow.stop", found[0], reason, now)
    tried.pointer(settings).unlink(missing_ok=True)
    return found[0]


def pairs(office: Office, version: str) -> list[Pair]:
    """The answers of `version`, each beside what was served; without those to cases that an agent had decided."""
    with office.database.read() as connection:
        return shadows.pairs(connection, version)


def frame(found: Sequence[Pair]) -> pd.DataFrame:
    """The same as a table, a row for each answer."""
    import pandas as pd  # here: the worker needs none of it

    return pd.DataFrame([vars(one) for one in found], columns=list(Pair.__dataclass_fields__))


def compare(office: Office, version: str) -> Compared:
    """What would have changed with `version` in service."""
    found = pairs(office, version)
    rank = office.engine.assessor.policy.rank
    moved = [(one.served_level, one.level) for one in found if one.served_level != one.level]
    judged = [one for one in found if one.agent_level]
    added = Counter(name for one in found for name in set(one.types) - set(one.served_types))
    dropped = Counter(name for one in found for name in set(one.served_types) - set(one.types))
    return Compared(
        version=version,
        answers=len(found),
        up=sum(rank(after) > rank(before) for before, after in moved),
        down=sum(rank(after) < rank(before) for before, after in moved),
        moves=Counter(moved),
        primary_differs=sum(one.types[:1] != one.served_types[:1] for one in found),
        types_differ=sum(set(one.types) != set(one.served_types) for one in found),
        flags_differ=sum(set(one.flags) != set(one.served_flags) for one in found),
        added=added,
        dropped=dropped,
        levels=_judged(
            judged, lambda one: one.served_level == one.agent_level, lambda one: one.level == one.agent_level
        ),
        primaries=_judged(
            judged,
            lambda one: one.served_types[:1] == one.agent_types[:1],
            lambda one: one.types[:1] == one.agent_types[:1],
        ),
    )


def _judged(found: Sequence[Pair], served: Callable[[Pair], bool], candidate: Callable[[Pair], bool]) -> Judged:
    right = [(served(one), candidate(one)) for one in found]
    served_alone, tried_alone = right.count((True, False)), right.count((False, True))
    p = min(1.0, 2 * min(mcnemar(served_alone, tried_alone), mcnemar(tried_alone, served_alone)))
    both = right.count((True, True))
    return Judged(len(right), both + served_alone, both + tried_alone, served_alone, tried_alone, p)
