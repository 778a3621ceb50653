"""No row reaches a learner that belongs to no step, and none is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lingqu.environment.place import Place
from lingqu.environment.several import Several

FOLDER = str(Path(__file__).parent)
COUNT, STEPS = 3, 40


def test_rows_are_those_of_the_steps_and_no_others() -> None:
    """Each environment says which episode and step it is at: rows must follow each other."""
    several = Several(Place("worlds:Counting", folder=FOLDER), COUNT, 0)
    rows, ends, after = [], [], []
    for _ in range(STEPS):
        rows.append(several.rows[:, :2].copy())
        _, ended, led, cut = several.step(np.zeros(COUNT, np.int64))
        ends.append((ended, cut))
        after.append(led[:, :2].copy())
    for i in range(COUNT):
        episode, step, seen = rows[0][i][0], 0, 0
        for t in range(STEPS):
            assert rows[t][i].tolist() == [episode, step]
            seen += 1
            step += 1
            assert after[t][i].tolist() == [episode, step]
            ended, cut = ends[t][0][i], ends[t][1][i]
            assert ended == (step == 3 + episode % 4)
            assert cut == (ended and episode % 2 == 1)
            if ended:
                episode, step = episode + 1, 0
        assert seen == STEPS


def test_where_they_stand_is_restored_by_playing_again() -> None:
    cart, draw = Place("gym:CartPole-v1"), np.random.default_rng(0)
    first = Several(cart, 4, 7)
    for _ in range(60):
        first.step(draw.integers(0, 2, 4))
    second = Several(cart, 4, 7)
    second.restore(*first.state())
    assert np.array_equal(first.rows, second.rows)
    for _ in range(30):
        actions = draw.integers(0, 2, 4)
        one, other = first.step(actions), second.step(actions)
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_seeds_make_other_episodes() -> None:
    cart = Place("gym:CartPole-v1")
    first, second = Several(cart, 2, 0), Several(cart, 2, 1)
    assert not np.array_equal(first.rows, second.rows)
    assert not np.array_equal(first.rows[0], first.rows[1])
