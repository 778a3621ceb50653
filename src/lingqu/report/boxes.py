"""Boxes on a picture: what was found, and what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.report.axes import rounded
from lingqu.report.markup import Html, join, pair, tag
from lingqu.report.overlay import Picture, framed

Box = Mapping[str, Any]
"""``box``: left, top, right, bottom in pixels of the picture; ``label``; ``sure`` or None."""
_LETTER = 0.09
"""Height of a name, as a part of the height of the picture."""


def overlay(picture: Picture, boxes: Sequence[Box], truth: Sequence[Box] = ()) -> Html:
    """Return a picture with the boxes that were said on it, and the true ones dashed beneath.

    Args:
        picture: ``uri``, ``width``, ``height``.
        boxes: What was said: ``box``, ``label``, and ``sure`` where it is known.
        truth: What is true: ``box``, ``label``.

    Example:
        >>> shown = {"uri": "data:,", "width": 20, "height": 10}
        >>> said = [{"box": [1, 2, 11, 8], "label": "cat", "sure": 0.913}]
        >>> drawn = overlay(shown, said, [{"box": [2, 2, 11, 9], "label": "cat"}])
        >>> drawn.count("<rect"), "cat 91%" in drawn
        (2, True)
    """
    title = pair("see.boxes", said=len(boxes), true=len(truth))
    size = max(1.0, _LETTER * picture["height"])
    drawn = [_box(box, "true", size) for box in truth]
    drawn += [_box(box, "said", size) for box in boxes]
    return framed(picture, title, *drawn)


def _box(told: Box, kind: str, size: float) -> Html:
    left, top, right, bottom = (float(side) for side in told["box"])
    sure = told.get("sure")
    name = str(told.get("label") or "") + ("" if sure is None else f" {sure:.0%}")
    frame = tag(
        "rect", x=rounded(left), y=rounded(top), width=rounded(max(0.0, right - left)),
        height=rounded(max(0.0, bottom - top)), class_=f"box {kind}",
    )  # fmt: skip
    if kind == "true" or not name.strip():
        return frame
    # The name stands above its box, or inside where the picture ends.
    y = top - 0.2 * size if top > size else top + 0.9 * size
    return join([frame, tag("text", name.strip(), x=rounded(left), y=rounded(y),
                            font_size=rounded(size), class_="box")])  # fmt: skip
