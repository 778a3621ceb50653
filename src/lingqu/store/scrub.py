"""Take out of packs what no version names any more.

A pack holds pieces of many versions. When some of them go (a person was erased, an old version
pruned), the others move into a new pack, the versions that name them are told, and the old pack
goes last: a crash in between leaves bytes twice, never a version without its bytes.
"""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, func, select

from lingqu.core.ports import Blobs
from lingqu.store import tables
from lingqu.store.blobs import size_of
from lingqu.store.datasets import PACKED
from lingqu.store.ledger import Ledger
from lingqu.store.packs import (
    NO_PLACES,
    OBJECTS,
    PACKS,
    Packer,
    as_places,
    pieces,
    place_columns,
    read_stored,
    stored_places,
    write_stored,
)

_TRIES = 5


def packed_blobs(connection: Connection) -> list[str]:
    """Return the paths of the versions whose bytes lie in packs."""
    table = tables.datasets.c
    query = select(table.blob).where(table.kind.in_(PACKED), table.erased == "", table.blob != "")
    return sorted(set(connection.execute(query).scalars()))


def packs_of(paths: list[str], blobs: Blobs) -> set[str]:
    """Return the packs and large pieces that stored versions name."""
    return {blob for path in paths for blob in stored_places(path, blobs)["blob"].unique()}


def newest_version(connection: Connection) -> int:
    """Return a number that differs once another version was recorded."""
    return int(connection.execute(select(func.max(tables.datasets.c.id))).scalar() or 0)


def scrub(ledger: Ledger, blobs: Blobs, dead_share: float = 0.0) -> int:
    """Rewrite the packs that hold pieces which no version names, and return how many.

    Packs that nothing names at all are removed, unless a run is being walked: it writes bytes
    before the row that names them.

    Args:
        ledger: Knows the versions.
        blobs: Holds their bytes.
        dead_share: Packs with less of their bytes dead than this stay as they are.
    """
    for _ in range(_TRIES):
        with ledger.snapshot() as connection:
            newest = newest_version(connection)
            named = _named(packed_blobs(connection), blobs)
        live = pl.concat([NO_PLACES, *named.values()]).unique(["blob", "offset"])
        unnamed = _unnamed(live, blobs)  # before new packs are written, which nothing names yet
        old = _partly_dead(live, blobs, dead_share)
        moved = {pack: _moved(live.filter(pl.col("blob") == pack), blobs) for pack in old}
        with ledger.transaction() as connection:
            if connection.dialect.name != "sqlite":
                connection.exec_driver_sql("LOCK TABLE runs, datasets IN SHARE MODE")
            now = _named(packed_blobs(connection), blobs)
            if newest_version(connection) != newest or not _same(named, now):
                continue  # a version was committed, or another process moved pieces
            for path, table in named.items():
                _tell(path, {pack: moved[pack] for pack in old if pack in table["blob"]}, blobs)
            runs = tables.runs.c
            going = connection.execute(select(runs.id).where(runs.state == "running")).first()
            gone = old if going else [*old, *unnamed]
            for path in gone:
                blobs.remove(path)
        return len(gone)
    return 0


def _named(paths: list[str], blobs: Blobs) -> dict[str, pl.DataFrame]:
    """Return the places that each version names, sorted, so that they can be compared."""
    return {path: stored_places(path, blobs).sort("blob", "offset") for path in paths}


def _same(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> bool:
    return one.keys() == other.keys() and all(one[path].equals(other[path]) for path in one)


def _partly_dead(live: pl.DataFrame, blobs: Blobs, dead_share: float) -> list[str]:
    packs = live.filter(pl.col("blob").str.starts_with(f"{PACKS}/"))
    found = []
    for pack, used in packs.group_by("blob").agg(pl.col("size").sum()).sort("blob").iter_rows():
        size = size_of(blobs, pack)
        if used < size and (size - used) / size >= dead_share:
            found.append(pack)
    return found


def _unnamed(live: pl.DataFrame, blobs: Blobs) -> list[str]:
    named = set(live["blob"])
    listed = [*blobs.list(PACKS), *blobs.list(OBJECTS)]
    return [path for path in listed if path not in named]


def _moved(kept: pl.DataFrame, blobs: Blobs) -> pl.DataFrame:
    """Write the pieces that are kept of a pack into a new one; return where they are now."""
    kept = kept.sort("offset")
    packer = Packer(blobs)
    for _, data in pieces(as_places(kept), blobs):
        packer.add(data)
    packer.close()
    places = [packer.places[digest] for digest in kept["digest"]]
    offsets = pl.Series([place.offset for place in places], dtype=pl.UInt64)
    return kept.select("digest", "blob").with_columns(
        pl.Series("to", [place.blob for place in places], dtype=pl.String), offsets.alias("at")
    )


def _tell(path: str, moved: dict[str, pl.DataFrame], blobs: Blobs) -> None:
    """Rewrite a version so that it names the new places of pieces; its digest stays."""
    if not moved:
        return
    frame, meta = read_stored(path, blobs)
    for name in place_columns(frame.schema):
        table = frame[name].struct.unnest()
        table = table.join(
            pl.concat(moved.values()), on=["digest", "blob"], how="left", maintain_order="left"
        )
        told = table.with_columns(
            blob=pl.coalesce("to", "blob"),
            offset=pl.when(pl.col("to").is_not_null()).then("at").otherwise("offset"),
        )
        frame = frame.with_columns(as_places(told).alias(name))
    write_stored(path, frame, meta, blobs)
