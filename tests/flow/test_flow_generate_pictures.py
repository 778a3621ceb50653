"""The grids of a report on made pictures, and the eyes by which these are judged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.learn.picture_tables import HIGH, lines, unlabelled

from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget
from lingqu.flow.generate_pictures import ACROSS, DOWN, picture_eyes, shown_pictures
from lingqu.flow.generates import conditions
from lingqu.learn.generate.picture_vae import PictureVae
from lingqu.release.plots.draw import draw
from lingqu.release.predictor import Predictor


def grids(train: Dataset, test: Dataset) -> dict[str, list[dict[str, Any]]]:
    maker = PictureVae(epochs=12, width=8, noise=4, batch=32, learning_rate=5e-3)
    nothing = Dataset(train.frame.head(0), train.schema)
    model = maker.fit(train, nothing, Budget(60, seed=3), lambda row: None)
    sent = conditions(test)
    predictor = Predictor.of(model, sent.schema)
    told = shown_pictures(test, predictor.predict(sent.frame), predictor)["pictures"]
    return {one["name"]: one["tiles"] for one in told}


@pytest.mark.slow
@pytest.mark.parametrize("labelled", [True, False])
def test_real_pictures_stand_beside_made_ones_of_the_same_labels(labelled: bool) -> None:
    train, test = lines(160), lines(60, seed=1)
    shown = grids(train, test) if labelled else grids(unlabelled(train), unlabelled(test))
    assert list(shown) == ["real", "made", "between"]
    assert [tile["label"] for tile in shown["real"]] == [tile["label"] for tile in shown["made"]]
    expected = ["across", "down"] * DOWN if labelled else [None] * (ACROSS * DOWN)
    assert [tile["label"] for tile in shown["real"]] == expected
    shades = {round(255 * level / HIGH) for level in range(int(HIGH) + 1)}
    assert all(
        set(np.unique(tile["image"])) <= shades for tiles in shown.values() for tile in tiles
    )
    way = shown["between"][:ACROSS]
    assert way[0]["image"] != way[-1]["image"]
    assert len(shown["between"]) == ACROSS * (2 if labelled else 1)
    drawn = draw({"made": [{"name": n, "tiles": tiles} for n, tiles in shown.items()]}, [])
    assert len(drawn["made"].axes) == sum(map(len, shown.values()))


def test_only_made_pictures_need_eyes() -> None:
    assert picture_eyes(lines(40), "classify", 0) == {}
    eyes = picture_eyes(lines(40), "generate", 0)["eyes"]
    assert eyes["labels"] == ["across", "down"] and isinstance(eyes["graph"], bytes)
