"""Tables that are odd in their rows: each a change of a small honest one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from lingqu.release.frames import to_polars

Random = np.random.Generator
Odd = Callable[[pl.DataFrame, Random], pl.DataFrame]


def plain(random: Random, classes: int) -> pl.DataFrame:
    """Return a small honest table with a target of so many classes, 0 for numbers."""
    n = int(random.choice([20, 35, 60, 150, 400]))
    signal = random.normal(0, 1, n)
    data: dict[str, object] = {
        "a": signal + random.normal(0, 0.5, n),
        "b": random.normal(0, 1, n),
        "town": random.choice(["guilin", "xian", "wuhan"], n).tolist(),
        "flag": (signal > random.normal(0, 1, n)).tolist(),
    }
    if classes:
        ranks = np.argsort(np.argsort(signal + random.normal(0, 0.3, n)))
        data["target"] = [f"c{rank * classes // n}" for rank in ranks]
    else:
        data["target"] = 3 * signal + random.normal(0, 0.2, n)
    return pl.DataFrame(data)


def _with(name: str, values: object) -> Odd:
    return lambda frame, random: frame.with_columns(pl.Series(name, values(frame, random)))  # type: ignore[operator]


def lonely(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    y = frame["target"].to_list()
    if isinstance(y[0], str):
        y[0] = "alone"
    return frame.with_columns(pl.Series("target", y))


def one_each(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    return frame.with_columns(pl.Series("target", [f"k{i}" for i in range(frame.height)]))


def rare(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    y = ["no"] * frame.height
    y[0] = y[1] = "yes"
    return frame.with_columns(pl.Series("target", y))


def infinite(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    a = frame["a"].to_numpy().copy()
    a[random.integers(0, len(a), 3)] = [np.inf, -np.inf, np.nan]
    return frame.with_columns(pl.Series("a", a))


def huge(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    a = frame["a"].to_numpy() * 1e300
    return frame.with_columns(pl.Series("a", a), pl.Series("b", frame["b"].to_numpy() * 1e-300))


def gaps(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    holes = [
        pl.Series(c, [None if random.random() < 0.9 else v for v in frame[c].to_list()],
                  dtype=frame[c].dtype)
        for c in frame.columns if c != "target"
    ]  # fmt: skip
    return frame.with_columns(holes)


def wide(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    more = {f"w{i}": random.normal(0, 1, frame.height) for i in range(600)}
    return frame.with_columns(**{name: pl.Series(values) for name, values in more.items()})


def levels(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    many = 20_000
    big = frame[random.integers(0, frame.height, many)]
    return big.with_columns(pl.Series("id_like", [f"v{i}" for i in range(many)]))


def two_rows(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    return frame.sort("target")[[0, frame.height - 1]]


def leaky(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    return frame.with_columns(frame["target"].alias("copy"))


def numbers_as_text(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    words = [f"{v:.3f}" if random.random() < 0.97 else "n/a" for v in frame["a"].to_list()]
    return frame.with_columns(pl.Series("a", words))


def unseen_in_fold(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    town = frame["town"].to_list()
    town[int(random.integers(len(town)))] = "nowhere 无处"
    return frame.with_columns(pl.Series("town", town))


def odd_names(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    return frame.rename({"a": "x" * 200, "b": "价格 (¥) \n", "town": "0"})


def only_two(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    b = [None] * (frame.height - 2) + [1.0, 2.0]
    return frame.with_columns(pl.Series("b", b, dtype=pl.Float64))


def many_levels(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    big = frame[random.integers(0, frame.height, 100_000)]
    return big.with_columns(pl.Series("word", [f"v{i}" for i in range(big.height)]))


def doubled_index(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    import pandas as pd

    frames = frame.to_pandas()
    return to_polars(pd.concat([frames, frames.iloc[:7]]))


def one_group_each(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    return frame.with_columns(firm=pl.col("target").cast(pl.String))


def hole_in_target(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    y = frame["target"].to_list()
    y[3] = None
    return frame.with_columns(pl.Series("target", y))


ODD: dict[str, Odd] = {
    "plain": lambda frame, random: frame,
    "constant column": _with("b", lambda f, r: [1.0] * f.height),
    "missing column": _with("b", lambda f, r: pl.Series([None] * f.height, dtype=pl.Float64)),
    "all constant": lambda f, r: f.with_columns(
        a=pl.lit(1.0), b=pl.lit(2.0), town=pl.lit("x"), flag=pl.lit(True)
    ),
    "infinite": infinite,
    "huge and tiny": huge,
    "nine in ten missing": gaps,
    "a class of one row": lonely,
    "a class of two rows": rare,
    "a class per row": one_each,
    "constant target": lambda f, r: f.with_columns(target=pl.lit("c0")),
    "600 columns": wide,
    "20 000 levels": levels,
    "two rows": two_rows,
    "one column": lambda f, r: f.select("a", "target"),
    "no column": lambda f, r: f.select("target"),
    "copied rows": lambda f, r: pl.concat([f, f, f]),
    "the target as a column": leaky,
    "numbers as text": numbers_as_text,
    "an unseen level": unseen_in_fold,
    "odd names": odd_names,
    "no rows": lambda f, r: f.head(0),
    "a missing target": hole_in_target,
    "long text": _with(
        "note", lambda f, r: ["word " * int(r.integers(1, 300)) for _ in range(f.height)]
    ),
    "dates": _with(
        "day", lambda f, r: np.datetime64("1900-01-01") + r.integers(0, 90_000, f.height)
    ),
    "integers of 19 digits": _with("big", lambda f, r: r.integers(2**60, 2**62, f.height)),
    "two rows have a value": only_two,
    "100 000 levels": many_levels,
    "an index with copies": doubled_index,
    "a group for each class": one_group_each,
    "an exotic metric": rare,
    "infinities only": _with("b", lambda f, r: [np.inf] * (f.height // 2) + [-np.inf] * (
        f.height - f.height // 2)),
}  # fmt: skip
