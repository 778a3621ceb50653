"""Intervals and prediction sets hold what they state, in every form, and cost no more than need."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.learn.inline_engine import InlineEngine, chosen
from tests.learn.learn_tables import classes, values, with_column

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset, Model, Region
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema
from lingqu.learn.folds import Folds
from lingqu.learn.regions.attach import Regions
from lingqu.learn.regions.intervals import interval_region
from lingqu.learn.regions.learned import by_row
from lingqu.learn.regions.quantile import least_units, place_of, quantile, refuse_few
from lingqu.learn.regions.sets import set_region
from lingqu.learn.regions.sizes import PARTS, by_value, even
from lingqu.release.merge import merge
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.region import sets_of, with_ends
from lingqu.release.runner import predict_model

Floats = NDArray[np.float64]
FOLDS = Folds("random", ((np.arange(100), np.arange(100, 200)),), 1)
COUNT = 400
"""Draws of a simulation."""


def near(seen: float, wanted: float, draws: int, errors: float = 4.0) -> bool:
    """Whether a share is what it should be within some standard errors of its draws."""
    return abs(seen - wanted) <= errors * float(np.sqrt(wanted * (1 - wanted) / draws)) + 1e-9


# --- the quantile ---


@pytest.mark.parametrize(("rows", "share"), [(9, 0.9), (20, 0.8), (50, 0.9), (99, 0.95)])
def test_of_rows_without_order_the_next_one_is_inside_exactly_as_often(
    rows: int, share: float
) -> None:
    random = np.random.default_rng(rows)
    scores = random.normal(size=(20_000, rows + 1))
    place = place_of(rows, share)
    far = np.sort(scores[:, :rows], axis=1)[:, place - 1]
    assert place / (rows + 1) >= share > (place - 1) / (rows + 1)
    assert near(float((scores[:, rows] <= far).mean()), place / (rows + 1), 20_000)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 300), st.floats(0.05, 0.99), st.integers(1, 300))
def test_the_place_only_grows_with_the_share_and_with_fewer_groups(
    rows: int, share: float, units: int
) -> None:
    alone, grouped = place_of(rows, share), place_of(rows, share, min(units, rows))
    assert 1 <= alone <= grouped
    assert place_of(rows, share * 0.9) <= alone
    assert (alone <= rows) == (rows >= least_units(share))
    scores = np.arange(rows, dtype=np.float64)
    assert quantile(scores, share) == min(rows, alone) - 1


def test_rows_of_one_group_count_as_less_than_so_many(seed: int = 3) -> None:
    random = np.random.default_rng(seed)
    inside: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(COUNT):
        shift = np.exp(random.normal(size=13))  # one group errs much, another one little
        scores = np.abs(random.normal(size=(13, 10)) * shift[:, None])
        for known in (True, False):
            far = quantile(scores[:12].ravel(), 0.9, 12 if known else None)
            inside[known].append(float((scores[12] <= far).mean()))
    doubt = float(np.std(inside[True])) / np.sqrt(COUNT)
    assert np.mean(inside[True]) > 0.9 - 2 * doubt
    assert np.mean(inside[False]) < np.mean(inside[True]) - 0.02


@pytest.mark.parametrize(("coverage", "least"), [(0.5, 1), (0.8, 4), (0.9, 9), (0.99, 99)])
def test_too_few_rows_are_refused_with_what_they_could_promise(coverage: float, least: int) -> None:
    refuse_few(coverage, least)
    refuse_few(coverage, 0, by="class")
    with pytest.raises(SpecError, match=rf"at least {least} held-out rows.*there are {least - 1}"):
        refuse_few(coverage, least - 1)


# --- sets ---


def answers(
    rows: int, count: int, seed: int, share: Floats | None = None
) -> tuple[NDArray[np.int64], Predictions]:
    """True classes and the honest probabilities that they were drawn from."""
    random = np.random.default_rng(seed)
    weight = np.ones(count) if share is None else share
    chances = random.dirichlet(weight, rows)
    y = (chances.cumsum(1) > random.random((rows, 1))).argmax(1)
    names = tuple(f"c{k}" for k in range(count))
    return y, Predictions(chances.argmax(1).astype(np.int64), chances, names)


def part(y: Any, said: Predictions, rows: Any) -> tuple[Any, Predictions]:
    assert said.probabilities is not None
    return y[rows], Predictions(said.labels[rows], said.probabilities[rows], said.classes)


def held(region: Region, y: Any, said: Predictions) -> NDArray[np.bool_]:
    assert said.probabilities is not None
    model = Model("classify", said.classes, ())
    found: NDArray[np.bool_] = sets_of(model, region, said.probabilities)[np.arange(len(y)), y]
    return found


@pytest.mark.parametrize("count", [2, 3, 6])
def test_sets_hold_the_truth_as_often_as_stated(count: int) -> None:
    y, said = answers(COUNT * 30, count, count)
    seen = []
    for draw in range(COUNT):
        rows = np.arange(draw * 30, draw * 30 + 30)
        region = set_region(*part(y, said, rows[:29]), 0.9)
        seen.append(held(region, *part(y, said, rows[29:]))[0])
    assert np.mean(seen) >= 0.9 - 3 * np.sqrt(0.09 / COUNT)


def test_one_threshold_keeps_all_rows_and_one_for_each_class_keeps_every_class() -> None:
    y, said = answers(6000, 3, 1, np.array([6.0, 2.0, 0.4]))
    known, new = part(y, said, slice(0, 3000)), part(y, said, slice(3000, None))
    whole, each = set_region(*known, 0.9), set_region(*known, 0.9, "class")
    assert len(set(whole.least)) == 1 and len(set(each.least)) == 3
    inside = {region.by: held(region, *new) for region in (whole, each)}
    assert near(float(inside["rows"].mean()), 0.9, 3000)
    rare = new[0] == 2
    assert rare.sum() > 100
    assert inside["rows"][rare].mean() < 0.7
    for k in range(3):
        assert inside["class"][new[0] == k].mean() > 0.85


def test_a_set_is_never_empty_holds_the_answer_and_is_not_wider_for_it() -> None:
    y, said = answers(2000, 4, 5, np.array([0.1, 0.1, 0.1, 0.1]))  # right nearly always
    region = set_region(y, said, 0.6)
    assert said.probabilities is not None
    sets = sets_of(Model("classify", said.classes, ()), region, said.probabilities)
    assert sets[np.arange(2000), said.labels].all()
    assert (y == said.labels).mean() > 0.8 and sets.sum() == 2000


def test_a_class_of_too_few_rows_is_in_every_set() -> None:
    y, said = answers(500, 3, 2)
    y[y == 2] = 0
    y[:5] = 2
    region = set_region(y, said, 0.9, "class")
    assert region.least[2] == 0.0 and min(region.least[:2]) > 0
    assert set_region(y[:6], part(y, said, slice(6))[1], 0.9).least == (0.0,) * 3


# --- intervals ---


def spread(rows: int, seed: int, kind: str) -> tuple[Floats, Floats]:
    """Answers, and errors of the same size everywhere, or larger where answers are."""
    random = np.random.default_rng(seed)
    said = random.uniform(1, 9, rows)
    size = said**2 / 20 if kind == "growing" else 1.0
    errors = random.normal(size=rows) * size
    if kind == "skewed":
        errors = random.exponential(size=rows) - 0.5
    return said, errors


def found(said: Floats, errors: Floats, coverage: float = 0.9) -> Any:
    parts = np.random.default_rng(0).permutation(np.arange(len(said)) % PARTS)
    forms = [even(errors)]
    told = by_value(said, errors, parts)
    return interval_region(errors, [*forms, *([told] if told else [])], coverage, parts)


@pytest.mark.parametrize("kind", ["same", "growing", "skewed"])
def test_intervals_hold_the_truth_as_often_as_stated(kind: str) -> None:
    seen = []
    for seed in range(60):
        said, errors = spread(400, seed, kind)
        region = found(said[:200], errors[:200]).region
        ends = with_ends(region, said[200:, None], None)
        truth = said[200:] + errors[200:]
        seen.append(float(((truth >= ends[:, 1]) & (truth <= ends[:, 2])).mean()))
    assert abs(np.mean(seen) - 0.9) < 4 * np.std(seen) / np.sqrt(60) + 0.005


@pytest.mark.parametrize(("kind", "form"), [("same", "even"), ("growing", "value")])
def test_the_simplest_form_stays_unless_another_one_is_narrower(kind: str, form: str) -> None:
    said, errors = spread(2000, 7, kind)
    result = found(said, errors)
    assert result.form.partition(",")[0] == form
    assert result.scores[result.form] <= result.scores["even"]
    assert bool(result.region.knots) == (form == "value")


def test_errors_that_lean_to_one_side_get_ends_of_their_own() -> None:
    region = found(*spread(2000, 7, "skewed")).region
    assert region.above > 2 * region.below


def test_few_rows_answers_that_are_all_the_same_and_no_errors_at_all_still_give_an_interval() -> (
    None
):
    few = found(np.arange(9.0), np.linspace(-2, 2, 9))
    assert (few.region.below, few.form) == (2.0, "even")
    same = found(np.ones(500), np.random.default_rng(0).normal(size=500))
    assert not same.region.knots
    exact = found(np.arange(500.0), np.zeros(500))
    assert exact.region.below == exact.region.above == 0.0


def test_sizes_that_are_learned_are_narrow_where_rows_are_easy(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    x, noise = random.uniform(size=1600), random.normal(size=1600)
    errors = noise * np.where(x > 0.5, 4.0, 0.5)
    frame = pl.DataFrame({"x": x, "town": ["a", "b"] * 800, "y": errors})
    schema = Schema(
        (Column("x", "number"), Column("town", "category", levels=("a", "b")),
         Column("y", "number", "target"))
    )  # fmt: skip
    data, parts = Dataset(frame, schema), random.permutation(np.arange(1600) % PARTS)
    known = replace(data, frame=frame[:800])
    told = by_row(known, errors[:800], parts[:800], 0.9, InlineEngine(), tmp_path, 30.0)
    assert told is not None and told.scale is not None
    result = interval_region(errors[:800], [even(errors[:800]), told], 0.9, parts[:800])
    assert result.form.startswith("learned")
    size = predict_model(Model("regress", (), (told.scale,)), frame[800:]).labels[:, None]
    ends = with_ends(result.region, np.zeros((800, 1)), size)
    inside = (errors[800:] >= ends[:, 1]) & (errors[800:] <= ends[:, 2])
    assert near(float(inside.mean()), 0.9, 400)
    for side in (x[800:] > 0.5, x[800:] <= 0.5):  # also where alone it would be far too much
        assert inside[side].mean() > 0.82
    late = by_row(known, errors[:800], parts[:800], 0.9, InlineEngine(), tmp_path, 0.0)
    assert late is None


# --- a whole choice ---


def test_a_choice_with_intervals_answers_alike_after_it_was_stored(tmp_path: Path) -> None:
    table = values(240)
    choice = chosen(table, tmp_path / "a", coverage=0.8)
    again = chosen(table, tmp_path / "b", coverage=0.8)
    assert choice.model.region is not None and choice.model.region.rows == len(choice.rows)
    assert to_bytes(choice.model) == to_bytes(again.model)
    kept = from_bytes(to_bytes(choice.model))
    assert kept == choice.model
    said = predict_model(kept, table.frame)
    assert said.low is not None and said.high is not None
    assert (said.low < said.labels).all() and (said.labels < said.high).all()
    assert any("80%" in note["en"] and "80%" in note["zh"] for note in choice.notes)
    one = predict_model(kept, table.frame[:1])
    assert one.low is not None and np.isclose(one.low[0], said.low[0])
    assert chosen(table, tmp_path / "c").model.region is None


def test_a_target_learned_as_a_logarithm_has_intervals_that_grow_with_the_answer(
    tmp_path: Path,
) -> None:
    table = values(900)
    random = np.random.default_rng(1)
    amount = np.exp(table.frame["y"].to_numpy() / 2 + random.normal(0, 0.3, 900))
    table = replace(table, frame=table.frame.with_columns(pl.Series("y", amount)))
    known, new = table.frame[:600], table.frame[600:]
    choice = chosen(
        replace(table, frame=known), tmp_path, coverage=0.9,
        algorithms=[("elastic_net", {"target": "log"})],
    )  # fmt: skip
    said = predict_model(choice.model, new)
    assert said.low is not None and said.high is not None
    width, truth = said.high - said.low, new["y"].to_numpy()
    assert np.corrcoef(width, said.labels)[0, 1] > 0.7
    assert near(float(((truth >= said.low) & (truth <= said.high)).mean()), 0.9, 300)


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("optimise", [(), ("calibrate", "threshold")])
def test_a_choice_with_sets_holds_the_answer_in_each(
    tmp_path: Path, count: int, optimise: tuple[str, ...]
) -> None:
    table = classes(240, count)
    choice = chosen(table, tmp_path, coverage=0.9, optimise=optimise)
    merge(choice.model)  # compares the graph with the formula
    said = predict_model(from_bytes(to_bytes(choice.model)), table.frame)
    assert said.sets is not None and said.sets.shape == (240, count)
    assert said.sets[np.arange(240), said.labels].all()
    region = choice.model.region
    assert region is not None and said.probabilities is not None
    expected = sets_of(choice.model, region, said.probabilities)
    assert (said.sets == expected).mean() > 0.999  # but for the very edge in float32


def test_weights_a_lonely_class_and_a_fold_without_one_do_no_harm(tmp_path: Path) -> None:
    table = classes(150, 3)
    weight = np.random.default_rng(0).uniform(0.1, 3, 150)
    table = with_column(table, Column("w", "number", "weight"), weight)
    y = ["c0" if label == "c2" else label for label in table.frame["y"].to_list()]
    y[0], y[1], y[2] = "c2", "c2", "c1"
    table = replace(table, frame=table.frame.with_columns(pl.Series("y", y)))
    for by in ("rows", "class"):
        choice = chosen(table, tmp_path / by, coverage=0.9, coverage_by=by)
        said = predict_model(choice.model, table.frame)
        assert said.sets is not None and said.sets.any(1).all()
        assert (choice.model.region is not None) and choice.model.region.by == by
        assert said.sets[:, 2].all() == (by == "class")


def test_groups_and_families_are_what_is_counted(tmp_path: Path) -> None:
    table = values(200)
    errors, parts = np.random.default_rng(0).normal(size=90), np.arange(90) % PARTS
    alone = interval_region(errors, [even(errors)], 0.9, parts).region
    groups = interval_region(errors, [even(errors)], 0.9, parts, np.arange(90) % 10).region
    assert alone.above == np.sort(np.abs(errors))[81]  # ⌈91 · 0.9⌉ = 82
    assert groups.above == np.sort(np.abs(errors))[89]  # ⌈90 · 1.1 · 0.9⌉ = 90
    few = with_column(table, Column("shop", "category", "group"), [f"s{i % 6}" for i in range(200)])
    with pytest.raises(SpecError, match=r"at least 9 held-out rows.*there are 6"):
        chosen(few, tmp_path / "few", coverage=0.9)
    copies = np.arange(200) // 40 * 40
    with pytest.raises(SpecError, match="there are 5"):
        chosen(table, tmp_path / "copies", coverage=0.9, families=copies)
    grouped = with_column(few, Column("team", "category", "group"), [f"t{i}" for i in range(200)])
    assert Regions.wanted(0.5, "rows", table, np.zeros(200), "regress", FOLDS, None).units is None  # type: ignore[union-attr]
    assert (
        Regions.wanted(0.5, "rows", grouped, np.zeros(200), "regress", FOLDS, None).units
        is not None
    )  # type: ignore[union-attr]


def test_too_little_time_for_all_folds_is_said(tmp_path: Path) -> None:
    engine = InlineEngine(seconds={"ridge": 8.0})
    wish: Any = {"algorithms": [("ridge", {})], "coverage": 0.9}
    choice = chosen(values(30), tmp_path, 10.0, engine, **wish)
    assert len(choice.rows) == 6 and choice.model.region is not None
    assert any("promises 85.7%" in note["en"] for note in choice.notes)


def test_only_classes_and_values_have_regions() -> None:
    table = values(60)
    with pytest.raises(SpecError, match="regress"):
        Regions.wanted(0.9, "rows", table, np.zeros(60), "flag", None, None)  # type: ignore[arg-type]
    assert Regions.wanted(None, "rows", table, np.zeros(60), "flag", None, None) is None  # type: ignore[arg-type]
