"""Writes the compound files (CFB) in which Outlook keeps a mail, as small as the format allows."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

SECTOR, MINI = 512, 64
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
STORAGE, STREAM, ROOT = 1, 2, 5
STRING, TIME, LONG = 0x001F, 0x0040, 0x0003
BODY, SUBJECT, SENDER, ADDRESS, SENT, HEADERS, HTML, FILE_NAME = (
    0x1000,
    0x0037,
    0x0C1A,
    0x0C1F,
    0x0039,
    0x007D,
    0x1013,
    0x3707,
)
Tree = Mapping[str, "bytes | Tree"]


@dataclass
class Entry:
    name: str
    kind: int
    content: bytes = b""
    child: int = FREE
    right: int = FREE
    start: int = END
    children: list[int] = field(default_factory=list)


def compound(tree: Tree) -> bytes:
    """The file whose streams and storages are `tree`; every stream goes to the small ones' stream."""
    entries = [Entry("Root Entry", ROOT)]
    _add(entries, 0, tree)
    small, chain = b"", []
    for entry in entries:
        if entry.kind == STREAM and entry.content:
            entry.start = len(small) // MINI
            count = -(-len(entry.content) // MINI)
            chain += [*range(entry.start + 1, entry.start + count), END]
            small += entry.content.ljust(count * MINI, b"\0")
    parts = [
        b"".join(_record(entry, len(small)) for entry in entries),
        struct.pack(f"<{len(chain)}I", *chain),
        small,
    ]
    starts, table, sectors = [], [FAT], b""
    for part, filler in zip(parts, (_record(Entry("", 0), 0), b"\xff", b"\0"), strict=True):
        count = -(-len(part) // SECTOR)
        starts.append(len(table))
        table += [*range(len(table) + 1, len(table) + count), END]
        sectors += (part + filler * SECTOR)[: count * SECTOR]
    assert len(table) <= SECTOR // 4, "one sector of allocation table is enough for a test"
    sectors = _with_root_start(sectors, starts[2])
    table += [FREE] * (SECTOR // 4 - len(table))
    return _header(starts, len(chain)) + struct.pack(f"<{SECTOR // 4}I", *table) + sectors


def mail(
    texts: Mapping[int, str], sent: datetime | None = None, attached: tuple[str, ...] = (), numbers: Tree | None = None
) -> bytes:
    """A mail of Outlook with these text properties, this date and the names of these attachments."""
    tree: dict[str, bytes | Tree] = dict(
        _storage(texts, struct.pack("<8x4I8x", 0, len(attached), 0, len(attached)), sent)
    )
    for number, name in enumerate(attached):
        tree[f"__attach_version1.0_#{number:08X}"] = _storage({FILE_NAME: name}, bytes(8), None)
    return compound(tree | (numbers or {}))


def _storage(texts: Mapping[int, str], header: bytes, sent: datetime | None) -> dict[str, bytes]:
    raw = {number: text.encode("utf-16-le") for number, text in texts.items()}
    lines = header + b"".join(
        struct.pack("<HHI", STRING, n, 6) + struct.pack("<II", len(r) + 2, 0) for n, r in raw.items()
    )
    if sent:
        ticks = round((sent - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds() * 10**7)
        lines += struct.pack("<HHI", TIME, SENT, 6) + struct.pack("<Q", ticks)
    streams = {f"__substg1.0_{number:04X}{STRING:04X}": one for number, one in raw.items()}
    return {"__properties_version1.0": lines, **streams}


def _add(entries: list[Entry], parent: int, tree: Tree) -> None:
    previous = None
    for name, content in sorted(tree.items(), key=lambda item: (len(item[0]), item[0].upper())):
        number = len(entries)
        leaf = isinstance(content, bytes)
        entries.append(Entry(name, STREAM if leaf else STORAGE, content if leaf else b""))
        if previous is None:
            entries[parent].child = number
        else:
            entries[previous].right = number
        previous = number
        if not isinstance(content, bytes):
            _add(entries, number, content)


def _record(entry: Entry, small: int) -> bytes:
    name = (entry.name + "\0").encode("utf-16-le") if entry.name else b""
    size = small if entry.kind == ROOT else len(entry.content)
    links = struct.pack("<III", FREE, entry.right, entry.child)
    start = 0 if entry.kind in (STORAGE, 0) else entry.start
    kind = struct.pack("<HBB", len(name), entry.kind, 1)
    return name.ljust(64, b"\0") + kind + links + bytes(36) + struct.pack("<IQ", start, size)


def _with_root_start(sectors: bytes, start: int) -> bytes:
    return sectors[:116] + struct.pack("<I", start) + sectors[120:]


def _header(starts: list[int], small_sectors: int) -> bytes:
    magic = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    places = (0, 1, starts[0], 0, 0x1000, starts[1], -(-small_sectors * 4 // SECTOR), END, 0)
    return magic + struct.pack("<9I", *places) + struct.pack("<109I", 0, *_free(108))


def _free(count: int) -> Iterator[int]:
    return iter([FREE] * count)
