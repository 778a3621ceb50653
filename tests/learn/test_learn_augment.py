"""Augmented candidates: only training parts of fits are changed, and only what helps is used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.learn.inline_engine import chosen
from tests.learn.learn_tables import classes, values

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.learn.candidate import augmented
from lingqu.learn.portfolio import portfolio
from lingqu.release.encode import weights
from lingqu.release.prepare import save_operators

MIXUP: list[tuple[str, dict[str, Any]]] = [("mixup", {"share": 1.0})]


def test_each_learner_is_tried_without_and_with_it() -> None:
    entries = {e.name: e for e in portfolio(classes(), "classify", 60.0, augment=MIXUP)}
    plain = [n for n, e in entries.items() if not e.plain]
    assert {entries[f"{n}+"].plain for n in plain if n != "constant"} == {*plain} - {"constant"}
    assert "constant+" not in entries
    assert all(e.augment == tuple(MIXUP) for e in entries.values() if e.plain)


def test_a_candidate_that_augmentation_does_not_help_stays_out(tmp_path: Path) -> None:
    result = chosen(
        classes(), tmp_path, 1000.0, algorithms=[("logistic", {}), ("lightgbm", {})], augment=MIXUP
    )
    lines = {line.name: line for line in result.candidates}
    for name in ("logistic", "lightgbm"):
        plain, twin = lines[name], lines[f"{name}+"]
        assert twin.state == "done" and twin.score is not None and plain.score is not None
        if twin.score < plain.score:
            assert twin.weight == 0
    notes = [note["en"] for note in result.notes if note["en"].startswith("Augmentation (mixup)")]
    assert len(notes) == 2


def test_the_note_of_a_regression_tells_its_error_as_people_read_it(tmp_path: Path) -> None:
    result = chosen(values(), tmp_path, 1000.0, algorithms=[("ridge", {})], augment=MIXUP)
    (note,) = [note["en"] for note in result.notes if note["en"].startswith("Augmentation (mixup)")]
    plain = next(line.score for line in result.candidates if line.name == "ridge")
    assert plain is not None and plain < 0
    assert f"rmse {-plain:.4f} without it" in note


def test_noise_that_ruins_every_row_is_never_used(tmp_path: Path) -> None:
    ruin = [("mixup", {"share": 20.0, "alpha": 100.0})]
    result = chosen(classes(), tmp_path, 1000.0, algorithms=[("k_neighbours", {})], augment=ruin)
    lines = {line.name: line for line in result.candidates}
    plain, twin = lines["k_neighbours"], lines["k_neighbours+"]
    assert plain.score is not None and twin.score is not None and twin.score <= plain.score
    assert twin.weight == 0 and all(m.name != "k_neighbours+" for m in result.model.members)


def test_the_draws_follow_the_seed_of_the_fit_and_held_out_rows_are_left_alone() -> None:
    train = classes()
    one, again, other = (augmented(train, MIXUP, seed) for seed in (1, 1, 2))
    assert one.frame.equals(again.frame) and not one.frame.equals(other.frame)
    fixed = [("mixup", {"share": 1.0, "seed": 5})]
    assert augmented(train, fixed, 1).frame.equals(augmented(train, fixed, 2).frame)
    assert augmented(train, (), 1) is train


def test_mixed_rows_weigh_as_much_as_one_row_each() -> None:
    train = classes()
    grown = augmented(train, MIXUP, 3)
    given = weights(grown)
    assert given is not None and given.sum() == pytest.approx(2 * len(train))
    assert (given[: len(train)] == 1).all()


def test_pictures_and_regressions_are_mixed_too() -> None:
    random = np.random.default_rng(0)
    pictures = random.integers(0, 255, (20, 4, 4), dtype=np.uint8)
    frame = pl.DataFrame({"y": np.arange(20.0)}).with_columns(
        pl.Series("p", pictures, dtype=pl.Array(pl.UInt8, (4, 4)))
    )
    schema = Schema(
        (Column("y", "number", "target"), Column("p", "image", shape=(4, 4), low=0, high=255))
    )
    grown = augmented(Dataset(frame, schema), MIXUP, 0).frame
    assert grown.height == 40 and weights(Dataset(grown, schema)) is None
    assert (grown["p"][:20].to_numpy() == pictures).all()
    assert grown["y"][20:].min() >= 0 and grown["y"].max() <= 19  # type: ignore[operator]


def test_options_out_of_range_are_refused() -> None:
    with pytest.raises(SpecError) as caught:
        augmented(classes(), [("mixup", {"share": -1})], 0)
    assert caught.value.facts["option"] == "share"


def test_new_rows_pass_the_operators_that_were_declared_after_it() -> None:
    train = classes()
    name = train.schema.features[0].name
    limits = {"columns": [name], "action": "clip"}
    clip = catalog.build("operators", "outliers", limits)
    clip.fit(train)
    clip.state = {**clip.state, "limits": {name: [0.0, 0.0]}}
    grown = augmented(train, [["mixup", {"share": 1.0}, save_operators([clip])]], 1).frame
    assert grown[name][: len(train)].equals(train.frame[name])
    assert grown[name][len(train) :].unique().to_list() == [0.0]
