"""Curves of a model that is a sum: they are the model itself, whole and joined."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from lingqu.check.curves import curves
from lingqu.core import catalog
from lingqu.core.nouns import Dataset, Member, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.release.runner import predict_model

SCHEMA = Schema(
    (
        Column("a", "number"),
        Column("b", "number", nullable=True),
        Column("town", "category", levels=("x", "y")),
        Column("open", "boolean"),
        Column("y", "number", "target"),
    )
)


def rows(n: int = 300) -> Dataset:
    """The answer is a step of `a`, a slope of `b` where it is known, and a bonus of a town."""
    draw = np.random.default_rng(0)
    a, b = draw.uniform(0, 10, n), draw.uniform(0, 1, n)
    town, door = draw.choice(["x", "y"], n), draw.random(n) < 0.5
    y = 3.0 * (a > 5) + b + 2.0 * (town == "y") + 0.5 * door
    known = [None if at % 17 == 0 else float(value) for at, value in enumerate(b)]
    frame = pl.DataFrame({"a": a, "b": known, "town": town, "open": door, "y": y})
    return Dataset(frame, SCHEMA)


def member(shapes: list[dict[str, Any]], weight: float = 1.0) -> Member:
    return Member("ebm", "ebm", weight, {}, b"", {"shapes": shapes})


def step(start: float, adds: list[float], spread: float = 0.0) -> dict[str, Any]:
    return {
        "columns": ["a"], "weight": 1.0, "sides": [{"from": [None, start]}], "adds": adds,
        "spread": [spread] * 2, "missing": 0.5,
    }  # fmt: skip


def sorted_into(*classes: str) -> Dataset:
    """The same rows, whose answer is one of two or three classes."""
    data = rows()
    level = np.digitize(data.frame["y"].to_numpy(), [1.5, 3.5][: len(classes) - 1])
    words = pl.Series("y", np.array(classes)[level])
    target = Column("y", "category", "target", levels=classes)
    schema = Schema(tuple(target if column.name == "y" else column for column in SCHEMA))
    return Dataset(data.frame.with_columns(words), schema)


def added(told: dict[str, Any], row: dict[str, Any], of: str = "") -> float:
    """Return what the curves that were told add to the answer for a row, or to one class."""
    total = 0.0
    for curve in told["curves"]:
        value, side = row[curve["column"]], curve["side"]
        if curve["of"] != of:
            continue
        if value is None:
            total += curve["missing"]
        elif "levels" in side:
            total += curve["adds"][side["levels"].index(str(value).lower())]
        elif "at" in side:
            total += float(np.interp(value, side["at"], curve["adds"]))
        else:
            starts = [-np.inf, *side["from"][1:]]
            total += curve["adds"][int(np.searchsorted(starts, value, side="right")) - 1]
    return total


def assert_sums_of_classes(model: Model, table: Dataset, told: dict[str, Any]) -> None:
    """One and the same beginning for every row: the curves say all that differs."""
    chances = predict_model(model, table.frame).probabilities
    assert chances is not None
    logs, listed = np.log(chances), table.frame.to_dicts()
    for one, other in ((0, 1), (1, 2))[: len(model.classes) - 1]:
        if len(model.classes) == 2:
            sums = np.array([-added(told, row) for row in listed])
        else:
            names = model.classes[one], model.classes[other]
            pairs = [[added(told, row, name) for name in names] for row in listed]
            sums = np.array([first - second for first, second in pairs])
        assert np.ptp(logs[:, one] - logs[:, other] - sums) < 0.01 * np.ptp(sums)


def test_the_sum_of_the_curves_is_the_answer() -> None:
    data = rows()
    learner = catalog.build("algorithms", "ebm", {"rounds": 300, "pairs": 0, "bags": 2})
    model = learner.fit(data, data, Budget(20.0), lambda row: None)
    told = curves(model, data.frame, data.schema)
    assert (told["fits"], told["of"], told["tables"], told["left"]) == (1, "", [], 0)
    by_name = {curve["column"]: curve for curve in told["curves"]}
    assert next(iter(by_name)) == "a" and set(by_name) == {"a", "b", "town", "open"}
    assert by_name["b"]["missing"] is not None and by_name["a"]["missing"] is None
    assert by_name["open"]["side"]["levels"] == ["false", "true"]
    assert by_name["open"]["counts"][1] == data.frame["open"].sum()
    assert sum(by_name["town"]["counts"]) == len(data) == sum(by_name["open"]["counts"])
    assert sum(by_name["a"]["counts"]) >= 0.99 * len(data)

    said = predict_model(model, data.frame).labels
    start = said - [added(told, row) for row in data.frame.iter_rows(named=True)]
    assert np.ptp(start) < 0.002 * np.ptp(said)  # one and the same beginning for every row


def test_the_mean_of_members_has_the_steps_of_each_and_says_how_far_they_are_apart() -> None:
    model = Model(
        "regress", (), (member([step(1.0, [0.0, 2.0])], 0.5), member([step(3.0, [0.0, 4.0])], 0.5))
    )
    told = curves(model, rows().frame, SCHEMA)
    (curve,) = told["curves"]
    assert curve["side"]["from"] == [None, 1.0, 3.0]
    assert curve["adds"] == [0.0, 1.0, 3.0] and curve["spread"] == [0.0, 1.0, 1.0]
    assert told["fits"] == 2


def test_the_curves_of_several_classes_are_what_their_chances_differ_by() -> None:
    table = sorted_into("low", "mid", "top")
    learner = catalog.build("algorithms", "ebm", {"rounds": 200, "bags": 1})
    model = learner.fit(table, table, Budget(20.0), lambda row: None)
    told = curves(model, table.frame, table.schema)
    assert told["of"] == "" and told["left"] == 0 and len(told["curves"]) == 12
    assert [curve["of"] for curve in told["curves"]].count("mid") == 4

    assert_sums_of_classes(model, table, told)


@pytest.mark.parametrize(
    ("name", "classes"),
    [("ridge", 0), ("elastic_net", 0), ("logistic", 2), ("logistic", 3), ("elastic_net", 3)],
)
def test_a_linear_model_of_plain_columns_is_told_as_lines(name: str, classes: int) -> None:
    table = sorted_into(*("low", "mid", "top")[:classes]) if classes else rows()
    options = {"view": "plain"} | ({} if classes else {"target": "plain"})
    learner = catalog.build("algorithms", name, options)
    model = learner.fit(table, table, Budget(20.0), lambda row: None)
    told = curves(model, table.frame, table.schema)
    assert len(told["curves"]) == 4 * (classes if classes > 2 else 1) and told["left"] == 0
    sides = {curve["column"]: set(curve["side"]) for curve in told["curves"]}
    assert sides == {"a": {"at"}, "b": {"at"}, "town": {"levels"}, "open": {"levels"}}
    if classes:
        assert_sums_of_classes(model, table, told)
    else:
        assert told["curves"][0]["column"] == "a"  # it decides most
        said = predict_model(model, table.frame).labels
        start = said - [added(told, row) for row in table.frame.to_dicts()]
        assert np.ptp(start) < 0.002 * np.ptp(said)


def test_what_is_made_of_several_columns_or_of_logarithms_is_no_sum_of_columns() -> None:
    table = rows()
    for name, options in (("ridge", {"view": "rich"}), ("ridge", {"target": "log"})):
        learner = catalog.build("algorithms", name, options)
        model = learner.fit(table, table, Budget(20.0), lambda row: None)
        assert curves(model, table.frame, table.schema) == {}


@pytest.mark.parametrize(("temperature", "first"), [(1.0, -2.0), (2.0, -1.0)])
def test_calibration_divides_what_is_added_to_the_log_odds(
    temperature: float, first: float
) -> None:
    model = Model("classify", ("no", "yes"), (member([step(1.0, [-2.0, 2.0], 1.0)]),), temperature)
    told = curves(model, rows().frame, SCHEMA)
    assert told["of"] == "yes" and told["curves"][0]["adds"][0] == first
    assert told["curves"][0]["spread"] == [1.0 / temperature] * 2


def test_a_boolean_has_the_names_of_the_data() -> None:
    shape = {**step(0.5, [-1.0, 1.0]), "columns": ["open"]}
    schema = SCHEMA.updated("open", levels=("n", "y"))
    frame = rows().frame
    (curve,) = curves(Model("regress", (), (member([shape]),)), frame, schema)["curves"]
    assert curve["side"] == {"levels": ["n", "y"]} and curve["adds"] == [-1.0, 1.0]
    assert curve["counts"] == [int((~frame["open"]).sum()), int(frame["open"].sum())]


def test_a_pair_is_a_table_and_other_models_have_no_curves() -> None:
    pair = {
        "columns": ["town", "a"], "weight": 0.1, "adds": [[0.0, 1.0], [2.0, 3.0]],
        "spread": [[0.0] * 2] * 2,
        "sides": [{"levels": ["x", "y"]}, {"from": [None, 5.0]}],
    }  # fmt: skip
    told = curves(Model("regress", (), (member([pair]),)), rows().frame, SCHEMA)
    assert told["curves"] == [] and told["tables"][0]["adds"] == pair["adds"]
    mixed = Model("regress", (), (member([pair], 0.5), Member("tree", "x", 0.5, {}, b"", {})))
    assert curves(mixed, rows().frame, SCHEMA) == {}
