"""What a channel gets that names no operators."""

from __future__ import annotations

import polars as pl
import pytest

from lingqu.core.schema import Column, Schema
from lingqu.govern.defaults import defaults


def names(texts: list[str]) -> list[str]:
    frame = pl.DataFrame({"t": texts, "y": ["a", "b"] * (len(texts) // 2)})
    schema = Schema((Column("t", "text"), Column("y", "category", "target", levels=("a", "b"))))
    return [name for name, _, _ in defaults(schema, frame)]


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (["房间很干净，服务也好", "电池太差，卖家不理人"] * 300, True),
        (["房间很干净，服务也好", "电池太差，卖家不理人"] * 30, False),
        (["the room was clean", "the battery is poor"] * 300, False),
    ],
    ids=["chinese", "few rows", "english"],
)
def test_many_chinese_texts_become_vectors(texts: list[str], wanted: bool) -> None:
    assert ("text_features" in names(texts)) == wanted


def test_vectors_are_made_after_the_words_were_cleaned_and_before_labels_are_doubted() -> None:
    found = names(["房间很干净，服务也好", "电池太差，卖家不理人"] * 300)
    assert found.index("dedupe") < found.index("text_features") < found.index("find_label_errors")
