"""The door for frames: pandas, Polars, Arrow or rows in; the same kind out.

pandas and pyarrow are imported only by the caller who has such an object: its kind is told by the
module of its type.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, cast

import polars as pl

from lingqu.core.errors import DataError, gist
from lingqu.release import few, mixed

Door = Literal["polars", "lazy", "pandas", "arrow", "rows", "columns", ""]


def door(frame: Any) -> Door:
    """Tell what kind of frame an object is, or ``""``.

    Example:
        >>> door([{"a": 1}]), door({"a": [1]}), door(3)
        ('rows', 'columns', '')
    """
    if isinstance(frame, pl.DataFrame):
        return "polars"
    if isinstance(frame, pl.LazyFrame):
        return "lazy"
    kind = type(frame)
    package = kind.__module__.partition(".")[0]
    if package == "pandas" and kind.__name__ == "DataFrame":
        return "pandas"
    if package == "pyarrow" and kind.__name__ in ("Table", "RecordBatch"):
        return "arrow"
    if isinstance(frame, Mapping):
        return "columns"
    if isinstance(frame, Sequence) and not isinstance(frame, str | bytes):
        return "rows" if all(isinstance(row, Mapping) for row in frame) else ""
    return ""


def to_polars(frame: Any) -> pl.DataFrame:
    """Return a Polars frame of the same rows.

    Args:
        frame: A pandas, Polars or Arrow frame, a list of dicts (rows) or a dict of columns. An
            index of pandas that says something comes first, as a column: one with a name, or one
            of times or texts. Numbers without a name only count rows, and are left.

    Raises:
        DataError: It is none of these, has duplicate column names, or a column mixes types that
            no column can hold.

    Example:
        >>> to_polars([{"age": 41}, {"age": None}]).rows()
        [(41,), (None,)]
    """
    kind = door(frame)
    if kind == "":
        raise DataError("data.not_a_frame", received=type(frame).__name__)
    made = _read(frame, kind)
    if "" in made.columns:
        names = [name or f"column_{place}" for place, name in enumerate(made.columns, start=1)]
        refuse_twice(names, "data")
        made = made.rename({"": names[made.columns.index("")]})  # as a file's column without one
    return made


def _read(frame: Any, kind: Door) -> pl.DataFrame:
    if kind == "polars":
        return cast(pl.DataFrame, frame)
    if kind == "lazy":
        return cast(pl.LazyFrame, frame).collect()
    if kind == "pandas":
        frame = _with_index(frame)
    _unique_names(frame, kind)
    try:
        if kind == "pandas":
            return _from_pandas(frame)
        if kind == "arrow":
            return cast(pl.DataFrame, pl.from_arrow(frame))
        few_cells = few.from_columns(frame) if kind == "columns" else None
        if few_cells is not None:
            return few_cells
        told = list(frame) if kind == "rows" else dict(frame)
        made = pl.DataFrame(told, infer_schema_length=None, strict=False)
        return mixed.whole(made, told)
    except mixed.FAILURES as error:
        if kind == "arrow":
            raise DataError("data.mixed_column", problem=gist(error)) from error
        return mixed.by_column(*_columns(frame, kind))


def _columns(
    frame: Any, kind: Door
) -> tuple[Iterable[tuple[str, Any]], Callable[[Any], pl.Series]]:
    """Return name and cells of each column, and what reads the cells of one."""
    if kind == "pandas":
        names = [str(name) for name in frame.columns]
        return (
            ((name, frame.iloc[:, place]) for place, name in enumerate(names)),
            lambda cells: pl.from_pandas(cells.rename("")),
        )
    if kind == "columns":
        return ((str(name), cells) for name, cells in frame.items()), _series
    names = list(dict.fromkeys(str(name) for row in frame for name in row))
    return ((name, [row.get(name) for row in frame]) for name in names), _series


def _series(cells: Any) -> pl.Series:
    return pl.Series(cells, strict=False)


def like(original: Any, result: pl.DataFrame) -> Any:
    """Return `result` as the kind of frame that `original` is; a pandas index is kept.

    Example:
        >>> like([{"age": 41}], pl.DataFrame({"churned": ["no"]}))
        [{'churned': 'no'}]
    """
    kind = door(original)
    if kind == "pandas":
        alike = len(original) == result.height
        answer = few.to_pandas(result, original.index) if alike else None
        if answer is not None:
            return answer
        answer = result.to_pandas()
        if len(answer) == len(original):
            answer.index = original.index
        return answer
    if kind == "lazy":
        return result.lazy()
    if kind == "arrow":
        table = result.to_arrow()
        batch = type(original).__name__ == "RecordBatch"
        return table.combine_chunks().to_batches()[0] if batch and len(table) else table
    if kind == "rows":
        return result.to_dicts()
    if kind == "columns":
        return result.to_dict(as_series=False)
    return result


def _with_index(frame: Any) -> Any:
    """Return a pandas frame with the index that says something as its first columns."""
    index = frame.index
    if index.nlevels == 1 and index.name is None and index.dtype.kind in "iufb":
        return frame  # as it nearly always is: what few rows cost is told in microseconds
    named = frame.copy(deep=False)
    alone = index.nlevels == 1 and "index" not in frame.columns
    for place in reversed(range(index.nlevels)):
        level = index.get_level_values(place)
        if level.name is None and level.dtype.kind in "iufb":
            continue
        # What pandas itself would call it.
        name = level.name if level.name is not None else ("index" if alone else f"level_{place}")
        if name not in frame.columns or not _same(level, frame[name]):
            moments = level.to_timestamp() if hasattr(level, "to_timestamp") else level
            named.insert(0, name, moments.array, allow_duplicates=True)
    return named


def _same(level: Any, column: Any) -> bool:
    """Say whether an index was made of a column that has stayed in the frame."""
    return column.ndim == 1 and bool(level.equals(type(level)(column)))


def _unique_names(frame: Any, kind: Door) -> None:
    if kind == "pandas":
        names = [name if type(name) is str else str(name) for name in frame.columns.tolist()]
    elif kind == "arrow":
        names = list(frame.schema.names)
    else:
        return
    refuse_twice(names, "data")


def refuse_twice(names: Sequence[str | None], where: str) -> None:
    """Refuse columns of the same name; None stands for a column that has none.

    Raises:
        DataError: Names the columns, and the places of the first of them.
    """
    if len(set(names)) == len(names):
        return
    twice = [name for name, count in Counter(names).items() if name is not None and count > 1]
    if twice:
        raise DataError(
            "data.duplicate_columns",
            where=where,
            names=", ".join(repr(name) for name in twice[:8]),
            places=", ".join(str(i + 1) for i, name in enumerate(names) if name == twice[0]),
        )


def refuse_patterns(names: Sequence[str], where: str) -> None:
    """Refuse names that stand for several columns wherever one is asked for: ``*``, ``^…$``.

    Raises:
        DataError: Names them.
    """
    wild = [n for n in names if n == "*" or (n.startswith("^") and n.endswith("$"))]
    if wild:
        shown = ", ".join(repr(name[:60]) for name in wild[:8])
        raise DataError("data.pattern_names", where=where, names=shown)


def _from_pandas(frame: Any) -> pl.DataFrame:
    made = few.from_pandas(frame)
    if made is not None:
        return made
    named = frame.copy(deep=False)
    named.columns = [str(name) for name in frame.columns]
    return cast(pl.DataFrame, pl.from_pandas(named))
