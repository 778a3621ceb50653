"""What made rows are asked by, their noise, their codes, and how like real rows they are."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingqu.core.errors import DataError, SpecError
from lingqu.core.schema import Column, Schema
from lingqu.release.made.codes import COMMON, Codes
from lingqu.release.made.columns import Made, frame_of
from lingqu.release.made.conditions import Conditions, drawn_seeds, served, wished
from lingqu.release.made.likeness import area, lessons, matrix, taught, two_sample
from lingqu.release.made.noise import LARGEST, normal, uniform

ASKED = Schema((Column("x", "number"), Column("y", "category", "target", levels=("n", "y"))))
TARGET = {"name": "y", "levels": ["n", "y"], "shares": [0.75, 0.25]}


def test_noise_is_even_normal_and_of_its_seed_alone() -> None:
    seeds = np.arange(50_000)
    drawn = uniform(seeds, 3)
    assert drawn.min() > 0 and drawn.max() < 1
    counts = np.histogram(drawn, np.linspace(0, 1, 21))[0]
    assert abs(counts / drawn.size - 0.05).max() < 0.002
    assert abs(np.corrcoef(drawn.T)[np.triu_indices(3, 1)]).max() < 0.02
    bell = normal(seeds, 5)
    assert abs(bell.mean(0)).max() < 0.02 and abs(bell.std(0) - 1).max() < 0.02
    assert (uniform(seeds[7:9], 3) == drawn[7:9]).all()
    assert not (uniform(seeds, 3, stream=1) == drawn).any()
    assert np.isfinite(normal(np.array([0, LARGEST - 1]), 4)).all()


def test_what_callers_leave_out_is_drawn() -> None:
    schema = served(ASKED)
    assert schema.seed is not None and schema.names == ("seed", "y")
    frame = wished(pl.DataFrame({"y": ["n", None]}), schema)
    assert frame["seed"].null_count() == 0 and frame["seed"].n_unique() == 2
    some = wished(pl.DataFrame({"seed": [5, None]}), schema)
    assert some["seed"][0] == 5 and some["seed"][1] is not None and some["y"].null_count() == 2
    with pytest.raises(SpecError, match="seed"):
        served(Schema((Column("a", "number"), Column("seed", "number", "target"))))


def test_classes_are_drawn_by_their_shares_and_kept_where_asked() -> None:
    seeds = pl.DataFrame({"seed": np.arange(4000.0)})
    none = seeds.with_columns(pl.lit(None, dtype=pl.String).alias("y"))
    share = np.mean([cell == "y" for cell in Conditions.of(none, TARGET).asked])
    assert abs(share - 0.25) < 0.02
    asked = Conditions.of(none.with_columns(y=pl.lit("n")), TARGET)
    assert set(asked.asked) == {"n"} and asked.seeds.dtype == np.int64
    with pytest.raises(DataError, match="Known: n, y"):
        Conditions.of(none.with_columns(y=pl.lit("z")), TARGET)
    numbers = Conditions.of(none, {"name": "y", "values": [1.0, 2.0]})
    assert set(numbers.asked) == {1.0, 2.0}


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=2, max_size=60))
def test_codes_give_back_what_many_rows_share_and_stay_in_range(cells: list[float | None]) -> None:
    values = np.array([np.nan if cell is None else round(cell, 3) for cell in cells] * 3)
    codes = Codes.learned(values, True, 6)
    told = codes.encoded(values)
    assert told.min() >= 0 and told.max() < len(codes.parts)
    back = Codes.from_json(codes.to_json()).decoded(told, uniform(np.arange(len(told)), 2))
    assert (np.isnan(back) == np.isnan(values)).all()
    known = values[np.isfinite(values)]
    if len(known):
        there = back[np.isfinite(back)]
        assert there.min() >= known.min() - 1e-6 and there.max() <= known.max() + 1e-6


def test_a_value_of_few_rows_is_not_kept() -> None:
    random = np.random.default_rng(0)
    values = np.concatenate([np.zeros(500), random.exponential(100.0, 500), [777.25] * COMMON])
    codes = Codes.learned(values, True, 8)
    kept = {value for part in codes.parts for value in part.values}
    assert kept == {0.0, 777.25}
    assert all(len(part.knots) < 500 / 8 / 4 for part in codes.parts)


def test_words_that_are_rare_share_a_code() -> None:
    random = np.random.default_rng(0)
    values = np.minimum(random.zipf(1.3, 4000), 400).astype(float)
    codes = Codes.learned(values, False, 8)
    assert len(codes.parts) <= 101
    told = codes.encoded(values)
    back = codes.decoded(told, uniform(np.arange(len(told)), 2))
    assert set(np.unique(back)) <= set(np.unique(values))


def test_columns_become_numbers_and_cells_again() -> None:
    days = pl.Series("day", ["2024-02-29", None, "2023-01-01"]).str.to_datetime()
    made = Made.of(Column("day", "datetime"), days)
    assert made.step == 86_400 and made.cells(made.numbers(days)) == [
        "2024-02-29", None, "2023-01-01",
    ]  # fmt: skip
    late = pl.Series("at", ["2024-02-29 10:20:30.5"]).str.to_datetime()
    assert Made.of(Column("at", "datetime"), late).cells(np.array([1.5])) == [
        "1970-01-01T00:00:01.500000"
    ]
    price = pl.Series("price", [1.25, 3.0, None])
    told = Made.of(Column("price", "number"), price)
    assert told.step == 0.01 and told.rounded(np.array([1.2345])).tolist() == [1.23]
    flags = Made.of(Column("on", "boolean"), pl.Series("on", [True, None]))
    assert flags.cells(flags.numbers(pl.Series("on", [True, False, None]))) == [True, False, None]
    assert Made.from_json(told.to_json()) == told
    rows = [{"day": "2024-02-29", "on": None}]
    columns = [Column("day", "datetime"), Column("on", "boolean")]
    assert frame_of(rows, columns).dtypes == [pl.Datetime("us"), pl.Boolean]


def test_a_judge_tells_what_differs_and_not_what_is_alike() -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(800, 3))
    alike, other = two_sample(rows[:400], rows[400:]), two_sample(rows[:400], rows[400:] * 3)
    assert alike.low < 0.56 and alike.value < 0.6 and other.low > 0.6
    assert np.isnan(two_sample(rows[:3], rows[3:6]).value)


def test_the_interval_of_an_area_is_that_of_resamples() -> None:
    random = np.random.default_rng(1)
    truth = random.random(400) < 0.4
    said = random.normal(size=400) + truth
    found = area(truth, said)
    drawn = []
    for _ in range(300):
        rows = random.integers(0, 400, 400)
        drawn.append(area(truth[rows], said[rows]).value)
    low, high = np.quantile(drawn, (0.025, 0.975))
    assert abs(found.low - low) < 0.015 and abs(found.high - high) < 0.015


@pytest.mark.parametrize(("kind", "form"), [("number", "r2"), ("category", "accuracy")])
def test_lessons_are_scored_by_the_kind_of_the_target(kind: str, form: str) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=600)
    y = np.round(x) if kind == "number" else np.array(["abcdefghi"[int(v) + 4] for v in x])
    frame = pl.DataFrame({"x": x, "y": y})
    columns = (Column("x", "number"), Column("y", kind, "target"))  # type: ignore[arg-type]
    one, two = lessons([frame[:400], frame[400:]], columns, columns[1])
    score = taught(one, two)
    assert one.form == form and score.value > 0.9 and score.low <= score.value <= score.high


def test_words_have_one_code_on_all_sides() -> None:
    sides = pl.DataFrame({"a": ["x", "y"]}), pl.DataFrame({"a": ["z", "y"]})
    one, two = matrix(sides, [Column("a", "category")])
    assert one[1] == two[1] and one[0] != two[0]


def test_seeds_are_repeated_only_where_that_is_asked() -> None:
    assert (drawn_seeds(5, 1) == drawn_seeds(5, 1)).all()
    assert not (drawn_seeds(5) == drawn_seeds(5)).any()
