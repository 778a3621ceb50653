"""Grids: read from an environment, drawn with arrows, and drawn in the report with values."""

from __future__ import annotations

import gymnasium
import numpy as np
from PIL import Image

from lingqu.environment.grid import GOAL, SQUARE, STRONG, WATER, Grid, grid_of, picture
from lingqu.environment.picture import film_of
from lingqu.environment.place import Place
from lingqu.environment.rules import always
from lingqu.report.sections.grid import draw

LAKE = Place("gym:FrozenLake-v1")


def colours(image: Image.Image, state: int, columns: int) -> set[tuple[int, ...]]:
    y, x = divmod(state, columns)
    box = (x * SQUARE, y * SQUARE, (x + 1) * SQUARE, (y + 1) * SQUARE)
    return {tuple(one) for one in np.asarray(image.crop(box)).reshape(-1, 3).tolist()}


def test_a_lake_is_a_grid_and_a_cart_is_none() -> None:
    lake = grid_of(gymnasium.make("FrozenLake-v1").unwrapped, 16)
    assert lake is not None and lake.shape == (4, 4) and lake.letters[1][1] == "H"
    cliff = grid_of(gymnasium.make("CliffWalking-v1").unwrapped, 48)
    assert cliff is not None and cliff.shape == (4, 12) and cliff.ways[0] == "up"
    assert grid_of(gymnasium.make("CartPole-v1").unwrapped, 2) is None
    assert grid_of(gymnasium.make("Taxi-v4").unwrapped, 500) is None


def test_a_policy_is_drawn_where_it_acts() -> None:
    grid = Grid((("S", "F"), ("H", "G")), ("left", "down", "right", "up"))
    image = picture(grid, [2, 1, 0, 0], at=1)
    assert image.size == (2 * SQUARE, 2 * SQUARE)
    assert WATER in colours(image, 2, 2) and GOAL in colours(image, 3, 2)
    assert STRONG in colours(image, 1, 2) and STRONG not in colours(image, 0, 2)
    other = picture(grid, [1, 1, 0, 0], at=1)
    assert np.abs(np.asarray(image, int) - np.asarray(other, int))[:SQUARE, :SQUARE].sum() > 0


def test_a_film_of_a_grid_shows_the_way_that_was_walked() -> None:
    film = film_of(LAKE, always(2), 3)
    assert film[:6] == b"GIF89a"


def test_the_report_draws_values_and_arrows() -> None:
    grid = {"letters": [["S", "H"]], "values": [[0.5, 0.0]], "actions": [[1, 0]],
            "ways": ["left", "down", "right", "up"]}  # fmt: skip
    drawn = str(draw({"grid": grid, "rounds": 7, "exact": True}))
    assert "rotate(90)" in drawn and "0.50" in drawn and "7 rounds" in drawn
    assert drawn.count("rotate") == 1  # nothing is done in a hole
    assert str(draw({})) == ""
    turned = str(draw({"grid": {**grid, "ways": []}, "rounds": 7, "exact": False}))
    assert "rotate" not in turned and "Time ended" in turned
