"""Keeping stock: what is bought, sold, lost and paid adds up, and held-out weeks stay held out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from tests.environment.stock_sales import write_sales

from lingqu.core.errors import DataError, SpecError
from lingqu.environment.inventory import Inventory
from lingqu.environment.parts import digests, held_out, located
from lingqu.environment.place import Place
from lingqu.environment.stock.reorder import Costs, tuned
from lingqu.environment.stock.sales import LEVELS, Sales, levels_of


def opened(folder: Path, **options: Any) -> Inventory:
    return Inventory(str(write_sales(folder)), **{"held": 12, "weeks": 12, **options})


def test_gymnasium_calls_it_an_environment(tmp_path: Path) -> None:
    check_env(opened(tmp_path), skip_render_check=True)


def test_boxes_neither_appear_nor_vanish(tmp_path: Path) -> None:
    stock = opened(tmp_path)
    seen, _ = stock.reset(seed=1)
    article, week, paid = stock._article, stock._week, 0.0
    before = int(seen[0]) + int(seen[1])
    cut = False
    while not cut:
        order = stock.rule(seen)
        wanted = int(stock.sales.demand[article, week])
        lacking = max(0, wanted - int(seen[0]))
        left = max(0, int(seen[0]) - wanted)
        seen, reward, over, cut, _ = stock.step(order)
        assert int(seen[0]) + int(seen[1]) == before + order - (wanted - lacking)
        assert reward == -(left * 1.0 + lacking * 9.0 + 8.0 * (order > 0)) and not over
        before, week, paid = int(seen[0]) + int(seen[1]), week + 1, paid + reward
    assert paid < 0


def test_training_never_sees_a_held_out_week_and_the_test_sees_nothing_else(tmp_path: Path) -> None:
    train, test = opened(tmp_path), opened(tmp_path, part="test")
    assert train.sales.split == 48
    for seed in range(40):
        train.reset(seed=seed)
        assert train._end <= 48
        test.reset(seed=seed)
        assert (test._week, test._end) == (48, 60)
    changed = train.sales.demand.copy()
    changed[:, 48:] = 99
    other = Sales(train.sales.names, changed, train.sales.levels, 48, train.sales.boxes)
    costs = Costs(1.0, 9.0, 8.0)
    assert tuned(other, costs, 2, 24, 12) == train.reorder


def test_no_order_is_allowed_for_which_there_is_no_room(tmp_path: Path) -> None:
    stock = opened(tmp_path, room=10, most=8)
    assert stock.action_mask(np.array([6, 1, 0])).tolist() == [True] * 4 + [False] * 5
    assert stock.action_mask(np.array([10, 8, 0])).tolist() == [True] + [False] * 8
    for position in range(11):
        assert stock.action_mask(np.array([position, 0, 0]))[stock.rule(np.array([position, 0, 0]))]


def test_the_tuned_rule_costs_less_than_its_neighbours(tmp_path: Path) -> None:
    stock = opened(tmp_path)
    low, high = stock.reorder
    assert 0 < low <= high <= stock.room
    returns = {}
    for shift in (-6, 0):
        stock._rule = (max(1, low + shift), max(1, high + shift))
        paid = []
        for seed in range(30):
            seen, _ = stock.reset(seed=seed)
            cut, total = False, 0.0
            while not cut:
                seen, reward, _, cut, _ = stock.step(stock.rule(seen))
                total += reward
            paid.append(total)
        returns[shift] = np.mean(paid)
    assert returns[0] > returns[-6]


def test_the_fitted_process_is_one(tmp_path: Path) -> None:
    mdp = opened(tmp_path, lead=1).mdp()
    assert mdp.states == 25 * LEVELS and mdp.allowed.any(axis=1).all()
    sums = mdp.transition.sum(axis=1).reshape(mdp.allowed.shape)
    assert np.allclose(sums[mdp.allowed], 1.0)


def test_levels_say_how_the_weeks_before_sold() -> None:
    levels = levels_of(np.array([[4, 4, 4, 4, 0, 0, 0, 0, 20]]), 4.0)[0].tolist()
    assert levels == [2, 2, 2, 2, 2, 1, 1, 0, 0, 3]


@pytest.mark.parametrize(
    ("options", "said"),
    [({"lead": 9}, "lead: 9"), ({"most": 99}, "most: 99"), ({"part": "all"}, "part: all")],
)
def test_an_option_out_of_range_is_refused(
    tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(SpecError, match=said):
        opened(tmp_path, **options)


def test_sales_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nothing\.csv"):
        Inventory(str(tmp_path / "nothing.csv"))
    with pytest.raises(DataError, match="amount ∉"):
        opened(tmp_path, amount="amount")
    with pytest.raises(DataError, match="60 weeks, 55"):
        opened(tmp_path, held=55)
    with pytest.raises(SpecError, match="20000"):
        opened(tmp_path, lead=3, room=40, most=40).mdp()


def test_a_place_finds_its_files_and_its_held_out_part(tmp_path: Path) -> None:
    path = write_sales(tmp_path)
    options = {"sales": "sales.csv", "held": 12}
    place = Place("lingqu.environment.inventory:Inventory", options, str(tmp_path))
    assert located(options, str(tmp_path))["sales"] == str(path.resolve())
    assert digests(options, str(tmp_path)) != digests({"held": 12}, str(tmp_path))
    assert place.make().part == "train"
    assert held_out(place).make().part == "test"
    assert held_out(Place("gym:FrozenLake-v1")) == Place("gym:FrozenLake-v1")
