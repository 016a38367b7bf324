"""The hostile comments as a table that any spreadsheet opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from triage.comments.policy import CommentsPolicy, current
from triage.comments.sorting import Sorted
from triage.spreadsheets import harmless

HEADER = (
    "numéro",
    "niveau",
    "types",
    "drapeaux",
    "sans équivoque",
    "probabilité",
    "date",
    "auteur",
    "texte",
    "adresse",
)


def as_csv(kept: Iterable[Sorted], policy: CommentsPolicy | None = None) -> str:
    """`kept` as CSV, in the order given; no cell can be taken for a formula."""
    policy = policy or current()
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    for one in kept:
        writer.writerow([harmless(cell) for cell in _row(one, policy)])
    return out.getvalue()


def _row(one: Sorted, policy: CommentsPolicy) -> tuple[str, ...]:
    return (
        str(one.number),
        policy.levels[policy.ranks[one.level]].label,
        ", ".join(policy.labels[name] for name in one.types),
        ", ".join(policy.labels[name] for name in one.flags),
        "oui" if one.unmistakable else "non",
        f"{one.probability:.2f}".replace(".", ","),
        f"{one.when:%d/%m/%Y %H:%M}" if one.when else "",
        one.author,
        one.text,
        one.url,
    )
