"""One fit in a worker: what it reads, what it returns, how it is kept."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.learn.learn_tables import classes, rows, values

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset
from lingqu.learn.candidate import (
    ALL,
    Fit,
    fit_one,
    from_store,
    read_fold,
    to_store,
    write_scratch,
)
from lingqu.learn.folds import Folds, make_folds
from lingqu.learn.shared_words import write_rows
from lingqu.release.encode import targets
from lingqu.release.runner import predict_model


def scratch(folder: Path, table: Dataset) -> Folds:
    task: Any = "regress" if table.name == "values" else "classify"
    folds = make_folds(table, targets(table, task)[0], task)
    write_scratch(folder, table, folds)
    return folds


def payload(folder: Path, algorithm: str, **more: Any) -> dict[str, Any]:
    return {
        "scratch": str(folder), "algorithm": algorithm, "options": {}, "fold": 0, "seconds": 20.0,
        "left": 25.0, "sent_at": time.time(), "threads": 1, "memory_mb": None, "seed": 0, **more,
    }  # fmt: skip


def test_a_worker_reads_the_fold_that_was_written(tmp_path: Path) -> None:
    table = classes()
    folds = scratch(tmp_path / "deep" / "scratch", table)
    for number, (train, valid) in enumerate(folds.pairs):
        one, two = read_fold(tmp_path / "deep" / "scratch", number)
        assert one.frame.equals(table.frame[train]) and two.frame.equals(table.frame[valid])
        assert one.schema == table.schema
    everything, nothing = read_fold(tmp_path / "deep" / "scratch", ALL)
    assert everything.frame.equals(table.frame) and len(nothing) == 0


@pytest.mark.parametrize(("algorithm", "table"), [("lightgbm", classes()), ("ridge", values())])
def test_a_fit_answers_its_held_out_rows_as_the_release_would(
    tmp_path: Path, algorithm: str, table: Dataset
) -> None:
    folds = scratch(tmp_path, table)
    seen: list[Any] = []
    value = fit_one(payload(tmp_path, algorithm, fold=1), seen.append)
    said = predict_model(value["model"], rows(table, folds.pairs[1][1]).frame)
    assert np.array_equal(said.labels, value["labels"])
    assert len(value["curve"]) == len(seen) and (algorithm == "ridge") == (value["curve"] == [])


def test_a_refit_has_no_answers(tmp_path: Path) -> None:
    scratch(tmp_path, classes())
    value = fit_one(payload(tmp_path, "logistic", fold=ALL), lambda row: None)
    assert value["labels"] is None and value["model"].members[0].algorithm == "logistic"


def test_the_time_that_a_job_waited_counts(tmp_path: Path) -> None:
    scratch(tmp_path, classes())
    late = payload(tmp_path, "logistic", sent_at=time.time() - 30)
    assert fit_one(late, lambda row: None)["model"] is None
    # Its own share may be over, as long as the run is not: the others can wait.
    behind = payload(tmp_path, "logistic", sent_at=time.time() - 22)
    late_start = fit_one(behind, lambda row: None)
    assert late_start["model"] is not None and 0 < late_start["given_s"] <= 2.7


def test_a_wrong_option_is_worded_as_everywhere(tmp_path: Path) -> None:
    scratch(tmp_path, classes())
    with pytest.raises(SpecError, match="learning_rat"):
        fit_one(payload(tmp_path, "lightgbm", options={"learning_rat": 1}), lambda row: None)


@pytest.mark.parametrize(("algorithm", "table"), [("logistic", classes()), ("ridge", values())])
@pytest.mark.parametrize("fold", [0, ALL])
def test_a_fit_survives_being_stored(
    tmp_path: Path, algorithm: str, table: Dataset, fold: int
) -> None:
    scratch(tmp_path, table)
    value = fit_one(payload(tmp_path, algorithm, fold=fold), lambda row: None)
    said = None
    if value["labels"] is not None:
        said = predict_model(value["model"], read_fold(tmp_path, fold)[1].frame)
    fit = Fit(value["model"], said, [{"epoch": 1.0}], 2.0, 1.5, 99.0, 3.5, "run")
    again = from_store(to_store(fit))
    assert again is not None and again.model == fit.model
    assert (again.seconds, again.cpu_seconds, again.peak_mb) == (2.0, 1.5, 99.0)
    assert (again.given_s, again.run) == (3.5, "run")
    assert list(again.curve) == [{"epoch": 1.0}]
    if said is None:
        assert again.predictions is None
    else:
        assert again.predictions is not None
        assert np.array_equal(again.predictions.labels, said.labels)
        assert again.predictions.classes == said.classes


def test_other_bytes_are_not_a_fit() -> None:
    assert from_store(b"something else") is None


def test_the_parts_of_an_only_fold_are_those_of_all_rows(tmp_path: Path) -> None:
    table = classes(80)
    first, second = np.arange(0, 80, 2), np.array([1, 79, 5])
    write_scratch(tmp_path / "one", table, Folds("holdout", ((first, second),), 1))
    write_scratch(tmp_path / "two", table, Folds("k-fold", ((first, second), (second, first)), 2))
    for one, two in zip(
        read_fold(tmp_path / "one", 0), read_fold(tmp_path / "two", 0), strict=True
    ):
        assert one.frame.equals(two.frame) and one.schema == two.schema
    assert read_fold(tmp_path / "one", ALL)[0].frame.equals(table.frame)


def test_long_words_of_a_category_are_written_once(tmp_path: Path) -> None:
    words = ["not in this universe", "某个很长很长的类别名称", None]
    frame = pl.DataFrame({"word": words * 100_000, "short": ["a", "b", None] * 100_000})
    text = pl.Series("text", [f"a different sentence {i}" for i in range(len(frame))])
    frame = frame.with_columns(text)
    frame.select("word").write_ipc(tmp_path / "as_it_is.arrow")
    write_rows(frame.select("word"), tmp_path / "shared.arrow")
    sizes = [(tmp_path / f"{name}.arrow").stat().st_size for name in ("as_it_is", "shared")]
    assert sizes[0] - sizes[1] > 2_500_000
    write_rows(frame, tmp_path / "all.arrow")
    assert pl.read_ipc(tmp_path / "all.arrow").equals(frame)
