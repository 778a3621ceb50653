"""Tables as strangers bring them: odd names, odd cells, odd types, odd sizes.

What is returned is any frame that somebody may hand over, so the door is tried too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

Random = np.random.Generator
Brought = Callable[[pl.DataFrame, Random], Any]
NAMES = ("'", '"; DROP TABLE x; --', "two\nlines", "\t", "🐟", "a" * 3000, "A", " a", "a ", "",
         "None", "target ", "预测", "{a}", "a:b", "../a", "nul\x00l", "proba", "0")  # fmt: skip
WORDS = (3, "seven", 2.5, None, True, b"bytes", date(2024, 1, 1), [1], {"a": 1})


def _of(values: Callable[[pl.DataFrame, Random], Any], name: str = "odd") -> Brought:
    """Return what adds a column, or puts another in the place of one."""
    return lambda frame, random: frame.with_columns(
        pl.Series(name, values(frame, random), strict=False)
    )


def _cells(cell: Callable[[int, Random], Any], name: str = "odd") -> Brought:
    """Return what brings a column of Python objects, in pandas."""

    def brought(frame: pl.DataFrame, random: Random) -> pd.DataFrame:
        cells = [cell(row, random) for row in range(frame.height)]
        return frame.to_pandas().assign(**{name: pd.Series(cells, dtype=object)})

    return brought


def _days(*days: str) -> Brought:
    return _of(lambda f, r: [days[i % len(days)] for i in range(f.height)])


def strange_names(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    signal = frame["a"].to_numpy() if "a" in frame.columns else np.zeros(frame.height)
    return frame.with_columns(
        pl.Series(name, signal + random.normal(0, 1, frame.height)) for name in NAMES
    )


def one_name_twice(frame: pl.DataFrame, random: Random) -> pd.DataFrame:
    pandas = frame.to_pandas()
    return pd.concat([pandas, pandas.iloc[:, :1]], axis=1)


def no_names(frame: pl.DataFrame, random: Random) -> pd.DataFrame:
    pandas = frame.to_pandas()
    pandas.columns = pd.Index([*range(len(pandas.columns) - 1), "target"], dtype=object)
    return pandas


def two_headings(frame: pl.DataFrame, random: Random) -> pd.DataFrame:
    pandas = frame.to_pandas()
    pandas.columns = pd.MultiIndex.from_tuples([("top", name) for name in pandas.columns])
    return pandas


def rows_of_dicts(frame: pl.DataFrame, random: Random) -> list[dict[str, Any]]:
    """Leave cells out here and there, as JSON does."""
    return [
        {k: v for k, v in row.items() if k == "target" or random.random() < 0.7}
        for row in frame.to_dicts()
    ]


def nothing_but_text(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    return frame.select(pl.all().cast(pl.String))


def pandas_types(frame: pl.DataFrame, random: Random) -> pd.DataFrame:
    n = frame.height
    return frame.to_pandas().assign(
        whole=pd.array([None if i % 7 == 0 else i for i in range(n)], dtype="Int64"),
        yes=pd.array([None if i % 5 == 0 else i % 2 == 0 for i in range(n)], dtype="boolean"),
        coded=pd.Categorical([i % 3 for i in range(n)]),
        span=pd.to_timedelta(np.arange(n), unit="h"),
        zoned=pd.date_range("2024-03-30", periods=n, freq="h", tz="Europe/Berlin"),
        period=pd.period_range("2024-01", periods=n, freq="D"),
    )


def polars_types(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    n = frame.height
    return frame.with_columns(
        pl.Series("decimal", [Decimal(i) / 7 for i in range(n)], dtype=pl.Decimal(20, 5)),
        pl.Series("span", [timedelta(seconds=i) for i in range(n)]),
        pl.Series("of_day", [datetime(2024, 1, 1, i % 24).time() for i in range(n)]),
        pl.Series("coded", ["xy"[i % 2] for i in range(n)], dtype=pl.Categorical),
        pl.Series("record", [{"a": i, "b": "x"} for i in range(n)]),
        pl.Series("vector", random.normal(0, 1, (n, 4)).tolist()),
        pl.Series("words", [["a", "b"][: i % 3] for i in range(n)]),
        pl.Series("ragged", [list(range(i % 4)) for i in range(n)]),
        pl.Series("small", np.arange(n) % 100, dtype=pl.Int8),
        pl.Series("positive", [2**64 - 1 - i for i in range(n)], dtype=pl.UInt64),
    )


def constant_in_a_fold(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    n = frame.height
    return frame.with_columns(
        pl.Series("late", [float(i >= n - 2) for i in range(n)]),
        pl.Series("once", ["rare" if i == n // 2 else "usual" for i in range(n)]),
    )


def empty_levels(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    return frame.with_columns(
        pl.Series("town", [("", " ", "NA", "guilin")[i % 4] for i in range(frame.height)])
    )


def empty_class(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    return frame.with_columns(
        pl.Series("target", [("", "b", "b")[i % 3] for i in range(frame.height)])
    )


def wild_classes(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    names = ("two\nlines", "x" * 5000, "🐟", "'\";--", " yes", "yes ")
    return frame.with_columns(pl.Series("target", [names[i % 6] for i in range(frame.height)]))


def three_values(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    return frame.with_columns(pl.Series("target", np.arange(frame.height) % 3 / 2))


def broken_target(value: float) -> Brought:
    def brought(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
        y = random.normal(0, 1, frame.height)
        y[frame.height // 2] = value
        return frame.with_columns(pl.Series("target", y))

    return brought


def giant_target(scale: float) -> Brought:
    return _of(lambda f, r: scale * r.normal(1, 1, f.height), "target")


def many_classes(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    big = frame[random.integers(0, frame.height, 3000)]
    return big.with_columns(pl.Series("target", [f"class {i % 700}" for i in range(3000)]))


def ten_thousand(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    noise = random.normal(0, 1, (frame.height, 10_000))
    return frame.hstack(pl.DataFrame(noise, schema=[f"w{i}" for i in range(10_000)]))


def wide_and_empty(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    return frame.with_columns([pl.lit(None, dtype=pl.Float64).alias(f"e{i}") for i in range(40)])


BROUGHT: dict[str, Brought] = {
    "strange names": strange_names,
    "names equal up to case": lambda f, r: f.with_columns(A=pl.col("b"), B=pl.col("a")),
    "one name twice": one_name_twice,
    "numbers for names": no_names,
    "two headings": two_headings,
    "rows of dicts": rows_of_dicts,
    "a dict of lists": lambda f, r: f.to_dict(as_series=False),
    "an Arrow table": lambda f, r: f.to_arrow(),
    "a lazy frame": lambda f, r: f.lazy(),
    "no frame at all": lambda f, r: f.to_numpy(),
    "nothing but text": nothing_but_text,
    "types of pandas": pandas_types,
    "types of Polars": polars_types,
    "mixed cells": _cells(lambda i, r: WORDS[int(r.integers(len(WORDS)))]),
    "numbers and words": _cells(lambda i, r: i if r.random() < 0.8 else "about five"),
    "yes, no and nothing": _cells(lambda i, r: (True, False, None)[i % 3]),
    "integers of 40 digits": _cells(lambda i, r: 10**40 + i),
    "integers beyond 2^53": _of(lambda f, r: [2**53 + i for i in range(f.height)]),
    "complex numbers": _of(lambda f, r: pl.Series([str(complex(i, 1)) for i in range(f.height)])),
    "bytes": _cells(lambda i, r: bytes([i % 256, 255])),
    "lone surrogates": _cells(lambda i, r: "\ud800" + str(i % 3)),
    "NUL in text": _of(lambda f, r: ["a\x00b" if i % 2 else "\x00" for i in range(f.height)]),
    "text of a million characters": _of(lambda f, r: ["x" * 10**6] + ["y"] * (f.height - 1)),
    "days before 1900": _days("1601-01-01", "1812-06-24", "0001-01-01"),
    "days after 9999": _days("9999-12-31", "10000-01-01", "12024-05-06"),
    "days of many forms": _days("2024-01-05", "05/01/2024", "5 Jan 2024", "20240105"),
    "times with zones": _days("2024-03-31T01:30:00+08:00", "2024-03-31T02:30:00Z"),
    "objects of time": _cells(lambda i, r: datetime(1, 1, 1) if i % 9 == 0 else
                              datetime(9999, 12, 31)),
    "zones that differ": _cells(lambda i, r: datetime(2024, 1, 1, tzinfo=(
        UTC, timezone(timedelta(hours=8)))[i % 2]) + timedelta(hours=i)),
    "constant in a fold": constant_in_a_fold,
    "an empty level": empty_levels,
    "an empty class": empty_class,
    "wild classes": wild_classes,
    "700 classes": many_classes,
    "a target of three numbers": three_values,
    "NaN in the target": broken_target(float("nan")),
    "infinity in the target": broken_target(float("inf")),
    "a target of 1e300": giant_target(1e300),
    "a target of 1e-300": giant_target(1e-300),
    "a target beyond 2^53": _of(lambda f, r: [2**55 + 8 * i for i in range(f.height)], "target"),
    "a target of days": _of(lambda f, r: [date(2024, 1, 1 + i % 28) for i in range(f.height)],
                            "target"),
    "a target of lists": _of(lambda f, r: [[i, 1] for i in range(f.height)], "target"),
    "one row": lambda f, r: f.head(1),
    "two rows of two classes": lambda f, r: f.head(2).with_columns(
        pl.Series("target", ["c0", "c1"])),
    "three rows": lambda f, r: f.head(3).with_columns(pl.Series("target", ["c0", "c1", "c1"])),
    "four rows": lambda f, r: f.head(4).with_columns(pl.Series("target", list("xyxy"))),
    "nothing but the target's copy": lambda f, r: f.select("target", copy=pl.col("target")),
    "10 000 columns": ten_thousand,
    "40 empty columns": wide_and_empty,
    "huge and infinite": _of(lambda f, r: r.choice(
        [1.7e308, -1.7e308, 5e-324, np.inf, -0.0], f.height)),
    "weights of nothing": lambda f, r: f.with_columns(heavy=pl.lit(0.0)),
    "weights of every size": _of(lambda f, r: 10.0 ** r.integers(-300, 300, f.height), "heavy"),
    "one row has all the weight": _of(lambda f, r: [1e6] + [0.0] * (f.height - 1), "heavy"),
    "a weight that is infinite": _of(lambda f, r: [np.inf] + [1.0] * (f.height - 1), "heavy"),
    "time stands still": lambda f, r: f.with_columns(when=pl.lit(date(2024, 1, 1))),
    "time has holes": _of(lambda f, r: [None if i % 3 else date(2024, 1, 1 + i % 28)
                                        for i in range(f.height)], "when"),
    "a group for each row": _of(lambda f, r: [f"g{i}" for i in range(f.height)], "firm"),
    "one group for all": lambda f, r: f.with_columns(firm=pl.lit("g")),
    "groups with holes": _of(lambda f, r: [None if i % 2 else f"g{i % 8}"
                                           for i in range(f.height)], "firm"),
    "columns all alike": lambda f, r: f.with_columns(pl.col("a").alias(f"a{i}") for i in range(50)),
}  # fmt: skip
