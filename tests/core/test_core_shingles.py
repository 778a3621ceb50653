"""Shingles: the fast way to fold a batch is the plain way, and similarity is counted rightly."""

from __future__ import annotations

import random
import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.shingles import EMPTY, blocks, distinct, hashed, jaccard, normal, stream

ODD = "ﬁ½Åé́ ßΣİ가한⁵㎏①Ａｂ　 ￥\t\u200d😀\ud800𝔘ด้ा"
TEXTS = st.lists(st.text(st.characters() | st.sampled_from(ODD), max_size=30), max_size=6)


def folded(texts: list[str | None]) -> list[str]:
    """Return what `stream` made of texts, as texts."""
    part = stream(texts)
    found, start = [], 0
    for length in part.lengths.tolist():
        found.append("".join(map(chr, part.codes[start : start + length].tolist())))
        assert part.codes[start + length] == 0x110000
        start += length + 1
    assert start == part.codes.size
    return found


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_a_batch_is_folded_as_each_text_alone(texts: list[str]) -> None:
    assert folded(list(texts)) == [normal(text) for text in texts]


def test_every_character_is_folded_as_python_does() -> None:
    codes = [code for code in range(0x3100)] + list(range(0xF900, 0x10010))
    texts = [f"a{chr(code)}b" for code in codes]
    wrong = [
        hex(code)
        for code, text, found in zip(codes, texts, folded(list(texts)), strict=True)
        if found != normal(text)
    ]
    assert wrong == []


def test_width_case_and_blanks_do_not_matter() -> None:
    assert folded(["  ＡＢＣ\u3000ｄ，e ", "\n", None, "abc d,e"]) == ["abc d,e", "", "", "abc d,e"]
    assert normal("Straße ﬁn") == "strasse fin"
    assert unicodedata.is_normalized("NFC", normal("e\u0301"))


def test_shingles_are_as_wide_as_the_script_and_the_length_ask_for() -> None:
    texts = [
        "x" * 100,
        "x" * 99,
        "灵" * 50,
        "灵" * 49,
        "x" * 60 + "灵" * 41,
        "ab",
        "灵",
        " ",
        "д" * 200,
    ]
    assert stream(texts).widths.tolist() == [9, 3, 5, 2, 9, 2, 1, 0, 9]


@pytest.mark.parametrize("width", [1, 2, 3, 5, 9])
def test_equal_runs_and_only_they_hash_alike(width: int) -> None:
    draw = random.Random(width)
    texts = ["".join(draw.choice("abcd ") for _ in range(120)).strip() + "z" for _ in range(20)]
    part = stream(texts)
    part = type(part)(part.codes, part.lengths, np.full(len(texts), width, dtype=np.uint8))
    (rows, place, hashes) = next(iter(hashed(part, 0)))
    assert rows.tolist() == list(range(20))
    for row, text in enumerate(map(normal, texts)):
        mine = hashes[(place == row)][: len(text) + 1]
        runs = [text[i : i + width] for i in range(len(text) - width + 1)]
        assert (mine[len(runs) :] == EMPTY).all()
        assert len(set(mine[: len(runs)].tolist())) == len(set(runs))
        by_run = dict(zip(runs, mine.tolist(), strict=False))
        assert [by_run[run] for run in runs] == mine[: len(runs)].tolist()


def test_collisions_are_as_rare_as_chance_makes_them() -> None:
    texts = [f"record number {i} of the long list of records kept here" * 2 for i in range(3000)]
    part = stream(texts)
    hashes = np.concatenate([h[h != EMPTY] for _, _, h in hashed(part, 0)])
    runs = {t[i : i + 9] for t in map(normal, texts) for i in range(len(t) - 8)}
    assert abs(len(np.unique(hashes)) - len(runs)) <= 2


@given(
    st.lists(
        st.tuples(st.text("ab灵渠 ", max_size=40), st.text("ab灵渠 ", max_size=40)), max_size=5
    )
)
@settings(max_examples=100, deadline=None)
def test_jaccard_is_that_of_the_sets(pairs: list[tuple[str, str]]) -> None:
    left, right = [a for a, _ in pairs], [b for _, b in pairs]
    widths = np.minimum(stream(left).widths, stream(right).widths).tolist()
    expected = []
    for a, b, width in zip(map(normal, left), map(normal, right), widths, strict=True):
        sets = [{t[i : i + width] for i in range(len(t) - width + 1)} for t in (a, b)]
        expected.append(len(sets[0] & sets[1]) / max(len(sets[0] | sets[1]), 1) if width else 0.0)
    assert jaccard(left, right).tolist() == pytest.approx(expected)
    assert jaccard(right, left).tolist() == jaccard(left, right).tolist()


def test_blocks_hold_every_text_once_however_long() -> None:
    texts = ["a" * n for n in (10, 200_000, 0, 5)] + [None] * 3
    parts = list(blocks(texts))
    assert [t for part in parts for t in texts[part]] == texts
    assert len(parts) == 2
    assert list(blocks([])) == []


def test_distinct_numbers_are_sorted() -> None:
    numbers = np.array([5, 1, 5, 3, 1], dtype=np.uint64)
    assert distinct(numbers).tolist() == [1, 3, 5]
    assert distinct(numbers[:0]).tolist() == []


def test_the_highest_code_point_is_below_the_end_mark() -> None:
    assert sys.maxunicode < 0x110000
    assert folded([chr(sys.maxunicode)]) == [chr(sys.maxunicode)]
