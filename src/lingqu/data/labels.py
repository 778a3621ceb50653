"""Where the labels of media files come from: the folders they lie in, or a table of names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from lingqu.core.column_names import listed
from lingqu.core.errors import DataError

FILE = re.compile(r"(?i)^(file|file_?name|path|file_?path|image|audio|text|文件|文件名|路径)$")
PARTS = {
    "train", "training", "test", "testing", "val", "valid", "validation", "dev",
    "训练", "训练集", "测试", "测试集", "验证", "验证集",
}  # fmt: skip
"""Names of folders that split data, and are no classes."""


@dataclass(frozen=True)
class Layout:
    """What the folders say of files.

    Args:
        labels: Class of each kept file, or ``()`` where files lie in no class folders.
        splits: Part of each kept file (train, test …), or ``()``.
        kept: Places of the kept files.
        left_out: Names of files outside the class folders.
    """

    labels: tuple[str, ...]
    splits: tuple[str, ...]
    kept: tuple[int, ...]
    left_out: tuple[str, ...]


def laid_out(names: Sequence[str]) -> Layout:
    """Return what the folders say: ``<class>/…/<file>``, or ``<part>/<class>/…/<file>``.

    Example:
        >>> laid_out(["train/cat/1.png", "test/dog/1.png"]).labels
        ('cat', 'dog')
    """
    parts = [name.split("/")[:-1] for name in names]
    split = all(part and part[0].lower() in PARTS for part in parts)
    depth = 1 if split else 0
    kept = tuple(place for place, part in enumerate(parts) if len(part) > depth)
    if not kept:
        everything = tuple(range(len(names)))
        return Layout((), tuple(part[0] for part in parts) if split else (), everything, ())
    return Layout(
        tuple(parts[place][depth] for place in kept),
        tuple(parts[place][0] for place in kept) if split else (),
        kept,
        tuple(name for name, part in zip(names, parts, strict=True) if len(part) <= depth),
    )


@dataclass(frozen=True)
class Joined:
    """Which row of a table belongs to which file.

    Args:
        file: Column of the table that names the files.
        rows: Row of each kept file.
        kept: Places of the kept files.
        unlabelled: Names of files without a row.
        absent: Names in the table that are no files.
    """

    file: str
    rows: tuple[int, ...]
    kept: tuple[int, ...]
    unlabelled: tuple[str, ...]
    absent: tuple[str, ...]


def joined(
    table: pl.DataFrame,
    names: Sequence[str],
    where: str,
    file: str = "",
    *,
    skip_unlabelled: bool = False,
    skip_absent: bool = False,
) -> Joined:
    """Match the rows of a table to files: by path, else by name, else by name without ending.

    Args:
        table: The label table.
        names: Names of the files.
        where: Name of the table, for errors.
        file: Column that names the files; found by its name or its values when omitted.
        skip_unlabelled: Leave out files without a row instead of refusing them.
        skip_absent: Leave out rows whose file is not there instead of refusing them.

    Raises:
        DataError: No column names files, a file has several rows or none, or a row has no file.

    Example:
        >>> joined(pl.DataFrame({"id": ["2", "1"]}), ["1.png", "2.png"], "labels.csv").rows
        (1, 0)
    """
    find = _Finder(names)
    file = file or _file_column(table, find, where)
    if file not in table.columns:
        raise DataError("collect.no_file_column", path=where, received=listed(table.columns))
    rows: dict[int, list[int]] = defaultdict(list)
    absent: list[tuple[int, str]] = []
    for row, cell in enumerate(table[file].cast(pl.String)):
        place = find(cell or "")
        if place is None:
            absent.append((row, cell or "—"))
        else:
            rows[place].append(row)
    twice = [(names[place], found) for place, found in rows.items() if len(found) > 1]
    if twice:
        shown = "; ".join(
            f"{name} ({', '.join(str(row + 1) for row in found[:4])})" for name, found in twice[:5]
        )
        raise DataError("collect.labels_twice", path=where, count=len(twice), files=shown)
    if absent and not skip_absent:
        shown = "; ".join(f"{row + 1}: {name}" for row, name in absent[:8])
        raise DataError("collect.labels_absent", path=where, count=len(absent), rows=shown)
    kept = tuple(sorted(rows))
    bare = tuple(name for place, name in enumerate(names) if place not in rows)
    if (bare and not skip_unlabelled) or not kept:
        shown = ", ".join(bare[:8]) + (" …" if len(bare) > 8 else "")
        raise DataError("collect.labels_missing", path=where, count=len(bare), files=shown)
    by_place = tuple(rows[place][0] for place in kept)
    return Joined(file, by_place, kept, bare, tuple(name for _, name in absent))


class _Finder:
    """Finds the place of a file from what a table calls it."""

    def __init__(self, names: Sequence[str]) -> None:
        self._whole = {name: place for place, name in enumerate(names)}
        self._short: dict[str, list[int]] = defaultdict(list)
        for name, place in self._whole.items():
            base = name.rpartition("/")[2]
            for short in {base, base.rpartition(".")[0]}:
                self._short[short].append(place)

    def __call__(self, cell: str) -> int | None:
        name = cell.strip().replace("\\", "/").removeprefix("./").lstrip("/")
        if name in self._whole:
            return self._whole[name]
        found = self._short.get(name.rpartition("/")[2], [])
        return found[0] if len(found) == 1 else None


def _file_column(table: pl.DataFrame, find: _Finder, where: str) -> str:
    named = [column for column in table.columns if FILE.search(column)]
    for column in (*named, *table.columns):
        some = table[column].drop_nulls().head(200).cast(pl.String, strict=False)
        hits = sum(find(cell or "") is not None for cell in some)
        if hits and hits >= 0.5 * len(some):
            return column
    if named:
        return named[0]
    raise DataError("collect.no_file_column", path=where, received=listed(table.columns))
