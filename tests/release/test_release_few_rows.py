"""One row must be read, refused, encoded and answered as many rows are."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from polars.testing import assert_frame_equal
from tests.release.release_samples import CLASSES, member, people

from lingqu.core.errors import DataError
from lingqu.core.nouns import Model
from lingqu.core.schema import Column, Schema
from lingqu.govern.impute import Impute
from lingqu.release.answers import columns
from lingqu.release.conform import conform, read
from lingqu.release.encode import Encoder, encode, fit_encoding
from lingqu.release.few_rows import FEW, FewRows, frame_of
from lingqu.release.frames import to_polars
from lingqu.release.predictor import Predictor
from lingqu.release.reading import PLAIN, Reading

MANY = 3 * FEW
TEXTS = [
    "",
    "NA",
    " yes ",
    "No",
    "TRUE",
    "ON",
    "12",
    " 7.5",
    "1,2",
    "x",
    "是",
    "无",
    "\x1cyes",
    "?",
]
CELLS: dict[Any, Any] = {
    pl.String: st.sampled_from(TEXTS),
    pl.Categorical: st.sampled_from(TEXTS),
    pl.Enum(["NA", "yes", "x"]): st.sampled_from(["NA", "yes", "x"]),
    pl.Int64: st.sampled_from([0, 1, -3, 20240105, 2**60]),
    pl.Int32: st.sampled_from([0, 1, 20240105]),
    pl.UInt64: st.sampled_from([0, 2**63]),
    pl.Float64: st.sampled_from([0.0, -0.0, 1.0, 1.5, 1e20, float("nan"), float("-inf")]),
    pl.Float32: st.sampled_from([0.0, 1.0, 0.1, float("inf")]),
    pl.Boolean: st.booleans(),
    pl.Date: st.just(date(2024, 1, 5)),
    pl.Datetime("ms"): st.just(datetime(2024, 1, 5, 8)),
    pl.Null: st.none(),
    pl.Binary: st.just(b"x"),
    pl.List(pl.Float64): st.just([1.0, 2.0]),
}
KINDS: list[Any] = ["number", "category", "text", "boolean", "datetime", "vector"]
LEVELS = [(), ("no", "yes"), ("on", "off"), ("a", "b", "c")]


@st.composite
def tables(draw: st.DrawFn) -> tuple[pl.DataFrame, Schema]:
    """Draw one or two columns of any type, of which any kind is wanted."""
    series, wanted = [], []
    for name in ["a", "b"][: draw(st.integers(1, 2))]:
        dtype = draw(st.sampled_from(list(CELLS)))
        cells = draw(st.lists(st.one_of(st.none(), CELLS[dtype]), min_size=2, max_size=2))
        series.append(pl.Series(name, cells, dtype=dtype, strict=False))
        levels = draw(st.sampled_from(LEVELS))
        kind = draw(st.sampled_from(KINDS))
        shape = (2,) if kind == "vector" else ()
        wanted.append(Column(name, kind, levels=levels, shape=shape))
    return pl.DataFrame(series)[: draw(st.integers(1, 2))], Schema(tuple(wanted))


@settings(max_examples=250, deadline=None)
@given(tables())
def test_few_rows_are_read_or_refused_as_many_are(drawn: tuple[pl.DataFrame, Schema]) -> None:
    frame, schema = drawn
    try:
        expected = conform(pl.concat([frame] * MANY), schema, where="sheet")
    except DataError as error:
        with pytest.raises(DataError) as caught:
            read(frame, schema, where="sheet")
        assert str(caught.value) == str(error)
        return
    found = read(frame, schema, where="sheet")
    assert isinstance(found, FewRows)
    assert_frame_equal(found.frame, expected[: frame.height])
    for name, cells in {**found.numbers, **found.texts}.items():
        assert list(cells) == expected[name][: frame.height].to_list()


ROWS = st.fixed_dictionaries(
    {
        "age": st.sampled_from([41, 41.5, None, "1,200", " 7 ", "NA", float("nan"), 1e300]),
        "member": st.sampled_from([True, False, None, "yes", "否", 1, 0.0]),
        "town": st.sampled_from(["桂林", "Lyon", "Lyons", "", None, "NA", 3, 2.0, True]),
        "note": st.sampled_from(["slow reply", "", None, "NA", 4, "很好"]),
        "joined": st.sampled_from(
            ["2024-03-01", "2024/3/1 08:30", None, datetime(2024, 1, 5, 8), date(1970, 1, 1)]
        ),
    }
)
DATA = people(80)
STYLES = [("linear", PLAIN), ("tree", PLAIN), ("linear+", PLAIN), ("tree+", PLAIN),
          ("linear", Reading("quantile", 2, 3))]  # fmt: skip


def wide() -> Any:
    """Return people with numbers to join, and a category of many levels."""
    frame = DATA.frame.with_columns(
        size=pl.Series(np.random.default_rng(0).lognormal(size=80)),
        street=pl.Series([f"street {place % 17}" for place in range(80)]),
    )
    more = (Column("size", "number"), Column("street", "category"))
    return type(DATA)(frame, Schema((*DATA.schema.columns, *more)), "wide")


@pytest.mark.parametrize(("style", "reading"), STYLES)
@settings(max_examples=25, deadline=None)
@given(
    row=ROWS, size=st.sampled_from([0.5, None, 7]), street=st.sampled_from(["street 3", "", "?"])
)
def test_one_row_is_encoded_as_many_are(
    style: Any, reading: Reading, row: Any, size: Any, street: str
) -> None:
    data = wide()
    encoding = fit_encoding(data, style, reading)
    told = to_polars([{**row, "size": size, "street": street}])
    inputs = Schema(data.schema.inputs)
    one = encode(read(told, inputs), encoding)["x"]
    many = encode(conform(pl.concat([told] * MANY), inputs), encoding)["x"]
    np.testing.assert_array_equal(one, many[:1])


PREDICTOR = Predictor.of(
    Model(
        "classify",
        CLASSES,
        tuple(member(DATA, style, 2, weight=0.25, seed=seed)
              for seed, style in enumerate(("linear", "tree", "linear+", "tree+"))),
    ),
    DATA.schema,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(row=ROWS)
def test_one_row_is_answered_as_many_are_through_every_door(row: Any) -> None:
    many = columns(PREDICTOR.predict(to_polars([row] * MANY)))
    shown = pd.DataFrame([row])
    for name in ("town", "note"):
        shown[name] = shown[name].astype("category")
    for door in ([row], {name: [cell] for name, cell in row.items()}, shown):
        one = columns(PREDICTOR.predict(to_polars(door)))
        assert_frame_equal(one, many[:1], check_exact=False, abs_tol=1e-6, rel_tol=0)


def test_a_bad_cell_is_refused_in_the_same_words() -> None:
    for name, cell in (("age", "forty"), ("member", "perhaps"), ("joined", "soon")):
        row = {**DATA.frame.drop("left").row(0, named=True), name: cell}
        said = []
        for rows in ([row], [row] * MANY):
            with pytest.raises(DataError) as caught:
                PREDICTOR.predict(to_polars(rows), where="sheet")
            said.append(str(caught.value))
        assert said[0] == said[1] and repr(cell) in said[0]


def test_a_missing_column_and_travelling_operators_are_the_same_for_few() -> None:
    row = DATA.frame.drop("left")[:1]
    encoder = Encoder(fit_encoding(DATA, "tree"))
    with pytest.raises(DataError, match="town"):
        encoder.encode(row.drop("town"))
    impute = Impute()
    impute.fit(DATA)
    predictor = Predictor.of(Model("classify", CLASSES, (member(DATA, "tree", 2),)), DATA.schema,
                             [impute])  # fmt: skip
    gap = row.with_columns(age=pl.lit(None, dtype=pl.Float64))
    assert predictor.prepared(gap)["age"].null_count() == 0
    one, many = (predictor.predict(pl.concat([gap] * times)) for times in (1, MANY))
    assert one.probabilities is not None and many.probabilities is not None
    np.testing.assert_allclose(one.probabilities, many.probabilities[:1], atol=1e-6)


def test_columns_of_other_types_are_read_from_the_frame() -> None:
    frame = pl.DataFrame({"n": pl.Series([3], dtype=pl.Int16), "flag": [True], "town": ["Lyon"]})
    rows = FewRows.of(frame)
    assert rows.numbers == {"flag": (True,)} and rows.texts == {"town": ("Lyon",)}
    assert frame_of(rows) is frame
    encoding = fit_encoding(
        type(DATA)(frame, Schema((Column("n", "number"), Column("flag", "boolean"),
                                  Column("town", "category")))), "tree")  # fmt: skip
    odd = frame.with_columns(town=pl.col("town").cast(pl.Categorical))
    for same in (frame, odd):
        assert encode(same, encoding)["x"].tolist() == [[3.0, 1.0, 0.0]]
        assert encode(pl.concat([same] * MANY), encoding)["x"].tolist()[0] == [3.0, 1.0, 0.0]
