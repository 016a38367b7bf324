"""Entries of ZIP files that depend on nothing but what they hold and the moment given."""

from __future__ import annotations

import zipfile
from datetime import datetime

from triage.intake.moment import in_paris

UNIX = 3
READABLE = 0o644


def entry(name: str, when: datetime) -> zipfile.ZipInfo:
    """An entry dated `when`, on the clocks of Paris, readable by its owner and others wherever it is unpacked."""
    info = zipfile.ZipInfo(name, in_paris(when).timetuple()[:6])
    info.create_system, info.external_attr = UNIX, READABLE << 16
    return info
