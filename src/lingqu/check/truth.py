"""What every check needs first: answers beside the truth, and how to say that there are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.i18n import text
from lingqu.core.nouns import Finding, Json, Subject
from lingqu.core.predictions import Predictions, Replies
from lingqu.core.reply_metrics import truths


@dataclass(frozen=True)
class Labelled:
    """Rows whose truth is known, with the answers given to them.

    Args:
        frame: The rows.
        y: Truth: index into the classes of the answers, or values.
        said: The answers, row by row.
        skipped: Rows left out because their truth is missing or is no class of the model.
        sent: The same rows as callers send them, or None.
        grouped: Of the same rows, the protected columns before they were made coarser, or None.
    """

    frame: pl.DataFrame
    y: NDArray[Any]
    said: Predictions
    skipped: int
    sent: pl.DataFrame | None = None
    grouped: pl.DataFrame | None = None

    def taken(self, rows: int, seed: int) -> Labelled:
        """Return at most `rows` of them, chosen by `seed`, in order."""
        if len(self.y) <= rows:
            return self
        picked = np.sort(np.random.default_rng(seed).choice(len(self.y), rows, replace=False))
        beside = [None if part is None else part[picked] for part in (self.sent, self.grouped)]
        return Labelled(
            self.frame[picked], self.y[picked], pick(self.said, picked), self.skipped, *beside
        )


def pick(said: Predictions, rows: NDArray[Any]) -> Predictions:
    """Return the answers on some rows: a mask or indices."""
    proba = None if said.probabilities is None else said.probabilities[rows]
    beside = {
        name: None if part is None else part[rows]
        for name, part in (("low", said.low), ("high", said.high), ("units", said.units),
                           ("quantiles", said.quantiles), ("sets", said.sets))
    }  # fmt: skip
    labels, told = said.labels[rows], None if said.replies is None else some(said.replies, rows)
    return Predictions(labels, proba, said.classes, levels=said.levels, replies=told, **beside)


def some(said: Replies, rows: NDArray[Any]) -> Replies:
    """Return the replies to some rows: a mask or indices."""
    picked = np.arange(len(said.said))[rows].tolist()
    beside = {name: [cells[row] for row in picked] for name, cells in said.beside.items()}
    sure = None if said.sure is None else said.sure[rows]
    return Replies(tuple(said.said[row] for row in picked), sure, beside)


def labelled(subject: Subject) -> Labelled | dict[str, Json]:
    """Return the test rows with truth and answers; else the reason why there are none."""
    if subject.test is None or subject.test.frame.height == 0:
        return why("check.no_test")
    target = subject.schema.target
    frame = subject.test.frame
    if target is None or target.name not in frame.columns:
        return why("check.no_labels")
    said = subject.predictions
    if said is None and subject.predict is not None:
        said = subject.predict(frame)
    if said is None:
        return why("check.no_model")
    if said.replies is not None:
        y = truths(frame[target.name].to_list(), subject.task)
        known = np.array([cell is not None for cell in y], dtype=bool)
    else:
        y = truth(frame[target.name], said.classes)
        known = np.isfinite(y) if not said.classes else y >= 0
    if not known.any():
        return why("check.no_labels")
    beside = [
        None if part is None else part.frame.filter(known)
        for part in (subject.sent, subject.grouped)
    ]
    return Labelled(frame.filter(known), y[known], pick(said, known), int((~known).sum()), *beside)


def truth(series: pl.Series, classes: tuple[str, ...]) -> NDArray[Any]:
    """Return class indices (-1 where unknown), or values when there are no classes.

    Example:
        >>> truth(pl.Series(["yes", "no", None, "other"]), ("no", "yes")).tolist()
        [1, 0, -1, -1]
    """
    if not classes:
        return series.cast(pl.Float64, strict=False).to_numpy()
    if series.dtype == pl.Boolean and set(classes) != {"true", "false"}:
        return series.cast(pl.Int64).fill_null(-1).to_numpy()
    codes = series.cast(pl.String).cast(pl.Enum(classes), strict=False).to_physical()
    return codes.cast(pl.Int64).fill_null(-1).to_numpy()


def right(y: NDArray[Any], said: Predictions) -> NDArray[np.float64]:
    """Return 1.0 for each row whose class is right, else 0.0."""
    hits: NDArray[np.float64] = (y == said.labels).astype(np.float64)
    return hits


def why(key: str, **facts: Any) -> dict[str, Json]:
    """Return the evidence of something that could not be measured, in both languages."""
    return {"why": text(key, "en", **facts), "why_zh": text(key, "zh", **facts)}


def unknown(
    check: str, measure: str, reason: dict[str, Json], argument: str = "", n: int = 0
) -> Finding:
    """Return the finding of something that could not be measured: never a pass."""
    return Finding(check, measure, None, argument, n=n, verdict="unknown", evidence=reason)


def finite(value: float) -> float | None:
    """Return the number, or None for NaN and infinity, which JSON cannot hold."""
    return float(value) if np.isfinite(value) else None
