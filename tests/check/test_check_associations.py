"""Associations: known strengths, honest intervals, nothing where there is nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lingqu.check.associations import Associations
from lingqu.check.strength import correlations, cramer, ranks, ratio
from lingqu.core.nouns import Dataset, Finding, Subject
from lingqu.core.schema import Column, Schema


def look(frame: pl.DataFrame, *columns: Column, **options: float) -> dict[str, Finding]:
    schema = Schema(columns)
    subject = Subject("data", "classify", schema, train=Dataset(frame, schema), seed=3)
    return {f.subject: f for f in Associations(**options).look(subject)}  # type: ignore[arg-type]


def number(*names: str) -> list[Column]:
    return [Column(name, "number") for name in names]


def category(*names: str) -> list[Column]:
    return [Column(name, "category") for name in names]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(5, 60), missing=st.floats(0, 0.4))
def test_correlations_are_those_of_scipy_on_the_common_rows(
    seed: int, n: int, missing: float
) -> None:
    random = np.random.default_rng(seed)
    table = random.normal(size=(n, 3))
    table[:, 1] += table[:, 0]
    table[random.random(table.shape) < missing] = np.nan
    found = correlations(table)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        both = ~np.isnan(table[:, i]) & ~np.isnan(table[:, j])
        if both.sum() > 2:
            expected = stats.pearsonr(table[both, i], table[both, j]).statistic
            assert found[i, j] == pytest.approx(expected, abs=1e-9)
    assert np.array_equal(found, found.T, equal_nan=True)


def test_ranks_are_those_of_scipy_and_keep_missing_values() -> None:
    values = np.array([3.0, 1.0, np.nan, 3.0, 9.0])
    places = stats.rankdata(values[~np.isnan(values)])
    found = ranks(values)
    assert np.isnan(found[2])
    assert found[~np.isnan(values)] == pytest.approx((places - places.mean()) / places.std())
    assert ranks(np.array([2.0, 2.0])).tolist() == [0.0, 0.0]


def test_cramer_is_scipys_without_its_bias() -> None:
    random = np.random.default_rng(0)
    a = random.integers(0, 4, 5000)
    b = np.where(random.random(5000) < 0.5, a, random.integers(0, 4, 5000))
    plain = stats.contingency.association(np.histogram2d(a, b, 4)[0].astype(int))
    assert cramer(a, b) == pytest.approx(plain, abs=0.005)
    many = random.integers(0, 30, 300)
    other = random.integers(0, 30, 300)
    biased = stats.contingency.association(np.histogram2d(many, other, 30)[0].astype(int) + 0)
    assert biased > 0.25 and cramer(many, other) < 0.15
    assert np.isnan(cramer(a[:1], b[:1])) and np.isnan(cramer(a, b * 0))


def test_the_ratio_is_the_share_of_variance_between_levels() -> None:
    random = np.random.default_rng(1)
    codes = random.integers(0, 3, 20_000)
    values = codes + random.normal(size=20_000)
    between = np.var([0, 1, 2])
    assert ratio(codes, values) == pytest.approx(np.sqrt(between / (between + 1)), abs=0.01)
    assert ratio(np.arange(400) % 100, random.normal(size=400)) < 0.3
    assert np.isnan(ratio(codes[:2], values[:2]))
    assert np.isnan(ratio(codes, np.ones(20_000))) and np.isnan(ratio(codes * 0, values))


def test_each_kind_of_pair_is_found_with_its_measure() -> None:
    random = np.random.default_rng(2)
    n = 3000
    x = random.normal(size=n)
    city = random.integers(0, 4, n)
    frame = pl.DataFrame(
        {
            "x": x,
            "twice": 2 * x + random.normal(size=n) * 0.1,
            "bent": np.exp(4 * x),
            "city": np.array(["a", "b", "c", "d"])[city],
            "zip": np.array(["1", "2", "3", "4"])[city],
            "rent": city * 10 + random.normal(size=n),
            "flag": city > 1,
            "noise": random.normal(size=n),
            "when": [datetime(2024, 1, 1) + timedelta(days=float(v)) for v in x],
            "id": [f"k{i}" for i in range(n)],
        }
    ).with_columns(pl.when(pl.col("noise") > 1).then(None).otherwise("rent").alias("rent"))
    found = look(
        frame, *number("x", "twice", "bent"), *category("city", "zip"), *number("rent"),
        Column("flag", "boolean"), *number("noise"), Column("when", "datetime"),
        Column("id", "category", "id"),
    )  # fmt: skip
    named = {key.partition("(")[2][:-1]: f for key, f in found.items() if "pair" in key}
    assert named["x, twice"].evidence["measure"] == "pearson"
    assert named["x, bent"].evidence["measure"] == "spearman"
    assert named["x, bent"].evidence["pearson"] < named["x, bent"].evidence["spearman"] == 1.0
    assert named["city, zip"].evidence == {"columns": ["city", "zip"], "measure": "cramers_v"}
    assert named["city, zip"].value == pytest.approx(1.0, abs=0.01)
    assert named["city, rent"].evidence["measure"] == "correlation_ratio"
    assert named["city, rent"].n == 3000 - frame["rent"].null_count() < 3000
    assert named["x, when"].value == pytest.approx(1.0)
    assert "city, flag" in named and not any("noise" in key or "id" in key for key in named)
    count = found["associations.count"]
    assert count.value == len(named) and count.n == n and not count.evidence["sampled"]
    assert count.evidence["columns"][0] == "x" and count.evidence["left_out"] == ["id"]
    assert all(f.low <= f.value <= f.high for f in named.values())  # type: ignore[operator]


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = {"pearson": 0, "ratio": 0}
    for seed in range(60):
        random = np.random.default_rng(seed)
        x = random.normal(size=400)
        y = 0.8 * x + 0.6 * random.normal(size=400)
        level = random.integers(0, 2, 400)
        z = 2.0 * level + random.normal(size=400)
        frame = pl.DataFrame({"x": x, "y": y, "g": level.astype(str), "z": z})
        found = look(frame, *number("x", "y"), *category("g"), *number("z"))
        pair = found["associations.pair(x, y)"]
        held["pearson"] += pair.low <= 0.8 <= pair.high  # type: ignore[operator]
        pair = found["associations.pair(g, z)"]
        held["ratio"] += pair.low <= np.sqrt(0.5) <= pair.high  # type: ignore[operator]
    assert min(held.values()) >= 52


def test_a_sample_is_drawn_from_many_rows_and_said() -> None:
    x = np.random.default_rng(0).normal(size=5000)
    frame = pl.DataFrame({"x": x, "y": -x})
    found = look(frame, *number("x", "y"), rows=1000)
    assert found["associations.count"].n == 1000
    assert found["associations.count"].evidence["sampled"]
    assert found["associations.pair(x, y)"].evidence["pearson"] == -1.0
    assert found["associations.pair(x, y)"].value == pytest.approx(1.0)


def test_no_more_pairs_are_named_than_asked_for_the_strongest_first() -> None:
    random = np.random.default_rng(5)
    x = random.normal(size=200)
    frame = pl.DataFrame({f"c{i}": x + random.normal(size=200) * i / 10 for i in range(6)})
    found = look(frame, *number(*frame.columns), pairs=3, columns=5)
    values = [f.value for key, f in found.items() if "pair" in key]
    assert len(values) == 3 and values == sorted(values, reverse=True)
    assert found["associations.count"].value == 10.0
    assert found["associations.count"].evidence["left_out"] == ["c5"]


def test_what_does_not_vary_or_is_nearly_a_key_is_left_out() -> None:
    n = 100
    frame = pl.DataFrame(
        {
            "flat": [1.0] * n,
            "empty": pl.Series([None] * n, dtype=pl.Float64),
            "one": ["x"] * n,
            "key": [f"v{i}" for i in range(n)],
            "rare": [f"v{i % 90}" for i in range(n)],
            "a": [float(i) for i in range(n)],
            "b": [float(i % 7) for i in range(n)],
            "big": [1e300 * (i % 7) for i in range(n)],
        }
    )
    columns = [*number("flat", "empty"), *category("one", "key", "rare")]
    columns += number("a", "b", "big")
    found = look(frame, *columns)
    count = found["associations.count"]
    assert count.evidence["columns"] == ["a", "b", "big"]
    assert found["associations.pair(b, big)"].value == pytest.approx(1.0)
    only = look(frame, *columns[:6])["associations.count"]
    assert only.verdict == "unknown" and only.evidence["why_zh"]
    few = look(frame[:5], *columns)["associations.count"]
    assert few.verdict == "unknown" and "5" in few.evidence["why"]
