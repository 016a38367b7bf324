"""What people read is easy to read: short sentences, plain words (Flesch as adapted to French by Kandel and Moles)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import textstat

from triage.diagnostic.knowledge import Knowledge
from triage.engine import Engine

LONGEST = 28  # words in one sentence
MEAN = 15
EASY = 60  # « facile » begins at 60 on the scale of Kandel and Moles; 100 is a child's book
SENTENCE = re.compile(r"(?<=[.!?:;])\s+")


@pytest.fixture(scope="module")
def knowledge(engine: Engine) -> Knowledge:
    return engine.composer.knowledge


def shown(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    library = knowledge.library
    for sheet in library.sheets.values():
        yield from ((sheet.front.id, line.text) for line in sheet.about)
        yield from ((sheet.front.id, b.text) for bs in sheet.sections.values() for b in bs if not b.shared)
    for several in library.gestures.values():
        yield from ((g.id, text) for g in several for text in (g.text, g.done_text) if text)
    for channel in knowledge.channels.values():
        yield from ((channel.id, text) for text in (*channel.capture, channel.careful) if text)
    for contact in knowledge.contacts.values():
        grounds = [g.why for g in (*contact.offer, *contact.refuse)]
        yield from ((contact.id, text) for text in (contact.text, contact.closed, *grounds) if text)
    for measure in knowledge.measures.values():
        yield from ((measure.id, text) for text in (measure.text, measure.how))
    for offence in knowledge.law.values():
        yield offence.id, offence.text


def words(text: str) -> list[str]:
    return re.findall(r"[\w'’-]+", text)


def test_no_sentence_is_long(knowledge: Knowledge) -> None:
    long = [(name, s) for name, text in shown(knowledge) for s in SENTENCE.split(text) if len(words(s)) > LONGEST]
    assert long == []


def test_sentences_are_short_and_words_plain(knowledge: Knowledge) -> None:
    textstat.set_lang("fr")
    texts = [text for _, text in shown(knowledge)]
    sentences = [s for text in texts for s in SENTENCE.split(text) if words(s)]
    mean = sum(len(words(s)) for s in sentences) / len(sentences)
    assert mean < MEAN, mean
    assert textstat.flesch_reading_ease(" ".join(texts)) > EASY


def test_every_sheet_by_itself_is_easy(knowledge: Knowledge) -> None:
    textstat.set_lang("fr")
    by_sheet: dict[str, list[str]] = {}
    for name, text in shown(knowledge):
        if name in knowledge.library.sheets:
            by_sheet.setdefault(name, []).append(text)
    hard = {n: score for n, ts in by_sheet.items() if (score := textstat.flesch_reading_ease(" ".join(ts))) < EASY - 10}
    assert hard == {}
