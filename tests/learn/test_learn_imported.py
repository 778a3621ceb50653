"""Models of every format answer here as their own library does, before and after a release."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import catboost
import joblib
import lightgbm
import numpy as np
import onnx
import polars as pl
import pytest
import skops.io
import torch
import xgboost
from numpy.typing import NDArray
from onnx import TensorProto, helper
from safetensors.torch import save_file
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from tests.learn.brought_tables import TOWNS, numbers, table
from torch import nn

from lingqu.core import catalog
from lingqu.core.nouns import Dataset, Task
from lingqu.core.schema import Column, Schema
from lingqu.learn.assemble import Choice
from lingqu.learn.imported import FORMATS
from lingqu.learn.imported.bring import bring
from lingqu.learn.tabular.graph import graph
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.predictor import Predictor
from lingqu.release.runner import Runner

ALL = ("age", "size", "town")
Answers = NDArray[np.float64]
Case = tuple[Any, str, tuple[str, ...], Answers]
"""What the channel says under the format, target, columns, the library's answers."""


def brought(folder: Path, name: str, wish: Any, rows: Dataset, **more: Any) -> Choice:
    target = rows.schema.target
    assert target is not None
    task: Task = "regress" if target.kind == "number" else "classify"
    return bring(catalog.build("formats", name, wish), rows, task, folder=folder, **more)


def codes(rows: Dataset) -> NDArray[np.int64]:
    target = rows.schema.target
    assert target is not None
    return np.array([target.levels.index(label) for label in rows.frame[target.name]])


def both(second: NDArray[Any]) -> Answers:
    return np.column_stack([1 - second, second])


def lightgbm_case(folder: Path, target: str) -> Case:
    rows = table(target, ALL)
    y = rows.frame["value"].to_numpy() if target == "value" else codes(rows)
    wish = {"two": "binary", "three": "multiclass", "value": "regression"}[target]
    options = {"objective": wish, "num_leaves": 5, "verbose": -1, "num_threads": 1}
    if target == "three":
        options["num_class"] = 3
    data = lightgbm.Dataset(numbers(rows), y, feature_name=list(ALL), categorical_feature=[2])
    booster = lightgbm.train(options, data, 8)
    booster.save_model(folder / "model.txt")
    said = booster.predict(numbers(rows), num_threads=1)
    wished = {"path": "model.txt", "levels": {"town": TOWNS}}
    return wished, target, ALL, both(said) if target == "two" else said


def xgboost_case(folder: Path, target: str) -> Case:
    rows = table(target, gaps=True)
    if target == "value":
        learner: Any = xgboost.XGBRegressor(n_estimators=8, max_depth=3, n_jobs=1)
        learner.fit(numbers(rows), rows.frame["value"].to_numpy())
        said = learner.predict(numbers(rows))
    else:
        learner = xgboost.XGBClassifier(n_estimators=8, max_depth=3, n_jobs=1)
        learner.fit(numbers(rows), codes(rows))
        said = learner.predict_proba(numbers(rows))
    learner.save_model(folder / "model.json")
    return "model.json", f"{target} gaps", ("age", "size"), said


def catboost_case(folder: Path, target: str) -> Case:
    rows = table(target)
    options = {"iterations": 8, "depth": 3, "verbose": 0, "allow_writing_files": False,
               "thread_count": 1}  # fmt: skip
    kind = catboost.CatBoostRegressor if target == "value" else catboost.CatBoostClassifier
    learner = kind(**options).fit(numbers(rows), rows.frame[target].to_numpy())
    learner.save_model(str(folder / "model.cbm"))
    said = learner.predict(numbers(rows), thread_count=1)
    if target != "value":
        said = learner.predict_proba(numbers(rows), thread_count=1)
    return "model.cbm", target, ("age", "size"), said


def sklearn_case(folder: Path, target: str) -> Case:
    rows = table(target, ALL, gaps=True)
    numeric = make_pipeline(SimpleImputer(), StandardScaler())
    one_hot = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer([("n", numeric, ["age", "size"]), ("c", one_hot, ["town"])])
    end = Ridge() if target == "value" else LogisticRegression()
    given = rows.frame.select(ALL)
    model = make_pipeline(columns, end).fit(given, rows.frame[target].to_numpy())
    skops.io.dump(model, folder / "model.skops")
    says = model.predict if target == "value" else model.predict_proba
    return "model.skops", f"{target} gaps", ALL, says(given)


NETS = """
import torch

class Net(torch.nn.Module):
    def __init__(self, hidden, out):
        super().__init__()
        self.first, self.last = torch.nn.Linear(2, hidden), torch.nn.Linear(hidden, out)

    def forward(self, x):
        return self.last(torch.relu(self.first(x)))
"""


class Net(nn.Module):
    def __init__(self, hidden: int, out: int) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(2, hidden), nn.Linear(hidden, out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.last(torch.relu(self.first(x)))
        return found


def torch_case(folder: Path, target: str) -> Case:
    torch.manual_seed(3)
    outputs = 3 if target == "three" else 1
    net = Net(4, outputs)
    save_file(net.state_dict(), folder / "net.safetensors")
    (folder / "nets.py").write_text(NETS, encoding="utf-8")
    x = (numbers(table(target)) - np.float32([40, 0])) / np.float32([10, 1])
    with torch.no_grad():
        said = net(torch.from_numpy(x))
    if target == "two":
        said = torch.cat([1 - said.sigmoid(), said.sigmoid()], 1)
    elif target == "three":
        said = said.softmax(1)
    wish = {"path": "net.safetensors", "module": "nets:Net", "mean": [40, 0], "scale": [10, 1],
            "arguments": {"hidden": 4, "out": outputs},
            "output": "values" if target == "value" else "logits"}  # fmt: skip
    return wish, target, ("age", "size"), said.numpy()


def onnx_case(folder: Path, target: str) -> Case:
    weight = np.random.default_rng(5).normal(0, 0.05, (2, 3 if target == "three" else 1))
    steps: list[Any] = [("MatMul", ["x", "weight"], ["values"], {})]
    x = numbers(table(target))[:, ::-1].astype(np.float64)
    said = x @ weight
    if target == "three":
        steps = [("MatMul", ["x", "weight"], ["raw"], {}), ("Softmax", ["raw"], ["values"], {})]
        said = np.exp(said) / np.exp(said).sum(1, keepdims=True)
    elif target == "two":
        steps = [("MatMul", ["x", "weight"], ["raw"], {}), ("Sigmoid", ["raw"], ["values"], {})]
        said = both(1 / (1 + np.exp(-said[:, 0])))
    (folder / "model.onnx").write_bytes(graph(steps, {"weight": weight}, 2, "values"))
    return {"path": "model.onnx", "columns": ["size", "age"]}, target, ("age", "size"), said


CASES: dict[str, Callable[[Path, str], Case]] = {
    "lightgbm": lightgbm_case, "xgboost": xgboost_case, "catboost": catboost_case,
    "sklearn": sklearn_case, "torch": torch_case, "onnx": onnx_case,
}  # fmt: skip


def test_every_format_is_tried() -> None:
    elsewhere = {"huggingface", "keras"}  # test_learn_imported_huggingface, …_keras
    assert {*CASES, *elsewhere} == set(FORMATS)


@pytest.mark.parametrize("target", ["two", "three", "value"])
@pytest.mark.parametrize("name", CASES)
def test_a_model_answers_as_its_library(tmp_path: Path, name: str, target: str) -> None:
    wish, said_of, columns, expected = CASES[name](tmp_path, target)
    rows = table(target, columns, gaps="gaps" in said_of)
    choice = brought(tmp_path, name, wish, rows)
    model = from_bytes(to_bytes(choice.model))
    assert model == choice.model
    assert brought(tmp_path, name, wish, rows).model == model  # the same file, the same graph
    said = Runner.of(model).predict(rows.frame)
    answers = said.labels if target == "value" else said.probabilities
    assert np.allclose(answers, np.reshape(expected, np.shape(answers)), rtol=1e-5, atol=1e-5)
    alone = [Runner.of(model).predict(rows.frame[row : row + 1]) for row in range(3)]
    assert [one.labels[0] for one in alone] == said.labels[:3].tolist()
    (line,) = choice.candidates
    assert (line.name, line.state, line.weight) == (name, "done", 1.0)
    file = tmp_path / (wish if isinstance(wish, str) else wish["path"])
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert digest[:12] in line.reason and digest[:12] in line.reason_zh
    assert model.members[0].notes["sha256"] == digest
    assert digest in choice.notes[0]["en"]


def test_outputs_are_put_in_the_order_of_the_target(tmp_path: Path) -> None:
    wish, _, _, said = onnx_case(tmp_path, "three")
    rows = table("three")
    choice = brought(tmp_path, "onnx", {**wish, "classes": ["mid", "high", "low"]}, rows)
    answers = Runner.of(choice.model).predict(rows.frame)
    assert answers.classes == ("high", "low", "mid")
    assert answers.probabilities is not None
    assert np.allclose(answers.probabilities, said[:, [1, 2, 0]], atol=1e-6)


def test_a_class_that_the_model_does_not_know_is_never_answered(tmp_path: Path) -> None:
    wish, *_ = onnx_case(tmp_path, "two")
    rows = table("three")
    choice = brought(tmp_path, "onnx", {**wish, "classes": ["low", "high"]}, rows)
    answers = Runner.of(choice.model).predict(rows.frame)
    assert answers.probabilities is not None
    assert set(answers.probabilities[:, 2].tolist()) == {0.0}
    assert any("mid" in note["en"] for note in choice.notes)


def test_truths_may_be_written_as_numbers(tmp_path: Path) -> None:
    wish, *_ = onnx_case(tmp_path, "two")
    rows = table("two")
    frame = rows.frame.with_columns(two=pl.col("two") == "yes")
    truth = Column("two", "boolean", "target", levels=("false", "true"))
    changed = Dataset(frame, Schema((*rows.schema.features, truth)))
    asked = {**wish, "classes": [1, 0]}  # the one number is that of the second: false
    straight, turned = (brought(tmp_path, "onnx", w, changed).model for w in (wish, asked))
    one, other = (Runner.of(m).predict(frame).probabilities for m in (straight, turned))
    assert one is not None and other is not None
    assert np.allclose(one, other[:, ::-1])


def test_a_graph_with_maps_and_one_input_per_column_is_read(tmp_path: Path) -> None:
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    rows = table("two", ALL)
    one_hot = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer(
        [("n", StandardScaler(), ["age", "size"]), ("c", one_hot, ["town"])]
    )
    given = rows.frame.select(ALL)
    model = make_pipeline(columns, LogisticRegression()).fit(given, rows.frame["two"].to_numpy())
    kinds = [FloatTensorType([None, 1])] * 2 + [StringTensorType([None, 1])]
    written = to_onnx(model, initial_types=list(zip(ALL, kinds, strict=True)))
    assert [value.type.WhichOneof("value") for value in written.graph.output] == [
        "tensor_type", "sequence_type"
    ]  # fmt: skip
    (tmp_path / "model.onnx").write_bytes(written.SerializeToString())
    shuffled = Dataset(rows.frame.select("town", "two", "size", "age"), rows.schema)
    choice = brought(tmp_path, "onnx", "model.onnx", shuffled)
    runner = Runner.of(choice.model)
    said = runner.predict(shuffled.frame).probabilities
    assert np.allclose(said, model.predict_proba(given), atol=1e-5)
    elsewhere = given[:1].with_columns(town=pl.lit("Nanning"))
    assert np.allclose(runner.predict(elsewhere).probabilities, model.predict_proba(elsewhere))


def test_a_text_the_model_refuses_is_read_as_the_commonest(tmp_path: Path) -> None:
    rows = table("two", ALL)
    columns = ColumnTransformer([("n", "passthrough", ["age"]), ("c", OneHotEncoder(), ["town"])])
    given = rows.frame.select(ALL)
    model = make_pipeline(columns, LogisticRegression()).fit(given, rows.frame["two"].to_numpy())
    skops.io.dump(model, tmp_path / "model.skops")
    choice = brought(tmp_path, "sklearn", "model.skops", rows)
    usual = given["town"].mode()[0]
    runner = Runner.of(choice.model)
    strange, known = (given[:1].with_columns(town=pl.lit(t)) for t in ("Nanning", usual))
    assert runner.predict(strange).probabilities.tolist() == (  # type: ignore[union-attr]
        runner.predict(known).probabilities.tolist()  # type: ignore[union-attr]
    )
    assert any("commonest" in note["en"] for note in choice.notes)


def test_labels_alone_are_probabilities_of_one(tmp_path: Path) -> None:
    rows = table("three")
    model = LinearSVC().fit(numbers(rows), rows.frame["three"].to_numpy())
    skops.io.dump(model, tmp_path / "model.skops")
    choice = brought(tmp_path, "sklearn", "model.skops", rows)
    said = Runner.of(choice.model).predict(rows.frame)
    names = [said.classes[label] for label in said.labels]
    assert names == model.predict(numbers(rows)).tolist()
    assert said.probabilities is not None
    assert set(said.probabilities.ravel().tolist()) == {0.0, 1.0}


def test_one_level_and_one_hot_columns(tmp_path: Path) -> None:
    rows = table("value", ALL)
    weight = np.array([[1.0], [10.0], [20.0], [30.0], [0.5]])
    data = graph([("MatMul", ["x", "weight"], ["values"], {})], {"weight": weight}, 5, "values")
    (tmp_path / "model.onnx").write_bytes(data)
    wish = {"path": "model.onnx", "columns": ["size", "town", "town=Lijiang"], "one_hot": ["town"],
            "levels": {"town": TOWNS}}  # fmt: skip
    said = Runner.of(brought(tmp_path, "onnx", wish, rows).model).predict(rows.frame).labels
    tens = rows.frame["town"].replace_strict(dict(zip(TOWNS, (10.0, 20.5, 30.0), strict=True)))
    assert np.allclose(said, rows.frame["size"].to_numpy() + tens.to_numpy(), rtol=1e-5)


def test_dummies_are_found_by_their_names(tmp_path: Path) -> None:
    rows = table("two", ALL)
    x = np.column_stack([rows.frame["age"], rows.frame["town"] == "Lijiang"]).astype(np.float32)
    names = ["age", "town_Lijiang"]
    data = lightgbm.Dataset(x, codes(rows), feature_name=names)
    booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, data, 4)
    booster.save_model(tmp_path / "model.txt")
    choice = brought(tmp_path, "lightgbm", "model.txt", rows)
    said = Runner.of(choice.model).predict(rows.frame).probabilities
    assert np.allclose(said, both(booster.predict(x, num_threads=1)), atol=1e-6)


def test_what_is_missing_is_the_median_or_what_is_said(tmp_path: Path) -> None:
    wish, *_ = onnx_case(tmp_path, "value")
    rows = table("value", gaps=True)
    choice = brought(tmp_path, "onnx", wish, rows)
    assert any("median" in note["en"] and "age" in note["en"] for note in choice.notes)
    runner = Runner.of(choice.model)
    gap = pl.DataFrame(
        {"age": [None], "size": [0.5]}, schema={"age": pl.Float64, "size": pl.Float64}
    )
    usual = gap.with_columns(age=pl.lit(rows.frame["age"].median()))
    assert np.allclose(runner.predict(gap).labels, runner.predict(usual).labels)
    stated = Runner.of(brought(tmp_path, "onnx", {**wish, "missing": -1}, rows).model)
    less = gap.with_columns(age=pl.lit(-1.0))
    assert np.allclose(stated.predict(gap).labels, runner.predict(less).labels)


@pytest.mark.parametrize("layout", ["channels_first", "channels_last", "flat"])
def test_pictures_are_read_in_the_layout_of_the_model(tmp_path: Path, layout: str) -> None:
    draw = np.random.default_rng(1)
    pictures = draw.integers(0, 256, (40, 3, 4, 2)).astype(np.float32)  # (N, H, W, C)
    kind = Column("picture", "image", shape=(3, 4, 2))
    y = pictures.mean((1, 2, 3)) + 5
    frame = pl.DataFrame({"picture": pl.Series(pictures, dtype=pl.Array(pl.Float32, (3, 4, 2))),
                          "y": y})  # fmt: skip
    rows = Dataset(frame, Schema((kind, Column("y", "number", "target"))))
    given = np.moveaxis(pictures, 3, 1) if layout == "channels_first" else pictures
    shape = [24] if layout == "flat" else list(given.shape[1:])
    weight = draw.normal(size=shape).astype(np.float32)
    body = helper.make_graph(
        [helper.make_node("Mul", ["p", "w"], ["m"]), helper.make_node("Flatten", ["m"], ["f"]),
         helper.make_node("ReduceSum", ["f", "one"], ["values"], keepdims=1)],
        "pictures",
        [helper.make_tensor_value_info("p", TensorProto.FLOAT, [1, *shape])],
        [helper.make_tensor_value_info("values", TensorProto.FLOAT, [1, 1])],
        [onnx.numpy_helper.from_array(weight, "w"),
         onnx.numpy_helper.from_array(np.array([1]), "one")],
    )  # fmt: skip
    proto = helper.make_model(body, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    (tmp_path / "model.onnx").write_bytes(proto.SerializeToString())
    choice = brought(tmp_path, "onnx", {"path": "model.onnx", "scale": 255}, rows)
    said = Runner.of(choice.model).predict(frame).labels
    expected = (given.reshape(40, *shape) / 255 * weight).reshape(40, -1).sum(1)
    assert np.allclose(said, expected, rtol=1e-4, atol=1e-4)
    assert Predictor.of(choice.model, rows.schema).predict(frame[:1]).labels[0] == said[0]


def test_float64_is_used_where_float32_is_not_near_enough(tmp_path: Path) -> None:
    rows = table("value")
    far = rows.frame.with_columns(pl.col("age") * 1e6)  # a difference of large numbers
    changed = Dataset(far, rows.schema)
    model = make_pipeline(StandardScaler(), Ridge()).fit(
        numbers(changed).astype(np.float64), far["value"].to_numpy()
    )
    skops.io.dump(model, tmp_path / "model.skops")
    choice = brought(tmp_path, "sklearn", "model.skops", changed)
    said = Runner.of(choice.model).predict(far).labels
    assert np.allclose(said, model.predict(numbers(changed).astype(np.float64)), rtol=1e-6)


def test_a_pickle_is_read_where_its_digest_is_stated(tmp_path: Path) -> None:
    rows = table("two")
    model = LogisticRegression().fit(numbers(rows), rows.frame["two"].to_numpy())
    joblib.dump(model, tmp_path / "model.joblib")
    digest = hashlib.sha256((tmp_path / "model.joblib").read_bytes()).hexdigest()
    wish = {"path": "model.joblib", "pickle": True, "sha256": digest}
    choice = brought(tmp_path, "sklearn", wish, rows)
    said = Runner.of(choice.model).predict(rows.frame).probabilities
    assert np.allclose(said, model.predict_proba(numbers(rows)), atol=1e-6)


@pytest.mark.parametrize("target", ["two", "three", "value", "poisson"])
def test_histogram_boosters_answer_with_and_without_gaps(tmp_path: Path, target: str) -> None:
    rows = table("value" if target == "poisson" else target, gaps=True)
    y = rows.frame.to_series(2).to_numpy()
    if target in ("two", "three"):
        model: Any = HistGradientBoostingClassifier(max_iter=5).fit(numbers(rows), y)
        expected = model.predict_proba(numbers(rows))
    else:
        loss = "poisson" if target == "poisson" else "squared_error"
        model = HistGradientBoostingRegressor(max_iter=5, loss=loss).fit(numbers(rows), y)
        expected = model.predict(numbers(rows))
    skops.io.dump(model, tmp_path / "model.skops")
    kind = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"
    wish = {"path": "model.skops", "trusted": [kind]}
    said = Runner.of(brought(tmp_path, "sklearn", wish, rows).model).predict(rows.frame)
    answers = said.labels if said.probabilities is None else said.probabilities
    assert np.allclose(answers, expected, rtol=1e-5, atol=1e-6)


def test_types_that_are_trusted_may_be_made(tmp_path: Path) -> None:
    rows = table("two")
    model = RandomForestClassifier(4, max_depth=3, random_state=0)
    skops.io.dump(model.fit(numbers(rows), rows.frame["two"].to_numpy()), tmp_path / "model.skops")
    wish = {"path": "model.skops", "trusted": ["sklearn.tree._tree.Tree"]}
    said = Runner.of(brought(tmp_path, "sklearn", wish, rows).model).predict(rows.frame)
    assert np.allclose(said.probabilities, model.predict_proba(numbers(rows)), atol=1e-6)


def test_probabilities_are_calibrated_and_a_threshold_is_moved(tmp_path: Path) -> None:
    wish, *_ = onnx_case(tmp_path, "two")
    rows = table("two")
    plain = brought(tmp_path, "onnx", wish, rows, metric="f1")
    tuned = brought(tmp_path, "onnx", wish, rows, metric="f1", optimise=["calibrate", "threshold"])
    assert (plain.model.temperature, plain.model.threshold) == (1.0, 0.5)
    assert tuned.model.temperature != 1.0
    assert tuned.model.threshold != 0.5
    assert tuned.score > plain.score
    assert tuned.metric == "f1"
