"""The language of conditions, read as a lawyer would."""

from __future__ import annotations

import pytest

from triage.diagnostic.conditions import faults, holds, parse

KNOWN = {"type:menace", "type:raid", "role:maire", "deja:plainte", "fait:public=oui"}


@pytest.mark.parametrize(
    ("condition", "told", "answer"),
    [
        ("", set(), True),
        ("type:menace", {"type:menace"}, True),
        ("type:menace", {"type:raid"}, False),
        ("type:menace ou type:raid", {"type:raid"}, True),
        ("type:menace ou type:raid et role:maire", {"type:raid"}, False),
        ("type:menace ou type:raid et role:maire", {"type:raid", "role:maire"}, True),
        ("type:menace ; sauf deja:plainte", {"type:menace"}, True),
        ("type:menace ; sauf deja:plainte", {"type:menace", "deja:plainte"}, False),
        ("sauf deja:plainte ou role:maire", set(), True),
        ("sauf deja:plainte ou role:maire", {"role:maire"}, False),
    ],
)
def test_a_condition_holds(condition: str, told: set[str], answer: bool) -> None:
    assert holds(condition, told) is answer


def test_one_of_several_conditions_is_enough() -> None:
    assert holds(["type:menace et role:maire", "type:raid"], {"type:raid"})
    assert not holds([], {"type:raid"})


def test_a_label_that_does_not_exist_is_named_with_the_nearest() -> None:
    assert list(faults("type:menaces", KNOWN)) == [
        "étiquette inconnue « type:menaces » ; vouliez-vous dire « type:menace » ?"
    ]


@pytest.mark.parametrize("wrong", ["menace", "type:menace et", "type:menace ; sauf a:b ; sauf c:d", "TYPE:MENACE"])
def test_what_cannot_be_read_is_said(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"étiquette|sauf"):
        parse(wrong)
