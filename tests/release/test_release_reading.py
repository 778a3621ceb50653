"""What may be wished of an encoding: scaling, rare levels in one, levels by their letters."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.release.encode import Encoder, encode, fit_encoding, layout
from lingqu.release.learn_blocks import HOT
from lingqu.release.learn_scaled import robust, tail, way
from lingqu.release.reading import Reading

WISHES = [
    Reading(scaling="robust"),
    Reading(scaling="quantile"),
    Reading(scaling="auto"),
    Reading(rare=3),
    Reading(similar=10),
    Reading("quantile", 2, 8),
]
NAMES = ("灌溉工程师", "senior teacher", "shop assistant", "nurse", "lorry driver", "baker")


def people(n: int = 400, seed: int = 0) -> Dataset:
    """A long tail, an even number, a flag in numbers, and jobs that people typed in."""
    random = np.random.default_rng(seed)
    income = np.exp(random.normal(0, 2.5, n))
    job = [
        f"{NAMES[i % 6]} {'abcdefghijklm'[i % 13]}" if i % 5 == 0 else NAMES[i % 6]
        for i in range(n)
    ]
    frame = pl.DataFrame(
        {
            "income": [None if i % 17 == 3 else v for i, v in enumerate(income.tolist())],
            "age": random.uniform(18, 80, n),
            "flag": (random.random(n) < 0.3).astype(float),
            "job": [None if i % 19 == 5 else name for i, name in enumerate(job)],
            "y": random.normal(0, 1, n),
        }
    )
    numbers = Column("income", "number"), Column("age", "number"), Column("flag", "number")
    schema = Schema((*numbers, Column("job", "category"), Column("y", "number", "target")))
    return Dataset(frame, schema, "people")


def block(encoding: dict, kind: str) -> tuple[dict, slice]:
    return next((dict(b), place) for b, place in layout(encoding) if b["type"] == kind)


STRANGE = pl.DataFrame(
    {
        "income": [np.inf, -np.inf, np.nan, None, 1e308, -1e308],
        "age": [-1e308, 1e308, None, np.nan, np.inf, -np.inf],
        "flag": [None, 2.0, np.inf, np.nan, -1.0, 0.0],
        "job": [None, "", "nurses", "никто", "🐎", "x" * 5000],
    }
)


@pytest.mark.parametrize("style", ["linear", "tree", "linear+"])
@pytest.mark.parametrize("reading", WISHES, ids=str)
def test_one_row_is_read_as_many_after_json_and_nothing_wild_comes_out(
    reading: Reading, style: str
) -> None:
    data = people()
    encoding = fit_encoding(data, style, reading)
    compiled = Encoder(json.loads(json.dumps(encoding)))
    both = pl.concat([data.frame.drop("y").head(40), STRANGE])
    whole = compiled.encode(both)["x"]
    single = np.concatenate([compiled.encode(both[i : i + 1])["x"] for i in range(len(both))])
    np.testing.assert_array_equal(whole, single)
    np.testing.assert_array_equal(whole, encode(both, encoding)["x"])
    assert whole.shape[1] == encoding["shape"][0]
    if style != "tree":
        assert np.isfinite(whole).all() and np.abs(whole).max() <= 8


def test_without_a_wish_nothing_changes() -> None:
    data = people()
    for style in ("linear", "tree"):
        assert fit_encoding(data, style) == fit_encoding(data, style, Reading())


def test_ranks_are_normal_keep_the_order_and_flag_what_is_missing() -> None:
    data = people(2000)
    encoding = fit_encoding(data, "linear", Reading(scaling="quantile"))
    told, place = block(encoding, "ranks")
    assert told["columns"] == ["income", "age"] and told["missing"] == ["income"]
    x, income = encode(data.frame, encoding)["x"][:, place], data.frame["income"].to_numpy()
    known = np.isfinite(income)
    assert abs(x[known, 0].mean()) < 0.02 and abs(x[known, 0].std() - 1) < 0.05
    assert (np.diff(x[known, 0][np.argsort(income[known])]) >= 0).all()
    assert (x[~known, 2] == 1).all() and (x[known, 2] == 0).all()
    assert np.abs(x[~known, 0]).max() < 0.1  # the median is in the middle
    # By rank, a unit of measure does not matter.
    other = Dataset(data.frame.with_columns(pl.col("income").exp().clip(0, 1e200)), data.schema)
    again = encode(other.frame, fit_encoding(other, "linear", Reading(scaling="quantile")))["x"]
    inside = known & (income < 5)
    assert np.abs(again[inside, place.start] - x[inside, 0]).max() < 0.2


def test_a_value_that_fills_half_a_column_has_one_rank_in_the_middle_of_it() -> None:
    spent = np.r_[np.zeros(500), np.linspace(1, 1000, 500)]
    schema = Schema((Column("spent", "number"), Column("y", "number", "target")))
    data = Dataset(pl.DataFrame({"spent": spent, "y": spent}), schema)
    x = encode(data.frame, fit_encoding(data, "linear", Reading(scaling="quantile")))["x"][:, 0]
    assert len(set(x[:500].tolist())) == 1 and -1.0 < x[0] < -0.5 and x[500] >= x[0]


def test_a_robust_scale_is_that_of_the_middle_half() -> None:
    data = people()
    encoding = fit_encoding(data, "linear", Reading(scaling="robust"))
    told, _ = block(encoding, "numbers")
    income = data.frame["income"].drop_nulls().to_numpy()
    assert told["mean"][0] == pytest.approx(np.median(income), rel=0.05)
    assert told["scale"][0] < 0.3 * income.std()
    assert told["mean"][2] == pytest.approx(data.frame["flag"].mean())  # two values: as ever
    assert robust(np.r_[np.zeros(90), np.arange(10.0)]) is None  # no middle half to measure


def test_auto_takes_ranks_only_where_a_tail_is_long() -> None:
    told, _ = block(fit_encoding(people(), "linear", Reading(scaling="auto")), "ranks")
    assert told["columns"] == ["income"]
    normal = np.random.default_rng(0).normal(0, 1, 5000)
    assert tail(normal) < 6 and way(normal, "auto") == "standard"
    assert tail(np.r_[np.zeros(990), np.full(10, 9.0)]) == 0.0  # a flag in disguise
    assert way(np.full(99, np.nan), "auto") == way(np.r_[1.0, np.inf], "quantile") == "standard"


def test_rare_levels_share_a_column_with_those_never_seen() -> None:
    town = ["a"] * 50 + ["b"] * 40 + ["c", "d", "e"] + [None] * 3
    schema = Schema((Column("town", "category"), Column("y", "number", "target")))
    data = Dataset(pl.DataFrame({"town": town, "y": np.arange(96.0)}), schema)
    frame = pl.DataFrame({"town": ["a", "b", "c", "e", "never", None]})
    x = encode(frame, fit_encoding(data, "linear", Reading(rare=5)))["x"]
    assert x.tolist() == [
        [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]
    ]  # fmt: skip
    # Where no level is rare there is nothing to learn of such a column, and none is made.
    none = encode(frame, fit_encoding(data, "linear", Reading(rare=1)))["x"]
    assert none.shape[1] == 6 and (none[4] == 0).all()
    all_rare = encode(frame, fit_encoding(data, "linear", Reading(rare=60)))["x"]
    assert all_rare.tolist() == [[1, 0]] * 5 + [[0, 1]]


def test_a_misspelt_level_is_nearest_to_the_one_that_was_meant() -> None:
    data = people()
    encoding = fit_encoding(data, "linear", Reading(similar=12))
    told, place = block(encoding, "likeness")
    typed = ["senoir teacher", "Shop asistant", "lory driver", "灌溉工程", "nurse b", None]
    meant = ["senior teacher", "shop assistant", "lorry driver", "灌溉工程师", "nurse"]
    x = encode(STRANGE.with_columns(pl.Series("job", typed)), encoding)["x"][:, place]
    nearest = [told["levels"][i] for i in x[:5].argmax(1)]
    assert [name.rsplit(" ", 1)[0] if name[-2] == " " else name for name in nearest] == meant
    assert (x[5] == 0).all() and x.max() <= 1 + 1e-6
    assert x[4, told["levels"].index("nurse")] > 0.7


def test_few_levels_need_no_likeness() -> None:
    schema = Schema((Column("k", "category"), Column("y", "number", "target")))
    few = pl.DataFrame({"k": [f"k{i % HOT}" for i in range(300)], "y": np.arange(300.0)})
    kinds = {
        b["type"]
        for b in fit_encoding(Dataset(few, schema), "linear", Reading(similar=5))["blocks"]
    }
    assert kinds == {"category"}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.floats(width=64)), min_size=1, max_size=60),
    st.lists(st.one_of(st.none(), st.floats(width=64)), min_size=1, max_size=9),
    st.sampled_from(["robust", "quantile", "auto"]),
)
def test_nothing_but_bounded_numbers_leaves_any_scaling(
    train: list, live: list, scaling: str
) -> None:
    kind = {"a": pl.Float64}
    many = train + [float(i) for i in range(20)]
    frame = pl.DataFrame({"a": many}, schema=kind)
    data = Dataset(frame, Schema((Column("a", "number"),)))
    x = encode(pl.DataFrame({"a": live}, schema=kind),
               fit_encoding(data, "linear", Reading(scaling=scaling)))["x"]  # fmt: skip
    assert np.isfinite(x).all() and np.abs(x).max() <= 8
