"""A small model that learned from a large one: what it is taught, who judges it, when it wins."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.learn.inline_engine import chosen
from tests.learn.learn_tables import classes, values

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.learn.candidate import read_fold
from lingqu.learn.distil import NAME, pupils, reserve
from lingqu.learn.lesson import WEIGHT, fresh_rows, lesson
from lingqu.learn.question import with_levels
from lingqu.release.encode import targets
from lingqu.release.runner import predict_model

LARGE = [("lightgbm", {"rounds": 150})]


def mixed(n: int = 60) -> Dataset:
    random = np.random.default_rng(1)
    frame = pl.DataFrame(
        {
            "whole": random.integers(0, 9, n).astype(float),
            "part": [None if i % 7 == 0 else float(x) for i, x in enumerate(random.random(n))],
            "town": random.choice(["a", "b", "c"], n).tolist(),
            "paid": (random.random(n) > 0.5).tolist(),
            "id": [f"r{i}" for i in range(n)],
            "y": random.choice(["no", "yes"], n).tolist(),
        }
    )
    kinds = {"whole": "number", "part": "number", "town": "category", "paid": "boolean"}
    columns = [Column(name, kind) for name, kind in kinds.items()]  # type: ignore[arg-type]
    columns += [Column("id", "text", "id"), Column("y", "category", "target", levels=("no", "yes"))]
    return Dataset(frame, Schema(tuple(columns)))


def test_made_up_rows_are_of_the_types_and_ranges_of_real_ones() -> None:
    data = mixed()
    made, origin = fresh_rows(data, 500, np.random.default_rng(0))
    assert made.schema == data.frame.schema and made.height == len(origin) == 500
    assert set(made["whole"].to_list()) <= {float(i) for i in range(9)}
    assert set(made["town"].to_list()) == {"a", "b", "c"}
    low, high = data.frame["part"].min(), data.frame["part"].max()
    assert made["part"].drop_nulls().is_between(low, high).all() and made["part"].null_count()
    changed = sum(
        (made[name] != data.frame[name][origin]).sum() for name in ("whole", "town", "paid")
    )
    assert 100 < changed < 1000
    again, _ = fresh_rows(data, 500, np.random.default_rng(0))
    assert again.equals(made)


def test_soft_answers_become_weighted_rows_and_held_out_rows_keep_the_truth() -> None:
    data = mixed()
    y, names = targets(data, "classify")
    asked: list[set[str]] = []

    def answers(frame: pl.DataFrame) -> np.ndarray:
        asked.append(set(frame["id"]))
        return np.tile([0.75, 0.25], (frame.height, 1))

    rows, held = np.arange(40), np.arange(40, 60)
    made = lesson(data, y, names, rows, held, answers, 3)
    taught, judged = made.data.frame[: made.taught], made.data.frame[made.taught :]
    assert judged["y"].to_list() == data.frame["y"][40:].to_list()
    assert asked == [set(data.frame["id"][:40])], "nobody was asked about a held-out row"
    total = taught.group_by("id").agg(pl.col(WEIGHT).sum())
    assert taught[WEIGHT].sum() == pytest.approx(80) and made.fresh == made.real == 40
    assert set(total["id"]) == set(data.frame["id"][:40])
    # Of a training row half is the truth: 0.5 + 0.5 x 0.75, or 0.5 x 0.75.
    yes = taught.filter(pl.col("y") == "no")[WEIGHT].round(4).unique().sort().to_list()
    assert yes == [0.375, 0.75, 0.875]
    column = made.data.schema[WEIGHT]
    assert column.role == "weight" and made.data.schema.features == data.schema.features


def test_answers_to_rows_that_were_held_out_come_first() -> None:
    data = with_levels(values(), "regress")
    y, _ = targets(data, "regress")
    known = np.full((len(data), 1), np.nan)
    known[:5] = 1000.0
    everything, none = np.arange(len(data)), np.zeros(0, dtype=np.int64)
    made = lesson(
        data, y, (), everything, none, lambda f: np.zeros((f.height, 1)), 0, known, len(data)
    )
    said = made.data.frame[data.schema.target.name].to_numpy()  # type: ignore[union-attr]
    told = np.array([1000.0] * 5 + [0.0] * 5)
    assert np.allclose(said[:10], (y[:10].astype(np.float64) + told) / 2)


def test_a_large_model_teaches_a_small_one_that_keeps_the_limit(tmp_path: Path) -> None:
    table = values()
    result = chosen(table, tmp_path, 500.0, algorithms=LARGE, limits=["size <= 0.06 MB"])
    (member,) = result.model.members
    lines = {line.name: line for line in result.candidates}
    assert member.name == NAME and len(member.graph) <= 60_000
    assert lines[NAME].weight == 1 and lines["lightgbm"].weight == 0
    assert "breaks the limit size_mb" in lines["lightgbm"].reason
    assert lines["constant"].score < lines[NAME].score == pytest.approx(result.score)  # type: ignore[operator]
    said = [note for note in result.notes if "Distilled" in note["en"]]
    assert len(said) == 1 and "蒸馏" in said[0]["zh"]
    answers = predict_model(result.model, table.frame)
    assert np.isfinite(answers.labels.astype(float)).all()
    taught, judged = read_fold(tmp_path / f"{NAME}-0", 0)
    assert len(judged) == 24 and set(judged.frame["a"]).isdisjoint(taught.frame["a"])


def test_nothing_is_distilled_where_nothing_is_lost(tmp_path: Path) -> None:
    for place, size in (("a", "balanced"), ("b", "small")):
        result = chosen(
            classes(), tmp_path / place, 500.0, algorithms=[("logistic", {})],
            limits=["size <= 1 MB"], size=size,
            )  # fmt: skip
        assert NAME not in {line.name for line in result.candidates}
        assert not (tmp_path / place / f"{NAME}-0").exists()


def test_pupils_keep_a_wish_for_monotony_and_short_budgets_have_none() -> None:
    assert {name for name, _ in pupils(2, {"age": "increasing"})} == {"lightgbm"}
    assert all(o["monotone"] == {"age": "increasing"} for _, o in pupils(0, {"age": "increasing"}))
    assert {"mlp", "ridge"} < {name for name, _ in pupils(0, {})}
    assert reserve(2.0) == 0 and 0 < reserve(60.0) < 30
