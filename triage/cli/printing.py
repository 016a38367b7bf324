"""The diagnostic on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from triage.assessment.triaged import Triaged
from triage.diagnostic.diagnostic import Diagnostic
from triage.diagnostic.forms import as_markdown

_COLOURS = {
    "immediate": "bold white on red",
    "urgent": "bold red",
    "agent": "bold yellow",
    "guided": "bold blue",
    "advice": "bold green",
}


def print_diagnostic(diagnostic: Diagnostic, triaged: Triaged, explain: bool) -> None:
    """Prints `diagnostic`; with `explain`, every hit with its rule, voice and qualifiers, and the situation too."""
    console = Console(highlight=False, soft_wrap=False)
    title, _, body = as_markdown(diagnostic).partition("\n")
    console.print(Text(title.removeprefix("# ").upper(), style=_COLOURS.get(diagnostic.level.id, "bold")))
    console.print(Markdown(body))
    if explain:
        _explain(console, diagnostic, triaged)


def _explain(console: Console, diagnostic: Diagnostic, triaged: Triaged) -> None:
    console.print()
    console.print("Tous les indices", style="bold underline")
    for hit in triaged.findings.hits:
        words = triaged.document.words(hit.start, hit.end)
        state = "annulé" if hit.void else f"poids {hit.weight:g}"
        voice = "cité" if hit.quoted else "récit"
        qualifiers = f" ; {', '.join(sorted(hit.qualifiers))}" if hit.qualifiers else ""
        console.print(Text(f"• « {' '.join(words.split())} » {hit.signal.id} ({voice} ; {state}{qualifiers})"))
    console.print()
    console.print("La situation comprise", style="bold underline")
    console.print(Text(", ".join(sorted(diagnostic.situation.labels))))
