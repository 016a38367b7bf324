"""From labelled texts to a model, and what it is worth.

>>> from triage.learning import load_cases
>>> frame = load_cases(by="analyste@exemple.fr", purpose="mesurer les corrections du mois")  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from triage.learning.cases import load_cases, load_corpus

__all__ = ["load_cases", "load_corpus"]


def __getattr__(name: str) -> object:
    """What makes tables is imported once it is asked for: the engine and the store come with it."""
    if name in __all__:
        from triage.learning import cases

        return getattr(cases, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
