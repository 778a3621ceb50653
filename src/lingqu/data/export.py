"""CSV for people: text that a spreadsheet would run as a formula is defused on the way out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from lingqu.core.errors import DataError

LEADS = r"[=+\-@\t\r\n＝＋－＠]"
RISKY = rf"^'*{LEADS}"
ESCAPED = rf"^'+{LEADS}"
PLAIN = r"^[+-]?\d+(\.\d+)?$"
"""Numbers written as text: a spreadsheet reads them as numbers, and nothing runs."""
SAMPLES = 5


@dataclass(frozen=True)
class Exported:
    """What was written.

    Args:
        path: The file.
        rows: Number of rows.
        escaped: Cells that were defused, by column; column names count under ``""``.
        samples: Some of them by column, as they were before.
        opaque: Columns of bytes or nested values, which a cell cannot hold, and what was written
            for them.
    """

    path: str
    rows: int
    escaped: Mapping[str, int] = field(default_factory=dict)
    samples: Mapping[str, list[str]] = field(default_factory=dict)
    opaque: Mapping[str, str] = field(default_factory=dict)


def write_csv(frame: pl.DataFrame, path: str | Path, *, bom: bool = True) -> Exported:
    """Write a frame as a CSV file that is safe to open in a spreadsheet.

    A text cell gets one ``'`` in front if it begins, behind any number of ``'``, with ``=``,
    ``+``, ``-``, ``@``, a tab, a line end or the full-width form of one of these, unless it is a
    plain number. The rule can be undone without loss: `restore` takes that ``'`` off again.
    Columns of numbers, dates and true/false stay as they are; lists are written as JSON, and of
    bytes only how many there are.

    Args:
        frame: The rows.
        path: File to write; it appears whole or not at all.
        bom: Whether to mark the file as UTF-8, without which Excel garbles Chinese.

    Returns:
        What was written and which cells were defused.

    Raises:
        DataError: The file cannot be written.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     done = write_csv(pl.DataFrame({"a": ["=1+1", "-5"]}), f"{folder}/a.csv")
        >>> dict(done.escaped)
        {'a': 1}

    Source: OWASP, CSV Injection (2023); RFC 4180 for the rest.
    """
    ready, opaque = _flat(frame)
    escaped: dict[str, int] = {}
    samples: dict[str, list[str]] = {}
    columns: list[pl.Series] = []
    for series in ready.get_columns():
        if series.dtype == pl.String:
            risky = series.str.contains(RISKY) & ~series.str.contains(PLAIN)
            found = series.filter(risky)
            if len(found):
                escaped[series.name] = len(found)
                samples[series.name] = found.head(SAMPLES).to_list()
                series = defused(series)
        columns.append(series)
    names = pl.Series("", [series.name for series in columns], dtype=pl.String)
    safe = defused(names)
    changed = names.filter(safe != names)
    if len(changed):
        escaped[""], samples[""] = len(changed), changed.head(SAMPLES).to_list()
    renamed = [series.alias(name) for series, name in zip(columns, safe, strict=True)]
    _write(pl.DataFrame(renamed), Path(path), bom)
    return Exported(str(path), frame.height, escaped, samples, opaque)


def defused(text: pl.Series) -> pl.Series:
    """Put ``'`` before the cells that a spreadsheet would run.

    Example:
        >>> defused(pl.Series(["=A1", "'=A1", "'tis", "-5"])).to_list()
        ["'=A1", "''=A1", "'tis", '-5']
    """
    cell = pl.col(text.name)
    risky = cell.str.contains(RISKY) & ~cell.str.contains(PLAIN)
    safe = pl.when(risky).then(pl.lit("'") + cell).otherwise(cell).alias(text.name)
    return text.to_frame().select(safe).to_series()


def restore(text: pl.Series) -> pl.Series:
    """Undo `defused`: take one ``'`` off where it stands before a sign that would run.

    Example:
        >>> restore(pl.Series(["'=A1", "''=A1", "'tis", "-5"])).to_list()
        ['=A1', "'=A1", "'tis", '-5']
    """
    cell = pl.col(text.name)
    marked = cell.str.contains(ESCAPED)
    return (
        text.to_frame().select(pl.when(marked).then(cell.str.slice(1)).otherwise(cell)).to_series()
    )


def _flat(frame: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return columns that a cell can hold."""
    columns: list[pl.Series] = []
    opaque: dict[str, str] = {}
    for series in frame.get_columns():
        dtype = series.dtype
        if dtype == pl.Binary:
            opaque[series.name] = "bytes"
            series = series.bin.size().cast(pl.String) + " bytes"
        elif isinstance(dtype, pl.List | pl.Array | pl.Struct):
            opaque[series.name] = "json"
            series = (
                series.to_frame("x")
                .select(
                    pl.when(pl.col("x").is_not_null()).then(pl.struct("x").struct.json_encode())
                )
                .to_series()
                .str.slice(len('{"x":'))
                .str.head(-1)
            )
        elif isinstance(dtype, pl.Categorical | pl.Enum):
            series = series.cast(pl.String)
        columns.append(series.alias(frame.columns[len(columns)]))
    return pl.DataFrame(columns), opaque


def _write(frame: pl.DataFrame, path: Path, bom: bool) -> None:
    # Beside the target, so that the last step is one rename on one file system.
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        frame.write_csv(half, include_bom=bom)
        os.replace(half, path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise DataError("collect.not_written", path=str(path), problem=str(error)) from error
