"""Grids, histories, and the block that turns rows of series into numbers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import DataError
from lingqu.release.blocks import REQUEST
from lingqu.release.encode import Encoder
from lingqu.release.series.block import FIRST, block_of, carried, encoding_of
from lingqu.release.series.grid import Grid, detect
from lingqu.release.series.history import Book, Known, filled, joined, known_rows, unit_of
from lingqu.release.series.parts import View, names_of, numbers_of, width
from lingqu.release.series.rows import behind
from lingqu.release.series.smoothing import Smooth, drift, mean, seasonal_naive, smooth

DAY = 86_400_000_000
DAYS = Grid("time", DAY)


def times(*texts: str) -> pl.Series:
    return pl.Series("date", list(texts)).str.to_datetime(time_unit="us")


# --- grids ---


@pytest.mark.parametrize(
    ("texts", "named", "seasons"),
    [
        (["2026-01-05", "2026-01-06", "2026-01-08"], "1 d", (7, 364)),
        (["2026-01-05", "2026-01-12", "2026-01-19"], "7 d", (52,)),
        (["2026-01-05 00:00", "2026-01-05 01:00", "2026-01-05 02:00"], "1 h", (24, 168)),
        (["2026-01-01", "2026-02-01", "2026-03-01"], "1 month", (12,)),
        (["2026-01-31", "2026-02-28", "2026-03-31"], "1 month", (12,)),
        (["2025-03-31", "2025-06-30", "2025-09-30"], "3 months", (4,)),
        (["2023-01-01", "2024-01-01", "2025-01-01"], "12 months", ()),
    ],
)
def test_the_step_of_a_series_is_found(
    texts: list[str], named: str, seasons: tuple[int, ...]
) -> None:
    series = times(*(t if " " in t else f"{t} 00:00" for t in texts))
    grid = detect(series, np.zeros(len(series), dtype=np.int64))
    assert grid is not None and grid.named() == named and grid.seasons == seasons
    steps, exact = grid.place(series)
    assert exact.all()
    assert (grid.times(steps) == series.to_numpy()).all()
    assert Grid.from_json(grid.to_json()) == grid


def test_working_days_have_no_gap_over_the_weekend() -> None:
    dates = [dt.datetime(2026, 3, 2) + dt.timedelta(days=d) for d in range(26)]
    series = pl.Series([d for d in dates if d.weekday() < 5]).cast(pl.Datetime("us"))
    grid = detect(series, np.zeros(len(series), dtype=np.int64))
    assert grid is not None and grid.unit == "workdays" and grid.seasons == (5,)
    steps, exact = grid.place(series)
    assert exact.all() and (np.diff(steps) == 1).all()
    assert (grid.times(steps) == series.to_numpy()).all()
    assert not grid.place(times("2026-03-07 00:00"))[1].any()


def test_times_written_as_years_are_months() -> None:
    years = pl.Series([round(1949 + month / 12, 3) for month in range(40)])
    grid = detect(years, np.zeros(40, dtype=np.int64))
    assert grid is not None and grid.seasons == (12,)
    steps, exact = grid.place(years)
    assert exact.all() and (np.diff(steps) == 1).all()


@pytest.mark.parametrize(
    ("days", "named"),
    [
        ((0, 2, 3, 5, 6, 8, 10), "1 d"),  # most neighbours lie two days apart
        ((0, 2, 4, 6, 8, 9, 10, 12, 14, 16, 18), "2 d"),  # the ninth is a mistake
        ((0, 2, 4, 7, 9), "2 d"),
    ],
)
def test_the_step_is_the_smallest_distance_where_it_is_frequent(
    days: tuple[int, ...], named: str
) -> None:
    found = [dt.datetime(2026, 1, 5) + dt.timedelta(days=day) for day in days]
    grid = detect(pl.Series(found).cast(pl.Datetime("us")), np.zeros(len(days), dtype=np.int64))
    assert grid is not None and grid.named() == named


def test_one_time_is_no_grid() -> None:
    assert detect(times("2026-01-05 00:00"), np.zeros(1, dtype=np.int64)) is None


@given(st.integers(1, 3000), st.integers(-5000, 5000), st.sampled_from(["h", "d", "w"]))
@settings(max_examples=30, deadline=None)
def test_steps_and_times_are_each_others_inverse(number: int, start: int, unit: str) -> None:
    size = {"h": DAY // 24, "d": DAY, "w": 7 * DAY}[unit]
    grid = Grid("time", size, 12345 % size)
    steps = np.arange(start, start + min(number, 50), dtype=np.int64)
    found, exact = grid.place(pl.Series(grid.times(steps)))
    assert exact.all() and (found == steps).all()


# --- histories ---


def test_two_values_for_one_time_are_refused_by_name() -> None:
    refused = r"'oak' has two rows for one time: 1970-01-03.*, with the values"
    with pytest.raises(DataError, match=refused):
        known_rows(["oak", "elm", "oak"], np.array([2, 2, 2]), np.ones(3), "fill", DAYS)


@given(st.lists(st.booleans(), min_size=3, max_size=30))
@settings(max_examples=30, deadline=None)
def test_only_what_lacks_is_filled(given_at: list[bool]) -> None:
    steps = np.array([0, *(i + 1 for i, on in enumerate(given_at) if on)])
    values = np.arange(len(steps)) * 2.0 + 1
    for gaps in ("fill", "zero"):
        whole, there = filled(steps, values, gaps)  # type: ignore[arg-type]
        assert len(whole) == steps[-1] + 1 and there.sum() == len(steps)
        assert (whole[steps] == values).all()
        assert gaps != "zero" or (whole[~there] == 0).all()


def test_newer_values_go_behind_the_tail() -> None:
    old = Known(10, np.array([1.0, 2.0, 3.0]), np.ones(3, dtype=bool), 5.0)
    new = Known(13, np.array([6.0]), np.ones(1, dtype=bool))
    both = joined(old, new, "fill")
    assert both.end == 13 and both.values.tolist() == [1, 2, 3, 4, 5, 6] and both.unit == 5.0
    assert both.given.tolist() == [True, True, True, False, False, True]
    overlapping = Known(12, np.array([9.0, 9.0, 7.0, 8.0]), np.ones(4, dtype=bool))
    assert joined(old, overlapping, "fill").values.tolist() == [1, 2, 3, 7, 8]
    assert joined(old, Known(9, np.ones(2), np.ones(2, dtype=bool)), "fill") is old


def test_a_series_that_never_changes_has_a_small_unit_and_a_single_value_its_level() -> None:
    assert unit_of(np.full(9, 4.0), 2) == 0.04 and unit_of(np.zeros(9), 2) == 0.01
    assert unit_of(np.array([-4.0]), 2) == 4.0 and unit_of(np.zeros(1), 1) == 1.0


def test_no_row_lies_further_behind_its_origin_than_the_horizon() -> None:
    codes = np.zeros(6, dtype=np.int64)
    steps = np.array([0, 1, 2, 3, 7, 9])  # 8 lacks, where the origin would be
    before, ahead = behind(codes, steps, back=3, horizon=3)
    assert before.tolist() == [True, True, True, True, True, False]
    assert ahead.tolist() == [0, 0, 0, 0, 0, 2]


# --- parts ---


def view_of(values: list[float], horizon: int = 4, season: int = 3) -> View:
    steps = np.arange(1, horizon + 1)
    return View(
        [""], np.array([values]), np.ones(1), np.zeros(horizon, dtype=np.int64), steps,
        100 + steps, pl.DataFrame({"n": [1.0] * horizon}), DAYS, season, horizon,
    )  # fmt: skip


PARTS: list[dict[str, Any]] = [
    {"kind": "lags", "count": 5},
    {"kind": "seasonal", "season": 3, "count": 2},
    {"kind": "windows", "lengths": [3, 6]},
    {"kind": "calendar"},
    {"kind": "known", "columns": [{"column": "n"}]},
    {"kind": "local", "method": "seasonal_naive", "season": 3},
    {"kind": "local", "method": "drift"},
    {"kind": "local", "method": "mean", "window": 4},
    {"kind": "local", "method": "theta", "season": 3, "usual": [0.5, 0.0], "fitted": {}},
    {"kind": "local", "method": "smooth", "season": 3, "usual": [0.5, 0.1, 0.9, 0.1, 0.0],
     "fitted": {}},
    {"kind": "local", "method": "arma", "season": 3, "usual": [[0.5], [0.2], 0.0, 1, 0],
     "fitted": {}},
]  # fmt: skip


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.get("method", part["kind"]))
def test_every_part_is_as_wide_as_it_says(part: dict[str, Any]) -> None:
    found = numbers_of(part, view_of([3.0, 5, 4, 3, 6, 4, 3, 7, 5]))
    assert found.shape == (4, width(part)) and len(names_of(part)) == width(part)


def test_the_same_place_in_the_season_is_looked_up() -> None:
    values = [10.0, 20, 30, 11, 21, 31]
    view = view_of(values)
    told = numbers_of({"kind": "seasonal", "season": 3, "count": 2}, view)
    back = told * view.move[0] + view.level[0]
    assert np.allclose(back, [[11, 10], [21, 20], [31, 30], [11, 10]])


def test_smoothing_of_a_line_with_a_season_goes_on() -> None:
    time = np.arange(60.0)
    values = (5 + 0.5 * time + np.array([2.0, -1, -1])[np.arange(60) % 3])[None]
    weights = Smooth(*(np.array([[w]]) for w in (0.3, 0.1, 1.0, 0.1)))
    said = smooth(values, 3, weights, 6)[0][0, 0]
    ahead = np.arange(60.0, 66.0)
    assert np.allclose(said, 5 + 0.5 * ahead + np.array([2.0, -1, -1])[np.arange(60, 66) % 3])


def test_naive_methods_of_a_series_without_values_say_nought() -> None:
    nothing = np.full((1, 4), np.nan)
    assert not seasonal_naive(nothing, 2, 3).any() and not drift(nothing, 3).any()
    assert not mean(nothing, 2, 3).any()


# --- the block ---

READS_TIME = [part for part in PARTS if part["kind"] != "known"]
BOOK = Book(
    DAYS,
    7,
    "fill",
    {
        key: Known(29, size * (1 + np.sin(np.arange(30) * 2 * np.pi / 7)), np.ones(30, dtype=bool))
        for key, size in (("oak", 10.0), ("elm", 100.0))
    },
).measured()


def block(parts: list[dict[str, Any]] = PARTS[:4]) -> dict[str, Any]:
    return block_of(
        BOOK, parts, time="date", groups=["shop"], target="sales", horizon=5, length=20
    )  # fmt: skip


def rows(*given: tuple[int, str, float | None]) -> pl.DataFrame:
    start = dt.datetime(1970, 1, 1)
    return pl.DataFrame(
        [{"date": start + dt.timedelta(days=d), "shop": s, "sales": v} for d, s, v in given],
        schema_overrides={"sales": pl.Float64},
    )


def x_of(frame: pl.DataFrame, parts: list[dict[str, Any]] = PARTS[:4]) -> np.ndarray:
    return Encoder(encoding_of(block(parts))).encode(frame)["x"]


ASKED = rows((30, "oak", None), (32, "oak", None), (31, "elm", None))


def test_one_row_is_told_as_many_are() -> None:
    whole = x_of(ASKED)
    assert whole.shape == (3, FIRST + sum(map(width, PARTS[:4])))
    for row in range(3):
        assert np.array_equal(x_of(ASKED[row]), whole[[row]], equal_nan=True)


@given(st.integers(0, 4), st.floats(-1e6, 1e6))
@settings(max_examples=25, deadline=None)
def test_nothing_after_the_origin_changes_what_is_told(day: int, value: float) -> None:
    """What another series, or a later day, is given never changes the row."""
    before = x_of(rows((30, "oak", None)), READS_TIME)
    later = rows((30, "oak", None), (30 + day, "elm", value))
    assert np.array_equal(x_of(later, READS_TIME)[:1], before, equal_nan=True)


def test_newer_values_move_the_origin_of_their_series_only() -> None:
    plain = x_of(ASKED)
    newer = x_of(rows((30, "oak", 50.0), (32, "oak", None), (31, "elm", None)))
    assert newer[0].tolist()[:4] == [50.0, 0.0, 0.0, 0.0] and not newer[0, 4:].any()
    assert newer[1, 3] == 2 and plain[1, 3] == 3  # steps ahead of what is known
    assert np.array_equal(newer[2], plain[2], equal_nan=True)
    carried_on = Encoder(encoding_of(carried(block(), rows((30, "oak", 50.0)))))
    assert np.allclose(
        carried_on.encode(ASKED[1:2])["x"], newer[[1]], equal_nan=True, rtol=1e-5, atol=1e-5
    )


def test_requests_answered_together_do_not_see_each_other() -> None:
    both = rows((30, "oak", 50.0), (32, "oak", None), (32, "oak", None))
    both = both.with_columns(pl.Series(REQUEST, [0, 0, 1]))
    found = x_of(both)
    assert np.array_equal(found[[2]], x_of(rows((32, "oak", None))), equal_nan=True)
    assert not np.array_equal(found[1], found[2], equal_nan=True)


def test_a_series_that_nobody_knows_is_a_typical_one() -> None:
    found = x_of(rows((30, "yew", None)), READS_TIME)
    assert np.isfinite(found[0, :FIRST]).all() and found[0, 3] == 1
    assert found[0, 2] == pytest.approx(BOOK.typical[1], rel=1e-6)
    told = x_of(rows((28, "yew", 7.0), (29, "yew", 7.0), (30, "yew", None)))
    assert told[2, 0] == 7.0  # its own level, once it has a history


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (rows((29, "oak", None)), "not after 1970-01-30"),
        (rows((35, "oak", None)), "6 steps after 1970-01-30"),
        (rows((30, "oak", 1.0), (30, "oak", 2.0), (31, "oak", None)), "two rows for one time"),
        (rows((30, "oak", None)).with_columns(pl.col("date").dt.offset_by("5h")), "go by 1 d"),
        (rows((30, "oak", None)).with_columns(date=pl.lit(None, pl.Datetime("us"))), "go by 1 d"),
    ],
)
def test_times_that_cannot_be_answered_are_refused(frame: pl.DataFrame, words: str) -> None:
    with pytest.raises(DataError, match=words):
        x_of(frame)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DataError, match="'shop'"):
        x_of(ASKED.drop("shop"))


def test_tails_are_kept_to_the_digits_of_a_float32() -> None:
    kept = Book.from_json(BOOK.to_json(20))
    assert all(len(one.values) == 20 for _, one in kept)
    for key, one in kept:
        assert np.allclose(one.values, BOOK.series[key].values[-20:], rtol=1e-6, atol=1e-6)
