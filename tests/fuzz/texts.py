"""Texts that nobody sane writes, and some that people do."""

from __future__ import annotations

import random

from hypothesis import strategies as st

SAID = (
    "Un inconnu m'a écrit sur Instagram : « je vais te tuer, toi et tes enfants ».",
    "J'ai cliqué sur un lien et donné le code de la carte, l'argent est parti hier soir.",
    "Le compte Facebook de la mairie est piraté depuis le 31/12/9999, on nous demande 3 000 €.",
    "Depuis 99999999 jours, chaque nuit, il m'insulte. Il y a 900000000 ans c'était pareil.",
    "Le 30 février à 25 h 61, puis le 01/01/0001, mardi dernier, dans 10000000000 semaines, le 2026-13-45.",
    "sal0pe, j v t crev3r, t.u.e.r, m-o-r-t, p*te, 𝕔𝕣è𝕧𝕖, сrève",
    "IBAN FR76 3000 6000 0112 3456 7890 189, tel +33 6 12 34 56 78, http://[::1]:99999/%zz?é#x, a@b.fr, 0.0.0.0",
    "Voir http://[, https://exemple.fr[a et http://exemple℀.fr avant hxxp://a[.]b",
    "<script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}${7*7}%0d%0aSet-Cookie: a=b",
    "'; DROP TABLE cases; --",
)
# A zero-width space, a byte-order mark, joiners, turns of direction, combining signs, flags, families, other planes…
SIGNS = "\u200b\ufeff\u200d\u200c\u202e\u2066\u2069\u0301\u0335\u20dd\u00ad\u2028\u2029\x85\x0b\x0c\x1c\x1b\x00\x08\x7f"
SIGNS += "\ufffe\uffff\ufffd\U0010ffff\U000e0041\ufe0f🇫🇷👨‍👩‍👧‍👦😀İıßﬁŉǰΐᾷ﷽ꙮ１２①Ⅷ½²₂…«»“”‘’—¿"
_ANY = st.characters(exclude_categories=["Cs"])
_WORDS = st.sampled_from([word for said in SAID for word in said.split()])
_PIECES = st.one_of(_WORDS, st.sampled_from(SAID), st.text(_ANY, max_size=8), st.text(SIGNS, min_size=1, max_size=6))
_GLUES = st.sampled_from(["", " ", " ", " ", "\n", "\r\n", "\u00a0", "\u200b", ". ", " : « ", " » "])


@st.composite
def told(draw: st.DrawFn) -> str:
    """A text of some words, glued in any way."""
    glue = draw(_GLUES)
    return glue.join(draw(st.lists(_PIECES, max_size=12)))


any_text = st.one_of(told(), told(), st.text(_ANY, max_size=60), st.text(SIGNS, max_size=40))
# Halves of characters, as JSON may write them: no file and no store can hold them.
any_code_points = st.one_of(any_text, st.text(max_size=40), st.text("\ud800\udfff\udc80a ", max_size=12))


def long_text(chance: random.Random) -> str:
    """A text of a few pages: one piece many times, or many pieces."""
    size = chance.choice((300, 1_000, 3_000, 10_000, 50_000 if chance.random() < 0.2 else 2_000))
    if chance.random() < 0.5:
        unit = chance.choice((*SAID, *SIGNS, "a", "a.", "a@", "1", "( ", "«", "> ", "\n", "<a ", "é́́", "http://a/"))
        return (unit * (size // len(unit) + 1))[:size]
    pieces = (*SAID, *SIGNS, *(chr(chance.randrange(0x20, 0xD800)) for _ in range(20)))
    text = chance.choice(("", " ", ". ", "\n")).join(chance.choice(pieces) for _ in range(size // 20))
    return text[:size]
