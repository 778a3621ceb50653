"""What cannot be carried over is refused in one line that says what to do."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import onnx
import pytest
import skops.io
import torch
from onnx import TensorProto, helper
from safetensors.torch import save_file
from sklearn.ensemble import RandomForestClassifier
from tests.learn.brought_tables import ROWS, numbers, table
from tests.learn.test_learn_imported import NETS, Net, brought, codes

from lingqu.core.errors import LingquError, SpecError, TrainError
from lingqu.core.i18n import text
from lingqu.core.schema import Column, Schema
from lingqu.learn.imported.sklearn import SklearnEstimator
from lingqu.learn.tabular.graph import graph

SUM = ("ReduceSum", ["x", "one"], ["values"], {"keepdims": 1})
ONE = {"one": np.array([1])}


def refused(folder: Path, name: str, wish: Any, target: str = "value", **more: Any) -> LingquError:
    with pytest.raises(LingquError) as caught:
        brought(folder, name, wish, table(target, **more))
    error = caught.value
    for language in ("en", "zh"):
        assert "\n" not in text(error.key, language, **error.facts)
    return error


def proto_of(steps: list[Any], columns: int = 2) -> onnx.ModelProto:
    return onnx.load_model_from_string(graph(steps, ONE, columns, "values"))


def written(folder: Path, proto: onnx.ModelProto) -> str:
    (folder / "model.onnx").write_bytes(proto.SerializeToString())
    return "model.onnx"


def test_no_file_and_another_file(tmp_path: Path) -> None:
    assert refused(tmp_path, "onnx", "model.onnx").key == "imported.no_file"
    written(tmp_path, proto_of([SUM]))
    wish = {"path": "model.onnx", "sha256": "ab" * 32}
    assert refused(tmp_path, "onnx", wish).key == "imported.wrong_digest"


@pytest.mark.parametrize("name", ["onnx", "lightgbm", "xgboost", "catboost", "torch", "sklearn"])
def test_a_file_of_noise(tmp_path: Path, name: str) -> None:
    (tmp_path / "model.skops").write_bytes(b"\x01 no model of anybody" * 9)
    (tmp_path / "nets.py").write_text(NETS, encoding="utf-8")
    wish: dict[str, Any] = {"path": "model.skops"}
    if name == "torch":
        wish |= {"module": "nets:Net", "arguments": {"hidden": 2, "out": 1}}
    error = refused(tmp_path, name, wish)
    assert (error.key, error.facts["path"]) == ("imported.not_a_model", "model.skops")


class Trap:
    """Leaves a file where it is unpickled."""

    def __init__(self, touched: Path) -> None:
        self.touched = touched

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.touched,)


@pytest.mark.parametrize("name", ["onnx", "lightgbm", "xgboost", "catboost", "torch"])
def test_a_pickle_is_never_opened(tmp_path: Path, name: str) -> None:
    touched = tmp_path / "touched"
    (tmp_path / "model.bin").write_bytes(pickle.dumps(Trap(touched)))
    assert refused(tmp_path, name, "model.bin").key == "imported.pickle_inside"
    assert refused(tmp_path, "sklearn", "model.bin").key == "imported.pickle"
    torch.save({"weight": torch.zeros(1)}, tmp_path / "model.pt")
    assert refused(tmp_path, name, "model.pt").key == "imported.pickle_inside"
    assert not touched.exists()


def test_skops_types_that_nobody_trusted(tmp_path: Path) -> None:
    rows = table("two")
    model = RandomForestClassifier(2, max_depth=2).fit(numbers(rows), codes(rows))
    skops.io.dump(model, tmp_path / "model.skops")
    error = refused(tmp_path, "sklearn", "model.skops", "two")
    assert (error.key, error.facts["names"]) == ("imported.untrusted", "sklearn.tree._tree.Tree")
    wish = {"path": "model.skops", "trusted": ["sklearn.tree._tree.Tree"]}
    assert refused(tmp_path, "sklearn", wish, "value").key == "imported.other_estimator"


def test_weights_in_another_file(tmp_path: Path) -> None:
    proto = proto_of([("MatMul", ["x", "w"], ["values"], {})])
    proto.graph.initializer.append(onnx.numpy_helper.from_array(np.ones((2, 1), "f4"), "w"))
    onnx.save_model(proto, tmp_path / "model.onnx", save_as_external_data=True,
                    location="weights.bin", size_threshold=0)  # fmt: skip
    error = refused(tmp_path, "onnx", "model.onnx")
    assert error.key == "imported.weights_aside"
    assert error.facts["name"] == "one"


def test_operators_that_nobody_else_has(tmp_path: Path) -> None:
    proto = proto_of([("Magic", ["x"], ["values"], {"domain": "my.own"})])
    error = refused(tmp_path, "onnx", written(tmp_path, proto))
    assert (error.key, error.facts["names"]) == ("imported.custom_operators", "Magic")


def test_an_operator_set_that_is_too_new(tmp_path: Path) -> None:
    proto = proto_of([SUM])
    proto.opset_import[0].version = 999
    error = refused(tmp_path, "onnx", written(tmp_path, proto))
    assert (error.key, error.facts["received"]) == ("imported.new_operators", 999)


def test_an_operator_set_that_is_old_is_brought_up(tmp_path: Path) -> None:
    old = helper.make_graph(
        [helper.make_node("ReduceSum", ["x"], ["values"], axes=[1], keepdims=1)], "old",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 2])],
        [helper.make_tensor_value_info("values", TensorProto.FLOAT, ["N", 1])],
    )  # fmt: skip
    proto = helper.make_model(old, opset_imports=[helper.make_opsetid("", 9)], ir_version=4)
    choice = brought(tmp_path, "onnx", written(tmp_path, proto), table("value"))
    assert choice.model.members[0].notes["opset"] == 13


def test_a_graph_that_needs_a_fixed_number_of_rows(tmp_path: Path) -> None:
    reshape = ("Reshape", ["x", "shape"], ["y"], {})
    proto = proto_of([reshape, ("ReduceSum", ["y", "one"], ["values"], {"keepdims": 1})])
    proto.graph.initializer.append(onnx.numpy_helper.from_array(np.array([4, 2]), "shape"))
    assert refused(tmp_path, "onnx", written(tmp_path, proto)).key == "imported.cannot_run"


def test_a_graph_in_which_rows_see_each_other(tmp_path: Path) -> None:
    steps = [("ReduceMean", ["x", "zero"], ["m"], {"keepdims": 1}), ("Sub", ["x", "m"], ["y"], {}),
             ("ReduceSum", ["y", "one"], ["values"], {"keepdims": 1})]  # fmt: skip
    data = graph(steps, {**ONE, "zero": np.array([0])}, 2, "values")
    (tmp_path / "model.onnx").write_bytes(data)
    error = refused(tmp_path, "onnx", "model.onnx")
    assert isinstance(error, TrainError)
    assert error.key == "imported.rows_differ"


def test_a_graph_that_answers_otherwise_each_time(tmp_path: Path) -> None:
    steps = [("RandomNormalLike", ["x"], ["r"], {}), ("ReduceSum", ["r", "one"], ["values"],
                                                      {"keepdims": 1})]  # fmt: skip
    (tmp_path / "model.onnx").write_bytes(graph(steps, ONE, 2, "values"))
    assert refused(tmp_path, "onnx", "model.onnx").key == "imported.differs"


@pytest.mark.parametrize(
    ("wish", "key"),
    [
        ({"columns": ["age"]}, "imported.width"),
        ({"columns": ["age", "siez"]}, "imported.no_column"),
        ({"mean": [1, 2, 3]}, "imported.numbers"),
        ({"scale": [1, 0]}, "imported.zero_scale"),
        ({"output": "logits"}, "imported.output_task"),
    ],
)
def test_columns_and_numbers_that_do_not_fit(
    tmp_path: Path, wish: dict[str, Any], key: str
) -> None:
    path = written(tmp_path, proto_of([SUM]))
    assert refused(tmp_path, "onnx", {"path": path, **wish}).key == key


def test_columns_that_no_model_reads_raw(tmp_path: Path) -> None:
    path = written(tmp_path, proto_of([SUM]))
    rows = table("value")
    words = Schema((Column("age", "text"), *rows.schema.columns[1:]))
    with pytest.raises(SpecError) as caught:
        brought(tmp_path, "onnx", path, type(rows)(rows.frame, words))
    assert caught.value.key == "imported.other_kind"


@pytest.mark.parametrize(
    ("operator", "wish", "key"),
    [
        ("Softmax", {"classes": ["no", "maybe"]}, "imported.other_classes"),
        ("Softmax", {"classes": ["no"]}, "imported.class_count"),
        ("Sigmoid", {}, "imported.which_meaning"),
        ("Softmax", {"output": "values"}, "imported.output_task"),
    ],
)
def test_classes_and_meanings_that_do_not_fit(
    tmp_path: Path, operator: str, wish: dict[str, Any], key: str
) -> None:
    path = written(tmp_path, proto_of([(operator, ["x"], ["values"], {})]))
    assert refused(tmp_path, "onnx", {"path": path, **wish}, "two").key == key


def test_as_many_classes_as_the_target_has(tmp_path: Path) -> None:
    path = written(tmp_path, proto_of([("Softmax", ["x"], ["values"], {})]))
    error = refused(tmp_path, "onnx", path, "three")
    assert (error.key, error.facts["received"]) == ("imported.class_count", 2)
    assert refused(tmp_path, "onnx", path).key == "imported.many_values"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"module": "nets:Nit"}, "imported.no_module"),
        ({"module": "nowhere:Net"}, "imported.no_module"),
        ({"module": "nets:torch"}, "imported.no_module"),
        ({"arguments": {"hidden": 2}}, "imported.no_module"),
        ({"arguments": {"hidden": 3, "out": 1}}, "imported.other_weights"),
        ({"columns": ["age"]}, "imported.module_fails"),
    ],
)
def test_modules_that_do_not_fit(tmp_path: Path, change: dict[str, Any], key: str) -> None:
    (tmp_path / "nets.py").write_text(NETS, encoding="utf-8")
    save_file(Net(2, 1).state_dict(), tmp_path / "net.safetensors")
    wish = {"path": "net.safetensors", "module": "nets:Net", "arguments": {"hidden": 2, "out": 1}}
    assert refused(tmp_path, "torch", {**wish, **change}).key == key


def test_weights_that_lack_one(tmp_path: Path) -> None:
    (tmp_path / "nets.py").write_text(NETS, encoding="utf-8")
    weights = Net(2, 1).state_dict()
    weights["other"] = weights.pop("last.bias")
    save_file(weights, tmp_path / "net.safetensors")
    wish = {"path": "net.safetensors", "module": "nets:Net", "arguments": {"hidden": 2, "out": 1}}
    error = refused(tmp_path, "torch", wish)
    assert error.facts["problem"] == "- last.bias, + other"


def test_boosters_of_another_form(tmp_path: Path) -> None:
    rows = table("value")
    data = lightgbm.Dataset(numbers(rows), np.arange(ROWS) % 3, group=[ROWS])
    wish = {"objective": "lambdarank", "verbose": -1, "num_threads": 1}
    lightgbm.train(wish, data, 2).save_model(tmp_path / "model.txt")
    error = refused(tmp_path, "lightgbm", "model.txt")
    assert (error.key, error.facts["received"]) == ("imported.other_form", "lambdarank")


def test_a_pickle_that_was_put_in_place_of_the_checked_one_is_not_opened(tmp_path: Path) -> None:
    meant, place = pickle.dumps(RandomForestClassifier()), tmp_path / "model.pkl"
    digest = hashlib.sha256(meant).hexdigest()
    file = SklearnEstimator("model.pkl", sha256=digest, pickle=True)
    touched = tmp_path / "touched"
    place.write_bytes(pickle.dumps(Trap(touched)))  # after the check, before it is read
    with pytest.raises(SpecError) as caught:
        file.read(place, tmp_path, "classify")
    assert caught.value.key == "imported.wrong_digest" and not touched.exists()
