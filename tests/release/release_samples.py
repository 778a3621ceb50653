"""Small models for the tests of `lingqu.release`: graphs written by hand, weights from a seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from onnx import TensorProto, helper, numpy_helper

from lingqu.core.nouns import Dataset, Member, Model
from lingqu.core.schema import Column, Schema
from lingqu.release.encode import Style, fit_encoding

CLASSES = ("no", "yes")
TEN = tuple("0123456789")


def graph(
    shape: Sequence[int], width: int, *, seed: int = 0, task: str = "classify", opset: int = 17
) -> bytes:
    """A linear map of the flattened tensor; NaN counts as 0."""
    name = "image" if len(shape) == 3 else "x"
    output = "probabilities" if task == "classify" else "values"
    random = np.random.default_rng(seed)
    weight = random.normal(size=(int(np.prod(shape)), width)).astype(np.float32)
    nodes = [
        helper.make_node("Flatten", [name], ["flat"], axis=1),
        helper.make_node("IsNaN", ["flat"], ["gaps"]),
        helper.make_node("Where", ["gaps", "zero", "flat"], ["known"]),
        helper.make_node("MatMul", ["known", "weight"], ["scores"]),
    ]
    last = "Softmax" if task == "classify" else "Identity"
    nodes.append(helper.make_node(last, ["scores"], [output]))
    made = helper.make_graph(
        nodes,
        "sample",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", width])],
        [
            numpy_helper.from_array(weight, "weight"),
            numpy_helper.from_array(np.zeros(1, dtype=np.float32), "zero"),
        ],
    )
    imports = [helper.make_opsetid("", opset)]
    return helper.make_model(made, opset_imports=imports, ir_version=8).SerializeToString()


def member(
    dataset: Dataset,
    style: Style,
    width: int,
    *,
    weight: float = 1.0,
    seed: int = 0,
    task: str = "classify",
    opset: int = 17,
) -> Member:
    encoding = fit_encoding(dataset, style)
    made = graph(encoding["shape"], width, seed=seed, task=task, opset=opset)
    return Member(f"{style}{seed}", "logistic", weight, encoding, made)


def people(rows: int = 40) -> Dataset:
    """A table with every kind that a form may have, and a yes/no target."""
    random = np.random.default_rng(3)
    frame = pl.DataFrame(
        {
            "age": [float(v) if v > 22 else None for v in random.integers(18, 80, rows)],
            "member": random.random(rows) > 0.5,
            "town": random.choice(["桂林", "成都", "Lyon"], rows),
            "note": random.choice(["很好", "slow reply", "退货 refund"], rows),
            "joined": pl.Series(
                np.datetime64("2024-01-05T08:30", "us")
                + random.integers(0, 700, rows) * np.timedelta64(1, "D")
            ),
            "left": random.choice(CLASSES, rows),
        }
    )
    schema = Schema(
        (
            Column("age", "number", nullable=True),
            Column("member", "boolean"),
            Column("town", "category", levels=("Lyon", "成都", "桂林")),
            Column("note", "text"),
            Column("joined", "datetime"),
            Column("left", "category", "target", levels=CLASSES),
        )
    )
    return Dataset(frame, schema, "people")


def digits(rows: int = 60) -> Dataset:
    """Images of 8 × 8 with the levels of scikit-learn's digits."""
    random = np.random.default_rng(5)
    images = random.integers(0, 17, (rows, 8, 8), dtype=np.uint8)
    frame = pl.DataFrame({"image": images, "digit": [TEN[i % 10] for i in range(rows)]})
    schema = Schema(
        (
            Column("image", "image", shape=(8, 8), low=0, high=16),
            Column("digit", "category", "target", levels=TEN),
        )
    )
    return Dataset(frame, schema, "digits")


def ensemble(dataset: Dataset, classes: tuple[str, ...] = CLASSES) -> Model:
    """A linear and a tree-form member, of different operator sets, with a temperature."""
    width = len(classes)
    members = (
        member(dataset, "linear", width, weight=0.75, seed=1, opset=17),
        member(dataset, "tree", width, weight=0.25, seed=2, opset=13),
    )
    return Model("classify", classes, members, temperature=1.5)
