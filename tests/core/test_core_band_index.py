"""The index of band keys: it finds what looking through all keys finds, each place once."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.band_index import BandIndex


def looked_through(keys: np.ndarray, asked: np.ndarray, some: np.ndarray) -> set[tuple[int, int]]:
    """Return each column and band that holds one of the asked keys, without an index."""
    return {
        (int(column), int(band))
        for band, wanted in zip(some.tolist(), asked, strict=True)
        for column in np.flatnonzero(np.isin(keys[band], wanted))
    }


@given(st.integers(0, 1 << 32), st.integers(0, 60), st.integers(1, 12), st.sampled_from([3, 32]))
@settings(max_examples=60, deadline=None)
def test_it_finds_what_looking_through_all_keys_finds(
    seed: int, rows: int, wanted: int, bits: int
) -> None:
    # Three bits: most keys stand several times, and all upper parts are the same.
    random = np.random.default_rng(seed)
    keys, asked = (
        random.integers(0, 1 << bits, (5, size)).astype(np.uint32) for size in (rows, wanted)
    )
    if rows:
        asked[:, 0] = keys[:, 0]
    some = np.array([0, 3, 4])
    index = BandIndex.of(keys, np.arange(rows))
    places, band = index.among(asked[some], some)
    found = list(zip(places.tolist(), band.tolist(), strict=True))
    assert len(found) == len(set(found))
    assert set(found) == looked_through(keys, asked[some], some)


def test_keys_at_both_ends_are_found() -> None:
    keys = np.array([[0, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000]] * 2, dtype=np.uint32)
    index = BandIndex.of(keys, np.arange(4))
    for column in range(4):
        places, band = index.among(keys[1:, column : column + 1], np.array([1]))
        assert (places.tolist(), band.tolist()) == ([column], [1])


def test_bands_of_many_rows_are_sorted_a_few_at_a_time() -> None:
    rows = 600_000  # three of the five bands, then two
    keys = np.random.default_rng(0).integers(0, 1 << 32, (5, rows)).astype(np.uint32)
    index = BandIndex.of(keys, np.arange(rows))
    for band in (0, 2, 3, 4):
        part = BandIndex.of(keys[band : band + 1], np.arange(rows))
        assert (index.places[band] == part.places[0]).all()
        assert (index.starts[band] == part.starts[0]).all()
