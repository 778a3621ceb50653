"""The choice: budget, comparison on shared rows, failures as lines, resume, odd data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.learn.inline_engine import FEW, LINES, InlineEngine, chosen
from tests.learn.learn_tables import classes, values, with_column

from lingqu.core.errors import LingquError, SpecError, TrainError
from lingqu.core.metrics import loss, score
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Outcome
from lingqu.core.schema import Column, Schema
from lingqu.learn.candidate import ALL, from_store
from lingqu.learn.choose import Choice
from lingqu.learn.portfolio import FACTS
from lingqu.learn.question import default_metric
from lingqu.release.encode import targets
from lingqu.release.runner import predict_model

Wishes = list[tuple[str, Mapping[str, Any]]]


@pytest.mark.parametrize("table", [classes(), classes(k=2), values()], ids=["3", "2", "number"])
def test_a_choice_is_a_model_a_leaderboard_and_reasons(table: Dataset, tmp_path: Path) -> None:
    result = chosen(table, tmp_path)
    assert sum(member.weight for member in result.model.members) == pytest.approx(1.0)
    by_name = {line.name: line for line in result.candidates}
    assert by_name["constant"].state == "done" and by_name["constant"].weight == 0
    scores = [line.score for line in result.candidates if line.score is not None]
    assert scores == sorted(scores, reverse=True) and len(scores) == 3
    assert result.score > (by_name["constant"].score or 0)
    assert len(result.rows) == len(set(result.rows.tolist())) == len(table)
    truth = targets(table, result.model.task)[0][result.rows]
    assert result.score == pytest.approx(-loss(result.metric, truth, result.predictions))
    said = predict_model(result.model, table.frame)
    assert len(said.labels) == len(table)
    assert all(note["en"] and note["zh"] for note in result.notes)


def test_every_fold_is_fitted_then_all_rows_and_then_it_stops(tmp_path: Path) -> None:
    engine = InlineEngine()
    result = chosen(classes(), tmp_path, 1000.0, engine)
    assert ("logistic", 4) in engine.ran and ("k_neighbours", 4) in engine.ran
    assert engine.clock.now < 10  # early end: everything was tried
    leaders = [line.name for line in result.candidates if line.weight > 0]
    assert all((name, -1) in engine.ran for name in leaders)
    assert [member.name for member in result.model.members] == sorted(leaders)
    assert "Fitted again on all training rows" in result.notes[1]["en"]


def test_what_the_first_fold_settled_is_not_chosen_again(tmp_path: Path) -> None:
    kept: dict[str, bytes] = {}
    result = chosen(classes(), tmp_path, algorithms=[("rbf_svm", {})], remember=kept.__setitem__,
                    folds=5, refit=True)  # fmt: skip
    fits = [fit for fit in map(from_store, kept.values()) if fit is not None]
    machines = [f.model.members[0].notes for f in fits if f.model.members[0].name == "rbf_svm"]
    assert len(machines) == 6 and sorted(notes["tried"] for notes in machines) == [1] * 5 + [5]
    assert len({(notes["c"], notes["gamma"]) for notes in machines}) == 1
    assert result.candidates[0].name == "rbf_svm"


def test_without_a_refit_the_folds_are_kept_as_a_bag(tmp_path: Path) -> None:
    engine = InlineEngine(fails={("logistic", -1): "timeout"})
    result = chosen(classes(), tmp_path, engine=engine, algorithms=[("logistic", {})])
    assert [member.name for member in result.model.members] == [
        f"logistic.{i}" for i in range(1, 6)
    ]
    assert "one model per fold" in result.notes[1]["en"]
    assert predict_model(result.model, classes().frame).probabilities is not None


class Hurried(InlineEngine):
    """Cuts every refit short."""

    def map(self, *given: Any) -> Iterator[Outcome]:
        for outcome in super().map(*given):
            if self.ran[-1][1] == ALL:
                model = outcome.value["model"]
                (member,) = model.members
                member = replace(member, notes={**member.notes, "cut_short": True})
                outcome.value["model"] = replace(model, members=(member,))
            yield outcome


def test_a_refit_that_time_cut_short_does_not_replace_whole_fits(tmp_path: Path) -> None:
    engine = Hurried()
    result = chosen(classes(), tmp_path, engine=engine, algorithms=[("logistic", {})])
    assert engine.ran.count(("logistic", ALL)) == 1
    assert [member.name for member in result.model.members] == [
        f"logistic.{i}" for i in range(1, 6)
    ]


@pytest.mark.parametrize(
    ("state", "shown"),
    [("failed", "failed"), ("crash", "failed"), ("timeout", "timeout"), ("memory", "memory")],
)
def test_what_goes_wrong_with_a_candidate_is_a_line(state: str, shown: str, tmp_path: Path) -> None:
    engine = InlineEngine(fails={"k_neighbours": state})
    result = chosen(classes(), tmp_path, engine=engine)
    line = next(line for line in result.candidates if line.name == "k_neighbours")
    assert (line.state, line.score, line.weight) == (shown, None, 0.0)
    assert f"ended: {state}" in line.reason
    assert engine.ran.count(("k_neighbours", 0)) == 1


def test_a_failure_on_a_later_fold_keeps_what_is_there(tmp_path: Path) -> None:
    engine = InlineEngine(fails={("logistic", 2): "crash"})
    result = chosen(classes(), tmp_path, engine=engine, algorithms=[("logistic", {})], folds=5)
    line = result.candidates[0]
    assert line.name == "logistic" and line.state == "done" and "2 of 5" in line.reason
    assert "5 折" in line.reason_zh and "ended: crash" in line.reason_zh
    assert len(result.model.members) == 2 and len(result.rows) == 48


def test_a_real_exception_is_a_line_too(tmp_path: Path) -> None:
    wish = [("logistic", {}), ("rbf_svm", {"c": "much"})]
    line = next(c for c in chosen(classes(), tmp_path, algorithms=wish).candidates if c.reason
                and c.state == "failed")  # fmt: skip
    assert line.name == "rbf_svm" and "much" in line.reason


def test_if_all_fail_the_error_names_each_reason(tmp_path: Path) -> None:
    fails = {"logistic": "crash", "k_neighbours": "memory", "constant": "failed"}
    with pytest.raises(TrainError) as caught:
        chosen(classes(), tmp_path, engine=InlineEngine(fails=fails))
    assert "logistic ended: crash" in str(caught.value) and "k_neighbours" in str(caught.value)


def test_where_only_time_was_lacking_the_baseline_is_the_model(tmp_path: Path) -> None:
    engine = InlineEngine(seconds={"logistic": 9.0, "k_neighbours": 9.0, "constant": 9.0})
    result = chosen(classes(), tmp_path, 0.5, engine)
    assert [member.algorithm for member in result.model.members] == ["constant"]
    assert engine.clock.now <= 0.525
    states = {line.name: line.state for line in result.candidates}
    assert states["constant"] == "done" and states["logistic"] == "skipped"


def test_what_was_never_started_says_so(tmp_path: Path) -> None:
    engine = InlineEngine(seconds={"constant": 0.01, "logistic": 0.2})
    wish = [("logistic", {}), ("k_neighbours", {}), ("logistic", {"c": 0.1})]
    result = chosen(classes(), tmp_path, 0.22, engine, algorithms=wish)
    skipped = [line for line in result.candidates if line.state == "skipped"]
    assert skipped and all("not started" in line.reason for line in skipped)
    assert all("未启动" in line.reason_zh for line in skipped)


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    kept: dict[str, bytes] = {}
    table = classes()
    first = InlineEngine()
    one = chosen(table, tmp_path / "a", engine=first, remember=kept.__setitem__, recall=kept.get)
    second = InlineEngine()
    two = chosen(table, tmp_path / "b", engine=second, remember=kept.__setitem__, recall=kept.get)
    assert first.ran and not second.ran
    assert two.model == one.model and two.score == one.score
    # Other data, another seed or other options are other fits.
    third = InlineEngine()
    chosen(table, tmp_path / "c", engine=third, recall=kept.get, seed=1)
    assert ("logistic", 0) in third.ran
    kept.update(dict.fromkeys(kept, b"damaged"))
    fourth = InlineEngine()
    chosen(table, tmp_path / "d", engine=fourth, recall=kept.get)
    assert ("logistic", 0) in fourth.ran


def test_the_same_seed_gives_the_same_model(tmp_path: Path) -> None:
    def run(name: str) -> Choice:
        slow = InlineEngine(seconds=dict.fromkeys(FACTS, 20.0))  # no fit is cut short
        return chosen(classes(), tmp_path / name, 500.0, slow, algorithms=None)

    one, two = run("a"), run("b")
    assert one.model == two.model and one.notes == two.notes


def test_progress_tells_candidate_fold_and_what_is_left(tmp_path: Path) -> None:
    seen: list[Mapping[str, Any]] = []
    wish = [("lightgbm", {"rounds": 30})]
    chosen(classes(), tmp_path, algorithms=wish, progress=seen.append)
    assert seen[0]["candidate"] == "constant" and seen[0]["state"] == "done"
    assert {"candidate", "fold", "epoch", "valid_loss"} <= set(seen[1])
    ends = [row for row in seen if "state" in row]
    assert ends[-1]["best"] is not None and ends[-1]["left_s"] < 100


def test_calibration_and_threshold_come_from_held_out_rows(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    n = 300
    y = random.random(n) < 0.15
    frame = pl.DataFrame({"a": y + random.normal(0, 1, n), "y": np.where(y, "yes", "no")})
    schema = Schema(
        (Column("a", "number"), Column("y", "category", "target", levels=("no", "yes")))
    )
    table = Dataset(frame, schema, "rare")
    wish: Wishes = [("logistic", {})]
    plain = chosen(table, tmp_path / "a", metric="f1", algorithms=wish)
    tuned = chosen(table, tmp_path / "b", metric="f1", algorithms=wish,
                   optimise=["calibrate", "threshold"])  # fmt: skip
    truth = targets(table, "classify")[0][tuned.rows]
    assert tuned.model.threshold < 0.5 and tuned.model.members == plain.model.members
    before = score("f1", truth, plain.predictions)
    assert score("f1", truth, tuned.predictions) > before
    assert tuned.score == pytest.approx(score("f1", truth, tuned.predictions))
    assert "threshold" not in plain.notes[-1]["en"] and "阈值" in tuned.notes[-1]["zh"]
    sure = chosen(classes(), tmp_path / "c", optimise=["calibrate", "threshold"])
    assert sure.model.threshold == 0.5  # there are three classes


def test_groups_and_time_shape_the_validation(tmp_path: Path) -> None:
    group = [f"g{i % 8}" for i in range(120)]
    table = with_column(classes(), Column("who", "category", "group"), group)
    assert "group" in chosen(table, tmp_path / "a").notes[0]["en"]
    table = with_column(classes(), Column("at", "number", "time"), list(range(120)))
    later = chosen(table, tmp_path / "b")
    assert "later rows" in later.notes[0]["en"] and later.rows.min() >= 20
    assert "one held-out part" in chosen(classes(), tmp_path / "c", folds=1).notes[0]["en"]


def test_weights_are_honoured_to_the_end(tmp_path: Path) -> None:
    table = with_column(classes(), Column("w", "number", "weight"), [1.0] * 60 + [0.0] * 60)
    assert chosen(table, tmp_path).score > 0.5


@pytest.mark.parametrize(
    ("y", "metric"),
    [
        ([0, 1] * 10, "accuracy"),
        ([0] * 18 + [1] * 2, "roc_auc"),
        ([0, 1, 2] * 7, "accuracy"),
        ([0] * 20 + [1] * 4 + [2] * 2, "balanced_accuracy"),
    ],
)
def test_the_deciding_score_follows_the_balance_of_the_classes(y: list[int], metric: str) -> None:
    assert default_metric("classify", np.array(y)) == metric
    assert default_metric("regress", np.array(y)) == "rmse"


def test_bad_wishes_are_refused_before_any_work(tmp_path: Path) -> None:
    engine = InlineEngine()
    for more in (
        {"budget_s": 0.0},
        {"metric": "acuracy"},
        {"algorithms": [("ridge", {})]},
        {"algorithms": [("nothing", {})]},
    ):
        with pytest.raises(SpecError):
            chosen(classes(), tmp_path, engine=engine, **more)
    assert engine.ran == []


def odd() -> dict[str, Dataset]:
    """Tables that a stranger might bring."""
    plain = classes(n=20)
    ghost = plain.schema.updated("y", levels=("c0", "c1", "c2", "c9"))
    blank = pl.Series([None] * 20, dtype=pl.Float64)
    single = Dataset(
        plain.frame.select("b", "y"), plain.schema.without(["a", "town", "flag", "day"])
    )
    lonely = plain.frame.with_columns(pl.Series("y", ["c0"] * 10 + ["c1"] * 9 + ["c2"]))
    numbered = plain.frame.with_columns(pl.Series("y", [3, 7] * 10))
    digits = plain.schema.updated("y", kind="number", levels=())
    truth = plain.frame.with_columns(pl.Series("y", [True, False] * 10))
    return {
        "20 rows": plain,
        "one column": single,
        "a class of one row": Dataset(lonely, plain.schema),
        "an empty column": with_column(plain, Column("e", "number"), blank),
        "constant columns": with_column(plain, Column("e", "category"), ["x"] * 20),
        "numbers as classes": Dataset(numbered, digits),
        "Boolean target": Dataset(truth, plain.schema.updated("y", kind="boolean", levels=())),
        "4 rows": Dataset(plain.frame.sort("y")[[0, 1, 8, 9]], plain.schema),
        "20 values": values(n=20),
        "a level nobody has": Dataset(plain.frame, ghost),
    }


@pytest.mark.parametrize("name", sorted(odd()))
def test_odd_data_gives_a_model(name: str, tmp_path: Path) -> None:
    table = odd()[name]
    algorithms = LINES if table.name == "values" else FEW
    extra = [("rbf_svm", {}), ("lightgbm", {"rounds": 20})]
    result = chosen(table, tmp_path, algorithms=[*algorithms, *extra])
    said = predict_model(result.model, table.frame)
    assert np.isfinite(np.asarray(said.labels, float)).all()
    assert sum(member.weight for member in result.model.members) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "metric",
    ["", "accuracy", "balanced_accuracy", "f1", "roc_auc", "average_precision", "log_loss"],
)
def test_a_class_of_one_row_is_learned_and_named_but_never_scored(
    metric: str, tmp_path: Path
) -> None:
    plain = classes(n=40)
    y = pl.Series("y", ["c0"] * 20 + ["c1"] * 19 + ["c2"])
    table = Dataset(plain.frame.with_columns(y), plain.schema)
    wish: Wishes = [*FEW, ("lightgbm", {"rounds": 20})]
    result = chosen(table, tmp_path, metric=metric, algorithms=wish)
    scores = [result.score, *(point["score"] for point in result.history)]
    scores += [line.score for line in result.candidates]
    assert all(one is not None and np.isfinite(one) for one in scores)
    assert 39 not in result.rows and result.model.classes == ("c0", "c1", "c2")
    assert "only one training row of each: c2" in result.notes[1]["en"]
    said = predict_model(result.model, table.frame).probabilities
    assert said is not None and (said[:, 2] > 0).any()  # the model knows of it


def test_two_rows_of_a_class_are_scored_from_the_first_fold_on(tmp_path: Path) -> None:
    plain = classes(n=40, k=2)
    table = Dataset(
        plain.frame.with_columns(pl.Series("y", ["c0"] * 38 + ["c1"] * 2)), plain.schema
    )
    result = chosen(table, tmp_path)
    assert result.metric == "roc_auc"
    assert all(np.isfinite(point["score"]) for point in result.history)


@pytest.mark.parametrize("metric", ["", "accuracy", "roc_auc"])
def test_one_row_of_one_of_two_classes_is_refused_with_the_reason(
    metric: str, tmp_path: Path
) -> None:
    plain = classes(n=40, k=2)
    table = Dataset(plain.frame.with_columns(pl.Series("y", ["c0"] * 39 + ["c1"])), plain.schema)
    engine = InlineEngine()
    with pytest.raises(TrainError, match=r"only 'c0' can be held out.*c0: 39, c1: 1"):
        chosen(table, tmp_path, engine=engine, metric=metric)
    assert engine.ran == []


def test_a_metric_without_a_value_on_the_held_out_rows_is_refused(tmp_path: Path) -> None:
    table = classes(n=40, k=2)
    who = table.frame.get_column("y").to_list()  # each group has one class
    groups = with_column(table, Column("who", "category", "group"), [
        f"{label}-{i % 4}" for i, label in enumerate(who)
    ])  # fmt: skip
    groups = Dataset(groups.frame.filter(pl.col("who").is_in(["c0-0", "c0-2", "c1-1", "c1-3"])),
                     groups.schema, "groups")  # fmt: skip
    with pytest.raises(TrainError, match=r"'roc_auc' is not defined on the \d+ rows"):
        chosen(groups, tmp_path / "a", metric="roc_auc")
    assert np.isfinite(chosen(groups, tmp_path / "b", metric="log_loss").score)


def test_groups_of_one_class_that_leave_one_to_learn_are_refused_at_once(tmp_path: Path) -> None:
    table = classes(n=40, k=2)
    who = table.frame.get_column("y").to_list()
    groups = with_column(table, Column("who", "category", "group"), who)
    engine = InlineEngine()
    with pytest.raises(
        TrainError, match=r"one of the 2 classes only: each group.* holds one class"
    ):
        chosen(groups, tmp_path, engine=engine)
    assert engine.ran == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (pl.lit("c1").alias("y"), "one class only: 'c1'"),
        (pl.Series("y", [f"c{i}" for i in range(20)]), "20 rows, of which 0"),
        (pl.lit(None, dtype=pl.String).alias("y"), "label None"),
    ],
)
def test_hopeless_data_gives_one_line(change: Any, words: str, tmp_path: Path) -> None:
    plain = classes(n=20)
    levels = tuple(f"c{i}" for i in range(20))
    table = Dataset(plain.frame.with_columns(change), plain.schema.updated("y", levels=levels))
    with pytest.raises(LingquError) as caught:
        chosen(table, tmp_path)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_a_constant_value_is_refused(tmp_path: Path) -> None:
    table = values(n=30)
    flat = Dataset(table.frame.with_columns(pl.lit(4.0).alias("y")), table.schema, "values")
    with pytest.raises(TrainError, match="same value in every row"):
        chosen(flat, tmp_path)


def test_recordings_without_a_picture_are_refused_with_what_to_add(tmp_path: Path) -> None:
    plain = classes(n=20)
    sounds = pl.Series("sound", [b"RIFF"] * 20, dtype=pl.Binary)
    frame = plain.frame.select(sounds, "y")
    table = Dataset(frame, Schema((Column("sound", "audio"), plain.schema["y"])))
    with pytest.raises(TrainError, match="add `log_mel` to `govern`"):
        chosen(table, tmp_path)


def test_no_target_is_refused(tmp_path: Path) -> None:
    table = classes()
    with pytest.raises(LingquError, match="no target"):
        chosen(Dataset(table.frame, table.schema.without(["y"])), tmp_path)
