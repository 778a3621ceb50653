"""A folder of files as a version: looked at by `stat`, and only what changed is read.

What a folder holds is a manifest: a Parquet file with the path, digest and size of every file and
the place of its bytes. Beside it, on this machine only, lies what `stat` said at the last commit;
losing that costs time, never truth.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.errors import DataError, StoreError
from lingqu.core.ports import Blobs
from lingqu.core.schema import Column, Schema, because
from lingqu.store.packs import (
    LARGE,
    Packer,
    Place,
    digest_of_files,
    known_places,
    placed,
    write_stored,
)

SCHEMA = Schema((Column("path", "text", "id", **because("data.reason_path")),))
"""What a rule or an erasure can name of a folder."""
_STATE = {"size": pl.Int64, "mtime_ns": pl.Int64, "ctime_ns": pl.Int64, "inode": pl.UInt64}
_TICK_NS = 20_000_000
"""Clocks of file systems move in steps; Linux steps by 1 to 10 ms."""
_COARSE_NS = 2_000_000_000
"""FAT and some network disks step by up to 2 s: their times are whole seconds."""
_SECOND_NS = 1_000_000_000
_TRIES = 3

State = tuple[int, int, int, int]


@dataclass(frozen=True)
class Folder:
    """What a commit of a folder found and did.

    Args:
        digest: Digest of paths, sizes and contents.
        blob: Path of the manifest; ``""`` when `digest` is the one that was given as known.
        files: How many files there are.
        bytes: Their size.
        read: How many of them were read, because they were new or may have changed.
        written: Bytes that were not stored before.
    """

    digest: str
    blob: str
    files: int
    bytes: int
    read: int
    written: int


def keep_folder(
    root: Path,
    blobs: Blobs,
    memory: Path,
    *,
    previous: str = "",
    meta: Mapping[str, Any] | None = None,
    leave_out: Path | None = None,
    now_ns: int | None = None,
) -> Folder:
    """Store a folder; files whose size, times and inode are as they were are not read.

    A file that was changed so shortly before the last look that its time could not have told is
    read again (the racy case of Git's index).

    Args:
        root: The folder.
        blobs: Where to.
        memory: File that remembers what `stat` said; made if it is missing.
        previous: Manifest of the version before, whose bytes are shared.
        meta: What the manifest says of itself besides its digest.
        leave_out: A folder below `root` that is no part of it, such as the workspace.
        now_ns: Nanoseconds since 1970 at the start of the look.

    Raises:
        DataError: A name is not UTF-8, an entry is no file, or a file changes while it is read.

    Source: Own; the racy check follows Git, Documentation/technical/racy-git.txt, 2006.
    """
    begun = time.time_ns() if now_ns is None else now_ns
    seen = scan(root, leave_out)
    known = known_places([previous] if previous else [], blobs)
    digests = _remembered(seen, memory)
    if known or digests.null_count() < len(digests):
        digests = digests.set(~digests.is_in(list(known)).fill_null(False), None)
    packer = Packer(blobs, known)
    read = digests.is_null().arg_true().to_list()
    seen, digests = _read(root, seen, digests, read, packer)
    packer.close()
    manifest = pl.DataFrame({"path": seen["path"], "file": placed(digests, packer.places)})
    digest = digest_of_files(manifest)
    blob = f"datasets/{digest}.parquet"
    told = {"schema": SCHEMA.to_json(), **(meta or {}), "digest": digest, "kind": "files"}
    if blob != previous or read:
        write_stored(blob, manifest, told, blobs)
    _remember(seen, digests, memory, begun)
    size = int(seen["size"].sum())
    return Folder(digest, blob, seen.height, size, len(read), packer.written)


def scan(root: Path, leave_out: Path | None = None) -> pl.DataFrame:
    """Return path, size, times and inode of every file below a folder, sorted by path.

    Raises:
        DataError: A name is not UTF-8, or an entry is neither a file nor a folder.
    """
    paths: list[str] = []
    states: list[State] = []
    skipped = os.path.realpath(leave_out) if leave_out is not None else ""
    waiting = [(str(root), "")]
    while waiting:
        folder, prefix = waiting.pop()
        if skipped and os.path.realpath(folder) == skipped:
            continue
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append((entry.path, f"{prefix}{entry.name}/"))
                        continue
                    if not entry.is_file():
                        raise DataError("data.not_a_file", path=entry.path)
                    paths.append(prefix + entry.name)
                    states.append(_state(entry.stat()))
        except OSError as error:
            problem = error.strerror or str(error)
            raise DataError("data.unreachable", path=folder, problem=problem) from error
    table = np.array(states, dtype=np.int64).reshape(-1, len(_STATE))
    columns = {name: table[:, place] for place, name in enumerate(_STATE)}
    return pl.DataFrame({"path": _names(paths), **columns}).cast(_STATE).sort("path")  # type: ignore[arg-type]


def _state(found: os.stat_result) -> State:
    # Inodes of some network disks need the 64th bit: two's complement keeps them apart.
    inode = found.st_ino - (1 << 64) if found.st_ino >= 1 << 63 else found.st_ino
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, inode


def _names(paths: list[str]) -> pl.Series:
    try:
        return pl.Series("path", paths, dtype=pl.String)
    except UnicodeEncodeError:
        for path in paths:
            try:
                path.encode()
            except UnicodeEncodeError as error:
                raise DataError("data.name_not_utf8", path=ascii(path)) from error
        raise


def _remembered(seen: pl.DataFrame, memory: Path) -> pl.Series:
    """Return the digest of each file that is as it was, and no digest for the others."""
    nothing = pl.Series("digest", [None] * seen.height, dtype=pl.Binary)
    if not memory.is_file():
        return nothing
    try:
        old = pl.read_parquet(memory)
        begun = int(pl.read_parquet_metadata(memory)["lingqu.begun"])
    except (pl.exceptions.PolarsError, OSError, KeyError, ValueError):
        return nothing  # a memory that a crash spoilt is no memory
    whole_seconds = (pl.col("mtime_ns") % _SECOND_NS == 0) & (pl.col("ctime_ns") % _SECOND_NS == 0)
    tick = pl.when(whole_seconds).then(_COARSE_NS).otherwise(_TICK_NS)
    safe = pl.max_horizontal("mtime_ns", "ctime_ns") < begun - tick
    on = ["path", *_STATE]
    found = seen.join(old.filter(safe), on=on, how="left", maintain_order="left")
    return found["digest"]


def _remember(seen: pl.DataFrame, digests: pl.Series, memory: Path, begun: int) -> None:
    partial = memory.with_name(f"{memory.name}.{os.getpid()}.part")
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        said = {"lingqu.begun": str(begun)}
        seen.with_columns(digests.alias("digest")).write_parquet(
            partial, compression="lz4", metadata=said
        )
        partial.replace(memory)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        problem = error.strerror or str(error)
        raise StoreError("store.unwritable", path=str(memory), problem=problem) from error


def _read(
    root: Path, seen: pl.DataFrame, digests: pl.Series, rows: list[int], packer: Packer
) -> tuple[pl.DataFrame, pl.Series]:
    """Read the files of some rows; return all rows with their digest and newest state."""
    if not rows:
        return seen, digests
    found: list[bytes] = []
    states: list[State] = []
    for path in seen["path"].gather(rows):
        digest, state = _take(root / path, packer)
        found.append(digest)
        states.append(state)
    table = np.array(states, dtype=np.int64)
    whole = digests.scatter(rows, found) if len(rows) < len(digests) else pl.Series(found)
    columns = [
        seen[name].scatter(rows, pl.Series(table[:, place], dtype=pl.Int64).cast(dtype))
        for place, (name, dtype) in enumerate(_STATE.items())
    ]
    return seen.with_columns(columns), whole.alias("digest")


def _take(path: Path, packer: Packer) -> tuple[bytes, State]:
    """Keep the bytes of a file that stays as it is while it is read."""
    try:
        for _ in range(_TRIES):
            with path.open("rb", buffering=0) as file:
                before = _state(os.fstat(file.fileno()))
                large = before[0] >= LARGE
                digest = packer.add_large(path, before[0]) if large else packer.add(file.read())
                if _state(os.fstat(file.fileno())) == before == _state(path.stat()):
                    return digest, before
    except OSError as error:
        problem = error.strerror or str(error)
        raise DataError("data.unreachable", path=str(path), problem=problem) from error
    raise DataError("data.changing_file", path=str(path))


def compared(old: pl.DataFrame, new: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return which files were added, removed, changed and renamed between two manifests.

    A file that left one path and came to another with the same content was renamed.

    Args:
        old: Columns ``path`` and ``file``, as a manifest has them.
        new: The same of the later version.

    Returns:
        ``added``, ``removed``, ``changed`` with column ``path``; ``renamed`` with ``path``
        (before) and ``to``.
    """
    first, second = (
        side.select("path", digest=pl.col("file").struct.field("digest")) for side in (old, new)
    )
    removed = first.join(second, on="path", how="anti", maintain_order="left")
    added = second.join(first, on="path", how="anti", maintain_order="left")
    both = first.join(second, on="path", how="inner", maintain_order="left")
    alike = [side.unique("digest", keep="none", maintain_order=True) for side in (removed, added)]
    renamed = alike[0].join(alike[1], on="digest", how="inner", maintain_order="left")
    renamed = renamed.select("path", to="path_right")
    return {
        "added": added.filter(~pl.col("path").is_in(renamed["to"].to_list())).select("path"),
        "removed": removed.filter(~pl.col("path").is_in(renamed["path"].to_list())).select("path"),
        "changed": both.filter(pl.col("digest") != pl.col("digest_right")).select("path"),
        "renamed": renamed,
    }


__all__ = ["SCHEMA", "Folder", "Place", "compared", "keep_folder", "scan"]
