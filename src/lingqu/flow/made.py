"""Ask a generator for many rows or pictures, in pieces, and write them where they are wanted."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl

from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Json
from lingqu.core.schema import SEED, Schema
from lingqu.flow.call import answering, call
from lingqu.release.made.conditions import drawn_seeds
from lingqu.store.folders import release_folder
from lingqu.store.home import Home

MOST = 100_000
"""Rows that one command makes at most."""
_PIECE = 5_000
"""Rows that are asked for at a time: bounds memory, and what a server answers at once."""
TABLES = (".csv", ".parquet", ".jsonl")


@dataclass(frozen=True)
class Wish:
    """What shall be made.

    Args:
        count: How many rows or pictures.
        seed: The same seed makes the same ones; drawn when omitted.
        where: ``column=value``: what they shall be of; ``""`` for anything.
    """

    count: int
    seed: int
    where: str = ""


def made(home: Home, channel: str, wish: Wish, key: str = "") -> Iterator[list[dict[str, Json]]]:
    """Make rows or pictures, a piece at a time.

    Yields:
        Answers: ``prediction`` is a row as JSON, or a picture as an address; beside it ``seed``.

    Raises:
        SpecError: The channel makes no rows, too many are asked for, or `where` means nothing.
    """
    folder = release_folder(home, answering(home, channel).digest)
    schema = Schema.from_json(orjson.loads((folder / "schema.json").read_bytes()))
    if schema.seed is None:
        task = orjson.loads((folder / "release.json").read_bytes())["task"]
        raise SpecError("generate.not_made", channel=channel, task=task)
    if not 1 <= wish.count <= MOST:
        raise SpecError("generate.too_many", received=wish.count, limit=MOST, channel=channel)
    return _pieces(home, channel, wish, _asked(wish.where, schema), key)


def _pieces(
    home: Home, channel: str, wish: Wish, asked: Mapping[str, Json], key: str
) -> Iterator[list[dict[str, Json]]]:
    seeds = drawn_seeds(wish.count, wish.seed)
    for start in range(0, wish.count, _PIECE):
        rows = [{SEED: seed, **asked} for seed in seeds[start : start + _PIECE].tolist()]
        yield [dict(answer) for answer in call(home, channel, rows, key)]


def _asked(where: str, schema: Schema) -> dict[str, Json]:
    """Return the condition that ``column=value`` states."""
    columns = [column.name for column in schema.inputs if column.name != SEED]
    if not where:
        return dict.fromkeys(columns)
    name, sign, value = where.partition("=")
    levels = schema[columns[0]].levels if columns else ()
    if not sign or name.strip() not in columns:
        expected = f"{columns[0]}=<value>" if columns else "—"
        example = f"{columns[0]}={levels[0] if levels else 1}" if columns else "—"
        raise SpecError("generate.bad_where", received=where, expected=expected, example=example)
    return {name.strip(): value.strip()}


def drawn_wish(count: int, seed: int | None, where: str) -> Wish:
    """Return a wish; where no seed is given, with one that is drawn and can be told."""
    fresh = int(np.random.default_rng().integers(0, 2**31)) if seed is None else seed
    return Wish(count, fresh, where)


def written(pieces: Iterator[list[dict[str, Json]]], out: str) -> tuple[str, int]:
    """Write what was made: pictures as files of a folder, rows as a table.

    Args:
        pieces: As `made` yields them.
        out: A folder for pictures; a .csv, .parquet or .jsonl file for rows.

    Returns:
        ``rows`` or ``pictures``, and how many.

    Raises:
        DataError: The place does not fit what was made, or cannot be written.
    """
    first = next(pieces)
    is_row = isinstance(first[0]["prediction"], Mapping)
    path = Path(out)
    if is_row != (path.suffix.lower() in TABLES):
        expected = ", ".join(TABLES) if is_row else "a folder / 文件夹"
        raise DataError("generate.bad_out", path=out, expected=expected)
    try:
        if is_row:
            return "rows", _write_rows(first, pieces, path)
        return "pictures", _write_pictures(first, pieces, path)
    except OSError as error:
        problem = error.strerror or str(error)
        raise DataError("generate.not_written", path=out, problem=problem) from error


def _write_rows(
    first: Sequence[Mapping[str, Any]], others: Iterator[list[dict[str, Json]]], path: Path
) -> int:
    rows = [answer["prediction"] for answer in first]
    for piece in others:
        rows += [answer["prediction"] for answer in piece]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".csv":
        frame.write_csv(path)
    elif path.suffix.lower() == ".jsonl":
        frame.write_ndjson(path)
    else:
        frame.write_parquet(path)
    return len(rows)


def _write_pictures(
    first: Sequence[Mapping[str, Any]], others: Iterator[list[dict[str, Json]]], folder: Path
) -> int:
    """Write pictures as ``<number>.png``; a name tells the class where one was asked for."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for piece in (first, *others):
        for answer in piece:
            data = base64.b64decode(str(answer["prediction"]).partition(",")[2])
            (folder / f"{count:06d}.png").write_bytes(data)
            count += 1
    return count
