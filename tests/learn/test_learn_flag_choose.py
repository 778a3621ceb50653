"""From rows and a budget to one model that flags, with and without labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.learn.flag_tables import machines, meters, plain
from tests.learn.inline_engine import Clock, InlineEngine

from lingqu.core.errors import DataError, SpecError, TrainError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.learn.assemble import Choice
from lingqu.learn.flag.choose import ENOUGH, RATE, choose_flag, tried
from lingqu.learn.flag.judge import best_f1, precision_of, weights_of
from lingqu.learn.flag.reading import labels, sampled
from lingqu.release.model import to_bytes
from lingqu.release.reasons import explains, reasons
from lingqu.release.runner import Runner, predict_model

FEW = (("mahalanobis", {}), ("lof", {}))
LABELLED = machines(rows=600, odd=40)
TRAIN = plain(LABELLED)


def choice(folder: Path, train: Dataset = TRAIN, **given: Any) -> Choice:
    wanted: dict[str, Any] = {"budget_s": 60.0, "algorithms": FEW, "engine": InlineEngine()}
    return choose_flag(train, **{**wanted, **given}, scratch=folder)


def unknown(rows: int) -> Dataset:
    """The labelled rows, of which the first `rows` are not judged."""
    known = pl.when(pl.int_range(pl.len()) >= rows).then(pl.col("y"))
    return Dataset(LABELLED.frame.with_columns(known.alias("y")), LABELLED.schema, "some")


class TestWithoutLabels:
    def test_the_expected_share_of_the_training_rows_is_flagged(self, tmp_path: Path) -> None:
        found = choice(tmp_path, rate=0.05)
        said = predict_model(found.model, TRAIN.frame)
        assert found.model.threshold == 0.95 and abs(said.labels.mean() - 0.05) < 0.006
        assert said.probabilities is not None
        for share in (0.5, 0.9, 0.99):
            assert abs((said.probabilities[:, 1] < share).mean() - share) < 0.02
        truth = labels(LABELLED)
        assert truth is not None and truth[said.labels == 1].mean() > 0.9

    def test_one_in_a_hundred_where_nobody_says(self, tmp_path: Path) -> None:
        assert choice(tmp_path).model.threshold == 1 - RATE

    def test_learners_count_the_same_and_nothing_is_scored(self, tmp_path: Path) -> None:
        found = choice(tmp_path)
        assert [(c.weight, c.score, c.state) for c in found.candidates] == [(0.5, None, "done")] * 2
        assert np.isnan(found.score)
        assert "same" in found.notes[0]["en"] and "相同" in found.notes[0]["zh"]

    def test_the_same_seed_gives_the_same_bytes(self, tmp_path: Path) -> None:
        one, two = (choice(tmp_path / name) for name in ("one", "two"))
        assert to_bytes(one.model) == to_bytes(two.model)


class TestWithLabels:
    def test_they_choose_learners_and_the_threshold(self, tmp_path: Path) -> None:
        found = choice(tmp_path, LABELLED)
        assert found.score > 0.9 and len(found.rows) == len(LABELLED)
        assert all(c.score is not None for c in found.candidates)
        assert abs(sum(c.weight for c in found.candidates) - 1) < 1e-9
        new = machines(rows=600, odd=40, seed=2)
        truth, said = labels(new), predict_model(found.model, new.frame)
        assert truth is not None
        hits = int(((truth == 1) & (said.labels == 1)).sum())
        assert hits / 40 > 0.85 and hits / said.labels.sum() > 0.85
        assert "F1" in found.notes[-1]["en"]

    def test_a_declared_share_goes_before_them(self, tmp_path: Path) -> None:
        assert choice(tmp_path, LABELLED, rate=0.2).model.threshold == 0.8

    def test_a_few_rows_that_were_judged_are_enough(self, tmp_path: Path) -> None:
        found = choice(tmp_path, unknown(400))
        assert found.score > 0.8 and len(found.rows) == 200

    def test_of_few_anomalies_a_part_of_the_weight_goes_to_who_learns_from_them(
        self, tmp_path: Path
    ) -> None:
        odd = (pl.col("y") == "anomaly").cum_sum()
        for count in (6, 40):
            few = LABELLED.frame.filter((odd <= count) | (pl.col("y") == "normal"))
            found = choice(
                tmp_path / str(count), Dataset(few, LABELLED.schema),
                algorithms=[("mahalanobis", {}), ("labelled_forest", {"trees": 40})],
            )  # fmt: skip
            weights = {c.name: c.weight for c in found.candidates}
            assert weights["labelled_forest"] >= 20 / (20 + count) - 1e-9
            assert abs(sum(weights.values()) - 1) < 1e-9

    def test_one_anomaly_compares_nothing(self, tmp_path: Path) -> None:
        first = int((LABELLED.frame["y"] == "anomaly").arg_true()[0])
        one = LABELLED.frame.with_columns(
            pl.when((pl.col("y") == "normal") | (pl.int_range(pl.len()) == first)).then(pl.col("y"))
        )
        found = choice(tmp_path, Dataset(one, LABELLED.schema))
        assert np.isnan(found.score) and found.model.threshold == 1 - RATE

    def test_only_anomalies_are_refused(self, tmp_path: Path) -> None:
        only = LABELLED.frame.filter(pl.col("y") == "anomaly")
        with pytest.raises(DataError, match="All 40 training rows"):
            choice(tmp_path, Dataset(only, LABELLED.schema))

    def test_the_greedy_choice_leaves_out_what_misleads(self) -> None:
        odd = np.array([0] * 90 + [1] * 10)
        good, noise = odd + np.linspace(0, 0.5, 100), -odd + np.linspace(0, 1, 100)
        assert weights_of(np.stack([noise, good]), odd, 0) == [0.0, 1.0]
        assert precision_of(good, odd) == 1.0 and precision_of(noise, odd) < 0.2
        assert best_f1(np.ones(10), np.array([1] * 3 + [0] * 7))[1] == pytest.approx(6 / 13)


class TestBudget:
    def test_what_there_is_no_time_for_is_a_line_of_the_report(self, tmp_path: Path) -> None:
        engine = InlineEngine(seconds={"mahalanobis": 9.5})
        found = choice(tmp_path, budget_s=10.0, engine=engine, clock=engine.clock)
        states = {c.name: (c.state, c.weight) for c in found.candidates}
        assert states == {"mahalanobis": ("done", 1.0), "lof": ("skipped", 0.0)}

    def test_a_learner_that_breaks_is_a_line_of_the_report(self, tmp_path: Path) -> None:
        found = choice(tmp_path, LABELLED, engine=InlineEngine(fails={"lof": "crash"}))
        lof = next(c for c in found.candidates if c.name == "lof")
        assert lof.state == "failed" and lof.reason and found.model.members[0].weight == 1.0

    def test_with_no_time_at_all_there_is_a_model(self, tmp_path: Path) -> None:
        clock = Clock()
        engine = InlineEngine(clock, fails={"lof": "timeout", "mahalanobis": "timeout"})
        found = choice(tmp_path, budget_s=1.0, engine=engine, clock=clock)
        assert predict_model(found.model, TRAIN.frame).labels.sum() >= 1

    def test_where_all_break_it_says_why(self, tmp_path: Path) -> None:
        with pytest.raises(TrainError, match="lof"):
            choice(tmp_path, engine=InlineEngine(fails={"lof": "crash", "mahalanobis": "crash"}))


class TestWhatIsTried:
    def test_a_season_where_times_are_and_a_net_where_there_is_time(self) -> None:
        assert tried(TRAIN, 60.0)[-1] == "autoencoder" and "seasonal_residual" not in tried(
            TRAIN, 60
        )
        assert tried(TRAIN, 5.0) == [
            "mahalanobis", "column_tails", "linear_autoencoder", "isolation_forest", "lof",
        ]  # fmt: skip
        assert "seasonal_residual" in tried(meters(2), 60.0)

    def test_who_learns_from_anomalies_where_some_are_known(self) -> None:
        odd = (pl.col("y") == "anomaly").cum_sum()
        for count, expected in ((ENOUGH - 1, False), (ENOUGH, True)):
            few = LABELLED.frame.filter((odd <= count) | (pl.col("y") == "normal"))
            assert ("labelled_forest" in tried(Dataset(few, LABELLED.schema), 60.0)) is expected

    def test_other_tasks_and_no_budget_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SpecError, match="ridge"):
            choice(tmp_path, algorithms=[("ridge", {})])
        with pytest.raises(SpecError):
            choice(tmp_path, budget_s=0.0)

    def test_many_rows_are_sampled(self) -> None:
        part = sampled(TRAIN, 0, 100)
        assert len(part) == 100 and part.frame.equals(sampled(TRAIN, 0, 100).frame)


ODD_TABLES: dict[str, pl.DataFrame] = {
    "one row": pl.DataFrame({"a": [1.0], "b": [2.0]}),
    "constants": pl.DataFrame({"a": [1.0] * 50, "b": [0.0] * 50}),
    "a gap": pl.DataFrame({"a": pl.Series([None] * 50, dtype=pl.Float64), "b": np.arange(50.0)}),
    "a category": pl.DataFrame({"c": ["x", "y"] * 25}),
    "many levels": pl.DataFrame({"c": [f"k{i}" for i in range(900)]}),
    "huge": pl.DataFrame({"a": [1e300, -1e300, float("inf"), *np.arange(47.0)]}),
    "wide": pl.DataFrame({f"c{i}": np.arange(30.0) * (i % 7) for i in range(500)}),
}


@pytest.mark.parametrize("name", ODD_TABLES)
def test_odd_tables_get_a_model_that_answers_anything(name: str, tmp_path: Path) -> None:
    frame = ODD_TABLES[name]
    words = frame.schema
    schema = Schema(
        tuple(Column(n, "category" if words[n] == pl.String else "number") for n in words)
    )
    found = choice(tmp_path, Dataset(frame, schema))
    empty = pl.DataFrame({n: pl.Series([None], dtype=t) for n, t in words.items()})
    for rows in (frame, empty):
        said = predict_model(found.model, rows)
        assert said.probabilities is not None and np.isfinite(said.probabilities).all()


class TestReasons:
    def test_they_name_what_is_odd(self, tmp_path: Path) -> None:
        runner = Runner.of(choice(tmp_path).model)
        row = TRAIN.frame[:1].with_columns(pl.lit(50.0).alias("load"), pl.lit(95.0).alias("heat"))
        ((first, *_),) = reasons(runner, row)
        assert (first.column, first.value) == ("heat", 95.0) and first.share > 0.5
        assert isinstance(first.usual, float) and abs(first.usual - 45) < 2

    def test_they_are_told_also_of_what_was_learned_from_labels(self, tmp_path: Path) -> None:
        found = choice(tmp_path, LABELLED, algorithms=[("labelled_forest", {})])
        row = TRAIN.frame[:1].with_columns(pl.lit(50.0).alias("load"), pl.lit(72.0).alias("heat"))
        ((first, *_),) = reasons(Runner.of(found.model), row)
        assert (first.column, first.value) == ("heat", 72.0) and first.share > 0.5

    def test_where_all_is_odd_each_is_tried_alone(self, tmp_path: Path) -> None:
        runner = Runner.of(choice(tmp_path).model)
        wild = TRAIN.frame[:1].with_columns(
            pl.lit(-9e5).alias("load"), pl.lit(9e5).alias("heat"), pl.lit("never").alias("mode")
        )
        (told,) = reasons(runner, wild)
        assert {"heat", "load"} <= {reason.column for reason in told} and len(told) <= 3

    def test_other_models_are_not_asked(self, tmp_path: Path) -> None:
        from lingqu.core.ports import Budget
        from lingqu.learn.tabular.constant import Constant

        model = Constant().fit(LABELLED, LABELLED, Budget(1.0), lambda row: None)
        runner = Runner.of(model)
        assert not explains(runner) and reasons(runner, LABELLED.frame[:2]) == [(), ()]


def test_series_are_judged_by_their_own_past(tmp_path: Path) -> None:
    data = meters(40)
    rows = np.arange(len(data))
    fault = (rows % 97 == 5) & (rows % 960 > 480)
    # The other meter's usual value at that hour.
    use = pl.Series("use", np.where(fault, 20 - data.frame["use"].to_numpy(), data.frame["use"]))
    y = pl.Series("y", np.where(fault, "anomaly", "normal"))
    target = Column("y", "category", "target", levels=("normal", "anomaly"))
    whole = Dataset(
        data.frame.with_columns(use, y), Schema((*data.schema.columns, target)), "meters"
    )
    found = choice(tmp_path, whole, algorithms=[("mahalanobis", {}), ("seasonal_residual", {})])
    scores = {c.name: c.score or 0.0 for c in found.candidates}
    assert scores["seasonal_residual"] > 0.6 > scores["mahalanobis"]


def test_without_labels_who_knows_the_time_counts_half(tmp_path: Path) -> None:
    three = [*FEW, ("seasonal_residual", {})]
    found = choice(tmp_path, meters(20), algorithms=three)
    weights = {c.name: c.weight for c in found.candidates}
    assert weights == {"seasonal_residual": 0.5, "mahalanobis": 0.25, "lof": 0.25}
    assert "half" in found.notes[0]["en"]
