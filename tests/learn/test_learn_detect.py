"""Learners of boxes: what they find, and that they keep the contract of algorithms."""

from __future__ import annotations

import dataclasses
import inspect
import json
import time
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from tests.learn.scene_tables import halves, scenes

from lingqu.core import catalog
from lingqu.core.errors import LingquError
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Algorithm, Budget
from lingqu.learn import ALGORITHMS
from lingqu.learn.detect.centres import STEP, Centres, heat_focal, moved, spotted
from lingqu.learn.replies import TRIED
from lingqu.learn.replies.fitting import scores_of
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.runner import predict_model

NAMES = [name for name in ALGORITHMS if "detect" in catalog.load("algorithms", name).tasks]
QUICK: dict[str, dict[str, Any]] = {"centres": {"epochs": 8, "width": 8}}
TRAIN, VALID = halves()
FEW = scenes(32, seed=5)


def fit(
    name: str, train: Dataset = TRAIN, valid: Dataset = VALID, seed: int = 3, **options: Any
) -> Model:
    learner = catalog.build("algorithms", name, {**QUICK.get(name, {}), **options})
    model: Model = learner.fit(train, valid, Budget(60.0, seed=seed), lambda row: None)
    return model


@pytest.fixture(scope="module")
def found() -> Model:
    return fit("centres", epochs=10)


def test_nobody_is_left_out() -> None:
    assert tuple(NAMES) == TRIED["detect"]


@pytest.mark.parametrize("name", NAMES)
class TestEveryLearnerOfBoxes:
    def test_it_fills_the_port_and_tells_its_options(self, name: str) -> None:
        learner = catalog.build("algorithms", name, {})
        assert isinstance(learner, Algorithm) and learner.cost(1000, 1, 0) > 0
        text = inspect.getdoc(type(learner)) or ""
        assert "Source:" in text and ">>>" in text
        for option in dataclasses.fields(learner):
            assert text.count(f"\n    {option.name}: ") == 1, option.name

    def test_the_same_seed_gives_the_same_model(self, name: str) -> None:
        short = {"epochs": 1} if name == "centres" else {}
        one, two, other = (fit(name, FEW, FEW, seed, **short) for seed in (3, 3, 4))
        assert one.members[0].graph == two.members[0].graph
        assert one.members[0].encoding == two.members[0].encoding
        assert (one.members[0].graph == other.members[0].graph) == (name == "usual_boxes")

    def test_it_survives_being_stored(self, name: str) -> None:
        model = fit(name, FEW, FEW, **({"epochs": 1} if name == "centres" else {}))
        json.dumps(model.members[0].notes, allow_nan=False)
        again = from_bytes(to_bytes(model))
        one, two = (predict_model(each, VALID.frame).replies for each in (model, again))
        assert one is not None and two is not None and one.said == two.said

    def test_what_cannot_be_learned_from_is_refused(self, name: str) -> None:
        with pytest.raises(LingquError, match="no rows"):
            fit(name, Dataset(TRAIN.frame.clear(), TRAIN.schema))
        bare = TRAIN.frame.with_columns(
            y=pl.Series([[]] * len(TRAIN), dtype=TRAIN.frame["y"].dtype)
        )
        with pytest.raises(LingquError, match="None of the 160 rows has a box in 'y'"):
            fit(name, Dataset(bare, TRAIN.schema))
        with pytest.raises(LingquError, match="0 columns hold pictures"):
            fit(name, Dataset(TRAIN.frame, TRAIN.schema.without(["picture"])))
        with pytest.raises(LingquError, match="no_such_option"):
            fit(name, no_such_option=1)

    def test_a_box_outside_its_picture_is_refused(self, name: str) -> None:
        far = {"label": "cross", "x": 60.0, "y": 2.0, "width": 9.0, "height": 9.0}
        cells = [[far], *TRAIN.frame["y"].to_list()[1:]]
        frame = TRAIN.frame.with_columns(y=pl.Series(cells, dtype=TRAIN.frame["y"].dtype))
        with pytest.raises(LingquError, match="Row 1: a box in 'y' lies outside its picture of 48"):
            fit(name, Dataset(frame, TRAIN.schema))


def test_a_net_finds_what_the_baseline_does_not(found: Model) -> None:
    floor, net = scores_of(fit("usual_boxes"), VALID), scores_of(found, VALID)
    assert floor[1] < 0.1 and net[1] > 0.8 and net[0] > 0.4
    assert net[2] > 0.7 and net[3] > 0.7  # precision and recall at the threshold it chose


def test_boxes_come_back_in_the_pixels_that_were_sent(found: Model) -> None:
    larger = scenes(40, seed=2, larger=3)
    one, two = (predict_model(found, rows.frame).replies for rows in (VALID, larger))
    assert one is not None and two is not None
    counts = [sum(map(len, replies.said)) for replies in (one, two)]
    assert counts[0] > 40 and abs(counts[0] - counts[1]) < 0.1 * counts[0]
    small = [b["width"] for row in one.said for b in row]
    large = [b["width"] for row in two.said for b in row]
    assert np.mean(large) == pytest.approx(3 * float(np.mean(small)), rel=0.1)
    assert scores_of(found, larger)[1] > 0.8


@pytest.mark.slow
def test_a_refit_without_held_out_rows_keeps_what_was_settled(found: Model) -> None:
    settled = found.members[0].notes["settled"]
    again = fit("centres", valid=Dataset(VALID.frame.clear(), VALID.schema), **settled)
    assert again.members[0].notes["threshold"] == settled["threshold"]
    assert scores_of(again, VALID)[1] > 0.6


@pytest.mark.slow
def test_its_seconds_are_kept() -> None:
    learner = Centres(epochs=10**6, width=8)
    busy = time.process_time()
    model = learner.fit(TRAIN, VALID, Budget(1.0), lambda row: None)
    assert time.process_time() - busy < 5.0
    assert model.members[0].notes["cut_short"] is True


@pytest.mark.slow
def test_pictures_of_any_size_and_colour_are_seen() -> None:
    colour = Dataset(TRAIN.frame[:30], TRAIN.schema.updated("picture", shape=(33, 50, 3)))
    model = fit("centres", colour, colour, epochs=1)
    assert model.members[0].encoding["blocks"][0]["shape"] == [33, 50, 3]
    replies = predict_model(model, colour.frame[:3]).replies
    assert replies is not None and len(replies.said) == 3


class TestPicturesAreChangedWithTheirBoxes:
    @staticmethod
    def light(x: torch.Tensor) -> tuple[float, float]:
        """The middle of what is bright, across and down."""
        total = x.sum()
        across = (x.sum(0) * (torch.arange(x.shape[1]) + 0.5)).sum() / total
        down = (x.sum(1) * (torch.arange(x.shape[0]) + 0.5)).sum() / total
        return float(across), float(down)

    @pytest.mark.parametrize("flip", [False, True])
    def test_a_box_stays_around_its_object(self, flip: bool) -> None:
        torch.manual_seed(0)
        x = torch.zeros(32, 1, 40, 60)
        x[:, :, 12:20, 20:36] = 1.0
        boxes = torch.tensor([[0.0, 28.0, 16.0, 16.0, 8.0]]).expand(32, 1, 5).clone()
        turned, told = moved(x, boxes, Centres(flip=flip))
        places = set()
        for picture, box in zip(turned, told, strict=True):
            across, down = self.light(picture[0])
            assert abs(across - float(box[0, 1])) < 0.3 and abs(down - float(box[0, 2])) < 0.3
            area = float(picture.sum()) / float(box[0, 3] * box[0, 4])
            assert abs(area - 1) < 0.1
            places.add(round(across))
        assert len(places) > 4

    def test_nothing_is_changed_unasked(self) -> None:
        x, boxes = torch.rand(2, 1, 8, 8), torch.zeros(2, 1, 5)
        assert moved(x, boxes, Centres(shift=0, zoom=0))[0] is x


class TestSpots:
    def test_they_stand_on_the_centres_of_their_label(self) -> None:
        boxes = torch.tensor([[[1.0, 10.0, 6.0, 8.0, 8.0], [-1.0, -1.0, -1.0, 1.0, 1.0]]])
        spots, there = spotted(boxes, torch.Size((1, 2, 4, 4)))
        assert there.tolist() == [[True, False]] and STEP == 4
        assert spots[0, 1, 1, 2] == 1 and (spots == 1).sum() == 1 and spots[0, 0].max() == 0
        assert 0 < spots[0, 1, 1, 1] < 0.5

    def test_a_centre_outside_the_map_is_none(self) -> None:
        spots, there = spotted(
            torch.tensor([[[0.0, 99.0, 6.0, 8.0, 8.0]]]), torch.Size((1, 1, 4, 4))
        )
        assert not there.any() and spots.max() == 0

    def test_the_loss_is_least_at_the_truth_and_mild_beside_it(self) -> None:
        spots = torch.tensor([[[[1.0, 0.8, 0.0]]]])
        right = torch.tensor([[[[9.0, -9.0, -9.0]]]])
        beside, far = right.clone(), right.clone()
        beside[..., 1], far[..., 2] = 2.0, 2.0
        losses = [float(heat_focal(said, spots)) for said in (right, beside, far)]
        assert losses[0] < 1e-3 and losses[0] < losses[1] < 0.1 * losses[2]


@pytest.mark.parametrize("wish", [{"width": 2}, {"threshold": 1.5}, {"shift": -1}, {"most": 0}])
def test_options_that_cannot_be_are_refused(wish: dict[str, Any]) -> None:
    with pytest.raises(LingquError):
        Centres(**wish)
