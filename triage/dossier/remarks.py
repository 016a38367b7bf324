"""The comments of a case, ready to be set in pages: counts, authors, the table with its words masked, the annex."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from triage.dossier.casefile import Comments, Remark
from triage.dossier.chart import chart
from triage.dossier.wording import moment, number

MOST_SHOWN = 200
MOST_AUTHORS = 15
MOST_MASKED = 90
_WORD = re.compile(r"\w+")
NO_AUTHOR = "auteur non indiqué"


def comments(told: Comments) -> dict[str, Any]:
    """All that the pages say of the comments."""
    authors = Counter(one.author or NO_AUTHOR for one in told.kept)
    return {
        "total": number(told.total),
        "harmless": number(told.harmless),
        "hostile": number(len(told.kept)),
        "authors": number(told.authors),
        "first": moment(told.first),
        "last": moment(told.last),
        "by_type": [[label, number(several), number(authors)] for label, several, authors in told.by_type],
        "by_author": [[name, number(several)] for name, several in authors.most_common(MOST_AUTHORS)],
        "more_authors": number(max(0, len(authors) - MOST_AUTHORS)),
        "chart": chart(told.peaks),
        "reasons": list(told.reasons),
        "rows": [_row(i, one) for i, one in enumerate(told.kept[:MOST_SHOWN], 1)],
        "more": number(max(0, len(told.kept) - MOST_SHOWN)),
    }


def _row(number: int, one: Remark) -> dict[str, Any]:
    return {
        "number": number,
        "author": one.author or NO_AUTHOR,
        "when": moment(one.when),
        "types": ", ".join(one.types),
        "level": one.level,
        "url": one.url,
        "masked": masked(one.text),
        "text": one.text,
    }


def masked(text: str) -> str:
    """« c••••• l• » : the first letter of each word, the length of the rest; cut where it is long."""
    short = " ".join(text.split())
    shown = short[:MOST_MASKED] + ("…" if len(short) > MOST_MASKED else "")
    return _WORD.sub(lambda match: match[0][0] + "•" * (len(match[0]) - 1), shown)
