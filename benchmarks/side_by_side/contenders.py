"""What is compared, each as a function of one text. Nothing is downloaded: weights are random, or learnt here."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice

import spacy
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.training import Example

from benchmarks.texts import told
from triage.engine import Engine
from triage.intake.report import Report

Work = Callable[[str], object]
NOW = datetime(2026, 3, 18, 22, 30)
QUALIFIERS = ("negation", "hypothesis", "reported_speech", "history")
FOUND = "found"  # a group of spans of edsnlp: overlapping ones are kept, as the engine does
TAUGHT = 200  # texts of one round of learning: weights weigh nothing on the time that reading takes
# A word of French is about 1.4 pieces of XLM-R's vocabulary: supposed, as its vocabulary cannot be had here.
PIECES_A_WORD = 1.4
LONGEST = 512


def ours(engine: Engine) -> Work:
    """The whole of `assess`: words, rules, qualifiers, model, decision and its reasons."""
    return lambda text: engine.assess(Report(text), NOW)


def tokeniser() -> Work:
    """Bare tokenisation."""
    return spacy.blank("fr").tokenizer


def vectoriser(engine: Engine) -> Work:
    """The vectorisers of the model, as scikit-learn runs them."""
    assert engine.model is not None
    vectorise = engine.model.classifier.vectorise
    return lambda text: vectorise([text])


def eds(phrases: dict[str, list[str]]) -> Work:
    """An edsnlp pipeline: sentences, the same phrases, four qualifiers. No classifier."""
    pipeline = spacy.blank("fr")
    pipeline.add_pipe("eds.normalizer")
    pipeline.add_pipe("eds.sentences")
    pipeline.add_pipe("eds.matcher", config={"terms": phrases, "attr": "NORM", "span_setter": FOUND})
    for name in QUALIFIERS:
        pipeline.add_pipe(f"eds.{name}", config={"span_getter": FOUND})
    return pipeline


def textcat(phrases: dict[str, list[str]], labels: Iterable[str]) -> Work:
    """spaCy's text classifier, as it comes, with the matcher of the same phrases. No qualifier."""
    pipeline = spacy.blank("fr")
    _teach(pipeline, sorted(labels))
    matcher = PhraseMatcher(pipeline.vocab, attr="LOWER")
    for name, wordings in phrases.items():
        matcher.add(name, list(pipeline.tokenizer.pipe(wordings)))

    def work(text: str) -> object:
        doc = pipeline(text)
        return doc.cats, matcher(doc)

    return work


def _teach(pipeline: Language, labels: list[str]) -> None:
    """One round over a few texts of the corpus, with labels drawn: what it answers is not looked at."""
    chance = random.Random(7)

    def examples() -> Iterator[Example]:
        for text in islice(told(), TAUGHT):
            drawn = chance.choice(labels)
            cats = {label: float(label == drawn) for label in labels}
            yield Example.from_dict(pipeline.make_doc(text), {"cats": cats})

    known = list(examples())
    pipeline.add_pipe("textcat_multilabel")
    pipeline.initialize(lambda: known)
    pipeline.update(known)


def transformer(labels: int) -> Callable[[int], Work]:
    """A transformer as large as XLM-R base with a head, as a function of the number of threads."""
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaForSequenceClassification

    torch.manual_seed(7)
    config = XLMRobertaConfig(vocab_size=250_002, max_position_embeddings=LONGEST + 2, num_labels=labels)
    model = XLMRobertaForSequenceClassification(config).eval()

    def with_threads(threads: int) -> Work:
        def work(text: str) -> object:
            torch.set_num_threads(threads)
            size = min(LONGEST, round(PIECES_A_WORD * len(text.split())))
            with torch.inference_mode():
                return model(torch.randint(5, config.vocab_size, (1, size))).logits

        return work

    return with_threads
