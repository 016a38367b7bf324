"""One diagnostic, four forms: each says the same, and nothing of the report is executed."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from html.parser import HTMLParser

import pytest
from icalendar import Calendar

from triage.diagnostic.calendar import as_calendar
from triage.diagnostic.diagnostic import Diagnostic
from triage.diagnostic.export import diagnostic_json
from triage.diagnostic.forms import as_html, as_markdown
from triage.engine import Engine
from triage.intake.report import Report

NOW = datetime(2026, 11, 27, 10, 0)
INSULT = "Je suis maire. Le 8 septembre, un habitant a publié sur Facebook, visible de tous : « gros porc, ordure »."


@pytest.fixture(scope="module")
def diagnostic(engine: Engine) -> Diagnostic:
    return diagnosed(engine, INSULT)


def diagnosed(engine: Engine, text: str) -> Diagnostic:
    return engine.composer.make(engine.assess(Report(text, received_at=NOW), NOW))


class Words(HTMLParser):
    """The text of a fragment, and whether every tag that is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def test_markdown_and_html_say_the_same(diagnostic: Diagnostic) -> None:
    parser = Words()
    parser.feed(as_html(diagnostic))
    assert parser.open == []
    html, markdown = " ".join(parser.words), " ".join(as_markdown(diagnostic).split())
    for steps in diagnostic.steps.values():
        for step in steps:
            assert step.text in markdown
            assert step.text in html
    for said in ("8 décembre 2026", "il reste 11 jours", "À vérifier avec un avocat.", "n'est pas une plainte"):
        assert said in markdown, said
        assert said in html, said
    assert [one.contact.name for one in diagnostic.refused if one.contact.name.lower() not in html.lower()] == []


def test_json_carries_where_each_fact_comes_from(diagnostic: Diagnostic) -> None:
    told = json.loads(json.dumps(diagnostic_json(diagnostic)))
    (clock,) = [one for one in told["clocks"] if one["id"] == "presse_3_mois"]
    assert (clock["ends"][:10], clock["days_left"], clock["certain"]) == ("2026-12-08", 11, True)
    assert clock["start_words"]["text"] == "Le 8 septembre"
    for part in ("clocks", "contacts", "measures", "law", "channels"):
        assert told[part], part
        for entry in told[part]:
            assert {"confidence", "sources", "checked_on", "uncertain"} <= entry.keys()
            assert entry["sources"] or entry["uncertain"]


def test_beside_every_clock_a_lawyer_is_named(engine: Engine) -> None:
    for text in (INSULT, "Depuis lundi il m'envoie des menaces de mort.", "Les fichiers de la mairie sont chiffrés."):
        diagnostic = diagnosed(engine, text)
        assert diagnostic.clocks
        for form in (as_markdown(diagnostic), as_html(diagnostic)):
            assert form.count("À vérifier avec un avocat.") == len(diagnostic.clocks)


def test_the_calendar_has_each_deadline_and_nothing_of_the_report(diagnostic: Diagnostic) -> None:
    text = as_calendar(diagnostic)
    events = list(Calendar.from_ical(text).walk("VEVENT"))
    ends = {str(event["summary"]): event.decoded("dtstart") for event in events}
    assert ends["Dernier délai : Injure ou diffamation publique : agir en justice"] == date(2026, 12, 8)
    assert len(events) == sum(one.ends is not None and not one.over for one in diagnostic.clocks)
    assert all(event.walk("VALARM")[0].decoded("trigger") < timedelta() for event in events)
    assert "porc" not in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_a_hostile_report_is_only_text(engine: Engine) -> None:
    text = "Il a publié hier sur Facebook <script>alert(1)</script> « ordure » [lien](javascript:alert(1))"
    html = as_html(diagnosed(engine, text))
    assert "<script" not in html
    assert 'href="javascript' not in html
