"""The battery of tasks whose answers are replies: what every learner of them keeps."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace
from functools import cache
from typing import Any, cast

import numpy as np
import onnx
import polars as pl
import pytest
from tests.learn.reply_tables import sides, table_of
from tests.learn.writer_folders import folder_of

from lingqu.core import catalog
from lingqu.core.errors import DataError, LingquError
from lingqu.core.nouns import REPLIES, Dataset, Model, Task
from lingqu.core.ports import Algorithm, Budget
from lingqu.core.predictions import Replies
from lingqu.core.reply_metrics import USUAL
from lingqu.core.schema import Column, Schema
from lingqu.learn import ALGORITHMS
from lingqu.learn.portfolio import FACTS
from lingqu.learn.replies import TRIED
from lingqu.learn.replies.fitting import scores_of
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.runner import Runner

QUICK: dict[str, dict[str, Any]] = {
    "memory": {"buckets": 512, "width": 32},
    "ngram_axes": {"buckets": 512, "width": 32},
    "tagger": {"epochs": 8, "width": 16, "hidden_words": 0.0, "batch": 8},
    "decoder": {
        "epochs": 20, "width": 32, "layers": 1, "heads": 2, "dropout": 0.0, "context": 32,
        "most": 20, "batch": 8, "learning_rate": 1e-2, "patience": 0,
    },
    "reader": {"epochs": 8, "width": 16, "heads": 2, "batch": 8, "learning_rate": 2e-2},
    "pretrained_decoder": {
        "rung": "full", "epochs": 12, "learning_rate": 1e-2, "batch": 8, "context": 64, "most": 12,
    },
    "pretrained_seq2seq": {
        "rung": "full", "epochs": 20, "learning_rate": 1e-2, "batch": 8, "context": 64, "most": 12,
    },
    "embedder": {
        "epochs": 40, "learning_rate": 1e-2, "width": 32, "heads": 2, "dimensions": 16, "batch": 16,
        "dropout": 0.0,
    },
}  # fmt: skip
"""Options that make a fit short."""
FOLDERS = {"pretrained_decoder": "llama", "pretrained_seq2seq": "t5"}
"""Learners that begin with a folder → the kind of model in it."""
ELSEWHERE: frozenset[str] = frozenset({"detect", "generate"})
"""Tasks whose rows are no texts, with a battery of their own."""
CASES = [
    (name, cast(Task, task))
    for name in ALGORITHMS
    if name in FACTS
    for task in sorted((FACTS[name].tasks & REPLIES) - ELSEWHERE)
]
IDS = ["-".join(case) for case in CASES]
LEARNERS = {name: task for name, task in reversed(CASES)}
"""One task of each learner: what is learned does not depend on which it is."""


def given(name: str) -> dict[str, Any]:
    """The options that a learner cannot do without."""
    return {"path": str(folder_of(FOLDERS[name], chat=True))} if name in FOLDERS else {}


def fit(name: str, task: Task, train: Dataset, valid: Dataset, **options: Any) -> Model:
    seconds = options.pop("seconds", 60.0)
    learner = catalog.build("algorithms", name, {**given(name), **QUICK.get(name, {}), **options})
    model: Model = learner.fit(train, valid, Budget(seconds, seed=3), lambda row: None)
    return replace(model, task=task)


@cache
def learned(name: str) -> Model:
    task = LEARNERS[name]
    return fit(name, task, *sides(table_of(task, name)))


def fitted(name: str, task: Task) -> Model:
    return replace(learned(name), task=task)


def replies(model: Model, frame: pl.DataFrame) -> Replies:
    said = Runner.of(model).predict(frame).replies
    assert said is not None
    return said


def asked(task: Task, name: str) -> pl.DataFrame:
    return sides(table_of(task, name))[1].frame.drop("y")


def alike(one: Replies, two: Replies) -> bool:
    """Tell whether two replies say the same; numbers may differ in the last digits."""
    same = all(
        a == pytest.approx(b, abs=1e-5) if isinstance(a, list) and a and isinstance(a[0], float)
        else a == b
        for a, b in zip(one.said, two.said, strict=True)
    )  # fmt: skip
    if one.sure is None or two.sure is None:
        return same and one.sure is two.sure
    return same and np.allclose(one.sure, two.sure, atol=1e-5)


def test_every_task_has_learners_and_scores() -> None:
    for task, names in TRIED.items():
        assert task in REPLIES and task in USUAL
        assert all(task in FACTS[name].tasks for name in names)
    wanted = {name for task in TRIED.keys() - ELSEWHERE for name in TRIED[task]}
    assert {name for name, _ in CASES} >= wanted


@pytest.mark.parametrize("name", sorted({name for name, _ in CASES}))
def test_a_learner_says_what_it_is(name: str) -> None:
    kind = catalog.load("algorithms", name)
    assert FACTS[name].tasks == kind.tasks and FACTS[name].engine == kind.engine
    assert isinstance(catalog.build("algorithms", name, given(name)), Algorithm)
    text = inspect.getdoc(kind) or ""
    assert "Source:" in text and ">>>" in text
    for option in inspect.signature(kind).parameters:
        assert f"    {option}:" in text, (name, option)
    assert 0 < kind.cost(1000, 1, 0) < kind.cost(1_000_000, 1, 0)
    with pytest.raises(LingquError, match="no_such_option"):
        catalog.build("algorithms", name, {**given(name), "no_such_option": 1})


@pytest.mark.parametrize("name", LEARNERS)
def test_the_same_seed_learns_the_same(name: str) -> None:
    again = fit(name, LEARNERS[name], *sides(table_of(LEARNERS[name], name)))
    assert to_bytes(again) == to_bytes(learned(name))


@pytest.mark.parametrize("name", LEARNERS)
def test_without_held_out_rows_it_fits_too(name: str) -> None:
    task = LEARNERS[name]
    train, valid = sides(table_of(task, name))
    settled = learned(name).members[0].notes.get("settled", {})
    nothing = Dataset(valid.frame.head(0), valid.schema)
    model = fit(name, task, train, nothing, **settled)
    assert len(replies(model, asked(task, name)).said) == len(asked(task, name))


@pytest.mark.parametrize(("name", "task"), CASES, ids=IDS)
class TestEveryLearnerOfReplies:
    def test_it_is_one_member_that_survives_being_stored(self, name: str, task: Task) -> None:
        model = fitted(name, task)
        assert [(m.algorithm, m.weight) for m in model.members] == [(name, 1.0)]
        json.dumps(model.members[0].notes, allow_nan=False)
        onnx.checker.check_model(onnx.load_from_string(model.members[0].graph))
        stored = from_bytes(to_bytes(model))
        assert alike(replies(stored, asked(task, name)), replies(model, asked(task, name)))

    def test_it_learns_what_the_rows_say(self, name: str, task: Task) -> None:
        train, _ = sides(table_of(task, name))
        assert scores_of(fitted(name, task), train)[0] > 0.5

    def test_rows_are_answered_alike_alone_and_together(self, name: str, task: Task) -> None:
        model, frame = fitted(name, task), asked(task, name)
        whole, alone = replies(model, frame), [replies(model, frame[i : i + 1]) for i in range(4)]
        for row, each in enumerate(alone):
            sure = None if whole.sure is None else whole.sure[row : row + 1]
            assert alike(Replies(whole.said[row : row + 1], sure), replace(each, beside={}))

    def test_missing_and_strange_texts_get_an_answer(self, name: str, task: Task) -> None:
        cells = ["", None, "\u0000☃𠀀", "灵渠 " * 3]
        strange = pl.DataFrame({column: cells for column in asked(task, name).columns})
        assert len(replies(fitted(name, task), strange).said) == 4

    def test_rows_without_a_text_are_refused(self, name: str, task: Task) -> None:
        frame = sides(table_of(task))[0].frame.drop("text").with_columns(n=1.0)
        schema = Schema((Column("n", "number"), Column("y", "text", "target")))
        with pytest.raises(DataError, match="number"):
            fit(name, task, Dataset(frame, schema), Dataset(frame.head(0), schema))
