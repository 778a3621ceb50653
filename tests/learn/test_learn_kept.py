"""Kept fits: what time cut short never stands for a fit with more time; other code, other fits."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.learn.inline_engine import InlineEngine, chosen
from tests.learn.learn_tables import classes

from lingqu.core.nouns import Member, Model
from lingqu.learn.candidate import ALL, Fit
from lingqu.learn.folds import make_folds
from lingqu.learn.kept import Kept, facts_of
from lingqu.learn.portfolio import Entry
from lingqu.learn.sources import PACKAGE, ROOMS, code_of_fits

ENTRY = Entry("mlp", "mlp", {"width": 8})


def fit(**notes: Any) -> Fit:
    return Fit(
        Model("regress", (), (Member("mlp", "mlp", 1.0, {}, b"", notes),)), None, given_s=2.0
    )


@pytest.mark.parametrize("note", ["cut_short", "unfinished"])
def test_a_fit_that_time_ended_stands_only_for_one_with_no_more_time(note: str) -> None:
    blobs: dict[str, bytes] = {}
    short = Kept({}, {"seconds": 1.0}, blobs.get, blobs.__setitem__)
    longer = Kept({}, {"seconds": 25.0}, blobs.get, blobs.__setitem__)
    short.keep(ENTRY, {}, 0, fit(**{note: True}))
    assert longer.find(ENTRY, {}, 0, 2.1) is None
    assert longer.find(ENTRY, {}, 0, 2.0) is not None
    assert short.find(ENTRY, {}, 0, 2.1) is not None  # the same run, begun again
    longer.keep(ENTRY, {}, 0, replace(fit(**{note: True}), given_s=9.0))
    found = short.find(ENTRY, {}, 0, 2.0)
    assert found is not None and found.given_s == 9.0
    longer.keep(ENTRY, {}, 1, fit(**{note: False}))
    assert short.find(ENTRY, {}, 1, 99.0) is not None


def test_a_fit_stands_for_the_same_rows_options_and_fold_only() -> None:
    blobs: dict[str, bytes] = {}
    kept = Kept({"data": "a", "code": "1"}, {}, blobs.get, blobs.__setitem__)
    kept.keep(ENTRY, {"epochs": 2}, ALL, fit())
    assert kept.find(ENTRY, {"epochs": 2}, ALL, 1.0) is not None
    assert kept.find(ENTRY, {"epochs": 9}, ALL, 1.0) is None  # settled by a longer first fold
    assert kept.find(ENTRY, {"epochs": 2}, 0, 1.0) is None
    for facts in ({"data": "b", "code": "1"}, {"data": "a", "code": "2"}):
        assert Kept(facts, {}, blobs.get, None).find(ENTRY, {"epochs": 2}, ALL, 1.0) is None
    assert Kept({}, {}, None, None).find(ENTRY, {}, 0, 1.0) is None


def test_a_larger_budget_fits_again_what_a_small_one_cut_short(tmp_path: Path) -> None:
    blobs: dict[str, bytes] = {}
    endless = {"rounds": 10**6, "patience": 10**6, "learning_rate": 1e-4}

    def run(budget: float) -> list[tuple[str, int]]:
        engine = InlineEngine()
        chosen(
            classes(), tmp_path / str(len(list(tmp_path.iterdir()))), budget, engine, folds=1,
            algorithms=[("logistic", {}), ("lightgbm", endless)],
            recall=blobs.get, remember=blobs.__setitem__,
        )  # fmt: skip
        return engine.ran

    assert ("lightgbm", 0) in run(0.6) and ("lightgbm", 0) not in run(0.6)
    again = run(1.8)
    assert ("lightgbm", 0) in again and ("constant", 0) not in again
    assert ("lightgbm", 0) not in run(0.6)  # it had more time than it could have now


def test_the_sources_of_fits_are_part_of_their_name(tmp_path: Path) -> None:
    for room in (*ROOMS, "release/card.py"):
        (tmp_path / room).parent.mkdir(exist_ok=True)
        if (PACKAGE / room).is_dir():
            shutil.copytree(PACKAGE / room, tmp_path / room, ignore=shutil.ignore_patterns("__*__"))
        else:
            shutil.copy(PACKAGE / room, tmp_path / room)
    for init in (PACKAGE / "learn").rglob("__init__.py"):
        shutil.copy(init, tmp_path / init.relative_to(PACKAGE))
    digest = code_of_fits.__wrapped__
    assert digest(tmp_path) == code_of_fits()
    (tmp_path / "release" / "card.py").write_text("another card")
    assert digest(tmp_path) == code_of_fits()
    seen = {code_of_fits()}
    for file in ("learn/deep/mlp.py", "learn/race.py", "release/encode.py", "release/session.py"):
        with (tmp_path / file).open("a") as source:
            source.write("# another line\n")
        assert digest(tmp_path) not in seen
        seen.add(digest(tmp_path))
    table = classes()
    folds = make_folds(table, np.arange(len(table)) % 3, "classify")
    table = replace(table, digest="d")
    assert code_of_fits() in facts_of(tmp_path, table, folds, 0)["code"]
