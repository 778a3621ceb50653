"""Write a version to a folder: its rows or files, its cards."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

from lingqu.core.errors import DataError, StoreError
from lingqu.data import versions
from lingqu.data.croissant import MANIFEST, ROWS
from lingqu.flow.data_card import croissant, markdown
from lingqu.flow.data_diff import refuse_erased
from lingqu.store.blobs import copy_out
from lingqu.store.datasets import FILES, DatasetRecord
from lingqu.store.home import Home
from lingqu.store.packs import OBJECTS, pieces


def export(home: Home, version: str, to: Path) -> Path:
    """Write a version to a new folder.

    A table becomes ``rows.parquet`` with the bytes of its media inside; a folder its files below
    ``files/``. Beside them lie ``README.md`` (the card) and ``croissant.json``.

    Raises:
        DataError: The folder exists and is not empty, or the version has no rows any more.
        StoreError: The version is unknown, or the folder cannot be written.
    """
    record = home.ledger.datasets.find(version)
    refuse_erased(record, "flow.verb_export")
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise DataError("flow.exists", path=str(to))
    try:
        to.mkdir(parents=True, exist_ok=True)
        if record.kind == FILES:
            _files(home, record, to)
        else:
            (to / ROWS).write_bytes(versions.exported(record.blob, home.blobs))
        (to / "croissant.json").write_text(croissant(home, record), encoding="utf-8")
        (to / "README.md").write_text(markdown(home, record), encoding="utf-8")
    except OSError as error:
        problem = error.strerror or str(error)
        raise StoreError("store.unwritable", path=str(to), problem=problem) from error
    return to


def _files(home: Home, record: DatasetRecord, to: Path) -> None:
    table = versions.load_places(record.blob, home.blobs).frame
    paths = table["path"].to_list()
    for folder in sorted({os.path.dirname(path) for path in paths}):
        (to / "files" / folder).mkdir(parents=True, exist_ok=True)
    large = pl.col("file").struct.field("blob").str.starts_with(f"{OBJECTS}/")
    for path, place in table.filter(large).iter_rows():
        copy_out(home.blobs, place["blob"], to / "files" / path)
    packed = table.filter(~large)
    names = packed["path"].to_list()
    for row, data in pieces(packed["file"], home.blobs):
        (to / "files" / names[row]).write_bytes(data)
    (to / MANIFEST).write_bytes(versions.listing(table))
