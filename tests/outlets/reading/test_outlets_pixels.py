"""Pixels that came as numbers go to the tensor without a frame; all else still has one."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from lingqu.core.schema import Column, Schema
from lingqu.outlets.reading.columns import Reader
from lingqu.release.few_rows import FewRows

PICTURES = Schema((Column("image", "image", shape=(2, 3), low=0, high=255),))
MIXED = Schema((*PICTURES, Column("age", "number")))


def pixels(seed: int) -> list[list[int]]:
    cells: list[list[int]] = np.random.default_rng(seed).integers(0, 256, (2, 3)).tolist()
    return cells


def png(cells: list[list[int]]) -> str:
    buffer = BytesIO()
    Image.fromarray(np.array(cells, dtype=np.uint8)).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def parts(reader: Reader, *requests: list[Any]) -> list[Any]:
    return [reader.rows([{"image": cell} for cell in cells]) for cells in requests]


@pytest.mark.parametrize("sizes", [(1,), (1, 1, 1), (2, 1), (20,)])
def test_pixels_of_several_requests_are_one_array_in_order(sizes: tuple[int, ...]) -> None:
    reader = Reader(PICTURES)
    asked = [[pixels(10 * place + row) for row in range(size)] for place, size in enumerate(sizes)]
    given = parts(reader, *asked)
    rows = reader.ready(given)
    assert isinstance(rows, FewRows) and rows.height == sum(sizes)
    told = [cell for cells in asked for cell in cells]
    assert rows.arrays["image"].dtype == np.float32 and rows.arrays["image"].tolist() == told
    assert rows.frame.equals(reader.frame(given))


def test_pictures_that_came_as_files_stand_beside_them() -> None:
    reader = Reader(PICTURES)
    given = parts(reader, [pixels(0)], [png(pixels(1))])
    rows = reader.ready(given)
    assert isinstance(rows, FewRows)
    assert rows.arrays["image"].tolist() == [pixels(0), pixels(1)]
    assert rows.frame.equals(reader.frame(given))


def test_where_a_picture_is_missing_there_is_a_frame() -> None:
    reader = Reader(PICTURES)
    given = parts(reader, [pixels(0)], [pixels(1), None])
    rows = reader.ready(given)
    assert isinstance(rows, pl.DataFrame) and rows.equals(reader.frame(given))
    assert rows["image"].null_count() == 1


def test_a_schema_of_more_than_pictures_has_a_frame() -> None:
    reader = Reader(MIXED)
    given = [reader.rows([{"image": pixels(0), "age": 3}])]
    rows = reader.ready(given)
    assert isinstance(rows, pl.DataFrame) and rows.equals(reader.frame(given))
