"""The rich views: facts about levels, joined numbers, ramps; and that no target leaks into them."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.release.blocks_rich import joined
from lingqu.release.encode import Encoder, encode, encode_training, fit_encoding, layout
from lingqu.release.learn_blocks_rich import SMOOTHING, many_levels

TOWNS = tuple(f"t{i:02d}" for i in range(30))


def table(n: int = 600, seed: int = 0, task: str = "classify", classes: int = 2) -> Dataset:
    """A category of 30 levels that decides, two numbers whose product matters, a date, gaps."""
    random = np.random.default_rng(seed)
    town = random.integers(0, 30, n)
    a, b = random.normal(0, 1, n), random.normal(0, 1, n)
    score = np.sin(town) + a * b
    frame = pl.DataFrame(
        {
            "town": [None if i % 40 == 7 else TOWNS[code] for i, code in enumerate(town)],
            "a": [None if i % 25 == 3 else v for i, v in enumerate(a.tolist())],
            "b": b,
            "day": [date(2024, 1, 1) + timedelta(days=int(d)) for d in random.integers(0, 300, n)],
            "y": score if task == "regress" else [f"c{int(v)}" for v in _classes(score, classes)],
        }
    )
    kind = Column("y", "number", "target")
    if task == "classify":
        kind = Column("y", "category", "target", levels=tuple(f"c{i}" for i in range(classes)))
    town_column = Column("town", "category", levels=TOWNS, nullable=True)
    numbers = Column("a", "number", nullable=True), Column("b", "number")
    return Dataset(frame, Schema((town_column, *numbers, Column("day", "datetime"), kind)), "t")


def _classes(score: np.ndarray, classes: int) -> np.ndarray:
    return np.searchsorted(np.quantile(score, np.linspace(0, 1, classes + 1)[1:-1]), score)


def block(encoding: dict, kind: str) -> tuple[dict, slice]:
    return next((dict(b), place) for b, place in layout(encoding) if b["type"] == kind)


@pytest.mark.parametrize("style", ["linear+", "tree+"])
@pytest.mark.parametrize("task", ["classify", "regress"])
def test_rich_views_survive_json_and_answer_one_row_as_many(style: str, task: str) -> None:
    data = table(task=task)
    encoding = json.loads(json.dumps(fit_encoding(data, style)))
    compiled = Encoder(encoding)
    whole = compiled.encode(data.frame)["x"]
    single = np.concatenate([compiled.encode(data.frame[i : i + 1])["x"] for i in range(60)])
    np.testing.assert_array_equal(whole[:60], single)
    assert whole.shape[1] == encoding["shape"][0] and "y" not in compiled.columns
    kinds = {b["type"] for b in encoding["blocks"]}
    assert {"facts", "pairs", "gaps"} <= kinds
    assert ("ramps" in kinds) == ("elapsed" in kinds) == (style == "linear+")
    assert len(json.dumps(encoding)) < 20_000
    if style == "linear+":
        assert np.isfinite(whole).all() and np.abs(whole).max() <= 8
    assert kinds > {b["type"] for b in fit_encoding(data, style.rstrip("+"))["blocks"]}


def test_rows_to_validate_on_never_change_what_is_learned() -> None:
    data = table()
    train, valid = (Dataset(f, data.schema, "t") for f in (data.frame[:400], data.frame[400:]))
    encoding = fit_encoding(train, "tree+")
    before = encode(valid.frame, encoding)["x"]
    lies = valid.frame.with_columns(pl.col("y").reverse())
    np.testing.assert_array_equal(before, encode(lies, encoding)["x"])
    np.testing.assert_array_equal(before, encode(valid.frame.drop("y"), encoding)["x"])


@pytest.mark.parametrize("task", ["classify", "regress"])
def test_no_training_row_sees_its_own_target(task: str) -> None:
    data = table(task=task)
    row = 11
    other = "c0" if data.frame["y"][row] == "c1" else "c1"
    lie = pl.Series("y", data.frame["y"].to_list())
    lie[row] = other if task == "classify" else 1e3
    changed = Dataset(data.frame.with_columns(lie), data.schema, "t")
    place = block(fit_encoding(data, "tree+"), "facts")[1]
    rows = []
    for each in (data, changed):
        encoding = fit_encoding(each, "tree+")
        rows.append(encode_training(each, encoding)["x"][:, place])
    np.testing.assert_array_equal(rows[0][row, :2], rows[1][row, :2])
    # Rows of the same level that lie in other fifths do see it.
    same = np.flatnonzero((data.frame["town"] == data.frame["town"][row]).to_numpy())
    assert (rows[0][same, 1] != rows[1][same, 1]).any()


def test_a_category_that_means_nothing_is_told_as_nothing() -> None:
    random = np.random.default_rng(1)
    n = 900
    frame = pl.DataFrame(
        {"k": [f"k{i}" for i in random.integers(0, 300, n)], "y": random.normal(0, 1, n)}
    )
    levels = tuple(sorted(set(frame["k"])))
    schema = Schema((Column("k", "category", levels=levels), Column("y", "number", "target")))
    data = Dataset(frame, schema, "noise")
    encoding = fit_encoding(data, "tree+")
    place = block(encoding, "facts")[1].start + 1
    y = frame["y"].to_numpy()
    seen = encode_training(data, encoding)["x"][:, place]
    full = encode(frame, encoding)["x"][:, place]
    assert np.corrcoef(full, y)[0, 1] > 0.3  # means of all rows know each row's own target
    assert np.corrcoef(seen, y)[0, 1] < 0.1


def test_means_are_smoothed_and_unseen_levels_get_the_whole() -> None:
    data = table(task="regress")
    encoding = fit_encoding(data, "tree+")
    told, place = block(encoding, "facts")
    level = told["levels"][0]
    mine = data.frame.filter(pl.col("town") == level)["y"].to_numpy()
    whole = float(data.frame["y"].mean())
    expected = (mine.sum() + SMOOTHING * whole) / (len(mine) + SMOOTHING)
    rows = data.frame.filter(pl.col("town") == level).head(1)
    unseen = rows.with_columns(pl.lit("nowhere").alias("town"))
    found, foreign = (encode(f, encoding)["x"][0, place] for f in (rows, unseen))
    assert found[0] == pytest.approx(np.log1p(len(mine)), rel=1e-5)
    assert found[1] == pytest.approx(expected, rel=1e-5)
    assert foreign[0] == 0 and foreign[1] == pytest.approx(whole, rel=1e-4)
    assert told["columns"][0] == "town" and set(told["columns"][1:]) <= {"a", "b"}


def test_many_classes_have_a_column_each_up_to_five() -> None:
    widths = []
    for classes in (2, 4, 8):
        told, _ = block(fit_encoding(table(classes=classes), "tree+"), "facts")
        widths.append(len(told["table"][0]) - 1 - len(told["columns"][1:]))
    assert widths == [1, 4, 5]


def test_rows_of_weight_zero_are_not_told() -> None:
    data = table(task="regress")
    schema = Schema((*data.schema.columns, Column("w", "number", "weight")))
    lies = data.frame.with_columns(pl.lit(1e3).alias("y"), pl.lit(0.0).alias("w"))
    both = pl.concat([data.frame.with_columns(pl.lit(1.0).alias("w")), lies])
    one, two = (
        block(fit_encoding(each, "tree+"), "facts")[0]
        for each in (data, Dataset(both, schema, "t"))
    )
    own = len(one["table"][0]) - len(one["columns"]) + 1
    first, second = ({k: row[:own] for k, row in zip(b["levels"], b["table"], strict=False)}
                     for b in (one, two))  # fmt: skip
    assert {k: pytest.approx(v, rel=1e-5) for k, v in first.items()} == second


def test_a_product_that_matters_is_found_and_others_are_not() -> None:
    pairs, _ = block(fit_encoding(table(2000, task="regress"), "tree+"), "pairs")
    assert ["a", "*", "b"] in pairs["pairs"] or ["b", "*", "a"] in pairs["pairs"]
    plain = table(2000)
    shuffled = plain.frame.with_columns(pl.col("y").shuffle(seed=1))
    encoding = fit_encoding(Dataset(shuffled, plain.schema, "t"), "tree+")
    assert "pairs" not in {b["type"] for b in encoding["blocks"]}


def test_ratios_of_nothing_and_of_the_largest_numbers_are_no_trouble() -> None:
    one, two = np.array([1.0, 0.0, 1e308]), np.array([0.0, 0.0, 1e308])
    assert np.isnan(joined(one, "/", two)[:2]).all() and np.isinf(joined(one, "*", two)[2])
    random = np.random.default_rng(0)
    big = random.choice([-1e308, 0.0, 1e308], 200)
    frame = pl.DataFrame({"a": big, "b": random.normal(0, 1, 200), "y": big / 1e308})
    columns = Column("a", "number"), Column("b", "number"), Column("y", "number", "target")
    for style in ("linear+", "tree+"):
        x = encode(frame, fit_encoding(Dataset(frame, Schema(columns), "t"), style))["x"]
        assert np.isfinite(x).all()


def test_names_that_hardly_come_twice_are_no_levels_to_tell_of() -> None:
    data = table(100)
    names = data.frame.with_columns(pl.Series("town", [f"n{i}" for i in range(100)]))
    assert many_levels(data) == ["town"]
    assert many_levels(Dataset(names, data.schema, "t")) == []


def test_a_date_becomes_a_line() -> None:
    data = table(300)
    encoding = fit_encoding(data, "linear+")
    place = block(encoding, "elapsed")[1]
    days = [date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 3), None]
    frame = data.frame.head(4).with_columns(pl.Series("day", days))
    x = encode(frame, encoding)["x"][:, place]
    assert x[1, 0] - x[0, 0] == pytest.approx(x[2, 0] - x[1, 0], rel=1e-3) and x[1, 0] > x[0, 0]
    assert x[:, 3].tolist() == [0, 1, 1, 0]  # Friday, Saturday, Sunday, none
    assert (x[3] == 0).all()
