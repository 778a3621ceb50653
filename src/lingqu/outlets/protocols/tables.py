"""Whole tables in one request: CSV, Parquet and Arrow in, and answers in the same forms.

Rows come by columns, and what is read is the same as of JSON. A table may be small on its way and
large once unpacked, so what it unpacks to is told from its heads first and bounded like a body.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import Any

import polars as pl

from lingqu.core.errors import AccessError, DataError, gist
from lingqu.core.nouns import Json
from lingqu.outlets.protocols import arrow_sizes, parquet_sizes
from lingqu.outlets.reading.columns import Columns
from lingqu.outlets.served import Answer, Served
from lingqu.release.answers import quantile_names

UNPACKED = 10
"""How many times the largest body a table may unpack to."""
CSV, PARQUET, ARROW = "text/csv", "application/vnd.apache.parquet", "application/vnd.apache.arrow"
KINDS: Mapping[str, str] = {
    "text/csv": CSV, "application/csv": CSV,
    "application/vnd.apache.parquet": PARQUET, "application/x-parquet": PARQUET,
    "application/parquet": PARQUET,
    "application/vnd.apache.arrow.stream": ARROW, "application/vnd.apache.arrow.file": ARROW,
    "application/x-apache-arrow-stream": ARROW,
}  # fmt: skip
"""Media type → how it is read."""
TYPES: Mapping[str, str] = {
    CSV: "text/csv; charset=utf-8", PARQUET: PARQUET, ARROW: f"{ARROW}.stream",
}  # fmt: skip
"""How it is written → media type."""


def kind_of(media: str) -> str:
    """Return how a body of a media type is read; "" where it is no table.

    Example:
        >>> kind_of("text/CSV; charset=utf-8"), kind_of("application/json")
        ('text/csv', '')
    """
    return KINDS.get(media.partition(";")[0].strip().lower(), "")


def wanted_of(accept: str, sent: str) -> str:
    """Return the form in which a caller wants answers; "" for JSON.

    Args:
        accept: What the caller takes, as sent.
        sent: The form of the request, which answers keep unless the caller says otherwise.

    Example:
        >>> wanted_of("text/csv, */*;q=0.1", ""), wanted_of("*/*", "text/csv")
        ('text/csv', 'text/csv')
    """
    for part in accept.split(","):
        media = part.partition(";")[0].strip().lower()
        if media == "application/json":
            return ""
        if media in KINDS:
            return KINDS[media]
    return sent


def columns_of(served: Served, body: bytes, kind: str, rows: int, size: int) -> Columns:
    """Read a table.

    Args:
        served: Whose rows they are.
        body: As it was sent.
        kind: Its form.
        rows: Most rows.
        size: Largest body.

    Raises:
        AccessError: It has too many rows, or unpacks to too much (413).
        DataError: It is not such a table, or not of these columns.
    """
    _bounded(body, kind, rows, size * UNPACKED)
    frame = _frame(body, kind, rows)
    if frame.height > rows:
        raise AccessError("outlets.too_many_rows", 413, received=frame.height, limit=rows)
    known = {*served.reader.names, *_beside(served)}
    frame = frame.select([name for name in frame.columns if name in known])
    _bounded_texts(frame, size * UNPACKED)
    return served.reader.table({name: _cells(frame[name]) for name in frame.columns})


def answers_frame(served: Served, answer: Answer, ids: list[str], wide: bool) -> pl.DataFrame:
    """Return answers as a table: the id of each, the answer, and what is told beside.

    Args:
        served: Who answered.
        answer: What was said.
        ids: Prediction ids, one a row.
        wide: Whether the probability of every class is told.
    """
    data: dict[str, Any] = {"prediction_id": ids, "prediction": answer.predictions}
    if answer.confidence is not None:
        data["confidence"] = answer.confidence
    if wide and answer.probabilities is not None:
        names = served.release.classes
        data |= {f"probability.{n}": answer.probabilities[:, k] for k, n in enumerate(names)}
    if answer.low is not None:
        data |= {"low": answer.low, "high": answer.high}
    if answer.quantiles is not None:
        data |= dict(zip(quantile_names(served.levels), answer.quantiles.T, strict=True))
    told = {"set": answer.sets, "fallback": answer.fallback, "reasons": answer.reasons,
            "out_of_range": answer.out_of_range}  # fmt: skip
    data |= {name: cells for name, cells in told.items() if cells is not None}
    return pl.DataFrame({**data, **(answer.lists or {}), **(answer.beside or {})}, strict=False)


def written(frame: pl.DataFrame, kind: str) -> bytes:
    """Return a table in a form; in CSV, what is no single value is JSON.

    Example:
        >>> written(pl.DataFrame({"prediction": ["yes"], "set": [["yes", "no"]]}), CSV)
        b'prediction,set\\nyes,"[""yes"",""no""]"\\n'
    """
    sink = io.BytesIO()
    if kind == CSV:
        _flat(frame).write_csv(sink)
    elif kind == PARQUET:
        frame.write_parquet(sink)
    else:
        frame.write_ipc_stream(sink, compat_level=pl.CompatLevel.oldest())
    return sink.getvalue()


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    return frame.with_columns(
        pl.Series(name, [_json(cell) for cell in frame[name].to_list()], dtype=pl.String)
        for name in nested
    )


def _json(cell: Json) -> str | None:
    import orjson

    return None if cell is None else orjson.dumps(cell, default=str).decode()


def _bounded(body: bytes, kind: str, rows: int, most: int) -> None:
    if kind == CSV:
        return
    sizes = parquet_sizes if kind == PARQUET else arrow_sizes
    try:
        height, size, values = sizes.unpacked(bytes(body))
    except ValueError as error:
        raise _bad(kind, str(error)) from error
    if height > rows:
        raise AccessError("outlets.too_many_rows", 413, received=height, limit=rows)
    if max(size, values) > most:
        received = max(size, values)
        raise AccessError("protocols.unpacks_large", 413, received=received, limit=most)


def _frame(body: bytes, kind: str, rows: int) -> pl.DataFrame:
    try:
        if kind == CSV:
            return pl.read_csv(body, infer_schema=False, n_rows=rows + 1)
        if kind == PARQUET:
            return pl.read_parquet(body)
        if body[:6] == arrow_sizes.MAGIC:
            return pl.read_ipc(body)
        return pl.read_ipc_stream(body)
    except (pl.exceptions.PolarsError, OSError, ValueError, OverflowError) as error:
        raise _bad(kind, gist(error)) from error
    except BaseException as error:
        # The library gives up on some torn files with an exception that is no `Exception`.
        if type(error).__name__ != "PanicException":
            raise
        raise _bad(kind, gist(error)) from error


def _bounded_texts(frame: pl.DataFrame, most: int) -> None:
    """Refuse texts that a dictionary kept small: each row gets one of its own."""
    size = 0
    for name, kind in frame.schema.items():
        if kind in (pl.String, pl.Categorical):
            size += int(frame[name].cast(pl.String).str.len_bytes().sum() or 0)
        elif kind == pl.Binary:
            size += int(frame[name].bin.size().sum() or 0)
    if size > most:
        raise AccessError("protocols.unpacks_large", 413, received=size, limit=most)


def _cells(series: pl.Series) -> list[Json]:
    if series.dtype == pl.Binary:  # files, as they come in JSON
        return [None if cell is None else _uri(cell) for cell in series.to_list()]
    if isinstance(series.dtype, pl.Array | pl.List):
        return [None if cell is None else _plain(cell) for cell in series.to_list()]
    return series.to_list()


def _uri(data: bytes) -> str:
    return "data:;base64," + base64.b64encode(data).decode()


def _plain(cell: Any) -> Json:
    """Return nested lists; a list of arrays comes as series."""
    if isinstance(cell, pl.Series):
        return [_plain(part) for part in cell.to_list()]
    return [_plain(part) for part in cell] if isinstance(cell, list) else cell


def _beside(served: Served) -> list[str]:
    """Return the columns that callers may send beside the features."""
    from lingqu.release.baskets.block import ASIDE

    history = [] if served.reader.history is None else [served.reader.history.name]
    return [*history, *(ASIDE if served.schema.basket is not None else ())]


def _bad(kind: str, problem: str) -> DataError:
    return DataError("protocols.bad_table", kind=kind, problem=problem)
