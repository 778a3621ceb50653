"""Answers as columns: what a caller gets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.predictions import Predictions
from lingqu.release.few_rows import FEW
from lingqu.release.replies import replies_frame


def columns(predictions: Predictions) -> pl.DataFrame:
    """Return answers as a frame: what a caller gets.

    Returns:
        ``prediction``; for classification also ``confidence`` (probability of the prediction)
        and ``probability.<class>``; for values with an interval its ends, ``low`` and ``high``,
        and ``quantile.<level>`` where such were asked for;
        for classes with a set its members, ``set``, the likeliest first; of a policy whether a rule
        answered, ``fallback``, and whether a row is unlike those of training, ``out_of_range``.
        For lists of items see
        `baskets.lists.lists_frame`, for texts, tags, vectors and boxes `replies.replies_frame`.

    Example:
        >>> answer = Predictions(np.array([1]), np.array([[0.25, 0.75]]), ("no", "yes"))
        >>> columns(answer).row(0)
        ('yes', 0.75, 0.25, 0.75)
    """
    if predictions.lists is not None:
        from lingqu.release.baskets.lists import lists_frame

        return lists_frame(predictions)
    if predictions.replies is not None:
        return replies_frame(predictions.replies)
    if predictions.probabilities is None:
        ends = {"low": predictions.low, "high": predictions.high}
        shown = {name: end for name, end in ends.items() if end is not None}
        if predictions.quantiles is not None:
            quantiles = predictions.quantiles.T
            shown |= dict(zip(quantile_names(predictions.levels), quantiles, strict=True))
        frame = pl.DataFrame({"prediction": predictions.labels, **shown})
        return frame.hstack(_of_policy(predictions))
    labels, probabilities = predictions.labels, predictions.probabilities
    names = [predictions.classes[label] for label in labels.tolist()]
    sure = probabilities[np.arange(len(labels)), labels]
    shares = [f"probability.{name}" for name in predictions.classes]
    if len(labels) <= FEW:
        rows = np.column_stack([sure, probabilities]).tolist()
        types = {"prediction": pl.String, **dict.fromkeys(["confidence", *shares], pl.Float64)}
        told = [(name, *row) for name, row in zip(names, rows, strict=True)]
        frame = pl.DataFrame(told, schema=types, orient="row")
    else:
        data: dict[str, Any] = {"prediction": names, "confidence": sure}
        data |= {share: probabilities[:, index] for index, share in enumerate(shares)}
        frame = pl.DataFrame(data, schema_overrides={"prediction": pl.String})
    frame = frame.hstack(_of_policy(predictions))
    if predictions.sets is None:
        return frame
    return frame.hstack([pl.Series("set", set_members(predictions), dtype=pl.List(pl.String))])


def _of_policy(predictions: Predictions) -> list[pl.Series]:
    """Return the columns that only a policy tells."""
    told = {"fallback": predictions.fallback, "out_of_range": predictions.out_of_range}
    return [pl.Series(name, flags) for name, flags in told.items() if flags is not None]


def set_members(predictions: Predictions) -> list[list[str]]:
    """Return the names of the classes in the set of each row, the likeliest first."""
    chances, sets = predictions.probabilities, predictions.sets
    assert chances is not None and sets is not None  # the caller has asked for both
    order = np.argsort(-chances, axis=1, kind="stable")
    names = predictions.classes
    pairs = zip(order.tolist(), sets.tolist(), strict=True)
    return [[names[place] for place in row if held[place]] for row, held in pairs]


def quantile_names(levels: Sequence[float]) -> list[str]:
    """Return the names of the columns that tell quantiles.

    Example:
        >>> quantile_names((0.1, 0.5))
        ['quantile.0.1', 'quantile.0.5']
    """
    return [f"quantile.{level:g}" for level in levels]
