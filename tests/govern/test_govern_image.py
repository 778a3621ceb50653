"""Preparation of pictures: shapes, values, files, missing cells, and the same at prediction."""

from __future__ import annotations

import dataclasses
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.contracts.operator_contract import CatalogueContract, prepared

from lingqu.core import catalog
from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Operator
from lingqu.core.schema import Column, Schema

CASES: list[tuple[str, Any]] = [
    ("image_resize", 5), ("image_resize", {"size": [4, 9], "keep": "pad"}),
    ("image_resize", {"size": 5, "keep": "cover", "method": "area"}),
    ("image_crop", 4), ("image_crop", {"box": [1, 0, 3, 4]}), ("image_crop", {"margin": True}),
    ("image_rotate", 90), ("image_rotate", 17), ("image_flip", "vertical"),
    ("image_colour", "rgb"), ("image_colour", {"mode": "grey", "contrast": "equalise"}),
    ("image_colour", {"contrast": "stretch", "invert": True}),
    ("image_normalise", "channel"), ("image_normalise", "picture"), ("image_normalise", "range"),
]  # fmt: skip


def pictures(rows: int = 6, shape: tuple[int, ...] = (8, 6, 3)) -> Dataset:
    random = np.random.default_rng(2)
    block = random.integers(0, 256, (rows, *shape), dtype=np.uint8)
    column = pl.Series("p", block, dtype=pl.Array(pl.UInt8, shape))
    labels = [["a", "b"][i % 2] for i in range(rows)]
    frame = pl.DataFrame({"p": column, "x": np.arange(rows), "y": labels})
    frame = frame.with_columns(
        pl.when(pl.col("x") == 3).then(None).otherwise(pl.col("p")).alias("p")
    )
    schema = Schema(
        (
            Column("p", "image", nullable=True, shape=shape, low=0, high=255),
            Column("x", "number"),
            Column("y", "category", "target", levels=("a", "b")),
        )
    )
    return Dataset(frame, schema, "pictures", "p1")


@pytest.mark.parametrize(("name", "given"), CASES, ids=[f"{n}-{o}" for n, o in CASES])
class TestEveryPictureOperator(CatalogueContract):
    def data(self) -> Dataset:
        return pictures()

    def test_grey_and_colour_keep_to_the_schema(self) -> None:
        for shape in ((8, 6), (8, 6, 1), (8, 6, 3)):
            data = pictures(shape=shape)
            after = prepared(self.name, self.given, data)
            column = after.schema["p"]
            dtype = after.frame.schema["p"]
            assert isinstance(dtype, pl.Array) and dtype.shape == column.shape
            assert after.frame["p"].is_null().to_list() == data.frame["p"].is_null().to_list()
            values = after.frame["p"].drop_nulls().to_numpy()
            assert column.low is not None and values.min() >= column.low - 1e-3
            assert column.high is not None and values.max() <= column.high + 1e-3


def encoded(array: np.ndarray[Any, Any], kind: str = "PNG") -> bytes:
    file = BytesIO()
    Image.fromarray(array).save(file, kind)
    return file.getvalue()


def files(*arrays: np.ndarray[Any, Any], shape: tuple[int, ...] = (4, 4)) -> Dataset:
    frame = pl.DataFrame({"p": pl.Series([encoded(a) for a in arrays], dtype=pl.Binary)})
    return Dataset(frame, Schema((Column("p", "image", shape=shape, low=0, high=255),)))


def test_padding_keeps_proportions_and_covering_cuts_evenly() -> None:
    wide = np.tile(np.arange(0, 160, 10, dtype=np.uint8), (8, 1))  # 8 × 16
    padded = prepared("image_resize", {"size": 8, "keep": "pad", "fill": 201}, files(wide))
    values = padded.frame["p"].to_numpy()[0]
    assert (values[:2] == 201).all() and (values[6:] == 201).all() and values[2:6].max() < 200
    covered = prepared("image_resize", {"size": 8, "keep": "cover"}, files(wide))
    assert covered.frame["p"].to_numpy()[0][0].tolist() == wide[0, 4:12].tolist()


def test_files_and_arrays_of_the_same_picture_agree() -> None:
    array = pictures(1, (9, 7)).frame["p"].to_numpy()[0].astype(np.uint8)
    as_array = pl.DataFrame([pl.Series("p", array[None], dtype=pl.Array(pl.UInt8, (9, 7)))])
    schema = Schema((Column("p", "image", shape=(9, 7), low=0, high=255),))
    for keep in ("stretch", "pad", "cover"):
        options = {"size": 5, "keep": keep}
        one = prepared("image_resize", options, Dataset(as_array, schema)).frame["p"].to_numpy()
        two = prepared("image_resize", options, files(array, shape=(9, 7))).frame["p"].to_numpy()
        assert np.abs(one - two).max() <= 1.0  # 8 bits against float


def test_a_broken_picture_is_named_with_its_row() -> None:
    data = files(np.zeros((4, 4), np.uint8))
    broken = dataclasses.replace(data, frame=pl.DataFrame({"p": [data.frame["p"][0], b"\x89PNG?"]}))
    operator: Operator = catalog.build("operators", "image_resize", 4)
    operator.fit(data)
    with pytest.raises(DataError) as caught:
        operator.apply(broken)
    assert caught.value.facts["row"] == 2 and caught.value.facts["column"] == "p"


def test_the_empty_frame_around_all_pictures_is_cut_off() -> None:
    block = np.zeros((5, 10, 12), np.uint8)
    block[:, 3:7, 2:9] = np.random.default_rng(0).integers(0, 255, (5, 4, 7))
    frame = pl.DataFrame([pl.Series("p", block, dtype=pl.Array(pl.UInt8, (10, 12)))])
    data = Dataset(frame, Schema((Column("p", "image", shape=(10, 12), low=0, high=255),)))
    assert prepared("image_crop", {"margin": True}, data).schema["p"].shape == (4, 7)


def test_four_quarter_turns_and_two_mirrorings_are_nothing() -> None:
    data = pictures()
    turned, mirrored = data, data
    for _ in range(4):
        turned = prepared("image_rotate", 90, turned)
    for _ in range(2):
        mirrored = prepared("image_flip", "horizontal", mirrored)
    before = data.frame["p"].drop_nulls().to_numpy()
    assert (turned.frame["p"].drop_nulls().to_numpy() == before).all()
    assert (mirrored.frame["p"].drop_nulls().to_numpy() == before).all()


def test_channels_are_standardised_by_what_training_pictures_taught() -> None:
    train, other = pictures(40), pictures(3)
    operator: Operator = catalog.build("operators", "image_normalise", "channel")
    operator.fit(train)
    values = operator.apply(train).frame["p"].drop_nulls().to_numpy()
    assert np.abs(values.mean(axis=(0, 1, 2))).max() < 1e-3
    assert values.std(axis=(0, 1, 2)) == pytest.approx(np.ones(3), abs=1e-3)
    state = operator.state
    operator.apply(other)
    assert operator.state == state


@settings(max_examples=25, deadline=None)
@given(
    height=st.integers(1, 12), width=st.integers(1, 12), size=st.integers(1, 9),
    keep=st.sampled_from(["stretch", "pad", "cover"]),
)  # fmt: skip
def test_any_size_becomes_the_size_asked_for(height: int, width: int, size: int, keep: str) -> None:
    data = pictures(3, (height, width))
    after = prepared("image_resize", {"size": size, "keep": keep}, data)
    assert after.frame["p"].to_numpy().shape == (3, size, size)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("image_resize", 0),
        ("image_rotate", 720),
        ("image_crop", {"size": 3, "margin": True}),
        ("image_crop", {"box": [0, 0, 0, 4]}),
        ("image_flip", "diagonal"),
    ],
)
def test_impossible_options_are_refused_before_work(name: str, options: Any) -> None:
    with pytest.raises(SpecError):
        catalog.build("operators", name, options)


def test_a_box_outside_the_pictures_is_refused_at_fit() -> None:
    with pytest.raises(SpecError) as caught:
        prepared("image_crop", {"box": [0, 0, 99, 4]}, pictures())
    assert "8 × 6" in str(caught.value)
