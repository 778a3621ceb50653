"""Pixels that were read as an array need no frame, and are encoded as those in one."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.schema import Column, Schema
from lingqu.release.encode import Encoder, Style, fit_encoding
from lingqu.release.few_rows import FewRows
from lingqu.release.predictor import Predictor

SCHEMA = Schema(
    (
        Column("image", "image", shape=(4, 4), low=0, high=16),
        Column("digit", "category", "target", levels=("0", "1")),
    )
)


def pictures(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 17, (count, 4, 4)).astype(np.float32)


def few(block: np.ndarray) -> FewRows:
    """Rows that hold an array only: whoever wants a frame fails."""

    def no_frame() -> pl.DataFrame:
        raise AssertionError("a frame was made")

    return FewRows(len(block), {}, {}, no_frame, {"image": block})


def encoding(style: Style) -> dict[str, Json]:
    frame = pl.DataFrame({"image": pictures(40), "digit": ["0", "1"] * 20})
    return fit_encoding(Dataset(frame, SCHEMA, "digits"), style)


@pytest.mark.parametrize("style", ["linear", "tree", "image", "net"])
@pytest.mark.parametrize("count", [1, 3, 20])
def test_an_array_is_encoded_as_the_same_pictures_in_a_frame(style: Style, count: int) -> None:
    encoder, block = Encoder(encoding(style)), pictures(count, 1)
    block[0, 0, 0] = np.nan
    wanted = encoder.encode(pl.DataFrame({"image": block}))[encoder.tensor]
    assert np.array_equal(encoder.encode(few(block))[encoder.tensor], wanted, equal_nan=True)


def test_an_array_of_another_shape_is_left_to_the_frame() -> None:
    encoder, block = Encoder(encoding("linear")), pictures(2, 1)
    rows = FewRows(2, {}, {}, lambda: pl.DataFrame({"image": block}), {"image": block[:, :2]})
    wanted = encoder.encode(pl.DataFrame({"image": block}))["x"]
    assert np.array_equal(encoder.encode(rows)["x"], wanted)


def linear_model() -> Model:
    from onnx import TensorProto, helper, numpy_helper

    weight = np.random.default_rng(2).standard_normal((16, 2)).astype(np.float32)
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["g"]),
        helper.make_node("Softmax", ["g"], ["probabilities"]),
    ]
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, "linear", [tensor("x", TensorProto.FLOAT, ["n", 16])],
        [tensor("probabilities", TensorProto.FLOAT, ["n", 2])],
        [numpy_helper.from_array(weight, "w")],
    )  # fmt: skip
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    member = Member("one", "one", 1.0, encoding("linear"), made.SerializeToString())
    return Model("classify", ("0", "1"), (member,))


@pytest.mark.parametrize("count", [1, 8, 9])
def test_governed_pixels_are_answered_as_those_of_a_frame(count: int) -> None:
    predictor, block = Predictor.of(linear_model(), SCHEMA), pictures(count, 3)
    wanted = predictor.predict(pl.DataFrame({"image": block}))
    said = predictor.runner.predict(predictor.governed(few(block)))
    assert said.labels.tolist() == wanted.labels.tolist()
    assert said.probabilities is not None and wanted.probabilities is not None
    assert np.array_equal(said.probabilities, wanted.probabilities)
    framed = predictor.governed(pl.DataFrame({"image": block}))
    assert predictor.runner.predict(framed).labels.tolist() == wanted.labels.tolist()
