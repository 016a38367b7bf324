"""The notice written beside an extract: what it is, for whom, what was replaced, what remains."""

from __future__ import annotations

from triage.desk.extraction import ExtractionPolicy, Tried
from triage.intake.moment import in_paris
from triage.learning.cases import Extract


def notice(policy: ExtractionPolicy, told: Extract, name: str, file_digest: str) -> str:
    """The notice of the file `name`, in Markdown; the account's name, the purpose and the date are in it."""
    texts, person = policy.notice, told.person
    lines = [
        f"# {texts.title} : {name}",
        "",
        texts.what,
        "",
        f"- But : {told.purpose}",
        f"- Demandé par : {person.name} ({person.login})",
        f"- Le : {in_paris(told.at):%d/%m/%Y à %H:%M} (heure de Paris)",
        f"- Dossiers : {len(told.frame)}",
        *(f"- Laissés de côté, {why} : {count}" for why, count in sorted(told.left_out.items())),
        f"- Empreinte du contenu, aussi dans le journal (SHA-256) : `{told.digest}`",
        f"- Empreinte du fichier (SHA-256) : `{file_digest}`",
        "",
        "## Ce qui a été remplacé",
        "",
        texts.replaced,
        "",
        *(f"- {policy.labels[kind]} : {count}" for kind, count in sorted(told.replaced.items())),
        "",
        recall_told(policy),
        "",
        "## Ce qui a été rendu plus large",
        "",
        f"{texts.cells.format(least=told.least)} Dossiers concernés : {told.widened}.",
        "",
        "## Ce qui reste",
        "",
        texts.remains,
        "",
    ]
    return "\n".join(lines)


def recall_told(policy: ExtractionPolicy) -> str:
    """The measured recall, in a sentence."""
    measured = policy.measured
    parts = {"structured": measured.structured, "names": measured.names, "words": measured.words}
    figures = {f"{name}_{field}": value for name, one in parts.items() for field, value in vars(one).items()}
    return policy.notice.recall.format(**figures, **{name: percent(one) for name, one in parts.items()})


def percent(one: Tried) -> str:
    """« 98,1 % »."""
    return f"{100 * one.found / (one.tried or 1):.1f} %".replace(".", ",")
