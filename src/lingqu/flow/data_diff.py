"""What differs between two versions: rows, columns, distributions, facts, files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import polars as pl

from lingqu.check import two_sample
from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.phrases import Phrase
from lingqu.core.schema import Column, Schema
from lingqu.data import manifest, versions
from lingqu.flow.data_versions import personal
from lingqu.flow.shown import plain
from lingqu.release.profile import count, fit_profile, signals
from lingqu.store.datasets import FILES, DatasetRecord
from lingqu.store.home import Home
from lingqu.store.packs import place_columns

SAMPLES = 5
"""Names of rows or files that are shown of each kind of change."""
_WATCHED = ("number", "category", "boolean", "text", "datetime")


def diff(home: Home, first: str, second: str) -> dict[str, Json]:
    """Return what differs between two versions.

    Returns:
        ``first``, ``second``, ``facts``; of tables also ``rows``, ``columns`` and
        ``distributions``, of folders ``files``.

    Raises:
        StoreError: A version is unknown.
        DataError: One is a table and the other a folder, or has no rows any more.
    """
    records = [home.ledger.datasets.find(name) for name in (first, second)]
    for record in records:
        refuse_erased(record, "flow.verb_compare")
    kinds = [record.kind == FILES for record in records]
    if kinds[0] != kinds[1]:
        words = [Phrase("flow.kind_folder" if kind else "flow.kind_table") for kind in kinds]
        raise DataError(
            "flow.different_kinds",
            first=records[0].label,
            first_kind=words[0],
            second=records[1].label,
            second_kind=words[1],
        )
    a, b = (versions.load_places(record.blob, home.blobs) for record in records)
    told: dict[str, Json] = {
        "first": records[0].version,
        "second": records[1].version,
        "facts": _facts(records[0], records[1]),
    }
    if kinds[0]:
        return told | {"files": _files(a, b)}
    return told | {
        "rows": rows(a, b),
        "columns": columns(a.schema, b.schema),
        "distributions": distributions(a, b),
    }


def refuse_erased(record: DatasetRecord, verb: str) -> None:
    """Refuse a version whose rows were erased.

    Raises:
        DataError: They were.
    """
    if record.erased:
        raise DataError(
            "flow.erased_version",
            version=record.version[:12],
            day=record.erased[:10],
            verb=Phrase(verb),
            name=record.label,
        )


def _facts(first: DatasetRecord, second: DatasetRecord) -> list[dict[str, Json]]:
    names = sorted(first.facts.keys() | second.facts.keys())
    pairs = [(name, first.facts.get(name), second.facts.get(name)) for name in names]
    return [{"fact": name, "first": a, "second": b} for name, a, b in pairs if a != b]


def _files(a: Dataset, b: Dataset) -> dict[str, Json]:
    found = manifest.compared(a.frame, b.frame)
    told: dict[str, Json] = {name: table.height for name, table in found.items()}
    return told | {"samples": {name: table.head(SAMPLES).rows() for name, table in found.items()}}


def columns(a: Schema, b: Schema) -> dict[str, Json]:
    """Return columns added, removed, and of another kind or role.

    Example:
        >>> old, new = Schema((Column("a", "number"),)), Schema((Column("a", "text"),))
        >>> columns(old, new)["changed"]
        [{'column': 'a', 'what': 'kind', 'first': 'number', 'second': 'text'}]
    """
    changed = [
        {"column": name, "what": what, "first": getattr(a[name], what),
         "second": getattr(b[name], what)}
        for name in a.names if name in b
        for what in ("kind", "role", "levels")
        if getattr(a[name], what) != getattr(b[name], what)
    ]  # fmt: skip
    return {
        "added": [name for name in b.names if name not in a],
        "removed": [name for name in a.names if name not in b],
        "changed": [_with_levels(row) if row["what"] == "levels" else row for row in changed],
    }


def _with_levels(row: dict[str, Json]) -> dict[str, Json]:
    """Return the levels that only one side knows: a long list says nothing."""
    first, second = set(row["first"]), set(row["second"])
    return row | {"first": sorted(first - second), "second": sorted(second - first)}


def rows(a: Dataset, b: Dataset) -> dict[str, Json]:
    """Return how many rows were added, removed, changed and kept.

    By the id column where both have one and its values are unique; else by content, where a
    changed row is one that left and another that came.
    """
    marked = [_marked(side, [n for n in a.schema.names if n in b.schema]) for side in (a, b)]
    key = _key(a, b)
    if key is None:
        return _by_content(*marked)
    ids = [
        side.frame.select(key).with_columns(mark) for side, mark in zip((a, b), marked, strict=True)
    ]
    first, second = (table.filter(pl.col(key).is_not_null()) for table in ids)
    added = second.join(first, on=key, how="anti", maintain_order="left")
    removed = first.join(second, on=key, how="anti", maintain_order="left")
    both = first.join(second, on=key, how="inner", maintain_order="left")
    other = (pl.col("one") != pl.col("one_right")) | (pl.col("two") != pl.col("two_right"))
    changed = both.filter(other)
    shown = {"added": added, "removed": removed, "changed": changed}
    hidden = key in personal(a) or key in personal(b)
    samples = {
        name: [] if hidden else [plain(v) for v in table[key].head(SAMPLES)]
        for name, table in shown.items()
    }
    counts = {name: table.height for name, table in shown.items()}
    return {"by": key, **counts, "kept": both.height - changed.height, "samples": samples}


def _key(a: Dataset, b: Dataset) -> str | None:
    ids = [c.name for c in a.schema.having("id") if c.name in b.schema]
    for name in ids:
        sides = [side.frame[name].drop_nulls() for side in (a, b)]
        if sides[0].dtype == sides[1].dtype and all(s.n_unique() == len(s) for s in sides):
            return name
    return None


def _marked(side: Dataset, names: Iterable[str]) -> pl.DataFrame:
    """Return 128 bits of each row over the columns that both sides have."""
    frame = side.frame.select(names)
    told = [pl.col(name).struct.field("digest").alias(name) for name in place_columns(frame.schema)]
    words = [
        pl.col(name).cast(pl.String)
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Enum | pl.Categorical)
    ]
    frame = frame.with_columns(told + words)
    one, two = (frame.hash_rows(seed) for seed in (1, 2))
    return pl.DataFrame({"one": one, "two": two})


def _by_content(first: pl.DataFrame, second: pl.DataFrame) -> dict[str, Json]:
    counted = [
        table.group_by("one", "two").agg(n=pl.len().cast(pl.Int64)) for table in (first, second)
    ]
    both = counted[0].join(counted[1], on=["one", "two"], how="full", coalesce=True)
    change = both.select(pl.col("n_right").fill_null(0) - pl.col("n").fill_null(0)).to_series()
    added, removed = int(change.clip(0).sum()), int((-change).clip(0).sum())
    return {
        "by": "",
        "added": added,
        "removed": removed,
        "changed": 0,
        "kept": first.height - removed,
        "samples": {},
    }


def distributions(a: Dataset, b: Dataset) -> list[dict[str, Json]]:
    """Return how far the values of each column moved, the farthest first.

    Numbers, dates and lengths of texts by the Kolmogorov-Smirnov distance (largest difference of
    the two cumulative shares), categories by the total variation distance (share of rows that
    would have to change); both are 0 … 1.

    Source: Kolmogorov 1933, Smirnov 1939; total variation as in Levin, Peres, Wilmer, "Markov
    Chains and Mixing Times", 2009, section 4.1.
    """
    if not len(a) or not len(b):
        return []
    shared = [
        column
        for column in a.schema
        if column.name in b.schema
        and column.kind in _WATCHED
        and b.schema[column.name].kind == column.kind
    ]
    if not shared:
        return []
    watched = Schema(tuple(_feature(column) for column in shared))
    before, now = (signals(_as_numbers(side.frame, shared), watched) for side in (a, b))
    profile = fit_profile(before)
    counted = count(profile, now)["columns"]
    found = []
    for name, part in profile["columns"].items():
        old, new = np.asarray(part["counts"]), counted[name]
        numbers = part["kind"] == "number"
        told = np.asarray(new["counts"])
        if not numbers:
            old = np.append(old, part["other"] + part["unseen"])
            told = np.append(told, new["other"] + new["unseen"])
        found.append(
            {
                "column": name,
                "measure": "ks" if numbers else "tv",
                "distance": _distance(old, told, numbers),
                "missing_first": part["nulls"] / len(a),
                "missing_second": new["nulls"] / len(b),
            }
        )
    return sorted(found, key=lambda row: (-(row["distance"] or 0.0), row["column"]))


def _distance(old: np.ndarray, new: np.ndarray, numbers: bool) -> float | None:
    if not old.sum() or not new.sum():
        return None
    if numbers:
        return float(two_sample.kolmogorov_smirnov(old, new)[0])
    return float(np.abs(old / old.sum() - new / new.sum()).sum() / 2)


def _feature(column: Column) -> Column:
    kind = "number" if column.kind == "datetime" else column.kind
    return replace(column, kind=kind, role="feature")


def _as_numbers(frame: pl.DataFrame, shared: Iterable[Column]) -> pl.DataFrame:
    """Return dates as seconds since 1970, so that they can be compared like numbers."""
    dates = [
        pl.col(column.name).cast(pl.Datetime("us")).dt.epoch("s")
        for column in shared
        if column.kind == "datetime" and frame.schema[column.name].is_temporal()
    ]
    return frame.with_columns(dates)
