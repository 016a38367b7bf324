"""Cells that no spreadsheet runs: what people wrote may begin like a formula, and a table is opened with a click."""

from __future__ import annotations

# The last four: the same in full width, which some spreadsheets take for them.
_FORMULAS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_CONTROLS = ("\t", "\r", "\n")
_TEXT = "'"


def harmless(cell: str) -> str:
    """`cell`, after one apostrophe more where it could be run."""
    return _TEXT + cell if _runs(cell) else cell


def restored(cell: str) -> str:
    """What `harmless` was given."""
    return cell[1:] if cell.startswith(_TEXT) and _runs(cell) else cell


def _runs(cell: str) -> bool:
    bare = cell.lstrip(_TEXT)
    return bare.startswith(_CONTROLS) or bare.lstrip().startswith(_FORMULAS)
