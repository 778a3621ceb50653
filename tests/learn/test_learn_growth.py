"""What more data would give: known laws are met, and the budget is kept."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.learn.inline_engine import InlineEngine, chosen
from tests.learn.learn_tables import classes, values, with_column

from lingqu.core.i18n import text
from lingqu.core.schema import Column
from lingqu.learn.candidate import GROWTH
from lingqu.learn.growth import SHARE
from lingqu.learn.growth_words import in_words
from lingqu.learn.power_law import fit

SIZES = (125, 250, 500, 1000)


def test_known_laws_are_met_by_the_interval() -> None:
    random = np.random.default_rng(0)
    met, seeds = 0, 60
    for seed in range(seeds):
        floor, scale, exponent = (
            random.uniform(0, 0.2),
            random.uniform(0.5, 3),
            random.uniform(0.2, 1),
        )
        truth = floor + scale * np.array(SIZES) ** -exponent
        deviation = np.sqrt(truth * (1 - np.minimum(truth, 0.9)) / 600)
        # The same rows judge every size: most of the error is common to all.
        covariance = np.outer(deviation, deviation) * (0.7 + 0.3 * np.eye(4))
        seen = random.multivariate_normal(truth, covariance)
        _, low, high = fit(SIZES, seen, covariance, seed).gain(1000, 4000)
        met += low <= scale * (1000**-exponent - 4000**-exponent) <= high
    assert met >= 0.95 * seeds


def test_a_learner_that_has_learned_all_gains_nothing_and_a_steep_one_much() -> None:
    exact = 1e-8 * np.eye(4)
    flat = fit(SIZES, np.full(4, 0.2), exact).gain(1000, 2000)
    steep = fit(SIZES, 6 * np.array(SIZES) ** -0.5, exact).gain(1000, 2000)
    assert flat[0] < 0.01 and flat[1] < 0.0
    assert steep[1] > 0.01 and steep[0] == pytest.approx(6 * (1000**-0.5 - 2000**-0.5), rel=0.5)


def test_the_best_learner_says_what_more_rows_would_give(tmp_path: Path) -> None:
    choice = chosen(classes(400), tmp_path / "s", folds=4)
    told = choice.growth
    assert told["sizes"] == [38, 75, 150, 300] and told["rows"] == 400
    assert told["name"] in {c.name for c in choice.candidates if c.weight}
    assert [gain["rows"] for gain in told["gains"]] == [800, 1600]
    assert all(gain["low"] <= gain["gain"] <= gain["high"] for gain in told["gains"])
    best = next(c for c in choice.candidates if c.name == told["name"])
    assert told["scores"][-1] == pytest.approx(best.score, abs=0.1)
    assert told["words"]["en"] != told["words"]["zh"]
    errors = chosen(values(400), tmp_path / "v", folds=3).growth
    assert errors["metric"] == "rmse" and min(errors["scores"]) > 0
    assert chosen(classes(400), tmp_path / "t", folds=4).growth == told


def test_parts_are_nested_and_hold_every_class_alike(tmp_path: Path) -> None:
    table = classes(400)
    chosen(table, tmp_path / "s", folds=3)
    y = table.frame["y"].to_numpy()
    with np.load(tmp_path / "s" / f"{GROWTH}.npz") as kept:
        parts = [kept[f"train_{i}"] for i in range(3)]
        held = [kept[f"valid_{i}"] for i in range(3)]
    assert set(parts[0]) < set(parts[1]) < set(parts[2])
    assert all(np.array_equal(held[0], one) for one in held)
    assert not set(parts[2]) & set(held[0])
    whole = np.unique(y, return_counts=True)[1] / len(y)
    shares = np.unique(y[parts[0]], return_counts=True)[1] / len(parts[0])
    assert np.abs(shares - whole).max() < 2 / len(parts[0])


def test_groups_come_whole_into_a_part(tmp_path: Path) -> None:
    groups = [f"g{i % 40}" for i in range(400)]
    table = with_column(classes(400), Column("house", "category", "group"), groups)
    chosen(table, tmp_path / "s", folds=3)
    with (
        np.load(tmp_path / "s" / f"{GROWTH}.npz") as kept,
        np.load(tmp_path / "s" / "folds.npz") as folds,
    ):
        part, whole = kept["train_0"], folds["train_0"]
    names = np.array(groups)
    split = [g for g in set(names[part]) if (names[part] == g).sum() < (names[whole] == g).sum()]
    assert len(split) <= 1  # the one in which the part ends


def test_it_takes_no_more_than_its_share_and_says_so_where_that_is_too_little(
    tmp_path: Path,
) -> None:
    engine = InlineEngine(seconds={"logistic": 0.5, "k_neighbours": 0.5})
    late = chosen(classes(400), tmp_path / "s", 6.0, engine, folds=3)
    assert engine.clock.now <= 6.0
    assert "curve" not in late.growth and "budget" in late.growth["words"]["en"]
    engine = InlineEngine(seconds={"logistic": 0.1, "k_neighbours": 0.1})
    enough = chosen(classes(400), tmp_path / "t", 40.0, engine, folds=3)
    assert "curve" in enough.growth
    fits = sum(c.folds for c in enough.candidates)
    assert engine.clock.now - 0.1 * fits <= SHARE * 40.0 + 0.2


def test_where_the_best_one_takes_too_long_one_that_is_nearly_as_good_stands_in(
    tmp_path: Path,
) -> None:
    def grown(name: str, *algorithms: str) -> Mapping[str, Any]:
        engine = InlineEngine(seconds={"logistic": 4.5, "elastic_net": 0.05, "k_neighbours": 0.05})
        few = [(algorithm, {}) for algorithm in algorithms]
        found = chosen(classes(800), tmp_path / name, 20.0, engine, folds=2, algorithms=few)
        assert next(c.name for c in found.candidates if c.weight) == "logistic"
        assert engine.clock.now <= 20.0
        return found.growth

    told = grown("close", "logistic", "elastic_net")
    assert (told["name"], told["stands_in_for"]) == ("elastic_net", "logistic")
    assert told["words"]["en"].endswith("it is nearly as good.")
    assert "以 elastic_net 代替 logistic" in told["words"]["zh"]
    # One that is clearly worse says nothing of the best one.
    assert list(grown("far", "logistic", "k_neighbours")) == ["words"]


@pytest.mark.parametrize(
    ("rows", "more", "key"),
    [(60, {}, "growth_few"), (400, {"algorithms": [("constant", {})]}, "growth_baseline")],
)
def test_where_nothing_can_be_estimated_the_reason_is_told(
    tmp_path: Path, rows: int, more: dict[str, object], key: str
) -> None:
    told = chosen(classes(rows), tmp_path / "s", folds=3, **more).growth
    assert told == {"words": {to: text(f"why.{key}", to, rows=rows) for to in ("en", "zh")}}


@pytest.mark.parametrize(
    ("low", "middle", "high", "said"),
    [
        (0.004, 0.01, 0.02, "about 1 points (95 %: 0.4 – 2)"),
        (-0.004, 0.003, 0.02, "may help or not"),
        (-0.001, 0.0, 0.001, "No gain is to be expected"),
    ],
)
def test_the_sentence_says_what_the_interval_says(
    low: float, middle: float, high: float, said: str
) -> None:
    gains = [{"gain": middle, "low": low, "high": high}] * 2
    words = in_words("accuracy", gains, 0.1, "logistic")
    assert said in words["en"] and words["en"] != words["zh"]
