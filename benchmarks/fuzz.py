"""Odd tables, 240 of them: each must give a model or a one-line reason, within its budget.

What is asked of the model is odd as well: words in a column of numbers, dates out of range,
levels that nobody saw. Each question must be answered in finite numbers or refused in one line.

    python benchmarks/fuzz.py [--count 240] [--first 0] [--budget 1] [--verbose]

Workers are real. Prints one line per figure and exits 1 if a table crashed, hung, or gave
answers that are not finite.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from figures import Figure, report

from lingqu.core.errors import LingquError
from lingqu.core.nouns import Model
from lingqu.core.ports import Engine
from lingqu.core.schema import Schema
from lingqu.data.infer import typed
from lingqu.data.roles import ready
from lingqu.engine.ready import wait_until_ready
from lingqu.flow.workers import engine_of
from lingqu.learn.choose import choose
from lingqu.release.conform import conform
from lingqu.release.frames import to_polars
from lingqu.release.predictor import predict_model

Random = np.random.Generator
Odd = Callable[[pl.DataFrame, Random], pl.DataFrame]
SLACK_S = 1.0
"""What a busy machine may add to a second of budget before it counts as overrun."""


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
EXOTIC = ("roc_auc", "average_precision", "log_loss", "brier", "f1", "mcc", "cohen_kappa",
          "balanced_accuracy", "top_k_accuracy(2)", "recall", "precision", "ece")  # fmt: skip
"""Metrics that cannot be told of a fold with one class, or of two answers, and others."""
ASKED: dict[str, Odd] = {
    "words for numbers": _with("a", lambda f, r: ["about seven"] * f.height),
    "nothing": lambda f, r: f.with_columns(
        pl.lit(None, dtype=f[c].dtype).alias(c) for c in f.columns
    ),
    "infinity": _with("a", lambda f, r: [np.inf] * f.height),
    "dates out of range": lambda f, r: f.with_columns(
        pl.lit("9999-12-31").alias(c) for c in f.columns if f[c].dtype.is_temporal()
    ),
    "impossible dates": lambda f, r: f.with_columns(
        pl.lit("2024-02-31").alias(c) for c in f.columns if f[c].dtype.is_temporal()
    ),
    "unseen levels": _with("town", lambda f, r: ["无处 nowhere"] * f.height),
    "a column too few": lambda f, r: f.drop(f.columns[0]),
}  # fmt: skip
"""What is done to five rows before the model is asked for them."""


def table(number: int) -> tuple[str, pl.DataFrame, str]:
    """Return the name, rows and task of an odd table; the same number gives the same one."""
    random = np.random.default_rng(number)
    names = list(ODD)
    first = names[number % len(names)]
    classes = int(random.choice([0, 2, 2, 3, 5]))
    frame = ODD[first](plain(random, classes), random)
    name = first
    if number >= len(names) and frame.height > 2 and "a" in frame.columns:
        second = names[int(random.integers(len(names)))]
        try:
            frame, name = ODD[second](frame, random), f"{first} + {second}"
        except (pl.exceptions.PolarsError, KeyError, TypeError, ValueError):
            name = first  # the two cannot be had together
    words = frame["target"].dtype == pl.String
    return name, frame, "classify" if classes or words else "regress"


def outcome(number: int, engine: Engine, budget: float) -> tuple[str, str, float]:
    """Return how a table ended: ``model``, ``reason`` or ``CRASH``, a line, and the seconds."""
    name, frame, task = table(number)
    metric = ""
    if "an exotic metric" in name and task == "classify":
        metric = EXOTIC[number % len(EXOTIC)]
        name = f"{name} ({metric})"
    group = "firm" if "firm" in frame.columns else None
    begun = time.monotonic()
    try:
        rows = ready(typed(frame), target="target", task=task, group=group)
        with tempfile.TemporaryDirectory() as folder:
            chosen = choose(
                rows, task, budget_s=budget, engine=engine, scratch=Path(folder), seed=number,
                metric=metric,
            )  # fmt: skip
        spent = time.monotonic() - begun
        if not answers(chosen.model, rows.frame):
            return "CRASH", f"{name}: answers are not finite", spent
        told = asked(chosen.model, frame, Schema(rows.schema.inputs), number)
        first = max(chosen.candidates, key=lambda line: line.weight)
        line = f"{name}: {first.name} {chosen.metric} {chosen.score:.3f}; {told}"
        return "model", line, spent
    except LingquError as error:
        line = str(error)
        state = "reason" if line and "\n" not in line else "CRASH"
        return state, f"{name}: {line[:140]}", time.monotonic() - begun
    except Exception:
        last = traceback.format_exc().strip().splitlines()
        return "CRASH", f"{name}: {last[-1]} {last[-3].strip()}", time.monotonic() - begun


def answers(model: Model, frame: pl.DataFrame) -> bool:
    """Say whether a model answers rows in finite numbers."""
    said = predict_model(model, frame)
    told = said.labels if said.probabilities is None else said.probabilities
    return bool(np.isfinite(np.asarray(told, dtype=float)).all())


def asked(model: Model, frame: pl.DataFrame, inputs: Schema, number: int) -> str:
    """Ask a model for odd rows and return what came of it.

    Raises:
        ValueError: It answered something that is not a number.
    """
    what = list(ASKED)[number % len(ASKED)]
    few = frame.head(5).select(inputs.names)
    try:
        few = ASKED[what](few, np.random.default_rng(number))
        if not answers(model, conform(few, inputs, where="asked")):
            raise ValueError(f"{what}: answers are not finite")
    except LingquError as error:
        if "\n" in str(error):
            raise ValueError(f"{what}: the reason has several lines") from error
        return f"{what}: refused"
    except (pl.exceptions.ColumnNotFoundError, pl.exceptions.ShapeError):
        return f"{what}: not of this table"
    return f"{what}: answered"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--budget", type=float, default=1.0)
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    ends: dict[str, int] = {"model": 0, "reason": 0, "CRASH": 0}
    late = 0
    with engine_of(2) as engine:
        wait_until_ready(engine, ["sklearn"])
        for number in range(given.first, given.first + given.count):
            state, line, spent = outcome(number, engine, given.budget)
            ends[state] += 1
            late += spent > 1.05 * given.budget + SLACK_S
            if given.verbose or state == "CRASH":
                print(f"{number:4} {state:6} {spent:5.2f} s  {line}", flush=True)
    failed, answered = ends["CRASH"], ends["model"]
    return report(
        f"{given.count} odd tables, {given.budget:g} s each",
        [
            Figure("odd tables that failed", failed, None, "0", not failed),
            Figure("odd tables with a model", answered, None, "the others: a line", True),
            Figure("odd tables over their budget", late, None, "0", not late),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
