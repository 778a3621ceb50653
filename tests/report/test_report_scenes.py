"""The section on scenes: pictures with boxes, and how many of them have a mistake."""

from __future__ import annotations

import numpy as np
import polars as pl
from tests.learn.scene_tables import scenes
from tests.report.report_documents import document

from lingqu.core.nouns import Dataset
from lingqu.core.predictions import Predictions, Replies
from lingqu.flow.data_stage import Parts
from lingqu.flow.detects import SHOWN, shown_scenes
from lingqu.report.html import render
from lingqu.report.sections.scenes import draw


def parts(test: Dataset) -> Parts:
    return Parts(test, test, {})


def said_of(test: Dataset, wrong: frozenset[int] = frozenset()) -> Predictions:
    """Say what is true, but nothing of some pictures."""
    told = tuple(
        [] if row in wrong else [{**box, "sure": 0.75} for box in boxes]
        for row, boxes in enumerate(test.frame["y"].to_list())
    )
    return Predictions(np.array([len(boxes) for boxes in told], float), replies=Replies(told))


def test_pictures_with_mistakes_are_among_those_shown() -> None:
    test = scenes(60, larger=4)
    shown = shown_scenes(parts(test), said_of(test, frozenset({7, 31})))
    assert {7, 31} <= {scene["row"] for scene in shown} and 2 < len(shown) <= SHOWN
    assert [scene["row"] for scene in shown if scene["wrong"]] == [7, 31]


def test_boxes_are_drawn_in_the_pixels_of_the_small_picture() -> None:
    test = scenes(3, larger=4)
    (first, *_) = shown_scenes(parts(test), said_of(test))
    box, true = first["said"][0], test.frame["y"][0][0]
    assert first["picture"]["width"] == 48
    assert box["box"][0] == true["x"] / 4 and box["sure"] == 0.75
    assert first["truth"][0] == {"box": box["box"], "label": box["label"]}


def test_the_section_shows_both_and_only_where_there_are_scenes() -> None:
    test = scenes(4)
    shown = shown_scenes(parts(test), said_of(test, frozenset({1})))
    drawn = draw({"scenes": shown})
    assert drawn.count("<figure") == 4 and "4 test pictures" in drawn and "1 have one" in drawn
    assert drawn.count('class="box true"') == sum(map(len, test.frame["y"].to_list()))
    assert 'id="scenes"' in render(document() | {"scenes": shown})
    assert 'id="scenes"' not in render(document())


def test_answers_of_other_kinds_are_no_scenes() -> None:
    test = scenes(4)
    assert shown_scenes(parts(test), Predictions(np.zeros(4))) == []
    words = test.schema.updated("y", kind="text")
    texts = Dataset(test.frame.with_columns(y=pl.lit("a")), words)
    said = Predictions(np.zeros(4), replies=Replies(("a",) * 4))
    assert shown_scenes(parts(texts), said) == []
