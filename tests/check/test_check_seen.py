"""What can be looked at: the planted word and patch are found, and the document is whole."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace
from io import BytesIO

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.check.see_rows import PATCH, reads, subject

from lingqu.check.see.chosen import Judged, confused, looked_at
from lingqu.check.see.embedding import ROWS
from lingqu.check.see.occlusion import on_words, pieces
from lingqu.check.see.seen import seen
from lingqu.core.nouns import Dataset
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema


@given(st.text(), st.integers(1, 12))
def test_pieces_joined_are_the_text(text: str, most: int) -> None:
    parts = pieces(text, most)
    assert "".join(parts) == text
    assert len(parts) <= most
    assert all(parts)


def test_the_planted_word_is_what_the_answer_rests_on() -> None:
    model, judged = subject("logistic", "note")
    found = seen(model, judged, reads("note"))
    rare = [one for one in found["words"] if found["rows"][str(one["row"])]["said"] == "rare"]
    assert rare
    for one in rare:
        lost = {piece.strip(): cost for piece, cost in one["parts"]}
        assert max(lost, key=lambda word: lost[word]) == "jade"
        assert lost["jade"] > 5 * max(cost for word, cost in lost.items() if word != "jade")


def test_the_planted_patch_is_where_the_answer_looks() -> None:
    model, judged = subject("rbf_svm", "photo")
    found = seen(model, judged, reads("photo"))
    rare = [one for one in found["patches"] if found["rows"][str(one["row"])]["said"] == "rare"]
    assert rare
    for one in rare:
        grid = np.array(one["grid"])
        inside = np.zeros((8, 8), dtype=bool)
        inside[PATCH] = True
        assert grid[inside].min() > grid[~inside].max()


def test_the_document_is_plain_small_and_whole() -> None:
    model, judged = subject("mlp", "note", "photo")
    found = seen(model, judged, reads("note", "photo"))
    assert json.loads(json.dumps(found)) == found
    assert len(json.dumps(found)) < 60_000
    named = [*found["worst"], *(one["row"] for part in ("words", "patches") for one in found[part])]
    assert {str(row) for row in named} == set(found["rows"])
    assert found["map"]["of"] == "mlp"
    assert len(found["map"]["points"]) == 160
    picture = found["rows"][str(found["worst"][0])]["picture"]
    image = Image.open(BytesIO(b64decode(picture["uri"].partition(",")[2])))
    assert image.size == (picture["width"], picture["height"]) == (8, 8)


def test_the_map_of_trees_is_that_of_the_columns_and_holds_few_rows() -> None:
    model, judged = subject("lightgbm", "photo")
    many = Dataset(pl.concat([reads("photo").frame] * 3), reads("photo").schema)
    said = judged.predict(many.frame)
    found = seen(model, replace(judged, test=many, predictions=said, sent=many), many)
    assert found["map"]["of"] == ""
    assert len(found["map"]["points"]) == ROWS
    assert found["map"] == seen(model, replace(judged, test=many, predictions=said), many)["map"]


def test_few_answers_are_asked_for() -> None:
    model, judged = subject("logistic", "note", "photo")
    asked = []

    def answer(frame: pl.DataFrame) -> Predictions:
        asked.append(frame.height)
        said = judged.predict(frame)
        assert isinstance(said, Predictions)
        return said

    seen(model, replace(judged, predict=answer, answer=answer), reads("note", "photo"))
    assert 100 < sum(asked) < 520


def test_a_table_has_a_map_alone_and_other_tasks_have_nothing() -> None:
    draw = np.random.default_rng(0)
    frame = pl.DataFrame({"a": draw.normal(size=40), "b": draw.normal(size=40)})
    kinds = np.where(frame["a"].to_numpy() > 0, "x", "y")
    frame = frame.with_columns(kind=pl.Series(kinds))
    schema = Schema(
        (Column("a", "number"), Column("b", "number"), Column("kind", "category", "target"))
    )
    data = Dataset(frame, schema)
    model, judged = subject("logistic", "note")
    said = Predictions(np.zeros(40, dtype=np.int64), np.tile([0.9, 0.1], (40, 1)), ("x", "y"))
    other = replace(judged, schema=schema, train=data, test=data, predictions=said)
    trees = subject("lightgbm", "photo")[0]
    assert set(seen(trees, other, data)) == {"map", "classes"}
    assert seen(model, replace(judged, task="forecast"), reads("note")) == {}


def test_the_surest_mistakes_come_first_and_unknown_truths_never() -> None:
    chances = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.7, 0.3], [0.1, 0.9]])
    said = Predictions(chances.argmax(axis=1), chances, ("a", "b"))
    judged = Judged(said, np.array([1.0, 0.0, 1.0, 0.0, -1.0]))
    assert judged.worst == [0, 1, 2, 3]
    assert judged.told(4) == [None, "b"]
    assert looked_at(judged, judged.worst, 2) == [0, 2]
    assert confused(judged, judged.worst) == [
        {"truth": "a", "said": "b", "count": 1, "rows": [1]},
        {"truth": "b", "said": "a", "count": 1, "rows": [0]},
    ]


def test_of_values_the_largest_errors_come_first() -> None:
    judged = Judged(Predictions(np.array([1.0, 5.0, 2.0])), np.array([1.5, 2.0, np.nan]))
    assert judged.worst == [1, 0]
    assert judged.told(2) == [None, 2.0]
    assert judged.sure(0) is None
    assert looked_at(judged, judged.worst, 4) == [1, 0]


@pytest.mark.parametrize("text", [None, "", "canal"])
def test_a_text_of_one_word_has_nothing_to_leave_out(text: str | None) -> None:
    frame = pl.DataFrame({"note": [text]}, schema={"note": pl.String})
    assert on_words(frame, "note", lambda rows: Predictions(np.zeros(rows.height))) == []
