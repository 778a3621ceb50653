"""Pictures at prediction time: files, levels, and which seed makes which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as some
from numpy.typing import NDArray
from PIL import Image

from lingqu.core.errors import DataError
from lingqu.core.frechet import frechet, variety
from lingqu.core.schema import Column
from lingqu.release.made.levels import Levels, of_bytes, to_bytes
from lingqu.release.made.png import address, pixels_of, png
from lingqu.release.replies.made_picture import MadePicture

BLOCK = {
    "columns": ["seed", "digit"], "noise": 6, "levels": 3,
    "target": {"name": "digit", "levels": ["0", "1"], "shares": [0.25, 0.75]},
}  # fmt: skip


def run(names: Sequence[str], feed: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
    """Paint the noise itself, two by three, darker where the label is the first."""
    light = np.tanh(feed["noise"]) - (feed["labels"] == 0)[:, None]
    return [light.reshape(-1, 1, 2, 3).astype(np.float32)]


@given(some.integers(1, 40), some.integers(1, 40), some.sampled_from([0, 3, 4]))
def test_a_png_holds_the_very_pixels(height: int, width: int, channels: int) -> None:
    shape = (height, width, channels) if channels else (height, width)
    pixels = np.random.default_rng(height * width).integers(0, 256, shape).astype(np.uint8)
    with Image.open(BytesIO(png(pixels))) as image:
        assert np.array_equal(np.asarray(image), pixels)
    assert np.array_equal(pixels_of(address(png(pixels))), pixels)


def test_a_png_larger_than_a_block_is_whole() -> None:
    pixels = np.arange(300 * 400, dtype=np.uint8).reshape(300, 400)
    assert np.array_equal(pixels_of(address(png(pixels))), pixels)


@given(some.integers(2, 256))
def test_levels_come_back_as_they_went(count: int) -> None:
    levels = np.arange(count) / (count - 1) * 2 - 1
    picture = levels.astype(np.float32).reshape(1, 1, -1)
    again = of_bytes(to_bytes(picture, count)[None], count)
    assert np.allclose(again[0], picture, atol=1e-6)


def test_levels_are_those_of_the_data() -> None:
    column = Column("p", "image", low=0.0, high=255.0)
    assert Levels.of(np.array([0.0, 7.0], np.float32), column).count == 256
    assert Levels.of(np.array([0.0, 0.5, 1.0], np.float32), Column("p", "image")).count == 3
    assert Levels.of(np.zeros(3, np.float32), Column("p", "image")).high == 1.0


def test_a_row_is_that_of_its_seed_and_label_alone() -> None:
    maker = MadePicture(BLOCK)
    rows = pl.DataFrame({"seed": [5.0, 9.0, 5.0], "digit": ["1", "0", "1"]})
    said = maker.reply(rows, run)
    assert said.said[0] == said.said[2] != said.said[1]
    assert maker.reply(rows[1:2], run).said[0] == said.said[1]
    assert said.beside == {"seed": [5, 9, 5], "digit": ["1", "0", "1"]}


def test_what_nobody_asks_for_is_drawn_by_its_share() -> None:
    empty = pl.Series("digit", [None] * 400, dtype=pl.String)
    rows = pl.DataFrame({"seed": np.arange(400.0)}).with_columns(empty)
    drawn = MadePicture(BLOCK).reply(rows, run).beside["digit"]
    assert 0.65 < drawn.count("1") / 400 < 0.85


@pytest.mark.parametrize(("seed", "digit"), [(0.5, "1"), (-1.0, "1"), (1.0, "7")])
def test_what_cannot_be_made_is_refused(seed: float, digit: str) -> None:
    with pytest.raises(DataError):
        MadePicture(BLOCK).reply(pl.DataFrame({"seed": [seed], "digit": [digit]}), run)


def test_the_way_between_two_pictures_has_both_at_its_ends() -> None:
    maker = MadePicture(BLOCK)
    way = maker.between((5, 9), 1, 7, run)
    ends = maker.reply(pl.DataFrame({"seed": [5.0, 9.0], "digit": ["1", "1"]}), run).said
    assert len(way) == 7
    assert np.array_equal(way[0], pixels_of(ends[0])) and np.array_equal(
        way[-1], pixels_of(ends[1])
    )


def test_the_distance_of_clouds_knows_middle_and_shape() -> None:
    random = np.random.default_rng(0)
    cloud = random.standard_normal((4000, 2))
    assert frechet(cloud, cloud) == pytest.approx(0, abs=1e-9)
    wide = frechet(cloud, 3 * random.standard_normal((4000, 2)))
    assert wide == pytest.approx(2 * (3 - 1) ** 2, rel=0.1)
    assert frechet(cloud[:, :1], cloud[:, :1] + 1) == pytest.approx(1.0)


def test_variety_is_that_within_labels() -> None:
    labels = np.array([0, 0, 1, 1])
    real = np.array([[0.0], [1.0], [50.0], [51.0]])
    assert variety(2 * real, real, labels, labels) == pytest.approx(2.0)
    assert variety(real[[0, 0, 2, 2]], real, labels, labels) == 0
    assert variety(real, real[[0, 0, 2, 2]], labels, labels) == 1  # nothing to vary
