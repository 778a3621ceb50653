"""Pictures with boxes as other tools write them become the same rows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.contracts.source_contract import SourceContract

from lingqu.core.errors import DataError
from lingqu.core.ports import Source
from lingqu.data.boxed import Coco, Yolo
from lingqu.data.resolve import resolve

WANTED = [
    [{"label": "cat", "x": 2.0, "y": 3.0, "width": 4.0, "height": 6.0},
     {"label": "dog", "x": 10.0, "y": 0.0, "width": 10.0, "height": 10.0}],
    [],
]  # fmt: skip


def pictures(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(2):
        Image.fromarray(np.full((10, 20), 90 + number, np.uint8)).save(folder / f"{number}.png")


def coco(folder: Path, left: float = 2) -> Path:
    pictures(folder)
    told = {
        "images": [{"id": 7 + n, "file_name": f"{n}.png"} for n in range(2)],
        "categories": [{"id": 1, "name": "cat"}, {"id": 3, "name": "dog"}],
        "annotations": [
            {"image_id": 7, "category_id": 1, "bbox": [left, 3, 4, 6]},
            {"image_id": 7, "category_id": 3, "bbox": [10, 0, 10, 10], "iscrowd": 0},
            {"image_id": 8, "category_id": 3, "bbox": [0, 0, 20, 10], "iscrowd": 1},
        ],
    }
    file = folder / "annotations.json"
    file.write_text(json.dumps(told))
    return file


def yolo(folder: Path, line: str = "0 0.2 0.6 0.2 0.6", apart: bool = False) -> Path:
    pictures(folder / "images" if apart else folder)
    texts = folder / "labels" if apart else folder
    texts.mkdir(exist_ok=True)
    (texts / "0.txt").write_text(f"{line}\n1 0.75 0.5 0.5 1\n\n")
    (folder / "classes.txt").write_text("cat\ndog\n")
    return folder


class TestCoco(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        return Coco(str(coco(tmp_path / "a")))

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Source:
        return Coco(str(coco(tmp_path / "b", left=3)))

    @pytest.fixture
    def absent(self, tmp_path: Path) -> Source:
        return Coco(str(tmp_path / "none.json"))

    def test_boxes_are_read_and_crowds_left_out(self, source: Source) -> None:
        rows = source.read()
        assert rows.frame["objects"].to_list() == WANTED
        assert [column.kind for column in rows.schema] == ["image", "boxes"]
        assert rows.schema["picture"].shape == (10, 20)

    def test_another_form_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_text('{"images": []}')
        with pytest.raises(DataError, match="is no COCO file"):
            Coco(str(tmp_path / "a.json")).read()

    def test_a_picture_that_is_gone_is_named(self, tmp_path: Path) -> None:
        file = coco(tmp_path / "a")
        (tmp_path / "a/1.png").unlink()
        for ask in (Coco(str(file)).read, Coco(str(file)).fingerprint):
            with pytest.raises(DataError, match=r"1\.png"):
                ask()

    def test_pictures_may_lie_elsewhere(self, tmp_path: Path) -> None:
        file = coco(tmp_path / "a")
        pictures(tmp_path / "b")
        for number in range(2):
            (tmp_path / f"a/{number}.png").unlink()
        found = Coco(str(file), pictures="../b").read()
        assert found.frame["objects"].to_list() == WANTED


class TestYolo(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        return Yolo(str(yolo(tmp_path / "a")))

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Source:
        return Yolo(str(yolo(tmp_path / "b", "0 0.3 0.6 0.2 0.6")))

    @pytest.fixture
    def absent(self, tmp_path: Path) -> Source:
        return Yolo(str(tmp_path / "none"))

    @pytest.mark.parametrize("apart", [False, True])
    def test_shares_become_pixels(self, tmp_path: Path, apart: bool) -> None:
        rows = Yolo(str(yolo(tmp_path / "a", apart=apart))).read()
        assert rows.frame["objects"].to_list() == WANTED

    def test_names_may_be_given_or_lack(self, tmp_path: Path) -> None:
        folder = yolo(tmp_path / "a")
        given = Yolo(str(folder), names=("x", "y")).read().frame["objects"][0].to_list()
        (folder / "classes.txt").unlink()
        bare = Yolo(str(folder)).read().frame["objects"][0].to_list()
        assert [b["label"] for b in given] == ["x", "y"] and [b["label"] for b in bare] == [
            "0",
            "1",
        ]

    @pytest.mark.parametrize("line", ["cat 1 2 3 4", "0 0.5 0.5", "9 0.5 0.5 0.1 0.1"])
    def test_a_bad_line_is_named(self, tmp_path: Path, line: str) -> None:
        with pytest.raises(DataError, match=r"Line 1 of .*0\.txt"):
            Yolo(str(yolo(tmp_path / "a", line))).read()


def test_both_are_named_in_a_channel(tmp_path: Path) -> None:
    coco(tmp_path / "a")
    yolo(tmp_path / "b")
    assert isinstance(resolve("coco:a/annotations.json", base=tmp_path), Coco)
    found = resolve("yolo:b", {"names": ["x", "y"]}, base=tmp_path)
    assert len(found.read()) == 2
