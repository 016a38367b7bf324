"""A rule written in a notebook: kept as a draft, tried, and what it would change, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import yaml
from markupsafe import Markup, escape

from triage.datafiles import SafeLoader
from triage.errors import IntakeError
from triage.learning import impact as trial
from triage.learning import rulework
from triage.learning.analysis.sampling import sample
from triage.learning.analysis.workshop import Workshop
from triage.learning.cases import labels_of
from triage.learning.corpus import Example, load
from triage.learning.drafts import engine_with
from triage.learning.impact import Direction, Impact, Judgement
from triage.learning.passages import passage, telling
from triage.learning.rulefile import Opened, open_rule
from triage.learning.rulework import Occurrence
from triage.learning.subjects import known
from triage.settings import Settings

DRAFTS = "brouillons"
_SAMPLE = 600


def draft(settings: Settings, text: str) -> Path:
    """Keeps a rule, as it is written, in DATA/brouillons; nothing serves it. Raises IntakeError without an id."""
    try:
        content = yaml.load(text, Loader=SafeLoader)  # noqa: S506 (safe loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" à la ligne {mark.line + 1}" if mark else ""
        raise IntakeError(f"Ce brouillon n'est pas du YAML{where} : {getattr(error, 'problem', error)}.") from None
    identifier = content.get("id") if isinstance(content, dict) else None
    if not isinstance(identifier, str) or not identifier.replace(".", "").replace("_", "").isalnum():
        raise IntakeError("Un brouillon a un identifiant : id: type.nom.")
    path = settings.data / DRAFTS / f"{identifier}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.strip() + "\n", encoding="utf-8")
    return path


def opened(settings: Settings, path: Path) -> Opened:
    """The draft among the rules in service. Raises DataError."""
    return open_rule(settings, str(path))


def tried(rule: Opened) -> pd.DataFrame:
    """said, sentence, why: what becomes of each example."""
    rows = [(one.said, one.sentence, one.why) for one in rule.tried]
    return pd.DataFrame(rows, columns=["said", "sentence", "why"])


def history(settings: Settings) -> list[Example]:
    """The shipped texts that teach: reports and messages."""
    return sample(load(settings.models / "corpus", labels_of(settings)), _SAMPLE)


def found(rule: Opened, examples: Sequence[Example]) -> list[Occurrence]:
    """Where the rule stands. Raises IntakeError when it cannot be read yet."""
    if rule.signal is None:
        raise IntakeError("La règle ne peut pas être lue : corrigez d'abord ce que dit l'étape précédente.")
    return rulework.occurrences(rule.signal, rule.catalogue, rule.reader, examples)


def precision(rule: Opened, occurrences: Sequence[Occurrence], examples: Sequence[Example]) -> pd.DataFrame:
    """target, right, found, share, low, high."""
    told = rulework.precisions(rule.signal, occurrences, examples) if rule.signal else []
    rows = [(one.target, one.right, one.found, one.right / (one.found or 1), *one.interval) for one in told]
    return pd.DataFrame(rows, columns=["target", "right", "found", "share", "low", "high"])


def passages(occurrences: Sequence[Occurrence], examples: Sequence[Example], told: bool = True) -> pd.DataFrame:
    """id, threats, passage, why: some of the sentences that the rule finds, or that words around void."""
    chosen = rulework.varied([one for one in occurrences if one.told == told], examples)
    rows = [(examples[o.place].id, ", ".join(examples[o.place].threats), o.passage, ", ".join(o.why)) for o in chosen]
    return pd.DataFrame(rows, columns=["id", "threats", "passage", "why"])


class Change:
    """What a draft would change on `examples`, laid over the rules in service."""

    def __init__(self, atelier: Workshop, path: Path, examples: Sequence[Example]) -> None:
        self._before = atelier.engine
        self._after = engine_with(atelier.settings, self._before, [path])
        self._texts = [trial.text_of(one) for one in examples]
        said = known(atelier.settings, self._before, self._texts)
        self.impact: Impact = trial.impact(self._before, self._after, self._texts, known=said)

    @property
    def moves(self) -> pd.DataFrame:
        """before, after, count: the reports whose level changes."""
        rows = [(a, b, count) for (a, b), count in self.impact.moves.most_common() if a != b]
        return pd.DataFrame(rows, columns=["before", "after", "count"])

    @property
    def mistakes(self) -> pd.DataFrame:
        """mistake, gained, lost: how many more and how many less, against readers."""
        rows = [(name, one.gained, one.lost) for name, one in self.impact.mistakes.items()]
        return pd.DataFrame(rows, columns=["mistake", "gained", "lost"])

    @property
    def appearing(self) -> pd.DataFrame:
        """label, gained, lost: the types and red flags that appear or go."""
        shifts = self.impact.appearing(trial.types) | self.impact.appearing(trial.flags)
        rows = [(name, one.gained, one.lost) for name, one in shifts.items()]
        return pd.DataFrame(rows, columns=["label", "gained", "lost"])

    def read(self, direction: Direction, names: Mapping[str, str], most: int = 4) -> str:
        """Some of those that move, as HTML: the sentence, the words that decide marked."""
        chosen = trial.examples(self.impact, most, direction)
        return "".join(self._shown(one, names) for one in chosen) or "<p>Aucun.</p>"

    def _shown(self, one: Judgement, names: Mapping[str, str]) -> str:
        triaged = self._texts[one.place].judged(self._after)
        sentence = passage(triaged.document, telling(triaged, self.impact.changed))
        marked = escape(sentence).replace("[", Markup("<b>[")).replace("]", Markup("]</b>"))
        levels = f"{names[one.before.disposition]} → {names[one.after.disposition]}"
        gold = f" · lecteurs : {names[one.gold.disposition]}" if one.gold else ""
        return str(Markup("<p><b>{}</b> · {}{}<br>{}</p>").format(one.id, levels, gold, marked))
