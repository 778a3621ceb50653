"""What was looked at, as a release keeps it: both kinds of rows, right and wrong answers."""

from __future__ import annotations

from typing import Any

import numpy as np

from lingqu.check.see.picture import picture
from lingqu.core.schema import Column

PHOTO = Column("photo", "image", shape=(8, 8), low=0.0, high=255.0)


def seen(values: bool = False) -> dict[str, Any]:
    """Return the content of ``seen.json`` of a classification, or of values."""
    draw = np.random.default_rng(0)
    names = ["cat", "dog"]
    points = [
        [float(x), float(y), names[at % 2], names[at % 2 if at % 7 else 0]]
        for at, (x, y) in enumerate(draw.normal(size=(28, 2)))
    ]
    if values:
        points = [[x, y, float(at), float(at) + 1] for at, (x, y, _, _) in enumerate(points)]
    rows = {str(row): _row(row, names, values) for row in (1, 3, 8)}
    parts = [["Lingqu ", 0.4], ["is a ", 0.0], ["canal", -0.2]]
    grid = draw.normal(size=(8, 8)) / 10
    pairs = [{"truth": "dog", "said": "cat", "count": 4, "rows": [1, 3]}]
    curve = [{"epoch": e, "train_loss": 2 / e, "valid_loss": 3 / e, "valid_score": 1 - 1 / e}
             for e in range(1, 6)]  # fmt: skip
    return {
        "classes": [] if values else names,
        "map": {"of": "net", "width": 64, "shares": [0.6, 0.2], "points": points},
        "worst": [1, 3, 8],
        "confused": [] if values else pairs,
        "words": [{"row": 1, "column": "note", "parts": parts}],
        "patches": [{"row": 8, "column": "photo", "grid": grid.tolist()}],
        "rows": rows,
        "curves": [{"name": "net", "curve": curve}, {"name": "svm", "curve": [{"c": 1.0}]}],
    }


def _row(row: int, names: list[str], values: bool) -> dict[str, Any]:
    shown = picture(np.full((8, 8), 20.0 * row, np.float32), PHOTO)
    told: dict[str, Any] = {"picture": shown, "text": "Lingqu is a canal"}
    if values:
        return told | {"truth": 1.0 * row, "said": 2.0 * row, "sure": None}
    right = row == 8
    return told | {"truth": names[right ^ 1], "said": names[0], "sure": 0.9, "right": right}
