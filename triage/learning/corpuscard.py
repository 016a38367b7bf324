"""The data card of a corpus: what it holds, counted by every axis of its plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from triage.learning.corpus import AXES, Example

_AXIS_TITLES = {"who": "Qui écrit", "register": "Registre", "form": "Forme"}


def corpus_card(examples: Sequence[Example]) -> str:
    """Counts of `examples` as Markdown tables: voices, types, levels, red flags, axes, lengths."""
    parts = [
        _table("Auteurs (un fichier chacun)", Counter(e.group for e in examples)),
        _table("Genre", Counter(e.kind for e in examples)),
        _table("Types (toutes mentions)", Counter(name for e in examples for name in e.threats)),
        _table("Type principal", Counter(e.primary for e in examples)),
        _table("Niveau", Counter(e.disposition for e in examples)),
        _table("Drapeaux rouges", Counter(name for e in examples for name in e.red_flags)),
        _table("Longueur en mots", Counter(_length(e.text) for e in examples)),
    ]
    told = [e for e in examples if e.axes]
    parts += [_table(title, Counter(e.axes.get(axis, "non dit") for e in told)) for axis, title in _AXIS_TITLES.items()]
    pairs = len({e.axes["pair"] for e in examples if e.axes.get("pair")})
    parts.append(f"Paires ou trios contrastés : {pairs}. Axes ({', '.join(AXES)}) dits pour {len(told)} textes.")
    return "\n\n".join(parts) + "\n"


def _length(text: str) -> str:
    words = len(text.split())
    return next((f"jusqu'à {most}" for most in (10, 30, 60, 120) if words <= most), "au-delà de 120")


def _table(title: str, counts: Counter[str]) -> str:
    rows: Iterable[tuple[str, int]] = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "\n".join([f"### {title}", "", "| | textes |", "|---|---|", *(f"| {name} | {n} |" for name, n in rows)])
