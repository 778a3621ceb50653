"""Wishes for answers that only rise, or only fall, with a column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from lingqu.core.errors import SpecError
from lingqu.learn.tabular.rows import Rows
from lingqu.release.encode import layout

Direction = Literal["increasing", "decreasing", 1, -1]
_SIGNS = {"increasing": 1, "decreasing": -1, 1: 1, -1: -1}


def signs(fold: Rows, monotone: Mapping[str, Direction]) -> list[int]:
    """Return for each tensor position 1 (answers may only rise), -1 (only fall) or 0.

    Of two classes the probability of the second one rises or falls. Where a value is missing,
    nothing is promised.

    Args:
        fold: Encoded rows.
        monotone: Column → direction.

    Raises:
        SpecError: A column that is not a number among the features, or more than two classes.
    """
    places: dict[str, int] = {}
    for block, place in layout(fold.encoding):
        if block["type"] == "numbers":
            places |= {name: place.start + at for at, name in enumerate(block["columns"])}
    found = [0] * fold.x.shape[1]
    if monotone and len(fold.classes) > 2:
        raise SpecError("trees.monotone_classes", classes=len(fold.classes))
    for column, direction in monotone.items():
        if column not in places:
            expected = ", ".join(places) or "-"
            raise SpecError("choice.monotone_column", column=column, expected=expected)
        found[places[column]] = _SIGNS[direction]
    return found
