"""What the folds of a candidate tell its next fits, and its refit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest

from lingqu.core.metrics import loss
from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.learn.candidate import Fit
from lingqu.learn.deep.mlp import Mlp
from lingqu.learn.lane import Lane
from lingqu.learn.portfolio import Entry
from lingqu.learn.tabular.tabm import TabM
from lingqu.release.runner import predict_model


def _lane(notes: list[Mapping[str, Json]], **options: Json) -> Lane:
    fits = {}
    for fold, note in enumerate(notes):
        member = Member("m", "m", 1.0, {}, b"", notes=dict(note))
        fits[fold] = Fit(Model("regress", (), (member,)), None)
    return Lane(Entry("m", "m", options), fits)


def test_a_refit_stops_where_half_of_the_folds_did() -> None:
    rounds = [{"refit": {"rounds": count, "l2": 1.0}} for count in (400, 30, 50)]
    assert _lane(rounds).refit_options == {"rounds": 50, "l2": 1.0}
    assert _lane(rounds[:1]).refit_options == {"rounds": 400, "l2": 1.0}


def test_other_folds_take_what_was_settled_and_not_what_was_asked_for_anew() -> None:
    note = {"settled": {"epochs": 9, "gamma": 0.5}, "refit": {"epochs": 6}}
    asked = _lane([note], epochs=30, width=8)
    assert asked.fold_options == {"epochs": 30, "width": 8, "gamma": 0.5}
    assert asked.refit_options == {"epochs": 6, "width": 8}
    chosen = _lane([note], width=8)
    assert chosen.fold_options == {"epochs": 9, "width": 8, "gamma": 0.5}
    # Another learning rate needs another time, so a search decides of it anew.
    assert chosen.settings == {"width": 8, "gamma": 0.5}


def _noisy(count: int, seed: int) -> Dataset:
    """Return rows of which a net soon learns by heart what is only noise."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(count, 12))
    y = np.where(x[:, 0] + 2.0 * random.normal(size=count) > 0, "yes", "no")
    frame = pl.DataFrame({f"x{i}": x[:, i] for i in range(12)} | {"y": y})
    columns = [Column(f"x{i}", "number") for i in range(12)]
    target = Column("y", "category", "target", levels=("no", "yes"))
    return Dataset(frame, Schema((*columns, target)), "noisy")


@pytest.mark.parametrize("learner", [Mlp, TabM])
def test_a_net_refitted_without_held_out_rows_has_not_learned_noise_by_heart(learner: Any) -> None:
    train, valid, test = _noisy(240, 0), _noisy(120, 1), _noisy(4000, 2)
    nobody = Dataset(train.frame[:0], train.schema, "nobody")
    held = learner().fit(train, valid, Budget(60.0, seed=0), lambda row: None)
    notes = held.members[0].notes
    useful, passes = notes["refit"]["epochs"], notes["epochs"]
    assert useful < passes and useful <= notes["settled"]["epochs"] <= passes
    truth = (test.frame["y"].to_numpy() == "yes").astype(int)

    def lost(**options: Json) -> float:
        model = learner(**options).fit(train, nobody, Budget(60.0, seed=0), lambda row: None)
        return loss("log_loss", truth, predict_model(model, test.frame))

    assert lost(**notes["refit"]) < lost(epochs=passes) - 0.02
