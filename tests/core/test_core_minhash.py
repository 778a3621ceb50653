"""Near copies of texts: what must be found is found, in any order, script and size."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.bands import bands_for
from lingqu.core.errors import SpecError
from lingqu.core.minhash import (
    Signatures,
    clusters,
    near_between,
    near_pairs,
    signatures,
)
from lingqu.core.shingles import jaccard, normal

HAN = "灵渠开凿于秦代连接湘江与漓江至今仍在使用是世界上最古老的运河之一水利工程分水塘堤坝船闸"
TEXTS = st.lists(
    st.text(st.characters() | st.sampled_from("ab 灵渠。😀\ud800é"), max_size=40) | st.none(),
    max_size=12,
)


def words(draw: random.Random, count: int, chinese: bool = False) -> str:
    if chinese:
        return "".join(draw.choice(HAN) for _ in range(count))
    return " ".join(
        "".join(draw.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(draw.randint(2, 9)))
        for _ in range(count)
    )


def edited(draw: random.Random, text: str, edits: int) -> str:
    letters = list(text)
    for _ in range(edits):
        letters[draw.randrange(len(letters))] = draw.choice(letters)
    return "".join(letters)


def corpus(seed: int, chinese: bool, size: int = 300) -> tuple[list[str], list[tuple[int, int]]]:
    """Return texts and which of them are planted near copies, at a true similarity of 0.8 up."""
    draw = random.Random(seed)
    texts = [
        words(draw, draw.choice([12, 40, 80]) * (3 if chinese else 1), chinese) for _ in range(size)
    ]
    planted = []
    for row in range(0, size, 2):
        texts.append(edited(draw, texts[row], draw.randint(0, 5)))
        planted.append((row, len(texts) - 1))
    true = jaccard([texts[a] for a, _ in planted], [texts[b] for _, b in planted])
    return texts, [pair for pair, score in zip(planted, true.tolist(), strict=True) if score >= 0.8]


@pytest.mark.parametrize("chinese", [False, True])
@pytest.mark.parametrize("exactly", [False, True])
def test_planted_near_copies_are_found_and_strangers_are_not(chinese: bool, exactly: bool) -> None:
    texts, planted = corpus(3, chinese)
    assert len(planted) > 60
    pairs, similarity = near_pairs(signatures(texts), texts=texts if exactly else None)
    found = set(map(tuple, pairs.tolist()))
    assert len(found & set(planted)) >= 0.99 * len(planted)
    true = jaccard([texts[a] for a, _ in found], [texts[b] for _, b in found])
    assert true.min() >= (0.8 if exactly else 0.65)
    if exactly:
        assert similarity.min() >= 0.8
    assert (pairs[:, 0] < pairs[:, 1]).all()


def test_similarity_is_what_it_says() -> None:
    texts, _ = corpus(5, False)
    pairs, similarity = near_pairs(signatures(texts), 0.7, texts)
    true = jaccard([texts[a] for a, _ in pairs], [texts[b] for _, b in pairs])
    assert np.abs(true - similarity).max() < 0.06
    doubtful = similarity < 0.8
    assert np.abs(true - similarity)[doubtful].max(initial=0) < 1e-12


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_equal_texts_pair_and_blank_ones_never(texts: list[str | None]) -> None:
    both = [*texts, *texts]
    roots = clusters(near_pairs(signatures(both), texts=both)[0], len(both))
    for row, text in enumerate(texts):
        if normal(text or ""):
            assert roots[row] == roots[row + len(texts)]
        else:
            assert roots[row] == row
            assert roots[row + len(texts)] == row + len(texts)


@given(TEXTS, st.randoms())
@settings(max_examples=40, deadline=None)
def test_order_and_cutting_change_nothing(texts: list[str | None], draw: random.Random) -> None:
    order = list(range(len(texts)))
    draw.shuffle(order)
    found, mixed = signatures(texts), signatures([texts[row] for row in order])
    assert (mixed.values == found.values[order]).all()
    parts = Signatures.concat([signatures(texts[:3]), signatures(texts[3:])])
    assert (parts.values == found.values).all()
    assert (parts.widths == found.widths).all()
    pairs = near_pairs(found, texts=texts)[0]
    again = near_pairs(mixed, texts=[texts[row] for row in order])[0]
    groups = clusters(pairs, len(texts))
    back = np.array(order, dtype=np.int64)[again].reshape(-1, 2)
    assert (clusters(back, len(texts)) == groups).all()


def test_one_pass_finds_what_two_sides_find() -> None:
    texts, planted = corpus(9, True)
    left, right = texts[:300], texts[300:]
    one, two, similarity = near_between(signatures(left), signatures(right), 0.8, (left, right))
    found = set(zip(one.tolist(), (two + 300).tolist(), strict=True))
    assert len(found & set(planted)) >= 0.99 * len(planted)
    swapped = near_between(signatures(right), signatures(left), 0.8, (right, left))
    assert {
        (b, a + 300) for a, b in zip(*map(np.ndarray.tolist, swapped[:2]), strict=True)
    } == found
    assert (np.diff(two) >= 0).all()
    assert similarity.min() >= 0.8


def test_many_that_are_alike_form_one_group_without_all_pairs() -> None:
    draw = random.Random(1)
    letter = "Dear customer, your order has been shipped and will arrive in three days. " * 3
    texts = [letter + words(draw, 1) for _ in range(400)] + ["one and the same text"] * 400
    pairs, _ = near_pairs(signatures(texts), 0.6, texts)
    roots = clusters(pairs, 800)
    assert len(pairs) < 800 * 20
    assert (roots[400:] == 400).all()
    assert (roots[:400] == 0).mean() > 0.99
    # Equal texts all meet the first of them.
    assert {(400, row) for row in range(401, 800)} <= set(map(tuple, pairs.tolist()))


def test_nothing_and_one_row() -> None:
    for texts in ([], ["alone"], [None], ["", "  "]):
        pairs, similarity = near_pairs(signatures(texts), texts=texts)
        assert pairs.shape == (0, 2)
        assert similarity.shape == (0,)
        assert clusters(pairs, len(texts)).tolist() == list(range(len(texts)))
    none, some = signatures([]), signatures(["alone"])
    for sides in ((none, some), (some, none), (none, none)):
        assert [len(part) for part in near_between(*sides)] == [0, 0, 0]
    assert len(Signatures.concat([])) == 0


def test_a_book_is_one_text() -> None:
    draw = random.Random(8)
    book = words(draw, 30_000)
    texts = [book, words(draw, 30_000), edited(draw, book, 500)]
    pairs, similarity = near_pairs(signatures(texts), texts=texts)
    assert pairs.tolist() == [[0, 2]]
    assert abs(similarity[0] - jaccard(texts[:1], texts[2:])[0]) < 0.06


def test_short_texts_are_compared_letter_by_letter() -> None:
    texts = [
        "快递很快，服务态度也很好，下次还会再来买的",
        "快递很快，服务态度也很好，下次还会再来买吧",
        "服务态度很差",
    ]
    pairs, similarity = near_pairs(signatures(texts), 0.8, texts)
    assert pairs.tolist() == [[0, 1]]
    assert similarity[0] == jaccard(texts[:1], texts[1:2])[0]
    assert near_pairs(signatures(["a", "A", "b"]))[0].tolist() == [[0, 1]]


def test_a_seed_changes_the_hash_and_seeds_do_not_mix() -> None:
    one, two = signatures(["some text"], seed=1), signatures(["some text"], seed=2)
    assert (one.values != two.values).any()
    assert (signatures(["some text"], seed=1).values == one.values).all()
    for act in (lambda: Signatures.concat([one, two]), lambda: near_between(one, two)):
        with pytest.raises(SpecError) as caught:
            act()
        assert caught.value.key == "duplicates.seeds"


@pytest.mark.parametrize("threshold", [0.0, 0.29, 1.01, float("nan")])
def test_a_threshold_out_of_range_is_refused(threshold: float) -> None:
    with pytest.raises(SpecError) as caught:
        near_pairs(signatures(["a"]), threshold)
    assert caught.value.key == "duplicates.threshold"


@given(st.floats(0.3, 1.0))
@settings(max_examples=40, deadline=None)
def test_bands_miss_few_pairs_at_the_threshold(threshold: float) -> None:
    bands, rows = bands_for(threshold)
    assert bands * rows <= 128
    assert (1 - threshold**rows) ** bands <= 0.01


def test_taking_rows() -> None:
    found = signatures(["one text", "another", "a third"])
    assert found.take(np.array([2, 0])).lengths.tolist() == [7, 8]
    assert len(found.take(slice(1, None))) == 2
    assert len(found.take(found.lengths > 7)) == 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
@settings(max_examples=60, deadline=None)
def test_groups_are_the_connected_ones(edges: list[tuple[int, int]]) -> None:
    groups = {row: {row} for row in range(10)}
    for one, two in edges:
        joined = groups[one] | groups[two]
        for row in joined:
            groups[row] = joined
    pairs = np.array(edges, dtype=np.int64).reshape(-1, 2)
    assert clusters(pairs, 10).tolist() == [min(groups[row]) for row in range(10)]
