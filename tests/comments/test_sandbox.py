"""An export is read in a process of its own: what is read comes back whole, what hangs or swells does not hurt."""

from __future__ import annotations

import pytest

from tests.comments.exports import ORDINARY, as_csv, export_of, mixed
from triage.comments.parsing import parse
from triage.comments.sandbox import dumps, loads, parse_safely
from triage.errors import IntakeError


def test_what_is_read_apart_is_what_is_read_here() -> None:
    content = as_csv(export_of(mixed(ORDINARY, 300), 40, 10))
    assert parse_safely(content) == parse(content) == loads(dumps(parse(content)))


def test_a_refusal_comes_back_as_it_was_said() -> None:
    with pytest.raises(IntakeError, match="vide"):
        parse_safely(b"  ")


def test_a_reading_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(IntakeError, match="trop de temps"):
        parse_safely(as_csv(export_of(mixed(ORDINARY, 300), 40, 10)), seconds=0.05)


def test_a_reading_that_swells_is_stopped() -> None:
    with pytest.raises(IntakeError, match="CSV"):
        parse_safely(as_csv(export_of(mixed(ORDINARY, 300), 40, 10)), memory=100 * 2**20)
