"""Boxes: cells that are read as such, peaks of maps, and sizes of pictures as they were sent."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image
from tests.learn.scene_tables import png

from lingqu.core.errors import DataError
from lingqu.core.schema import Column
from lingqu.data.infer import typed
from lingqu.release.conform import as_kind
from lingqu.release.kinds.boxes import TYPE, is_boxes
from lingqu.release.media import as_bytes
from lingqu.release.replies.boxes import alone, read_maps, size_of

BOX = {"label": "7", "x": 4.0, "y": 9.0, "width": 12.0, "height": 16.0}
WORDS = '[{"label": "7", "x": 4, "y": 9, "width": 12, "height": 16}]'


class TestCells:
    @pytest.mark.parametrize(
        "cells", [[WORDS, "[]"], [[BOX], []], [[{**BOX, "label": 7, "sure": 0.5}], []]]
    )
    def test_text_and_lists_become_one_form(self, cells: list[Any]) -> None:
        found = as_kind(pl.Series("b", cells, strict=False), Column("b", "boxes"))
        assert found.dtype == TYPE and found.to_list() == [[BOX], []]
        assert as_kind(found, Column("b", "boxes")).equals(found)

    @pytest.mark.parametrize("cells", [[WORDS, "[]", None], [[BOX], [], [BOX]]])
    def test_they_are_told_by_their_form(self, cells: list[Any]) -> None:
        found = typed(pl.DataFrame({"objects": pl.Series(cells, strict=False)}))
        assert found.schema["objects"].kind == "boxes"
        assert found.frame["objects"][0].to_list() == [BOX]

    @pytest.mark.parametrize("cells", [["[]", "[]"], ["[1, 2]", "[3]"], ["[note] x", "y"], [["a"]]])
    def test_other_cells_are_no_boxes(self, cells: list[Any]) -> None:
        assert typed(pl.DataFrame({"objects": cells})).schema["objects"].kind != "boxes"

    @pytest.mark.parametrize(
        "cell",
        ["nothing", "{}", '[{"label": "7"}]', WORDS.replace("12", "0"), WORDS.replace("16", "-1"),
         WORDS.replace("4", "NaN"), WORDS.replace('"7"', "null")],
    )  # fmt: skip
    def test_a_bad_cell_is_refused_with_its_row(self, cell: str) -> None:
        assert not is_boxes(cell)
        with pytest.raises(DataError, match=r"(?s)row 2.*label, x, y, width > 0"):
            as_kind(pl.Series("b", [WORDS, cell]), Column("b", "boxes"))

    def test_an_empty_cell_is_missing(self) -> None:
        assert as_kind(pl.Series("b", ["", WORDS]), Column("b", "boxes")).null_count() == 1


class TestPeaks:
    @staticmethod
    def maps(size: float = 3.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return np.zeros((2, 6, 8)), np.full((2, 6, 8), size), np.full((2, 6, 8), 0.5)

    def test_a_hill_is_one_box(self) -> None:
        centres, sizes, offsets = self.maps()
        centres[1, 2, 3], centres[1, 2, 4], centres[1, 3, 3] = 0.9, 0.5, 0.6
        (box,) = read_maps(centres, sizes, offsets, (4, 4), 10)
        assert box[:2] == (1, 0.9) and box[2].tolist() == [8, 4, 20, 16]

    def test_the_surest_come_first_and_no_more_than_asked(self) -> None:
        centres, sizes, offsets = self.maps(1.0)
        for place, chance in enumerate((0.3, 0.8, 0.5)):
            centres[0, 1, 1 + 3 * place - (place > 1)] = chance
        found = read_maps(centres, sizes, offsets, (4, 4), 2)
        assert [chance for _, chance, _ in found] == [0.8, 0.5]

    def test_what_is_hardly_likely_is_nothing(self) -> None:
        centres, sizes, offsets = self.maps()
        centres[0, 1, 1] = 0.04
        assert read_maps(centres, sizes, offsets, (4, 4), 10) == []

    def test_copies_of_one_label_are_left_out_and_others_stay(self) -> None:
        boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10], [1, 0, 11, 10.0]])
        assert alone(boxes, np.array([0, 0, 0, 1])) == [0, 2, 3]
        assert alone(boxes[:0], np.zeros(0, np.int64)) == []


class TestSizes:
    def test_of_files_paths_and_pixels(self, tmp_path: Path) -> None:
        file = png(np.zeros((30, 50), np.uint8))
        (tmp_path / "a.png").write_bytes(file)
        pixels = np.zeros((12, 20), np.float32)
        assert size_of(file, (8, 9)) == (30, 50)
        assert size_of(str(tmp_path / "a.png"), (8, 9)) == (30, 50)
        assert size_of(as_bytes(pixels, (8, 9)), (8, 9)) == (12, 20)
        assert size_of(pixels, (8, 9)) == (12, 20)
        assert size_of(np.zeros(72), (8, 9)) == (8, 9)

    def test_a_picture_that_was_turned_is_measured_upright(self) -> None:
        file, exif = BytesIO(), Image.Exif()
        exif[0x0112] = 6
        Image.new("L", (50, 30)).save(file, "JPEG", exif=exif)
        assert size_of(file.getvalue(), (8, 9)) == (50, 30)
