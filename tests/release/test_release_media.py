"""Pictures are decoded late, in one way."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from lingqu.core.errors import DataError
from lingqu.release.media import measure, pixels

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8)


def encoded(array: Any, kind: str = "png", **options: Any) -> bytes:
    file = BytesIO()
    Image.fromarray(array).save(file, kind, **options)
    return file.getvalue()


def test_paths_bytes_uris_and_arrays_are_the_same_picture(tmp_path: Path) -> None:
    data = encoded(GREY)
    (tmp_path / "a.png").write_bytes(data)
    text = base64.b64encode(data).decode()
    columns = [
        pl.Series("p", [str(tmp_path / "a.png")]),
        pl.Series("p", [data]),
        pl.Series("p", [f"data:image/png;base64,{text}"]),
        pl.Series("p", GREY[None], dtype=pl.Array(pl.UInt8, (6, 8))),
        pl.Series("p", [GREY.tolist()]),
        pl.Series("p", [GREY.ravel().tolist()]),
    ]
    for column in columns:
        block = pixels(column, (6, 8))
        assert (block.shape, block.dtype) == ((1, 6, 8), np.float32)
        assert np.array_equal(block[0], GREY)
    assert np.array_equal(pixels(pl.Series("p", [text]), (6, 8), paths=False)[0], GREY)


def test_strangers_open_no_files(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(GREY))
    with pytest.raises(DataError, match="row 1"):
        pixels(pl.Series("p", [str(tmp_path / "a.png")]), (6, 8), paths=False)


def test_pictures_are_brought_to_the_shape() -> None:
    colour = np.zeros((6, 8, 3), np.uint8)
    colour[..., 0] = 200
    column = pl.Series("p", [encoded(colour), encoded(GREY)])
    assert pixels(column, (3, 4, 3)).shape == (2, 3, 4, 3)
    assert pixels(column, (3, 4, 3))[0, 0, 0].tolist() == [200.0, 0.0, 0.0]
    assert pixels(column, (3, 4)).shape == (2, 3, 4)
    assert pixels(column, (3, 4, 1)).shape == (2, 3, 4, 1)
    assert pixels(column, (3, 4, 4))[0, 0, 0, 3] == 255.0
    array = pl.Series("p", np.full((2, 6, 8), 7.5, np.float32), dtype=pl.Array(pl.Float32, (6, 8)))
    assert np.allclose(pixels(array, (3, 4)), 7.5)
    deep = pl.Series("p", [np.full((6, 8, 3), 9.0).tolist()])
    assert np.allclose(pixels(deep, (3, 4, 3)), 9.0)
    assert pixels(array.clear(), (3, 4)).shape == (0, 3, 4)


def test_turned_and_deep_pictures_keep_their_meaning() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded(GREY, exif=exif)
    assert measure(BytesIO(turned)) == (8, 6, 1)
    assert np.array_equal(pixels(pl.Series("p", [turned]), (8, 6))[0], np.rot90(GREY, -1))
    deep = encoded(GREY.astype(np.uint16) * 256)
    assert np.array_equal(pixels(pl.Series("p", [deep]), (6, 8))[0], GREY)


def test_broken_pictures_are_named_by_row(tmp_path: Path) -> None:
    whole = encoded(np.random.default_rng(0).integers(0, 255, (40, 40), np.uint8))
    header = bytearray(whole)
    header[10] ^= 0xFF
    for bad in (b"", b"no picture", whole[:200], bytes(header)):
        with pytest.raises(DataError, match="'p', row 2"):
            pixels(pl.Series("p", [whole, bad]), (8, 8))
        with pytest.raises(OSError):
            measure(BytesIO(bad))
    with pytest.raises(DataError, match=r"row 1.*gone\.png"):
        pixels(pl.Series("p", [str(tmp_path / "gone.png")]), (8, 8))
    with pytest.raises(DataError, match="row 2: there is no picture"):
        pixels(pl.Series("p", [whole, None]), (8, 8))
    with pytest.raises(DataError, match="row 1"):
        pixels(pl.Series("p", ["data:image/png;base64,@@"]), (8, 8))


def test_giant_pictures_are_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lingqu.release.media.MAX_PIXELS", 40)
    with pytest.raises(DataError, match="pixels are more than 40"):
        pixels(pl.Series("p", [encoded(GREY)]), (6, 8))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40)
    with pytest.raises(DataError, match="row 1"):
        pixels(pl.Series("p", [encoded(GREY)]), (6, 8))
    with pytest.raises(OSError):
        measure(BytesIO(encoded(GREY)))


def test_arrays_of_another_shape_are_refused() -> None:
    with pytest.raises(DataError, match=r"row 2.*\(1, 2\)"):
        pixels(pl.Series("p", [[[1, 2], [3, 4]], [[1, 2]]]), (2, 2))
    with pytest.raises(DataError, match="row 1"):
        pixels(pl.Series("p", [[1, 2, 3]]), (2, 2))
    with pytest.raises(DataError, match="cannot be read as image"):
        pixels(pl.Series("p", [1.5]), (2, 2))
    with pytest.raises(DataError, match="ragged"):
        pixels(pl.Series("p", [[[1, 2], [3]]]), (2, 2))
