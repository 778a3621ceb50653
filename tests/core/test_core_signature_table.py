"""The table: what is added in parts is what would be found at once, and bytes bring it back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.test_core_minhash import corpus

from lingqu.core.errors import DataError, SpecError
from lingqu.core.minhash import clusters, near_pairs, signatures
from lingqu.core.packed import packed, unpacked
from lingqu.core.signature_table import SignatureTable, digests_of


def grouped(table: SignatureTable, rows: np.ndarray) -> list[int]:
    pairs, _ = table.pairs_of(rows)
    roots: list[int] = clusters(pairs, len(rows)).tolist()
    return roots


@pytest.mark.parametrize("chinese", [False, True])
def test_parts_find_what_the_whole_finds(chinese: bool) -> None:
    texts, planted = corpus(4, chinese)
    whole = SignatureTable()
    rows = whole.add(texts).rows
    whole.pairs_with_new()
    parts, blocks = SignatureTable(), []
    for start in (0, 150, 310):
        parts = SignatureTable.from_bytes(*blocks)
        since = len(parts)
        parts.add(texts[: (150, 310, len(texts))[(0, 150, 310).index(start)]])
        parts.pairs_with_new()
        blocks.append(parts.to_bytes(since))
    again = SignatureTable.from_bytes(*blocks)
    assert len(again) == len(whole)
    assert grouped(again, again.add(texts).rows) == grouped(whole, rows)
    found = set(map(tuple, np.sort(again.pairs, axis=1).tolist()))
    place = {row: i for i, row in enumerate(rows.tolist())}
    hit = sum((place_of(rows, a), place_of(rows, b)) in found for a, b in planted)
    assert hit >= 0.99 * sum(rows[a] != rows[b] for a, b in planted)
    assert place


def place_of(rows: np.ndarray, row: int) -> int:
    return int(rows[row])


def test_only_unseen_texts_are_new() -> None:
    table = SignatureTable()
    first = table.add(["a text", None, "b text", "a text"])
    assert first.rows.tolist() == [0, -1, 1, 0]
    assert first.new.tolist() == [True, False, True, False]
    second = table.add(["b text", "c text", "", "a text", "c text"])
    assert second.rows.tolist() == [1, 2, 3, 0, 2]
    assert second.new.tolist() == [False, True, True, False, False]
    assert len(table) == 4
    assert (table.signatures.values[:2] == signatures(["a text", "b text"]).values).all()


@given(st.lists(st.lists(st.sampled_from(["one", "ONE", "two ", "", "三", "\ud800x"]) | st.none())))
@settings(max_examples=50, deadline=None)
def test_a_row_is_its_text(batches: list[list[str | None]]) -> None:
    table, known = SignatureTable(), {}
    for batch in batches:
        added = table.add(batch)
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
    rows = table.add(["x y z", text, None, text, text + "!", "x y z"]).rows
    table.pairs_with_new()
    pairs, similarity = table.pairs_of(rows)
    assert sorted(map(tuple, pairs.tolist())) == [(0, 5), (1, 3), (1, 4)]
    assert similarity.max() == 1.0
    assert (
        similarity.min() == near_pairs(signatures([text, text + "!"]), texts=[text, text + "!"])[1]
    )
    # A version without some rows, in another order.
    fewer = table.add([text + "!", text]).rows
    assert table.pairs_of(fewer)[0].tolist() == [[0, 1]]
    assert table.pairs_of(table.add(["x y z"]).rows)[0].tolist() == []


def test_nothing_new_costs_no_pairs_and_nothing_is_a_table() -> None:
    table = SignatureTable()
    assert table.pairs_with_new()[0].shape == (0, 2)
    table.add(["same text here", "SAME text here"])
    assert table.pairs_with_new()[0].tolist() == [[0, 1]]
    assert table.pairs_with_new()[0].shape == (0, 2)
    assert table.pairs.tolist() == [[0, 1]]
    empty = SignatureTable.from_bytes(SignatureTable(0.9).to_bytes())
    assert (len(empty), empty.threshold) == (0, 0.9)
    assert len(SignatureTable.from_bytes()) == 0


def test_known_digests_are_taken_as_they_are() -> None:
    texts = ["one", "two", "one"]
    table = SignatureTable()
    assert table.add(texts, digests_of(texts)).rows.tolist() == [0, 1, 0]
    halves = digests_of(["same"])
    split = np.array([[1, 2], [1, 3], [1, 2], halves[0]], dtype=np.uint64)
    assert table.add(["a", "b", "a", "same"], split).rows.tolist() == [2, 3, 2, 4]
    assert table.add(["b", "same"], split[[1, 3]]).rows.tolist() == [3, 4]


def test_what_is_pruned_is_forgotten() -> None:
    table = SignatureTable()
    text = "the canal joined two river systems and is still in use today"
    table.add([text, "something else", text.upper(), text + "."])
    table.pairs_with_new()
    left = table.pruned(np.array([False, True, True, True]))
    assert len(left) == 3
    assert left.pairs.tolist() == [[1, 2]]
    assert digests_of([text]).tobytes() not in left.to_bytes()
    assert left.add([text, "something else"]).rows.tolist() == [3, 0]
    assert sorted(left.pairs_with_new()[0][:, 0].tolist()) == [1, 2]
    assert len(SignatureTable().pruned(np.zeros(0, dtype=bool))) == 0


def test_bytes_hold_no_text_and_are_the_same_every_time() -> None:
    blocks = []
    for _ in range(2):
        table = SignatureTable(seed=3)
        table.add(["secret words of somebody", "and more words"])
        blocks.append(table.to_bytes())
    assert blocks[0] == blocks[1]
    assert b"secret" not in blocks[0]
    assert SignatureTable.from_bytes(blocks[0]).seed == 3


@pytest.mark.parametrize("spoil", ["other", "short", "twice", "shape", "nothing", "type"])
def test_bytes_that_are_no_table_are_refused(spoil: str) -> None:
    table = SignatureTable()
    table.add(["one text", "two texts"])
    good = table.to_bytes()
    blocks = {
        "other": [b"PK\x03\x04 something else entirely"],
        "short": [good[:-40]],
        "twice": [good, good],
        "shape": [packed({"digests": np.zeros(2)}, {"about": "{}"})],
        "nothing": [b""],
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
