"""What the report shows of the task detect: pictures with the boxes said and the true ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lingqu.check.see.picture import picture
from lingqu.core.box_metrics import counts
from lingqu.core.nouns import Json
from lingqu.core.predictions import Predictions
from lingqu.flow.data_stage import Parts
from lingqu.release.media import pixels
from lingqu.release.replies.boxes import size_of

SHOWN = 18
"""Test pictures that the report shows: half as they come, half with the most mistakes."""


def shown_scenes(rows: Parts, said: Predictions) -> list[dict[str, Json]]:
    """Return some test pictures with the boxes that were said and the true ones.

    Nothing for a task whose answers are no boxes.
    """
    told, target = said.replies, rows.test.schema.target
    if told is None or target is None or target.kind != "boxes":
        return []
    image = next(column for column in rows.test.schema.features if column.kind == "image")
    wanted = rows.test.frame.get_column(target.name).to_list()
    found = counts(wanted, told.said)  # found, said, true
    wrong = found[:, 1] + found[:, 2] - 2 * found[:, 0]
    even = np.unique(np.linspace(0, len(wanted) - 1, SHOWN // 2).astype(int)).tolist()
    worst = [row for row in np.argsort(-wrong, kind="stable").tolist() if wrong[row]]
    shown = []
    for row in sorted({*even, *worst[: SHOWN // 2]}):
        cells = rows.test.frame.get_column(image.name)[row : row + 1]
        small = picture(pixels(cells, image.shape)[0], image)
        height, width = size_of(cells[0], image.shape)
        ways = small["width"] / width, small["height"] / height
        shown.append(
            {
                "row": row,
                "picture": small,
                "said": [_ends(box, ways) for box in told.said[row]],
                "truth": [_ends(box, ways) for box in wanted[row]],
                "wrong": int(wrong[row]),
            }
        )
    return shown


def _ends(box: Mapping[str, Any], ways: Sequence[float]) -> dict[str, Json]:
    """Return a box by its ends, in the pixels of a picture that is `ways` as large."""
    across, down = ways
    ends = [across * box["x"], down * box["y"], across * (box["x"] + box["width"]),
            down * (box["y"] + box["height"])]  # fmt: skip
    told = {"box": [round(end, 2) for end in ends], "label": box["label"]}
    return told if box.get("sure") is None else {**told, "sure": box["sure"]}
