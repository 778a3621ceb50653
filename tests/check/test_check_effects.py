"""Effects: the partial dependence of known functions is what algebra says."""

import numpy as np
import polars as pl
import pytest

from lingqu.check.effects import effect
from lingqu.check.importance import Importance
from lingqu.core.nouns import Dataset, Subject
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema

N = 400


def table() -> pl.DataFrame:
    random = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "a": random.normal(size=N),
            "b": random.choice([-1.0, 1.0], N),
            "k": random.choice(["u", "v", "w"], N, p=[0.6, 0.3, 0.1]),
            "whole": random.integers(0, 5, N),
        }
    )


def curve(rows: pl.DataFrame) -> Predictions:
    """Answer a² + 3 if k is v, + a·b: the last has no mean effect, but lines that cross."""
    a = rows["a"].fill_null(0.0).to_numpy()
    extra = 3.0 * (rows["k"] == "v").fill_null(False).to_numpy()
    return Predictions(a**2 + extra + 5.0 * a * rows["b"].to_numpy())


def chances(rows: pl.DataFrame) -> Predictions:
    p = 1 / (1 + np.exp(-2.0 * rows["a"].to_numpy()))
    return Predictions((p > 0.5).astype(np.int64), np.stack([1 - p, p], 1), ("no", "yes"))


def test_the_mean_of_a_known_function_is_right_and_single_rows_show_what_it_hides() -> None:
    rows = table()
    found = effect(rows, Column("a", "number"), curve, seed=1)
    grid, mean = np.array(found["grid"]), np.array(found["mean"])
    # The rows that were drawn have their own mean of k = v and of b.
    rest = mean - grid**2
    slope, level = np.polyfit(grid, rest, 1)
    assert np.abs(rest - (slope * grid + level)).max() < 1e-2
    assert abs(slope) < 5 * 0.2 and abs(level - 0.9) < 0.4
    steep = [np.polyfit(grid, np.array(line) - grid**2, 1)[0] for line in found["lines"]]
    assert min(steep) == pytest.approx(-5.0, abs=0.05)
    assert max(steep) == pytest.approx(5.0, abs=0.05)


def test_the_grid_lies_where_rows_are_and_the_counts_are_of_all_rows() -> None:
    rows = table()
    found = effect(rows, Column("a", "number"), curve)
    assert set(found["grid"]) <= set(rows["a"].to_list())
    assert found["grid"] == sorted(found["grid"])
    assert sum(found["counts"]) == N and len(found["edges"]) == len(found["counts"]) + 1
    assert effect(rows, Column("whole", "number"), curve)["grid"] == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_levels_come_by_frequency_and_differ_by_what_the_function_adds() -> None:
    found = effect(table(), Column("k", "category"), curve)
    assert found["grid"] == ["u", "v", "w"] and found["kind"] == "level"
    u, v, w = found["mean"]
    assert v - u == pytest.approx(3.0, abs=0.01) and w == pytest.approx(u, abs=0.01)


def test_missing_values_are_told_beside() -> None:
    rows = table().with_columns(a=pl.when(pl.col("a") > 1).then(None).otherwise(pl.col("a")))
    found = effect(rows, Column("a", "number"), curve)
    assert found["missing"] == pytest.approx(0.9, abs=0.4)  # as with a = 0
    assert effect(table(), Column("a", "number"), curve)["missing"] is None


def test_of_two_classes_the_second_is_told_and_a_single_value_has_no_effect() -> None:
    found = effect(table(), Column("a", "number"), chances)
    grid, mean = np.array(found["grid"]), np.array(found["mean"])
    assert found["of"] == "yes"
    assert np.abs(mean - 1 / (1 + np.exp(-2.0 * grid))).max() < 1e-3
    assert effect(table().with_columns(a=pl.lit(1.0)), Column("a", "number"), chances) == {}


def test_importance_carries_the_effects_of_its_first_columns() -> None:
    rows = table().with_columns(y=pl.Series(chances(table()).labels.astype(str)))
    names = (Column("a", "number"), Column("b", "number"), Column("k", "category"))
    schema = Schema((*names, Column("y", "category", "target", levels=("no", "yes"))))
    rows = rows.with_columns(
        y=pl.when(pl.col("y") == "1").then(pl.lit("yes")).otherwise(pl.lit("no"))
    )
    seen = Subject("gate", "classify", schema, test=Dataset(rows, schema), predict=chances)
    found = Importance(effects=1).look(seen)
    assert found[0].argument == "a" and "effect" in found[0].evidence
    assert sum("effect" in f.evidence for f in found) == 1
