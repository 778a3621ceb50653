"""The operator contract, on every operator of the catalogue."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.contracts.operator_contract import CatalogueContract

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.govern import OPERATORS
from lingqu.release.prepare import apply_all, restore_operators, save_operators

OPTIONS: dict[str, list[Any]] = {
    "contract": [None, {"on_fail": "mark", "rules": [{"range": {"column": "age", "max": 60}}]}],
    "dedupe": [None, ["age", "city"], {"near": "auto"}, {"near": 0.9, "conflicting": "drop"}],
    "conflicts": [None, "drop", {"action": "majority", "near": "auto", "coarse": "act"}],
    "impute": [
        None,
        "mean",
        "mode",
        "indicator",
        "model",
        {"strategy": "model", "indicator": True},
        {"columns": {"age": "model", "city": {"constant": "?"}, "member": "mode"}},
    ],
    "outliers": [
        None,
        "clip",
        "mark",
        {"action": "clip", "method": "mad"},
        {"method": "isolation", "share": 0.1},
        {"method": "isolation", "action": "mark"},
        {"action": "mark", "limits": {"age": [0, 120]}},
    ],
    "standardise": [None, {"mixed": "split", "punctuation": "chinese"}],
    "repair_encoding": [None, ["city"]],
    "balance": [None, "over", "under", {"method": "weights", "ratio": 0.5}],
    "clean_categories": [None, {"rare": 0.05}],
    "mask": [
        None,
        {"strategy": "redact"},
        {"strategy": "drop"},
        ["phone", "age"],
        {"columns": ["phone", "note", "age"], "strategy": "generalise"},
    ],
    "generalise": [
        None,
        {"columns": ["age", "city", "member"], "k": 3, "suppress": 0.1},
        {"columns": ["age", "city", "member"], "k": 3, "method": "mondrian"},
    ],
    "find_label_errors": [None, 0.05],
    "reweigh": ["sex", None],
}
CASES = [(name, given) for name in sorted(OPERATORS) for given in OPTIONS.get(name, [None])]

CITIES = ("BEIJING ", "Beijing", "N/A", "Shanghai")


def people(rows: int = 60) -> Dataset:
    """Return a small table with one of everything that governance meets."""
    random = np.random.default_rng(7)
    age = [None if i % 11 == 5 else float(i % 50 + 20) for i in range(rows)]
    age[3] = 900.0
    frame = pl.DataFrame(
        {
            "row_id": list(range(rows)),
            "age": pl.Series(age, dtype=pl.Float64),
            "city": [["Beijing", "BEIJING ", "Shanghai", "N/A", None][i % 5] for i in range(rows)],
            "price": [f"{i % 9 + 1},200 元" for i in range(rows)],
            "note": ["ok"] * (rows - 1) + ["手机13912345678，请回电"],
            "phone": [f"139{i:08d}" for i in range(rows)],
            "member": [bool(i % 3) for i in range(rows)],
            "same": ["x"] * rows,
            "sex": [["f", "m"][i % 2] for i in range(rows)],
            "churned": [["no", "yes"][int(v)] for v in random.integers(0, 2, rows)],
        }
    )
    frame = frame.with_columns(
        pl.Series("picture", random.integers(0, 16, (rows, 4, 4)), dtype=pl.Array(pl.UInt8, (4, 4)))
    ).select(*frame.columns[:8], "picture", "sex", "churned")
    schema = Schema(
        (
            Column("row_id", "number", low=0, high=rows - 1),
            Column("age", "number", nullable=True, low=20, high=900),
            Column("city", "category", nullable=True, levels=CITIES),
            Column("price", "text"),
            Column("note", "text"),
            Column("phone", "text"),
            Column("member", "boolean"),
            Column("same", "category", levels=("x",)),
            Column("picture", "image", shape=(4, 4), low=0, high=15),
            Column("sex", "category", "protected", levels=("f", "m")),
            Column("churned", "category", "target", levels=("no", "yes")),
        )
    )  # fmt: skip
    return Dataset(frame, schema, "people", "d1")


@pytest.mark.parametrize(("name", "given"), CASES, ids=[f"{n}-{g}" for n, g in CASES])
class TestEveryOperator(CatalogueContract):
    def data(self) -> Dataset:
        return people()

    def test_saved_and_restored_through_the_release(self) -> None:
        operator = self.make()
        operator.fit(self.data())
        rows = save_operators([operator])
        assert len(rows) == int(operator.travels)
        again = restore_operators(rows)
        assert save_operators(again) == rows
        expected = apply_all(self.data(), [operator] if operator.travels else [])
        assert apply_all(self.data(), again).frame.equals(expected.frame)


@pytest.mark.parametrize(
    "name", ["impute", "outliers", "mask", "dedupe", "drop_ids", "standardise"]
)
def test_an_unknown_column_is_refused_with_near_names(name: str) -> None:
    option = {"subset" if name == "dedupe" else "columns": ["agee"]}
    with pytest.raises(SpecError) as caught:
        catalog.build("operators", name, option).fit(people())
    assert "age" in str(caught.value)


@pytest.mark.parametrize("name", ["impute", "outliers", "clean_categories", "standardise"])
def test_a_column_of_a_wrong_kind_is_refused(name: str) -> None:
    with pytest.raises(SpecError) as caught:
        catalog.build("operators", name, {"columns": ["picture"]}).fit(people())
    assert caught.value.key == "govern.wrong_kind"
