"""Pictures with boxes, as other tools write them: COCO's one JSON file, YOLO's text per picture."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import polars as pl

from lingqu.core import digest
from lingqu.core.errors import DataError, problem_of
from lingqu.core.nouns import Dataset, Json
from lingqu.data.files import missing
from lingqu.data.infer import typed
from lingqu.data.texts import IMAGES
from lingqu.release.kinds.boxes import TYPE
from lingqu.release.media import measure

Boxes = list[dict[str, Json]]


@dataclass
class Coco:
    """Boxes in the form of COCO: columns ``picture`` and ``objects``.

    Args:
        path: The JSON file, with ``images``, ``annotations`` and ``categories``.
        pictures: Folder of the pictures; that of the file when empty.

    Source: Lin et al., "Microsoft COCO", 2014, arXiv:1405.0312; crowds are left out.
    """

    main: ClassVar[str] = "path"
    path: str
    pictures: str = ""

    def read(self) -> Dataset:
        """Read the file; the pictures themselves are decoded late.

        Raises:
            DataError: The file is gone, is of another form, or names a picture that is gone.
        """
        return _dataset(self.path, *self._rows())

    def fingerprint(self) -> str:
        """Return a digest of the file and the pictures."""
        return digest.of_json([digest.of_file(self._file()), _digests(self._rows()[0])])

    def _file(self) -> Path:
        file = Path(self.path)
        if not file.is_file():
            raise missing(self.path)
        return file

    def _rows(self) -> tuple[list[Path], list[Boxes]]:
        file = self._file()
        folder = Path(self.pictures) if self.pictures else file.parent
        folder = folder if folder.is_absolute() else file.parent / folder
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
            names = {one["id"]: str(one["name"]) for one in told["categories"]}
            boxes: dict[Any, Boxes] = defaultdict(list)
            for one in told["annotations"]:
                if not one.get("iscrowd"):
                    boxes[one["image_id"]].append(_box(names[one["category_id"]], *one["bbox"]))
            images = [(one["id"], folder / str(one["file_name"])) for one in told["images"]]
        except (ValueError, TypeError, KeyError) as error:
            raise DataError("detect.bad_coco", path=self.path, problem=problem_of(error)) from error
        return [path for _, path in images], [boxes[key] for key, _ in images]


@dataclass
class Yolo:
    """Boxes in the form of YOLO: a text beside each picture, or under ``labels`` for ``images``.

    Args:
        path: The folder.
        names: Names of the labels in order; those of ``classes.txt`` in the folder when empty,
            else their numbers.

    Source: Redmon et al., "You only look once", 2015, arXiv:1506.02640: a line is the number of
        the label, then centre and sides as shares of the picture's.
    """

    main: ClassVar[str] = "path"
    path: str
    names: tuple[str, ...] = ()

    def read(self) -> Dataset:
        """Read all texts; a picture without one has no objects.

        Raises:
            DataError: The folder is gone or holds no picture, or a line is of another form.
        """
        return _dataset(self.path, *self._rows())

    def fingerprint(self) -> str:
        """Return a digest of texts and pictures."""
        pictures, boxes = self._rows()
        return digest.of_json([boxes, _digests(pictures)])

    def _rows(self) -> tuple[list[Path], list[Boxes]]:
        folder = Path(self.path)
        if not folder.is_dir():
            raise missing(self.path)
        found = sorted(p for p in folder.rglob("*") if p.name.lower().endswith(IMAGES))
        if not found:
            raise DataError("data.no_pictures", path=self.path, expected=", ".join(IMAGES))
        classes = folder / "classes.txt"
        names = self.names
        if not names and classes.is_file():
            names = tuple(classes.read_text(encoding="utf-8").split("\n"))
        return found, [self._boxes(picture, names) for picture in found]

    def _boxes(self, picture: Path, names: tuple[str, ...]) -> Boxes:
        folder, file = Path(self.path), picture.with_suffix(".txt")
        inside = picture.relative_to(folder).parts
        if inside[0] == "images":
            file = folder.joinpath("labels", *inside[1:]).with_suffix(".txt")
        if not file.is_file():
            return []
        height, width, _ = measure(picture)
        boxes: Boxes = []
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if not line.strip():
                continue
            try:
                label, *sides = line.split()
                x, y, w, h = (float(side) for side in sides)
                name = names[int(label)].strip() if names else str(int(label))
            except (ValueError, IndexError) as error:
                raise DataError("detect.bad_line", path=str(file), line=number,
                                received=line[:80]) from error  # fmt: skip
            ends = (x - w / 2) * width, (y - h / 2) * height, w * width, h * height
            boxes.append(_box(name, *(round(end, 4) for end in ends)))
        return boxes


def _box(label: str, x: float, y: float, width: float, height: float) -> dict[str, Json]:
    sides = {"x": x, "y": y, "width": width, "height": height}
    return {"label": label, **{side: float(value) for side, value in sides.items()}}


def _digests(pictures: Iterable[Path]) -> list[str]:
    for path in pictures:
        if not path.is_file():
            raise missing(str(path))
    return [digest.of_file(path) for path in pictures]


def _dataset(source: str, pictures: list[Path], boxes: list[Boxes]) -> Dataset:
    for path in pictures:
        if not path.is_file():
            raise missing(str(path))
    frame = pl.DataFrame(
        {
            "picture": pl.Series([str(path) for path in pictures], dtype=pl.String),
            "objects": pl.Series(boxes, dtype=TYPE),
        }
    )
    kinds: dict[str, Any] = {"picture": "image", "objects": "boxes"}
    return typed(frame, hints=kinds, name=Path(source).stem, facts={"source": source})
