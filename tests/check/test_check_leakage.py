"""Leakage: planted repeats, groups and tell-tale columns are found; clean splits pass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from lingqu.check.leakage import Leakage
from lingqu.check.rows import fingerprints, nearest, points
from lingqu.core.nouns import Dataset, Finding, Subject, Task
from lingqu.core.schema import Column, Schema

COLUMNS = (
    Column("a", "number"),
    Column("b", "number"),
    Column("c", "category"),
    Column("who", "category", "group"),
    Column("y", "category", "target"),
)


def frame(seed: int, n: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "a": rng.normal(size=n),
            "b": rng.normal(size=n) * 100,
            "c": rng.choice(["u", "v"], n),
            "who": [f"{seed}-{i // 2}" for i in range(n)],
            "y": rng.choice(["no", "yes"], n),
        }
    )


def look(
    train: pl.DataFrame,
    test: pl.DataFrame | None,
    *columns: Column,
    task: Task = "classify",
    **options: Any,
) -> dict[str, Finding]:
    schema = Schema(columns or COLUMNS)
    other = None if test is None else Dataset(test, schema)
    subject = Subject("data", task, schema, Dataset(train, schema), other, seed=3)
    return {f.subject: f for f in Leakage(**options).look(subject)}


def test_clean_splits_pass() -> None:
    found = look(frame(1, 600), frame(2, 200))
    assert {f.verdict for f in found.values()} == {"pass"}
    assert found["leakage.exact"].value == 0.0 and found["leakage.near"].value == 0.0


def test_repeated_rows_are_shown_side_by_side() -> None:
    train, test = frame(1, 600), frame(2, 200)
    test = pl.concat([test[:190], train[5:15].with_columns(pl.lit("other").alias("who"))])
    found = look(train, test)["leakage.exact"]
    assert found.value == pytest.approx(0.05) and found.verdict == "fail"
    pair = found.evidence["pairs"][0]
    assert pair["train_row"] == 5 and pair["test_row"] == 190
    assert pair["train"]["a"] == pair["test"]["a"] and "y" in pair["train"]
    assert found.advice == "check.leak_exact"
    assert look(train, test, exact=0.1)["leakage.exact"].verdict == "pass"


def test_nearly_repeated_rows_are_found_nearest_first() -> None:
    train, test = frame(1, 600), frame(2, 200)
    close = train[:10].with_columns(pl.col("a") + 1e-4, pl.col("b") + 0.02)
    found = look(train, pl.concat([test[:190], close]))["leakage.near"]
    assert found.value == pytest.approx(0.05, abs=0.011) and found.verdict == "fail"
    distances = [pair["distance"] for pair in found.evidence["pairs"]]
    assert distances == sorted(distances) and distances[0] < 0.1


def test_pictures_leak_by_pixels() -> None:
    rng = np.random.default_rng(0)
    column = Column("p", "image", shape=(8, 8))
    train, test = (rng.integers(0, 17, (n, 8, 8)).astype(np.uint8) for n in (300, 100))
    test[0] = train[7]
    test[1:5] = train[20:24]
    test[1:5, 0, 0] ^= 1
    found = look(pl.DataFrame({"p": train}), pl.DataFrame({"p": test}), column)
    assert found["leakage.exact"].value == 0.01
    assert found["leakage.near"].value == pytest.approx(0.04)
    shown = found["leakage.near"].evidence["pairs"][0]["test"]["p"]
    assert np.asarray(shown).shape == (8, 8)


def test_shared_groups_are_found() -> None:
    train = frame(1, 600)
    found = look(train, frame(2, 200).with_columns(train["who"][:200]))["leakage.group(who)"]
    assert found.value == 1.0 and found.verdict == "fail"
    gone = look(train, frame(2, 200).drop("who"))["leakage.group(who)"]
    assert gone.verdict == "unknown"


def test_the_series_of_a_forecast_are_on_both_sides_by_design() -> None:
    columns = [replace(c, seen=c.role == "group") for c in COLUMNS]
    found = look(frame(1, 600), frame(1, 200), *columns, task="forecast")
    assert "leakage.group(who)" not in found and "leakage.exact" in found


@pytest.mark.parametrize("tell", ["number", "category", "middle"])
def test_a_column_that_gives_the_answer_away_is_named(tell: str) -> None:
    train = frame(1, 800)
    yes = train["y"] == "yes"
    told = {
        "number": yes.cast(pl.Float64) * 3 + train["a"] / 10,
        "category": yes.cast(pl.String),
        # Neither end: a column need not be monotone to tell.
        "middle": pl.Series(np.where(yes, 0.0, np.where(train["a"] > 0, 9.0, -9.0))) + train["a"],
    }[tell]
    kind = "category" if tell == "category" else "number"
    columns = (*COLUMNS, Column("tell", kind))
    found = look(train.with_columns(told.alias("tell")), None, *columns)
    assert found["leakage.target(tell)"].verdict == "fail"
    assert found["leakage.target(a)"].verdict == "pass"
    assert found["leakage.target(a)"].value == pytest.approx(0.5, abs=0.1)


def test_a_value_that_gives_the_answer_away_is_named() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=2000)
    train = pl.DataFrame({"a": rng.normal(size=2000), "b": y.round(1), "y": y.round(1)})
    columns = (Column("a", "number"), Column("b", "number"), Column("y", "number", "target"))
    found = look(train, None, *columns, task="regress", target=0.95)
    assert found["leakage.target(b)"].verdict == "fail"
    assert found["leakage.target(a)"].value < 0.05
    assert found["leakage.target(b)"].evidence["metric"] == "r2"


def test_too_little_data_is_unknown() -> None:
    found = look(frame(1, 20), None)
    assert found["leakage.target"].verdict == "unknown"
    assert found["leakage.exact"].verdict == "unknown"
    words = (Column("t", "text"), Column("y", "category", "target"))
    text = pl.DataFrame({"t": ["one"] * 60, "y": ["no", "yes"] * 30})
    found = look(text, text, *words)
    assert found["leakage.target"].verdict == "unknown"
    assert found["leakage.near"].verdict == "unknown"
    only = (Column("y", "category", "target"),)
    assert look(text, text, *only)["leakage.exact"].verdict == "unknown"


def test_large_tables_are_sampled_by_seed() -> None:
    train, test = frame(1, 3000), frame(2, 900)
    first, again = (look(train, test, rows=500)["leakage.near"] for _ in range(2))
    assert first == again and first.n == 125


def test_fingerprints_and_distances() -> None:
    columns = (Column("n", "number"), Column("v", "vector", shape=(2,)))
    rows = pl.DataFrame({"n": [1.0, 1.0, None], "v": [[1.0, 2.0], [1.0, 2.5], None]})
    whole = pl.DataFrame({"n": [1], "v": [[1.0, 2.0]]})
    marks = fingerprints(rows, columns)
    assert marks.n_unique() == 3 and marks[0] == fingerprints(whole, columns)[0]
    flat = pl.DataFrame({"n": [1.0, 1.0]})
    assert points(flat, flat, columns) is None, "a constant column has no distances"
    rng = np.random.default_rng(0)
    train, test = rng.normal(size=(700, 5)), rng.normal(size=(600, 5))
    far, where = nearest(train, test)
    table = np.linalg.norm(test[:, None] - train[None], axis=2)
    assert far == pytest.approx(table.min(1)) and (where == table.argmin(1)).all()


TEXTS = (Column("t", "text"), Column("at", "datetime", "time"), Column("y", "category", "target"))


def notes(start: int, n: int) -> pl.DataFrame:
    """Return texts that share words but are no copies, at times that rise from `start`."""
    words = np.array([f"w{i:03d}" for i in range(400)])
    rng = np.random.default_rng(start)
    texts = [" ".join(rng.choice(words, 14)) + f" entry {start + i}" for i in range(n)]
    times = pl.Series(np.arange(start, start + n)).cast(pl.Datetime("us"))
    return pl.DataFrame({"t": texts, "at": times, "y": ["no", "yes"] * (n // 2)})


def test_nearly_copied_texts_are_shown_side_by_side() -> None:
    train, test = notes(0, 400), notes(1000, 100)
    copied = train[7:17].with_columns(pl.col("t") + "!", pl.col("at").dt.offset_by("1h"))
    clean = look(train, test, *TEXTS)
    assert clean["leakage.near(t)"].verdict == "pass" and clean["leakage.near(t)"].value == 0
    found = look(train, pl.concat([test, copied]), *TEXTS)["leakage.near(t)"]
    assert found.verdict == "fail" and found.value == pytest.approx(10 / 110)
    pair = found.evidence["pairs"][0]
    assert pair["similarity"] >= 0.8 and pair["test"]["t"] == pair["train"]["t"] + "!"
    assert pair["train_row"] + 93 == pair["test_row"]


def test_equal_texts_count_as_exact_not_as_near() -> None:
    train = notes(0, 400)
    found = look(train, pl.concat([notes(1000, 100), train[:5]]), *TEXTS)
    assert found["leakage.near(t)"].value == 0 and found["leakage.exact"].value == 5 / 105


def test_rows_of_the_past_among_the_test_rows_are_told() -> None:
    late = look(notes(0, 100), notes(1000, 40), *TEXTS)["leakage.time(at)"]
    assert late.verdict == "pass" and late.value == 0
    mixed = look(notes(500, 100), notes(540, 100), *TEXTS)["leakage.time(at)"]
    assert mixed.verdict == "fail" and mixed.value == pytest.approx(0.59)
    assert mixed.advice == "check.leak_time" and len(mixed.evidence["rows"]) == 20


def test_each_series_is_compared_with_its_own_past() -> None:
    train = pl.concat([notes(0, 60).with_columns(s=pl.lit("long")),
                       notes(0, 20).with_columns(s=pl.lit("short"))])  # fmt: skip
    test = pl.concat([notes(60, 10).with_columns(s=pl.lit("long")),
                      notes(20, 10).with_columns(s=pl.lit("short"))])  # fmt: skip
    series = Column("s", "category", "group", seen=True)
    found = look(train, test, *TEXTS, series)["leakage.time(at)"]
    assert found.verdict == "pass" and (found.value, found.n) == (0, 20)
    lost = test.with_columns(at=pl.when(pl.int_range(pl.len()) > 0).then("at"))
    early = pl.concat([lost, notes(5, 4).with_columns(s=pl.lit("short"))])
    found = look(train, early, *TEXTS, series)["leakage.time(at)"]
    assert found.verdict == "fail" and found.value == pytest.approx(4 / 23)
    assert found.evidence["rows"] == [20, 21, 22, 23]


def test_short_texts_and_missing_times_are_not_judged() -> None:
    short = notes(0, 100).with_columns(t=pl.lit("ok"), at=pl.lit(None, dtype=pl.Datetime("us")))
    found = look(short, short, *TEXTS)
    assert "leakage.near(t)" not in found
    assert found["leakage.time(at)"].verdict == "unknown"
