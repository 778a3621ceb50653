"""Texts as the pieces of a tokeniser: counted from 1, cut only where that was said."""

from __future__ import annotations

import json
import logging

import numpy as np
import polars as pl
import pytest
from tests.learn.pretrained_folders import WORDS, tokeniser

from lingqu.core.errors import DataError, GateError
from lingqu.release.encode import VERSION, Encoder
from lingqu.release.pieces import Pieces, lengths, opened, pieces_block

FRAME = pl.DataFrame({"note": ["low water", "", None, "the lock gates , open now"]})


def block(length: int = 40, cut: bool = False, names: tuple[str, ...] = ("note",)) -> dict:
    return pieces_block(names, tokeniser().to_str(), length, cut)


def written(made: Pieces, frame: pl.DataFrame = FRAME) -> np.ndarray:
    out = np.full((frame.height, made.width), -1, dtype=np.float32)
    made.write(frame, out)
    return out


def named(row: np.ndarray) -> list[str]:
    return [WORDS[int(number) - 1] for number in row if number]


def test_pieces_are_numbered_from_one_and_nothing_is_zero() -> None:
    out = written(Pieces(block()))
    assert named(out[0]) == ["[CLS]", "low", "water", "[SEP]"]
    assert named(out[1]) == named(out[2]) == ["[CLS]", "[SEP]"]
    assert named(out[3]) == ["[CLS]", "the", "lock", "gate", "##s", ",", "open", "now", "[SEP]"]
    assert out.min() == 0 and not out[0, 4:].any()


def test_what_the_file_says_of_padding_and_cutting_does_not_count() -> None:
    made = opened(tokeniser().to_str())
    assert [len(made.encode(text).ids) for text in ("low", "low " * 20)] == [3, 22]
    assert lengths(["low", ""], made).tolist() == [3, 2]


def test_texts_of_several_columns_are_one_sequence() -> None:
    frame = pl.DataFrame({"a": ["low", None], "b": ["gate", "now"]})
    out = written(Pieces(block(names=("a", "b"))), frame)
    assert [named(row)[1:-1] for row in out] == [["low", "gate"], ["now"]]


def test_long_texts_are_cut_where_that_was_said_and_are_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        out = written(Pieces(block(5, cut=True)))
    assert named(out[3]) == ["[CLS]", "the", "lock", "gate", "[SEP]"]  # its end is still an end
    assert "1 of 4 texts were cut to 5 pieces" in caplog.text


def test_long_texts_are_refused_with_their_number_where_nobody_said_so() -> None:
    with pytest.raises(DataError, match=r"1 rows have more pieces.*5; the longest has 9"):
        written(Pieces(block(5)))
    assert written(Pieces(block(9))).shape == (4, 9)  # just as many as it reads


def test_an_encoding_is_as_wide_as_the_longest_text_at_hand() -> None:
    encoding = {"version": VERSION, "style": "pretrained", "tensor": "x", "shape": [None],
                "blocks": [block()], "left_out": []}  # fmt: skip
    encoder = Encoder(json.loads(json.dumps(encoding)))
    assert encoder.words == 0
    assert encoder.encode(FRAME)["x"].shape == (4, 9)
    assert encoder.encode(FRAME[:2])["x"].shape == (2, 4)


def test_a_spoilt_tokeniser_is_refused() -> None:
    with pytest.raises(GateError, match=r"tokeniser.*lingqu run"):
        opened('{"version": "1.0"}')
