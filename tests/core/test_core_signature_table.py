"""The table: what is added in parts is what would be found at once, and bytes bring it back."""

from __future__ import annotations

import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.test_core_minhash import corpus, edited, words

from lingqu.core.errors import DataError, SpecError
from lingqu.core.minhash import clusters, near_pairs, signatures
from lingqu.core.packed import packed, unpacked
from lingqu.core.signature_table import SignatureTable, digests_of


def series(texts: list[str | None]) -> pl.Series:
    return pl.Series("text", texts, dtype=pl.String)


def grouped(table: SignatureTable, rows: np.ndarray) -> list[int]:
    pairs, _ = table.pairs_of(rows)
    roots: list[int] = clusters(pairs, len(rows)).tolist()
    return roots


@pytest.mark.parametrize("chinese", [False, True])
def test_parts_find_what_the_whole_finds(chinese: bool) -> None:
    texts, planted = corpus(4, chinese)
    whole = SignatureTable()
    rows = whole.add(series(texts)).rows
    parts, blocks = SignatureTable(), []
    for stop in (150, 310, len(texts)):
        parts = SignatureTable.from_bytes(*blocks)
        since = len(parts)
        parts.add(series(texts[:stop]))
        blocks.append(parts.to_bytes(since))
    again = SignatureTable.from_bytes(*blocks)
    assert len(again) == len(whole)
    assert grouped(again, again.add(series(texts)).rows) == grouped(whole, rows)
    assert again.pairs[np.lexsort(again.pairs.T)].tolist() == (
        whole.pairs[np.lexsort(whole.pairs.T)].tolist()
    )
    found = set(map(tuple, again.pairs.tolist()))
    hit = sum((int(rows[a]), int(rows[b])) in found for a, b in planted)
    assert hit >= 0.99 * sum(rows[a] != rows[b] for a, b in planted)


def drawn(draw: random.Random, size: int) -> list[str | None]:
    """Return texts of a few kinds: copies, near copies, letters from one template, blanks."""
    letter = words(draw, 40)
    texts: list[str | None] = [words(draw, 20), letter]
    for _ in range(size):
        old = draw.choice(texts) or ""
        made = [old, edited(draw, old or "x", 2), old.upper(), letter + words(draw, 1), None, " "]
        texts.append(draw.choice([*made, words(draw, draw.choice([3, 30]))]))
    return texts


@given(
    st.integers(0, 1 << 32),
    st.lists(st.integers(0, 90), max_size=4),
    st.sampled_from([0.3, 0.6, 0.8, 1.0]),
)
@settings(max_examples=25, deadline=None)
def test_in_how_many_parts_texts_come_changes_nothing(
    seed: int, cuts: list[int], threshold: float
) -> None:
    texts = drawn(random.Random(seed), 80)
    whole = SignatureTable(threshold)
    rows = whole.add(series(texts)).rows
    blocks: list[bytes] = []
    for stop in sorted(cuts):
        table = SignatureTable.from_bytes(*blocks) if blocks else SignatureTable(threshold)
        since = len(table)
        table.add(series(texts[:stop]))
        blocks.append(table.to_bytes(since))
    table = SignatureTable.from_bytes(*blocks) if blocks else SignatureTable(threshold)
    again = table.add(series(texts)).rows
    assert again.tolist() == rows.tolist()
    one, two = (
        dict(zip(map(tuple, t.pairs.tolist()), t.similarity.tolist(), strict=True))
        for t in (whole, table)
    )
    assert one == two
    held = [side.pairs_of(rows) for side in (whole, table)]
    one, two = (dict(zip(map(tuple, p.tolist()), s.tolist(), strict=True)) for p, s in held)
    assert one == two
    at_once = near_pairs(signatures(texts), threshold, texts)[0]
    assert clusters(held[1][0], len(texts)).tolist() == clusters(at_once, len(texts)).tolist()


def test_only_unseen_texts_are_new() -> None:
    table = SignatureTable()
    first = table.add(series(["a text", None, "b text", "a text"]))
    assert first.rows.tolist() == [0, -1, 1, 0]
    assert first.new.tolist() == [True, False, True, False]
    second = table.add(series(["b text", "c text", "", "a text", "c text"]))
    assert second.rows.tolist() == [1, 2, 3, 0, 2]
    assert second.new.tolist() == [False, True, True, False, False]
    assert len(table) == 4
    assert (table.signatures.values[:2] == signatures(["a text", "b text"]).values).all()


@given(st.lists(st.lists(st.sampled_from(["one", "ONE", "two ", "", "三", "😀x"]) | st.none())))
@settings(max_examples=50, deadline=None)
def test_a_row_is_its_text(batches: list[list[str | None]]) -> None:
    table, known = SignatureTable(), {}
    for batch in batches:
        added = table.add(series(batch))
        for text, row, new in zip(batch, added.rows.tolist(), added.new.tolist(), strict=True):
            if text is None:
                assert row == -1 and not new
                continue
            assert new == (text not in known)
            assert known.setdefault(text, row) == row
        table = SignatureTable.from_bytes(table.to_bytes())
    assert sorted(known.values()) == list(range(len(table)))


def test_pairs_of_a_data_set_number_its_rows() -> None:
    table = SignatureTable()
    text = "the canal joined two river systems and is still in use today"
    rows = table.add(series(["x y z", text, None, text, text + "!", "x y z"])).rows
    pairs, similarity = table.pairs_of(rows)
    assert sorted(map(tuple, pairs.tolist())) == [(0, 5), (1, 3), (1, 4)]
    assert similarity.max() == 1.0
    assert (
        similarity.min() == near_pairs(signatures([text, text + "!"]), texts=[text, text + "!"])[1]
    )
    # A version without some rows, in another order.
    fewer = table.add(series([text + "!", text])).rows
    assert table.pairs_of(fewer)[0].tolist() == [[0, 1]]
    assert table.pairs_of(table.add(series(["x y z"])).rows)[0].tolist() == []


def test_nothing_new_costs_no_pairs_and_nothing_is_a_table() -> None:
    table = SignatureTable()
    table.add(series([]))
    assert table.pairs.shape == (0, 2)
    for _ in range(2):
        table.add(series(["same text here", "SAME text here"]))
        assert table.pairs.tolist() == [[0, 1]]
    empty = SignatureTable.from_bytes(SignatureTable(0.9).to_bytes())
    assert (len(empty), empty.threshold) == (0, 0.9)
    assert len(SignatureTable.from_bytes()) == 0


@given(st.lists(st.text(max_size=5) | st.none(), max_size=30))
@settings(max_examples=50, deadline=None)
def test_a_digest_is_of_the_content(texts: list[str | None]) -> None:
    found = digests_of(series(texts)).tolist()
    assert len(set(found)) == len(set(texts))
    assert digests_of(series(texts[::-1])).tolist() == found[::-1]


def test_a_pair_is_counted_exactly_where_both_texts_are_at_hand() -> None:
    draw = random.Random(3)
    old = [words(draw, 30) for _ in range(60)]
    new = [edited(draw, text, 6) for text in old]
    first = SignatureTable()
    first.add(series(old))
    block = first.to_bytes()
    with_old, without = (SignatureTable.from_bytes(block) for _ in range(2))
    with_old.add(series([*old, *new]))
    without.add(series(new))
    exact = near_pairs(signatures([*old, *new]), texts=[*old, *new])
    assert with_old.pairs.tolist() == exact[0].tolist()
    assert with_old.similarity.tolist() == exact[1].tolist()
    # Without the older text the estimate decides, and leans to finding.
    assert set(map(tuple, exact[0].tolist())) <= set(map(tuple, without.pairs.tolist()))


def test_bytes_hold_no_text_and_are_the_same_every_time() -> None:
    blocks = []
    for _ in range(2):
        table = SignatureTable(seed=3)
        table.add(series(["secret words of somebody", "and more words"]))
        blocks.append(table.to_bytes())
    assert blocks[0] == blocks[1]
    assert b"secret" not in blocks[0]
    assert SignatureTable.from_bytes(blocks[0]).seed == 3


def _other(block: bytes, name: str, array: np.ndarray) -> bytes:
    arrays, metadata = unpacked(block)
    return packed(arrays | {name: array}, metadata)


@pytest.mark.parametrize(
    "spoil", ["other", "short", "twice", "shape", "nothing", "type", "hash", "rows"]
)
def test_bytes_that_are_no_table_are_refused(spoil: str) -> None:
    table = SignatureTable()
    table.add(series(["one text", "two texts"]))
    good = table.to_bytes()
    blocks = {
        "other": [b"PK\x03\x04 something else entirely"],
        "short": [good[:-40]],
        "twice": [good, good],
        "shape": [packed({"digests": np.zeros(2)}, {"about": "{}"})],
        "nothing": [b""],
        "hash": [
            good.replace(
                f"polars {pl.__version__}".encode(), b"polars " + b"0" * len(pl.__version__)
            )
        ],
        "rows": [_other(good, "last", np.array([5]))],
        "type": [good.replace(b'"U32"', b'"X99"')],
    }[spoil]
    with pytest.raises(DataError) as caught:
        SignatureTable.from_bytes(*blocks)
    assert caught.value.key == "duplicates.table"
    assert caught.value.facts["index"] == len(blocks)


def test_arrays_come_back_as_views() -> None:
    arrays = {"a": np.arange(6, dtype=np.uint32).reshape(2, 3), "b": np.zeros((0, 2))}
    block = packed(arrays, {"by": "me"})
    found, metadata = unpacked(block)
    assert {name: array.tolist() for name, array in found.items()} == {
        name: array.tolist() for name, array in arrays.items()
    }
    assert metadata == {"by": "me"}
    assert not found["a"].flags.owndata


def test_a_threshold_out_of_range_is_refused_at_the_door() -> None:
    with pytest.raises(SpecError):
        SignatureTable(0.1)
