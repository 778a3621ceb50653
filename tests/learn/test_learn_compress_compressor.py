"""A choice that is asked for a compressed model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_digits
from tests.learn.inline_engine import InlineEngine, chosen
from tests.learn.learn_tables import classes

from lingqu.core.errors import SpecError
from lingqu.core.floors import loss_of, parse_optimise
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.core.spec import Channel
from lingqu.learn.choose import Choice
from lingqu.release.merge import merge
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.runner import Runner

MLP = [("mlp", {"hidden": [64, 64], "epochs": 8})]


def digits(rows: int, pictures: bool) -> Dataset:
    data, y = load_digits(return_X_y=True)
    data, y = data[:rows], y[:rows].astype(str)
    target = Column("y", "category", "target", levels=tuple("0123456789"))
    if pictures:
        cells = pl.Series(data.tolist(), dtype=pl.Array(pl.Float32, 64))
        schema = Schema((Column("image", "image", shape=(1, 8, 8), low=0, high=16), target))
        return Dataset(pl.DataFrame({"image": cells, "y": y}), schema, "digits")
    names = [f"p{place}" for place in range(64)]
    frame = pl.DataFrame({**dict(zip(names, data.T, strict=True)), "y": y})
    return Dataset(frame, Schema((*(Column(n, "number") for n in names), target)), "digits")


def forms_of(choice: Choice) -> dict[str, Any]:
    return {form["name"]: form for form in choice.account["forms"]}


def test_limits_choose_the_most_accurate_form_that_keeps_them(tmp_path: Path) -> None:
    asked: dict[str, Any] = {
        "algorithms": MLP, "optimise": ["compress(loss <= 0.05)"], "folds": 2, "refit": True,
        "limits": ["size <= 25 kB"],
    }  # fmt: skip
    table = digits(400, pictures=False)
    choice = chosen(table, tmp_path / "a", **asked)
    forms = forms_of(choice)
    assert forms["original"]["state"] == "barred" and "size_mb" in forms["original"]["reason"]
    (member,) = choice.model.members
    name = member.notes["compressed"]
    assert not any(
        form["state"] == "failed" or "no time" in form["reason"] for form in forms.values()
    )
    assert forms[name]["state"] == "chosen"
    assert len(merge(choice.model).graph) <= 25e3
    able = [f for f in forms.values() if f["state"] in ("chosen", "kept") and f["size_mb"] < 0.02]
    assert forms[name]["lost"] == min(form["lost"] for form in able) <= 0.05
    # The score that is told is the form's own, on rows that it has not seen.
    assert choice.score == pytest.approx(forms[name]["score"])
    assert len(choice.rows) == len(choice.predictions.labels) == forms[name]["rows"] == 400
    kept = from_bytes(to_bytes(choice.model))
    one, two = (Runner.of(model).predict(table.frame) for model in (kept, choice.model))
    assert np.array_equal(one.labels, two.labels)
    again = chosen(table, tmp_path / "b", **asked)
    assert [m.graph for m in again.model.members] == [m.graph for m in choice.model.members]


def test_pictures_have_students_and_a_gate_of_nothing_keeps_what_loses_nothing(
    tmp_path: Path,
) -> None:
    choice = chosen(
        digits(300, pictures=True), tmp_path, algorithms=[("cnn", {"width": 8, "epochs": 3})],
        optimise=["compress(loss <= 0)"], folds=2,
    )  # fmt: skip
    forms = forms_of(choice)
    assert {"original", "int8", "pruned", "pruned+int8", "student", "student+int8"} <= set(forms)
    assert forms["student"]["size_mb"] < 0.6 * forms["original"]["size_mb"]
    assert forms["int8"]["size_mb"] < 0.6 * forms["original"]["size_mb"]
    assert all(form["state"] == "lost" for form in forms.values() if form["lost"] > 0)
    (best,) = (form for form in forms.values() if form["state"] == "chosen")
    assert best["lost"] <= 0
    assert any("compress" in note["en"].lower() for note in choice.notes)


def test_what_cannot_be_compressed_is_released_as_it_is(tmp_path: Path) -> None:
    choice = chosen(classes(), tmp_path, algorithms=[("k_neighbours", {})], optimise=["compress"])
    assert "forms" not in choice.account or forms_of(choice)["original"]["state"] == "chosen"
    assert any("ompress" in note["en"] for note in choice.notes)
    short = chosen(classes(), tmp_path / "s", 2.0, InlineEngine(), optimise=["compress"])
    assert "forms" not in short.account


def test_a_channel_says_what_may_be_lost() -> None:
    assert parse_optimise({"compress": "loss <= 1%"}) == "compress(loss <= 0.01)"
    assert parse_optimise(" compress(loss <= 0.02) ") == "compress(loss <= 0.02)"
    assert loss_of(["calibrate", "compress(loss <= 0.02)"]) == 0.02
    for wrong in ("compress(size <= 1)", "compress(loss >= 0.1)", "compress(loss <= 1)",
                  {"compress": 3}):  # fmt: skip
        with pytest.raises(SpecError, match="compress"):
            parse_optimise(wrong)


def test_a_channel_asks_once() -> None:
    written = """
channel: twice
data: x.csv
train: {task: classify, target: y, optimise: [compress, "compress(loss <= 0.01)"]}
"""
    with pytest.raises(SpecError, match="at most once"):
        Channel.parse(written)
