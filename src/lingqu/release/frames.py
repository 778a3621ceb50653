"""The door for frames: pandas, Polars, Arrow or rows in; the same kind out.

pandas and pyarrow are imported only by the caller who has such an object: its kind is told by the
module of its type.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

import polars as pl

from lingqu.core.errors import DataError, gist
from lingqu.release import few

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
        frame: A pandas, Polars or Arrow frame, a list of dicts (rows) or a dict of columns.

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
    if kind == "polars":
        return cast(pl.DataFrame, frame)
    if kind == "lazy":
        return cast(pl.LazyFrame, frame).collect()
    _unique_names(frame, kind)
    try:
        if kind == "pandas":
            return _from_pandas(frame)
        if kind == "arrow":
            return cast(pl.DataFrame, pl.from_arrow(frame))
        if kind == "rows":
            return pl.DataFrame(list(frame), infer_schema_length=None, strict=False)
        few_cells = few.from_columns(frame)
        return pl.DataFrame(dict(frame), strict=False) if few_cells is None else few_cells
    # pyarrow's ArrowInvalid is a ValueError, its ArrowTypeError a TypeError.
    except (ValueError, TypeError, pl.exceptions.PolarsError) as error:
        raise DataError("data.mixed_column", problem=gist(error)) from error


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


def _from_pandas(frame: Any) -> pl.DataFrame:
    made = few.from_pandas(frame)
    if made is not None:
        return made
    named = frame.copy(deep=False)
    named.columns = [str(name) for name in frame.columns]
    return cast(pl.DataFrame, pl.from_pandas(named))
