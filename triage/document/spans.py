"""Tokens of a text as the rules see them: folded words, sentences, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from triage.document.folding import fold

_SENTENCE_END = frozenset(".!?…;")


@dataclass(frozen=True)
class Tokens:
    """The words of a text without spaces and joining hyphens.

    `forms` are folded words, `starts`/`ends` their code-point offsets in the tokenised text, `stops[i]` the token at
    which the sentence of token i ends (one past its last token).
    """

    forms: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    stops: tuple[int, ...]
    indexes: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.forms)

    @cached_property
    def begins(self) -> tuple[int, ...]:
        """`begins[i]`: the first token of the sentence of token i."""
        first, result = 0, []
        for i, stop in enumerate(self.stops):
            result.append(first)
            if i + 1 == stop:
                first = stop
        return tuple(result)

    def without(self, begin: int, stop: int, shift: int) -> Tokens:
        """The tokens but `begin` to `stop`, whole sentences; those after them move `shift` code points back."""
        gone = stop - begin
        return Tokens(
            self.forms[:begin] + self.forms[stop:],
            self.starts[:begin] + tuple(start - shift for start in self.starts[stop:]),
            self.ends[:begin] + tuple(end - shift for end in self.ends[stop:]),
            self.stops[:begin] + tuple(end - gone for end in self.stops[stop:]),
            self.indexes[:begin] + self.indexes[stop:],
        )


def tokens_of(doc: Doc, whole: str) -> Tokens:
    """The tokens of `doc`, made of the text `whole`; sentences end at . ! ? … ; and at blank lines."""
    forms: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    indexes: list[int] = []
    last: list[bool] = []
    # Cut from the whole: a `Token` made for each word costs several times more, and so does `doc.text`.
    for index, (start, length) in enumerate(doc.to_array(["IDX", "LENGTH"]).tolist()):
        text = whole[start : start + length]
        if text.isspace():
            if text.count("\n") > 1 and last:
                last[-1] = True
            continue
        if text in "-–—‑" and whole[start - 1 : start].isalnum():
            continue
        form = fold(text)
        if not form:  # an accent without a letter
            continue
        forms.append(form)
        starts.append(start)
        ends.append(start + length)
        indexes.append(index)
        last.append(_ends_sentence(text))
    return Tokens(tuple(forms), tuple(starts), tuple(ends), _stops(last), tuple(indexes))


def _ends_sentence(text: str) -> bool:
    """Whether a token is a full stop or the like, or ends with one after a sign (« 200€. »), unlike « M. »."""
    if text[-1] not in _SENTENCE_END:
        return False
    return not text[-2].isalnum() if len(text) > 1 else True


def _stops(last: list[bool]) -> tuple[int, ...]:
    stops, stop = [], len(last)
    for i in range(len(last) - 1, -1, -1):
        if last[i]:
            stop = i + 1
        stops.append(stop)
    return tuple(reversed(stops))
