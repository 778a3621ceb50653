"""What every algorithm must keep. Subclasses give the fixture `case`: one learner on one task."""

from __future__ import annotations

import dataclasses
import inspect
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import onnx
import polars as pl
import pytest

from lingqu.core import catalog
from lingqu.core.errors import LingquError
from lingqu.core.metrics import score
from lingqu.core.nouns import CLASSES, Dataset, Model
from lingqu.core.ports import Algorithm, Budget
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema
from lingqu.release.encode import targets
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.runner import predict_model


@dataclass(frozen=True)
class Case:
    """One learner on one task.

    Args:
        name: Catalogue name.
        task: ``classify``, ``verify`` or ``regress``.
        train: Rows to learn from; the target is named ``y``.
        valid: Rows to validate on.
        quick: Options that make a fit short.
        endless: Options with which it would never end by itself.
        reads: Whether its answers depend on the columns.
        exact: Whether a refit with settled options is the same learner, bit by bit.
    """

    name: str
    task: str
    train: Dataset
    valid: Dataset
    quick: Mapping[str, Any] = field(default_factory=dict)
    endless: Mapping[str, Any] = field(default_factory=dict)
    reads: bool = True
    exact: bool = True

    @property
    def classifies(self) -> bool:
        """Whether its answers are classes."""
        return self.task in CLASSES

    @cached_property
    def fitted(self) -> Model:
        """The fit on the case's rows, made once: nobody changes it."""
        return self.fit()

    def make(self, **options: Any) -> Algorithm:
        """Return the learner as a channel file would make it."""
        learner: Algorithm = catalog.build("algorithms", self.name, {**self.quick, **options})
        return learner

    def fit(
        self,
        train: Dataset | None = None,
        valid: Dataset | None = None,
        seconds: float = 30.0,
        seed: int = 3,
        **options: Any,
    ) -> Model:
        """Fit it on the case's rows, or on others."""
        rows = self.train if train is None else train, self.valid if valid is None else valid
        return self.make(**options).fit(*rows, Budget(seconds, seed=seed), lambda row: None)


def part(dataset: Dataset, frame: pl.DataFrame) -> Dataset:
    """Return a dataset with other rows."""
    return Dataset(frame, dataset.schema, dataset.name)


def same(one: Predictions, two: Predictions, within: float = 0.0) -> bool:
    """Say whether two answers are the same."""
    if one.probabilities is not None and two.probabilities is not None:
        return bool(np.allclose(one.probabilities, two.probabilities, rtol=0, atol=within))
    scale = 1.0 + float(np.abs(np.asarray(one.labels, float)).max(initial=0.0))
    return bool(np.allclose(one.labels, two.labels, rtol=0, atol=within * scale))


class AlgorithmContract:
    """Run unchanged on every algorithm of the catalogue, for each task that it can do."""

    @pytest.fixture
    def case(self) -> Case:
        raise NotImplementedError

    def test_it_fills_the_port(self, case: Case) -> None:
        learner = case.make()
        assert isinstance(learner, Algorithm)
        assert learner.name == case.name and case.task in learner.tasks
        assert {column.kind for column in case.train.schema.features} & learner.kinds
        assert learner.cost(1000, 10, 3) > 0

    def test_docstring_names_source_example_and_every_option(self, case: Case) -> None:
        learner = case.make()
        text = inspect.getdoc(type(learner)) or ""
        assert "Source:" in text and ">>>" in text
        for option in dataclasses.fields(learner):  # type: ignore[arg-type]
            assert text.count(f"\n    {option.name}: ") == 1, option.name

    def test_it_learns_one_member_that_answers_every_row(self, case: Case) -> None:
        model = case.fitted
        assert model.task == case.task
        assert [(m.algorithm, m.weight) for m in model.members] == [(case.name, 1.0)]
        json.dumps(model.members[0].notes, allow_nan=False)
        said = predict_model(model, case.valid.frame)
        assert len(said.labels) == len(case.valid)
        if case.reads:
            truth = targets(case.valid, model.task)[0]
            metric, least = ("accuracy", 0.55) if case.classifies else ("r2", 0.3)
            assert score(metric, truth, said) > least

    def test_the_same_seed_gives_the_same_model(self, case: Case) -> None:
        one, two = case.fitted, case.fit()
        assert one.members[0].graph == two.members[0].graph
        assert one.members[0].encoding == two.members[0].encoding
        assert same(predict_model(one, case.valid.frame), predict_model(two, case.valid.frame), 0.0)
        assert (case.fit(seed=4).members[0].graph == one.members[0].graph) == case.exact

    def test_it_survives_being_stored(self, case: Case) -> None:
        model = case.fitted
        again = from_bytes(to_bytes(model))
        assert again.members[0].graph == model.members[0].graph
        one, two = (predict_model(each, case.valid.frame) for each in (model, again))
        assert one.classes == two.classes and same(one, two)

    def test_its_graph_is_what_a_release_expects(self, case: Case) -> None:
        model = case.fitted
        graph = onnx.load_from_string(model.members[0].graph).graph
        onnx.checker.check_model(onnx.load_from_string(model.members[0].graph))
        (entry,), (output,) = graph.input, graph.output
        assert entry.name == model.members[0].encoding["tensor"]
        assert output.name == ("probabilities" if case.classifies else "values")
        for tensor in (entry.type.tensor_type, output.type.tensor_type):
            assert tensor.elem_type == onnx.TensorProto.FLOAT
            assert not tensor.shape.dim[0].dim_value  # any number of rows
        assert all(not node.domain.startswith("com.") for node in graph.node)
        whole = predict_model(model, case.valid.frame)
        for rows in (1, 5):
            few = predict_model(model, case.valid.frame.head(rows))
            if case.classifies:
                assert few.probabilities is not None and whole.probabilities is not None
                assert few.probabilities.shape == (rows, len(model.classes))
                assert np.allclose(few.probabilities.sum(1), 1.0, atol=1e-5)
                assert few.probabilities.min() >= 0 and few.classes == model.classes
                assert np.allclose(few.probabilities, whole.probabilities[:rows], atol=1e-5)
            else:
                assert few.labels.shape == (rows,) and few.probabilities is None
                assert np.allclose(few.labels, whole.labels[:rows], rtol=1e-4, atol=1e-4)

    def test_a_refit_on_all_rows_needs_no_validation_rows(self, case: Case) -> None:
        first = case.fitted
        options = first.members[0].notes["refit"]
        again = case.fit(valid=part(case.valid, case.valid.frame.clear()), **options)
        one, two = (predict_model(model, case.valid.frame) for model in (first, again))
        if case.exact:  # nothing is drawn at random and the options are settled
            assert again.members[0].graph == first.members[0].graph
        else:
            gap = np.abs(np.asarray(one.labels, float) - np.asarray(two.labels, float)).mean()
            spread = float(np.std(targets(case.valid, first.task)[0]))
            assert gap < (0.25 if case.classifies else 0.35 * spread)

    def test_no_rows_are_refused(self, case: Case) -> None:
        with pytest.raises(LingquError, match="no rows"):
            case.fit(part(case.train, case.train.frame.clear()))

    def test_a_target_that_is_all_missing_is_refused(self, case: Case) -> None:
        kind = case.train.frame["y"].dtype
        blank = case.train.frame.with_columns(pl.lit(None, dtype=kind).alias("y"))
        with pytest.raises(LingquError, match=r"target 'y'.*None"):
            case.fit(part(case.train, blank))

    def test_one_class_is_refused(self, case: Case) -> None:
        if case.task == "regress":  # one value is no class: the choice refuses it, see there
            flat = case.train.frame.with_columns(pl.lit(4.0).alias("y"))
            said = predict_model(case.fit(part(case.train, flat)), case.valid.frame)
            assert np.allclose(said.labels, 4.0, atol=0.5)
            return
        name = str(case.train.frame["y"][0])
        only = case.train.frame.filter(pl.col("y") == name)
        with pytest.raises(LingquError, match=f"one class only: '{name}'"):
            case.fit(part(case.train, only))

    def test_no_column_that_it_reads_is_refused(self, case: Case) -> None:
        features = [column.name for column in case.train.schema.features]
        bare = Dataset(case.train.frame.drop(features), case.train.schema.without(features))
        with pytest.raises(LingquError, match="No feature column"):
            case.fit(bare)

    def test_a_class_without_training_rows_keeps_its_place(self, case: Case) -> None:
        if case.task == "regress":
            assert case.fitted.classes == ()
            return
        column = case.train.schema["y"]
        more = (*column.levels, "never")
        schema = case.train.schema.updated("y", levels=more)
        model = case.fit(
            Dataset(case.train.frame, schema, "train"), Dataset(case.valid.frame, schema, "valid")
        )
        said = predict_model(model, case.valid.frame)
        assert said.classes == more and said.probabilities is not None
        assert said.probabilities[:, -1].max() < 0.1

    def test_rows_of_weight_zero_do_not_count(self, case: Case) -> None:
        n = len(case.train)
        lies = case.train.frame.with_columns(pl.col("y").reverse())
        doubled = part(case.train, pl.concat([case.train.frame, lies]))
        weight = pl.Series("w", [1.0] * n + [0.0] * n)
        schema = Schema((*doubled.schema.columns, Column("w", "number", "weight")))
        weighted = Dataset(doubled.frame.with_columns(weight), schema, "weighted")
        model, misled = case.fit(weighted), case.fit(doubled)
        truth = targets(case.valid, model.task)[0]
        metric = "accuracy" if case.classifies else "r2"
        honest, fooled = (
            score(metric, truth, predict_model(each, case.valid.frame)) for each in (model, misled)
        )
        assert honest >= fooled
        if case.reads:
            alone = score(metric, truth, predict_model(case.fitted, case.valid.frame))
            assert honest > alone - 0.25

    def test_its_seconds_are_kept_and_the_model_is_usable(self, case: Case) -> None:
        learner = case.make(**case.endless)
        busy = time.process_time()  # not the wall: other work of the machine is not its fault
        model = learner.fit(case.train, case.valid, Budget(0.5), lambda row: None)
        assert time.process_time() - busy < 3.0
        said = predict_model(model, case.valid.frame)
        assert np.isfinite(np.asarray(said.labels, float)).all()
        if case.endless:
            assert model.members[0].notes["cut_short"] is True

    def test_progress_is_small_json(self, case: Case) -> None:
        seen: list[Mapping[str, Any]] = []
        case.make().fit(case.train, case.valid, Budget(30.0), seen.append)
        for row in seen:
            assert len(json.dumps(dict(row), allow_nan=False)) < 1000

    def test_a_wrong_option_is_refused_by_name(self, case: Case) -> None:
        with pytest.raises(LingquError, match="no_such_option"):
            case.make(no_such_option=1)
