"""Texts as the numbers of their words."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.release.tokens import Tokens, sequences, tokens_block, vocabulary_size, words_of


def written(frame: pl.DataFrame, block: dict[str, object]) -> np.ndarray:
    tokens = Tokens(block)
    out = np.full((frame.height, tokens.width), -1, dtype=np.float32)
    tokens.write(frame, out)
    return out


def test_words_digits_signs_and_chinese_characters_are_apart() -> None:
    found = words_of(pl.Series(["Don't pay ¥12, 灵渠abc"])).to_list()
    assert found == [["don", "'", "t", "pay", "¥", "1", "2", ",", "灵", "渠", "abc"]]


def test_known_words_have_numbers_of_their_own_and_others_share() -> None:
    frame = pl.DataFrame({"t": ["the canal the canal", "the lock", None]})
    block = tokens_block(frame, ["t"], 0)
    assert block["words"] == ["the", "canal"] and block["length"] == 4
    out = written(frame, block)
    first = 2 + block["buckets"]
    assert out[0].tolist() == [first, first + 1, first, first + 1]
    assert out[1, 0] == first and 0 < out[1, 1] <= block["buckets"]
    assert not out[2].any() and out.max() < vocabulary_size(block)


def test_what_is_longer_than_the_context_is_cut() -> None:
    block = tokens_block(pl.DataFrame({"t": ["a b c d e"] * 2}), ["t"], 3)
    assert block["length"] == 3
    assert np.count_nonzero(written(pl.DataFrame({"t": ["a b c d e", "b"]}), block)) == 4


def test_columns_follow_each_other_with_a_mark_between() -> None:
    lists = sequences([pl.Series(["a b", None]), pl.Series(["c", "d"])]).to_list()
    assert lists == [["a", "b", "\n", "c"], ["\n", "d"]]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=40)), min_size=1, max_size=8))
def test_any_text_has_valid_numbers_and_rows_do_not_touch_each_other(
    rows: list[str | None],
) -> None:
    frame = pl.DataFrame({"t": rows}, schema={"t": pl.String})
    block = tokens_block(pl.DataFrame({"t": ["the water of the canal", "灵渠 the"]}), ["t"], 16)
    out = written(frame, block)
    assert ((out >= 0) & (out < vocabulary_size(block)) & (out == np.floor(out))).all()
    for place in range(len(rows)):
        assert (written(frame[place : place + 1], block) == out[place]).all()
    ended = (out == 0).cumsum(1) > 0
    assert not out[ended].any()  # nothing follows the end of a text
