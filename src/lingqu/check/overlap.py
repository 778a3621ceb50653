"""Where test rows meet training rows in ways that equal values do not show: near texts, time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.minhash import near_between, signatures
from lingqu.core.schema import Column

SHORT = 20
"""Characters below which the median text is too short to be a copy rather than a coincidence."""


@dataclass(frozen=True)
class Overlap:
    """Test rows that have a near copy among the training rows.

    Args:
        pairs: (training row, test row) of the likest copy of each such test row, the likest first.
        similarity: Jaccard similarity of their shingles, same order.
        judged: Test rows that hold a text.
    """

    pairs: list[tuple[int, int]]
    similarity: NDArray[np.float64]
    judged: int


def readable(frame: pl.DataFrame, column: Column) -> bool:
    """Say whether a column holds texts long enough for near copies to mean something."""
    if column.kind != "text" or column.name not in frame.columns:
        return False
    lengths = frame[column.name].cast(pl.String).drop_nulls().head(2000).str.len_chars()
    return bool(len(lengths)) and float(np.median(lengths.to_numpy())) >= SHORT


def near_texts(train: pl.Series, test: pl.Series, threshold: float) -> Overlap:
    """Find test texts of which a training text is a near, but not an equal, copy.

    Example:
        >>> train = pl.Series(["the canal was dug in 214 BC and is still in use today"])
        >>> test = pl.Series(["the canal was dug in 214 BC and is still in use now", "no"])
        >>> near_texts(train, test, 0.7).pairs
        [(0, 0)]
    """
    left, right = (series.cast(pl.String).to_list() for series in (train, test))
    rows = near_between(signatures(left), signatures(right), threshold, (left, right))
    best: dict[int, tuple[float, int]] = {}
    equal: set[int] = set()
    for one, two, similarity in zip(*(side.tolist() for side in rows), strict=True):
        if left[one] == right[two]:
            equal.add(two)  # that is an exact copy, which is counted elsewhere
        elif similarity > best.get(two, (0.0, 0))[0]:
            best[two] = (similarity, one)
    found = sorted(((s, one, two) for two, (s, one) in best.items() if two not in equal),
                   key=lambda hit: (-hit[0], hit[2]))  # fmt: skip
    return Overlap(
        [(one, two) for _, one, two in found],
        np.array([similarity for similarity, _, _ in found]),
        sum(bool(text and text.strip()) for text in right),
    )


def too_early(
    train: pl.DataFrame, test: pl.DataFrame, time: str, series: Sequence[str] = ()
) -> tuple[NDArray[np.bool_], int, str] | None:
    """Say which test rows are earlier than the last training row, of their series if there are
    several: one that ends sooner than another may be tested sooner.

    Returns:
        A mask of the test rows, how many of them have a time, and the last time of training; None
        where either side has no time.
    """
    own = [f"series_{index}" for index in range(len(series))]
    sides = [
        pl.DataFrame(
            [
                _moments(frame[time]).alias("at"),
                *(frame[name].cast(pl.String).fill_null("").alias(key)
                  for name, key in zip(series, own, strict=True)),
            ]
        )
        for frame in (train, test)
    ]  # fmt: skip
    judged, last = int(sides[1]["at"].is_not_null().sum()), sides[0]["at"].max()
    if last is None or not judged:
        return None
    if own:
        ends = sides[0].group_by(own).agg(pl.col("at").max().alias("end"))
        end = sides[1].join(ends, on=own, how="left", maintain_order="left")["end"]
        early = sides[1]["at"] < end
    else:
        early = sides[1]["at"] < last
    return early.fill_null(False).to_numpy(), judged, str(last)


def _moments(series: pl.Series) -> pl.Series:
    if series.dtype == pl.String:
        return series.str.to_datetime(strict=False)
    return series
