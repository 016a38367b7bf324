"""How far agents agree with the engine, and with each other: what they corrected, what a random sample shows."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from triage.assessment.disposition import Policy
from triage.desk.supervising.cells import Cell, Section, share
from triage.store import figures
from triage.store.figures import Cut

_HEAD = ("Ce qui est compté", "Nombre", "Sur", "Part", "Intervalle à 95 %")
_SOURCES = ("rule", "model")
# From which level to which, by decision: how many cases.
Decided = Mapping[tuple[str, str], int]


def agreement(
    connection: Connection, cut: Cut, decided: Decided, policy: Policy, acting: Collection[str], small: int
) -> Section:
    """Under- and over-triage as decisions and the sample show them; `acting`: the levels for which an agent acts."""
    total = sum(decided.values())
    raised = sum(n for (before, after), n in decided.items() if policy.rank(after) > policy.rank(before))
    lowered = sum(n for (before, after), n in decided.items() if policy.rank(after) < policy.rank(before))
    rows: list[tuple[Cell, ...]] = [
        ("Niveau relevé par les agents (sous-triage)", *share(raised, total, small)),
        ("Niveau abaissé par les agents (sur-triage)", *share(lowered, total, small)),
    ]
    read = _read(connection, cut)
    missed = sum(any(level in acting for level, _ in reads) for reads in read.values())
    pairs = [reads for reads in read.values() if len(reads) > 1]
    same = sum(len({level for level, _ in reads}) == 1 for reads in pairs)
    acted = sum(len({level in acting for level, _ in reads}) == 1 for reads in pairs)
    alike = sum(len({frozenset(types.split()) for _, types in reads}) == 1 for reads in pairs)
    rows += [
        ("Échantillon : un lecteur y voit le travail d'un agent", *share(missed, len(read), small)),
        ("Échantillon : deux lecteurs, même réponse (agent ou non)", *share(acted, len(pairs), small)),
        ("Échantillon : deux lecteurs, même niveau", *share(same, len(pairs), small)),
        ("Échantillon : deux lecteurs, mêmes types", *share(alike, len(pairs), small)),
    ]
    help_ = (
        "Les décisions portent sur les dossiers que les agents ont lus ; l'échantillon, sur des récits tirés au sort "
        "parmi ceux qu'aucun agent ne devait lire. Les deux ne s'additionnent pas."
    )
    return Section("accord", "Accord avec le programme", help_, _HEAD, tuple(rows))


def matrix(decided: Decided, policy: Policy) -> Section:
    """The level of the engine against the level that agents kept."""
    levels = policy.levels[::-1]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (before.label, *(decided.get((before.id, after.id), 0) for after in levels))
        for before in levels
        if any(decided.get((before.id, after.id)) for after in levels)
    )
    help_ = "Une ligne par niveau proposé par le programme, une colonne par niveau retenu par les agents."
    head = ("Proposé", *(f"Retenu : {level.label}" for level in levels))
    return Section("niveaux", "Niveaux proposés et retenus", help_, head, rows)


def corrections(connection: Connection, cut: Cut, labels: Mapping[str, str]) -> Section:
    """Types that agents took away, by what had found them, and types that they added."""
    taken: dict[tuple[str, str], int] = {}
    added: dict[str, int] = {}
    kept: dict[str, int] = {}
    for row in figures.corrections(connection, cut):
        before, after = {*row.types_before.split()}, {*row.types.split()}
        sources = dict(one.split("=", 1) for one in row.sources.split() if "=" in one)
        for name in before - after:
            taken[name, sources.get(name, "")] = taken.get((name, sources.get(name, "")), 0) + row.cases
        for name in after - before:
            added[name] = added.get(name, 0) + row.cases
        for name in before & after:
            kept[name] = kept.get(name, 0) + row.cases
    names = sorted({*added, *kept, *(name for name, _ in taken)}, key=lambda name: labels.get(name, name))
    rows = tuple(
        (labels.get(name, name), kept.get(name, 0), *_by_source(taken, name), added.get(name, 0)) for name in names
    )
    help_ = (
        "Types confirmés, retirés ou ajoutés par les agents. « Ajouté » : ni les règles ni le modèle ne l'avaient vu."
    )
    head = ("Type", "Gardé", "Retiré, vu par une règle", "Retiré, vu par le modèle", "Retiré, autre origine", "Ajouté")
    return Section("corrections", "Corrections par les règles et par le modèle", help_, head, rows)


def _by_source(taken: Mapping[tuple[str, str], int], name: str) -> tuple[int, int, int]:
    rule, model = (taken.get((name, source), 0) for source in _SOURCES)
    other = sum(n for (one, source), n in taken.items() if one == name and source not in _SOURCES)
    return rule, model, other


def _read(connection: Connection, cut: Cut) -> dict[str, list[tuple[str, str]]]:
    """The levels and types that readers gave to each report of the sample."""
    found: dict[str, list[tuple[str, str]]] = {}
    for sample, level, types in figures.sample_reads(connection, cut):
        found.setdefault(sample, []).append((level, types))
    return found
