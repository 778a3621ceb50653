"""Scores of boxes: by hand, and against the definition written out plainly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lingqu.core import box_metrics as boxes
from lingqu.core import metrics
from lingqu.core.predictions import Predictions, Replies

ONES = np.ones((1, 2))


def box(x: float, y: float = 0.0, side: float = 10.0, label: str = "a", **more: Any) -> Any:
    return {"label": label, "x": x, "y": y, "width": side, "height": side, **more}


def precision(wanted: Any, said: Any, levels: tuple[float, ...] = (0.5,)) -> float:
    found = boxes.matched(wanted, said, levels)
    return float(boxes.mean_precision(found, np.ones((1, len(wanted))))[0])


class TestOverlaps:
    def test_by_hand(self) -> None:
        one = boxes.corners([box(0), box(5), box(20)])
        assert boxes.overlaps(one, one[:1])[:, 0].round(4).tolist() == [1.0, 0.3333, 0.0]

    def test_nothing_overlaps_nothing(self) -> None:
        assert boxes.overlaps(boxes.corners([]), boxes.corners([box(0)])).shape == (0, 1)
        flat = np.array([[3.0, 3.0, 3.0, 3.0]])
        assert boxes.overlaps(flat, flat).tolist() == [[0.0]]


class TestMeanPrecision:
    def test_all_found_is_one_and_nothing_found_is_zero(self) -> None:
        wanted = [[box(0), box(30, label="b")], [box(5)]]
        assert precision(wanted, wanted, boxes.OVERLAPS) == 1.0
        assert precision(wanted, [[], []]) == 0.0

    def test_a_true_box_is_found_once(self) -> None:
        said = [[box(0, sure=0.9), box(0.5, sure=0.8)]]
        # Ranked: found, a copy. The copy comes after all is found and costs nothing.
        assert precision([[box(0)]], said) == 1.0
        # Where another true box is left, the copy stands before it.
        said = [[box(0, sure=0.9), box(0.5, sure=0.8), box(40, sure=0.7)]]
        assert precision([[box(0), box(40)]], said) == pytest.approx((1 + 2 / 3) / 2)

    def test_the_surest_counts_first(self) -> None:
        wanted = [[box(0)], []]
        assert precision(wanted, [[box(0, sure=0.6)], [box(0, sure=0.9)]]) == 0.5
        assert precision(wanted, [[box(0, sure=0.9)], [box(0, sure=0.6)]]) == 1.0

    def test_precision_is_made_to_fall(self) -> None:
        wanted = [[box(0), box(30), box(60)]]
        said = [[box(100, sure=0.9), box(0, sure=0.8), box(30, sure=0.7), box(60, sure=0.6)]]
        # 0, 1/2, 2/3, 3/4 become 3/4 throughout.
        assert precision(wanted, said) == pytest.approx(0.75)

    def test_another_label_finds_nothing_and_labels_count_alike(self) -> None:
        wanted = [[box(0), box(30), box(60, label="b")]]
        said = [[box(0), box(30), box(60, label="a")]]
        assert precision(wanted, said) == pytest.approx(0.5)

    def test_overlaps_from_half_to_nearly_all(self) -> None:
        # 8 of 10 across in common with both: 0.8 / 1.2 of the union is 2/3.
        said = [[box(2)]]
        assert precision([[box(0)]], said) == 1.0
        assert precision([[box(0)]], said, boxes.OVERLAPS) == pytest.approx(0.4)

    def test_without_a_true_box_there_is_none(self) -> None:
        assert np.isnan(precision([[], []], [[box(0)], []]))

    def test_pictures_that_do_not_count_are_left_out(self) -> None:
        wanted = [[box(0)], [box(0, label="b")]]
        found = boxes.matched(wanted, [[box(0)], []], (0.5,))
        weights = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 2.0]])
        assert boxes.mean_precision(found, weights).tolist() == [0.5, 1.0, 0.0]

    @pytest.mark.parametrize("seed", range(6))
    def test_a_picture_that_counts_twice_is_a_picture_that_is_there_twice(self, seed: int) -> None:
        draw = np.random.default_rng(seed)
        wanted, said = ([_some(draw) for _ in range(5)] for _ in range(2))
        times = draw.integers(0, 3, 5)
        times[0] = 1
        found = boxes.mean_precision(
            boxes.matched(wanted, said, (0.3,)), times[None].astype(float)
        )[0]
        more = [row for row, count in enumerate(times) for _ in range(count)]
        plain = precision([wanted[row] for row in more], [said[row] for row in more], (0.3,))
        assert found == pytest.approx(plain, abs=1e-12)


def _some(draw: np.random.Generator) -> list[Any]:
    found = []
    for _ in range(int(draw.integers(1, 6))):
        x, y = draw.integers(0, 20, 2).astype(float)
        found.append(box(x, y, label=str(draw.choice(["a", "b"])), sure=float(draw.random())))
    return found


def test_counts_by_hand() -> None:
    wanted = [[box(0), box(30)], [box(0, label="b")]]
    said = [[box(1), box(60)], [box(0), box(0, label="b"), box(0.5, label="b")]]
    assert boxes.counts(wanted, said).tolist() == [[1, 2, 2], [1, 3, 1]]
    sums = boxes.counts(wanted, said).sum(axis=0)[None]
    assert boxes.precision(sums)[0] == pytest.approx(2 / 5)
    assert boxes.recall(sums)[0] == pytest.approx(2 / 3)


def test_scores_read_what_is_too_unsure_to_be_said() -> None:
    wanted = np.empty(1, dtype=object)
    wanted[0] = [box(0), box(30)]
    replies = Replies(([box(0, sure=0.9)],), None, {"unsure": [[box(30, sure=0.2)]]})
    said = Predictions(np.ones(1), replies=replies)
    told = {name: metrics.score(name, wanted, said) for name in metrics.names("detect")}
    assert told == {"box_map": 1.0, "box_map50": 1.0, "box_precision": 1.0, "box_recall": 0.5}
