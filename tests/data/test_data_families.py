"""Families of copies, and the split that keeps each on one side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.data.families import families
from lingqu.data.split import split

LONG = "服务员很热情，房间干净，早餐也不错，下次还会来这家酒店住。"
OTHER = "屏幕有一个亮点，联系了客服，三天都没有人回复，非常失望。"


def reviews(texts: list[str], labels: list[str]) -> Dataset:
    frame = pl.DataFrame({"text": texts, "label": labels})
    return Dataset(
        frame, Schema((Column("text", "text"), Column("label", "category", role="target")))
    )


def test_equal_rows_near_texts_and_chains_are_one_family() -> None:
    data = reviews([LONG, OTHER, LONG + "！", LONG, OTHER + "！"], list("ababb"))
    assert families(data).tolist() == [0, 1, 0, 0, 1]


def test_a_label_alone_does_not_part_copies_nor_short_words_join_rows() -> None:
    assert families(reviews([LONG, LONG], ["a", "b"])).tolist() == [0, 0]
    assert families(reviews(["好的", "好吧", "好的"], list("aab"))).tolist() == [0, 1, 0]


def test_numbers_are_equal_or_not_and_missing_ones_are_alike() -> None:
    frame = pl.DataFrame({"x": [1.0, None, 1.0, None, 1.5], "y": ["a", "b", "a", "b", "a"]})
    schema = Schema((Column("x", "number"), Column("y", "category")))
    assert families(Dataset(frame, schema)).tolist() == [0, 1, 0, 1, 4]
    without = Schema((Column("x", "number", role="id"), Column("y", "category", role="target")))
    assert families(Dataset(frame, without)).tolist() == [0, 1, 2, 3, 4]


def test_pictures_are_compared_by_content(tmp_path: Path) -> None:
    for name, data in (("a", b"one"), ("b", b"two"), ("c", b"one")):
        (tmp_path / name).write_bytes(data)
    paths = [str(tmp_path / name) for name in "abc"]
    schema = Schema((Column("image", "image", shape=(1, 1)),))
    assert families(Dataset(pl.DataFrame({"image": paths}), schema)).tolist() == [0, 1, 0]
    arrays = pl.Series("image", [[[1]], [[1]], [[2]]], dtype=pl.Array(pl.UInt8, (1, 1)))
    assert families(Dataset(pl.DataFrame([arrays]), schema)).tolist() == [0, 0, 2]
    lost = Dataset(pl.DataFrame({"image": [str(tmp_path / "gone")]}), schema)
    with pytest.raises(DataError, match="gone"):
        families(lost)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from("ab")), min_size=30, max_size=120),
    st.floats(0.1, 0.5),
    st.integers(0, 2**32 - 1),
)
def test_no_copy_lies_on_both_sides(rows: list[tuple[int, str]], share: float, seed: int) -> None:
    frame = pl.DataFrame({"x": [x for x, _ in rows], "y": [y for _, y in rows]})
    if frame["x"].n_unique() < 15:
        return
    data = Dataset(frame, Schema((Column("x", "number"), Column("y", "category", role="target"))))
    made = split(data, "classify", how="distinct", test=share, seed=seed)
    assert sorted([*made.train, *made.test]) == list(range(len(rows)))
    x = frame["x"].to_numpy()
    assert not set(x[made.train]) & set(x[made.test])
    largest = int(np.bincount(x).max())
    assert abs(len(made.test) - share * len(rows)) <= 2 * largest + 1
    again = split(data, "classify", how="distinct", test=share, seed=seed)
    assert again.test.tolist() == made.test.tolist()
    assert made.how == "distinct" and "stay together" in made.reason and "同一侧" in made.reason_zh


def test_each_class_gets_its_share() -> None:
    count = 1000
    labels = np.where(np.arange(count) % 10 == 0, "rare", "usual")
    frame = pl.DataFrame({"x": np.arange(count) // 2, "y": labels})
    data = Dataset(frame, Schema((Column("x", "number"), Column("y", "category", role="target"))))
    held = frame[split(data, "classify", how="distinct").test]
    assert abs((held["y"] == "rare").sum() - 20) <= 2
    assert len(split(data, "regress", how="distinct").test) == 200


def test_rows_that_are_all_alike_cannot_be_parted() -> None:
    with pytest.raises(DataError, match="20 rows into 1 famil"):
        split(reviews([LONG] * 20, ["a", "b"] * 10), "classify", how="distinct")
