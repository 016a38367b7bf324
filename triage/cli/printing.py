"""The diagnostic on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from triage.assessment.triaged import Triaged
from triage.diagnostic.sheet import Because, Sheet

_COLOURS = {
    "immediate": "bold white on red",
    "urgent": "bold red",
    "agent": "bold yellow",
    "guided": "bold blue",
    "advice": "bold green",
}


def print_sheet(sheet: Sheet, triaged: Triaged, explain: bool) -> None:
    """Prints `sheet`; with `explain`, every hit with its rule, voice and qualifiers too."""
    console = Console(highlight=False, soft_wrap=False)
    console.print(Text(sheet.level.label.upper(), style=_COLOURS.get(sheet.level.id, "bold")))
    console.print(sheet.level.who)
    for contact in sheet.contacts:
        if contact.emergency:
            console.print(Text(f"  ☎ {contact.number} – {contact.name}. {contact.text}", style="bold"))
    _section(console, "Ce que c'est")
    for kind, probability in sheet.kinds:
        console.print(Text(f"• {kind.label} ({probability:.0%})", style="bold"))
        console.print(Padding(kind.what, (0, 0, 0, 2)))
        if kind.id in sheet.also:
            console.print(Padding(f"À faire aussi : {sheet.also[kind.id]}", (0, 0, 0, 2)))
    _section(console, "Pourquoi")
    for because in sheet.reasons:
        console.print(_reason(because))
    _section(console, "Les premiers gestes")
    for number, step in enumerate(sheet.steps, 1):
        console.print(f"{number}. {step}")
    _contacts(console, sheet)
    if sheet.questions:
        _section(console, "Pour préciser")
        for question in sheet.questions:
            console.print(f"• {question.text} ({' / '.join(answer.label for answer in question.answers)})")
    if explain:
        _explain(console, triaged)
    console.print()
    for line in (*sheet.notes, sheet.texts.not_a_complaint, sheet.texts.nobody_promised):
        console.print(line, style="italic")


def _section(console: Console, title: str) -> None:
    console.print()
    console.print(title, style="bold underline")


def _reason(because: Because) -> Text:
    words = ", ".join(f"« {' '.join(quote.text.split())} » [{quote.source}]" for quote in because.quotes[:4])
    return Text(f"• {because.level.label} : {because.text}" + (f" – {words}" if words else ""))


def _contacts(console: Console, sheet: Sheet) -> None:
    others = [contact for contact in sheet.contacts if not contact.emergency]
    if others:
        _section(console, "Qui peut aider")
    for contact in others:
        console.print(Text(f"• {contact.name} : {contact.number or contact.site} ({contact.hours}). {contact.text}"))


def _explain(console: Console, triaged: Triaged) -> None:
    _section(console, "Tous les indices")
    for hit in triaged.findings.hits:
        words = triaged.document.words(hit.start, hit.end)
        state = "annulé" if hit.void else f"poids {hit.weight:g}"
        voice = "cité" if hit.quoted else "récit"
        qualifiers = f" ; {', '.join(sorted(hit.qualifiers))}" if hit.qualifiers else ""
        console.print(Text(f"• « {' '.join(words.split())} » {hit.signal.id} ({voice} ; {state}{qualifiers})"))
