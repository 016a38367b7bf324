"""What the store keeps to compare cases: keyed digests and signatures, which tell nothing without the key."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, bindparam, delete, func, insert, literal, select, text, union_all

from triage.store.campaign_tables import BANDS, CAMPAIGN_PARTED, FINGERPRINTS, SIGNATURES
from triage.store.cases import new_id

# A case that is to be compared with the others has a fingerprint of this kind until it is.
_DUE = "due"
_DUE_DIGEST = b"due"
# What cases are compared by, and not that one waits to be.
KEPT = FINGERPRINTS.c.kind != _DUE
_LOCK = 7_418  # cases are compared one after the other, or two that come together would not see each other
# The newest of each bucket: one question to PostgreSQL, which is far away; one for each digest to SQLite, which is not.
_BAND = text(
    "SELECT signature_id FROM bands WHERE digest = :digest AND case_id <> :case_id ORDER BY at DESC LIMIT :bucket"
)
_ALIKE = text(
    "SELECT case_id, size, minhash FROM signatures WHERE id = ANY (ARRAY("
    "SELECT DISTINCT found.signature_id FROM unnest(CAST(:digests AS bytea[])) AS one (digest) CROSS JOIN LATERAL ("
    "SELECT signature_id FROM bands WHERE bands.digest = one.digest AND case_id <> :case_id "
    "ORDER BY at DESC LIMIT :bucket) AS found))"
)
_THING = text(
    "SELECT case_id FROM fingerprints WHERE digest = :digest AND case_id <> :case_id ORDER BY at DESC LIMIT :bucket"
)
_SHARING = text(
    "SELECT one.digest, found.case_id FROM unnest(CAST(:digests AS bytea[])) AS one (digest) CROSS JOIN LATERAL ("
    "SELECT case_id FROM fingerprints WHERE fingerprints.digest = one.digest AND case_id <> :case_id "
    "ORDER BY at DESC LIMIT :bucket) AS found"
)
_ADD_BANDS = text(
    "INSERT INTO bands (signature_id, digest, case_id, at) SELECT one.id, one.digest, :case_id, :at "
    "FROM unnest(CAST(:ids AS varchar[]), CAST(:digests AS bytea[])) AS one (id, digest)"
)
_CASE = bindparam("case_id", type_=String)
_OF_CASE = union_all(
    select(
        literal("signature").label("what"), SIGNATURES.c.id.label("of"), SIGNATURES.c.size, SIGNATURES.c.minhash
    ).where(SIGNATURES.c.case_id == _CASE),
    select(literal("band"), BANDS.c.signature_id, literal(0), BANDS.c.digest).where(BANDS.c.case_id == _CASE),
    select(literal("mark"), FINGERPRINTS.c.kind, literal(0), FINGERPRINTS.c.digest).where(
        FINGERPRINTS.c.case_id == _CASE, FINGERPRINTS.c.kind != _DUE
    ),
)


@dataclass(frozen=True)
class Signature:
    """Of one text: how many words it has, its MinHash, and the digests of its bands, sorted."""

    size: int
    minhash: bytes
    bands: tuple[bytes, ...]


@dataclass(frozen=True)
class Mark:
    """The keyed digest of a thing: an image, an author, a link… (`kind`)."""

    kind: str
    digest: bytes


@dataclass(frozen=True)
class Prints:
    """All that a case is compared by."""

    signatures: frozenset[Signature] = frozenset()
    marks: frozenset[Mark] = frozenset()


def take_turn(connection: Connection) -> None:
    """Waits for whoever compares cases or changes campaigns at this moment. To be asked for after the case's lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def ask(connection: Connection, case_id: str, now: datetime) -> None:
    """The case is to be compared with the others, as something of it changed."""
    connection.execute(insert(FINGERPRINTS).values(id=new_id(), case_id=case_id, kind=_DUE, digest=_DUE_DIGEST, at=now))


def due(connection: Connection, limit: int) -> list[str]:
    """The cases that are to be compared, those that have waited longest first."""
    asked = select(FINGERPRINTS.c.case_id).where(FINGERPRINTS.c.digest == _DUE_DIGEST)
    waited = asked.group_by(FINGERPRINTS.c.case_id).order_by(func.min(FINGERPRINTS.c.at))
    return list(connection.scalars(waited.limit(limit)))


def asked(connection: Connection, case_id: str) -> list[str]:
    """What asks that the case be compared, to be told `done` once it was."""
    where = (FINGERPRINTS.c.case_id == case_id) & (FINGERPRINTS.c.kind == _DUE)
    return list(connection.scalars(select(FINGERPRINTS.c.id).where(where)))


def done(connection: Connection, ids: Collection[str]) -> None:
    """The case was compared as it stood when these were read."""
    if ids:
        connection.execute(delete(FINGERPRINTS).where(FINGERPRINTS.c.id.in_(ids)))


def of_case(connection: Connection, case_id: str) -> Prints:
    """What the case was last compared by."""
    rows = connection.execute(_OF_CASE, {"case_id": case_id}).all()
    bands: dict[str, list[bytes]] = {}
    for row in rows:
        if row.what == "band":
            bands.setdefault(row.of, []).append(row.minhash)
    signed = [row for row in rows if row.what == "signature"]
    signatures = frozenset(Signature(row.size, row.minhash, tuple(sorted(bands.get(row.of, ())))) for row in signed)
    return Prints(signatures, frozenset(Mark(row.of, row.minhash) for row in rows if row.what == "mark"))


def keep(connection: Connection, case_id: str, prints: Prints, now: datetime) -> None:
    """Replaces what the case is compared by; what did not change is not written again."""
    before = of_case(connection, case_id)
    if prints == before:
        return
    _forget(connection, case_id, before)
    own = {"case_id": case_id, "at": now}
    named = [(new_id(), one) for one in prints.signatures]
    if named:
        rows = [{"id": id_, "size": one.size, "minhash": one.minhash, **own} for id_, one in named]
        connection.execute(insert(SIGNATURES), rows)
        _add_bands(connection, own, [(id_, band) for id_, one in named for band in one.bands])
    if prints.marks:
        rows = [{"id": new_id(), "kind": mark.kind, "digest": mark.digest, **own} for mark in prints.marks]
        connection.execute(insert(FINGERPRINTS), rows)


def _forget(connection: Connection, case_id: str, before: Prints) -> None:
    if before.signatures:
        connection.execute(delete(BANDS).where(BANDS.c.case_id == case_id))
        connection.execute(delete(SIGNATURES).where(SIGNATURES.c.case_id == case_id))
    if before.marks:
        own = (FINGERPRINTS.c.case_id == case_id) & (FINGERPRINTS.c.kind != _DUE)
        connection.execute(delete(FINGERPRINTS).where(own))


def _add_bands(connection: Connection, own: dict[str, Any], bands: Sequence[tuple[str, bytes]]) -> None:
    if connection.dialect.name == "postgresql":  # a text has dozens: one row after the other takes far longer
        connection.execute(_ADD_BANDS, {"ids": [id_ for id_, _ in bands], "digests": [one for _, one in bands], **own})
    else:
        connection.execute(insert(BANDS), [{"signature_id": id_, "digest": one, **own} for id_, one in bands])


def alike(connection: Connection, case_id: str, bands: Collection[bytes], bucket: int) -> list[tuple[str, int, bytes]]:
    """Texts of other cases that share a band: (case, words, MinHash). Of each band, the newest `bucket`."""
    if not bands:
        return []
    own = {"case_id": case_id, "bucket": bucket}
    if connection.dialect.name == "postgresql":
        rows = connection.execute(_ALIKE, {"digests": list(bands), **own})
    else:
        ids = {one for band in bands for one in connection.scalars(_BAND, {"digest": band, **own})}
        columns = (SIGNATURES.c.case_id, SIGNATURES.c.size, SIGNATURES.c.minhash)
        rows = connection.execute(select(*columns).where(SIGNATURES.c.id.in_(ids)))
    return [(row.case_id, row.size, row.minhash) for row in rows]


def sharing(connection: Connection, case_id: str, marks: Collection[Mark], bucket: int) -> list[tuple[str, Mark]]:
    """Other cases with the same things, the newest `bucket` for each."""
    if not marks:
        return []
    own = {"case_id": case_id, "bucket": bucket}
    if connection.dialect.name == "postgresql":
        known = {mark.digest: mark for mark in marks}
        rows = connection.execute(_SHARING, {"digests": list(known), **own})
        return [(row.case_id, known[row.digest]) for row in rows]
    return [(one, mark) for mark in marks for one in connection.scalars(_THING, {"digest": mark.digest, **own})]


def times_set_aside(connection: Connection, digests: Collection[bytes]) -> dict[bytes, int]:
    """In how many cases that carry each thing an agent found that it had nothing to do with a campaign."""
    if not digests:
        return {}
    times = func.count(CAMPAIGN_PARTED.c.case_id.distinct())
    carried = FINGERPRINTS.join(CAMPAIGN_PARTED, CAMPAIGN_PARTED.c.case_id == FINGERPRINTS.c.case_id)
    query = select(FINGERPRINTS.c.digest, times).select_from(carried).where(FINGERPRINTS.c.digest.in_(digests))
    return {row[0]: row[1] for row in connection.execute(query.group_by(FINGERPRINTS.c.digest))}
