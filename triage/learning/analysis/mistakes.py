"""The mistakes, the gravest first, with the words that decided; and the labels that look wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd
from markupsafe import Markup, escape

from triage.assessment.triaged import Triaged
from triage.engine import Engine
from triage.intake.report import Kind, Report
from triage.learning.analysis.deciding import READ_AT
from triage.learning.analysis.measures import ranks
from triage.learning.corpus import Example
from triage.learning.doubts import doubts
from triage.learning.training import Material

_HEADS = ("threat:", "primary:", "flag:", "level:", "fact:")
_LABELLED = ["id", "text", "kind", "threats", "primary", "disposition", "red_flags"]
_MARKS = {
    "rule": Markup('<mark style="background:#ddd;border-bottom:2px solid #000" title="{title}">{words}</mark>'),
    "model": Markup('<span style="border-bottom:2px dotted #000" title="{title}">{words}</span>'),
}


def mistakes(frame: pd.DataFrame) -> pd.DataFrame:
    """The reports whose main type or level is wrong; `step`: levels too high (above 0) or too low. The gravest first.

    Too low comes before too high, then the further the worse, then the surer the engine was.
    """
    step = ranks(frame["engine_disposition"]) - ranks(frame["disposition"])
    wrong = frame.assign(step=step)[(step != 0) | (frame["primary"] != frame["engine_primary"])]
    order = wrong.assign(low=wrong["step"] < 0, far=wrong["step"].abs())
    order = order.sort_values(["low", "far", "engine_chance", "id"], ascending=[False, False, False, True])
    return order.drop(columns=["low", "far"]).reset_index(drop=True)


def taken_for(wrong: pd.DataFrame, truth: str, said: str) -> pd.DataFrame:
    """The mistakes in which the main type `truth` was taken for `said`."""
    return wrong[(wrong["primary"] == truth) & (wrong["engine_primary"] == said)].reset_index(drop=True)


def steps(frame: pd.DataFrame) -> pd.DataFrame:
    """truth, step, count: how far, and in which direction, the level of each true level is off."""
    step = ranks(frame["engine_disposition"]) - ranks(frame["disposition"])
    table = pd.DataFrame({"truth": frame["disposition"], "step": step}).value_counts().rename("count")
    return table.reset_index()


def read_again(engine: Engine, row: Mapping[str, str], names: Mapping[str, str]) -> str:
    """One mistake to be read, as HTML: what readers say, what the engine says, the text with its deciding words.

    Underlined on grey: found by a rule; dotted: what weighs most for the model that is served.
    """
    triaged = engine.assess(Report(row["text"], _kind(row)), READ_AT)
    told = f"{names[row['primary']]}, {names[row['disposition']]}"
    said = f"{names[row['engine_primary']]}, {names[row['engine_disposition']]}"
    head = Markup("<p><b>{}</b> · lecteurs : <b>{}</b> · moteur : <b>{}</b></p>").format(row["id"], told, said)
    return str(head + Markup("<p>{}</p>").format(marked(triaged, engine)))


def marked(triaged: Triaged, engine: Engine) -> Markup:
    """The text of a report with the words that decided marked."""
    text = triaged.document.cleaned.original
    spans: list[tuple[int, int, str, str]] = []
    for start, end, how, title in sorted(_deciding(triaged, engine), key=lambda one: (one[0], one[2] != "rule")):
        if not spans or start >= spans[-1][1]:
            spans.append((start, end, how, title))
    pieces, position = [], 0
    for start, end, how, title in spans:
        pieces += [escape(text[position:start]), _MARKS[how].format(title=title, words=text[start:end])]
        position = end
    return Markup("").join([*pieces, escape(text[position:])])


def _deciding(triaged: Triaged, engine: Engine) -> Iterable[tuple[int, int, str, str]]:
    document, assessment = triaged.document, triaged.assessment
    found = [hit for threat in assessment.threats for hit in threat.hits]
    found += [hit for flag in assessment.flags for hit in flag.hits]
    found += [hit for reason in assessment.reasons for fact in reason.facts for hit in fact.hits]
    for hit in found:
        yield (*document.original_span(hit.start, hit.end), "rule", hit.signal.title)
    head = f"primary:{assessment.primary}"
    if engine.model is None or head not in engine.model.classifier.heads[document.report.kind].names:
        return
    for one in engine.model.classifier.evidence(document, head):
        yield (*document.cleaned.original_span(one.start, one.end), "model", "mot qui pèse pour le modèle")


def doubtful(frame: pd.DataFrame, names: Mapping[str, str], most: int = 20) -> pd.DataFrame:
    """id, label, instead, chance, text: labels that a model which has not read the voice finds absurd.

    See `triage.learning.doubts`; to be read again by two people, never mended blindly.
    """
    heads = [name for name in frame.columns if name.startswith(_HEADS)]
    examples = [Example(*row) for row in zip(*(frame[name] for name in _LABELLED), strict=True)]
    found = doubts(Material(examples, [], []), heads, frame[heads].to_numpy("float32"))
    texts = frame.set_index("id")["text"]
    rows = [
        (one.id, _said(one.head, names), _said(one.instead, names), one.chance, texts[one.id]) for one in found[:most]
    ]
    return pd.DataFrame(rows, columns=["id", "label", "instead", "chance", "text"])


def _said(head: str, names: Mapping[str, str]) -> str:
    """« primary:menace », « sans flag:arme » in words."""
    before, _, name = head.rpartition(":")
    return ("sans " if before.startswith("sans ") else "") + names.get(name, name)


def _kind(row: Mapping[str, str]) -> Kind:
    return "message" if row.get("kind") == "message" else "report"
