"""What odd models are asked: rows as they were, and rows as nobody should send them."""

from __future__ import annotations

import numpy as np
import polars as pl

from lingqu.core.errors import LingquError
from lingqu.core.i18n import text
from lingqu.core.nouns import Dataset, Model
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column
from lingqu.release.predictor import Predictor

ROWS = 2000
"""Training rows that are asked for again, at most."""
LONGEST = 1500
"""Characters of a reason, at most."""
CLOSE = 1e-5
"""By how much the answer to a row alone may differ from the one among others, in shares."""


def wrong(column: Column) -> list[object]:
    """Return cells of which a caller may hope that a column reads them."""
    usual: list[object] = ["about seven", None, "", float("inf"), float("nan"), 1e308, -1, True,
                           "9999-12-31", "2024-02-31", "never seen 无处", "x" * 10_000]  # fmt: skip
    return [*usual, [1, 2], {"a": 1}] if column.kind != "vector" else usual


def ask(predictor: Predictor, rows: pl.DataFrame, what: str) -> Predictions | None:
    """Return the answers to rows, or None where they are refused in one line.

    Raises:
        ValueError: An answer is no number, or the reason has several lines.
    """
    try:
        said = predictor.predict(rows)
    except LingquError as error:
        if problem := not_one_line(error):
            raise ValueError(f"{what}: {problem}") from error
        return None
    told = values(said)
    if len(told) != rows.height or not np.isfinite(told).all():
        raise ValueError(f"{what}: answers are not finite numbers, one a row")
    return said


def not_one_line(error: LingquError) -> str:
    """Return what is wrong with the reason that an error gives, in either language, or ``""``."""
    for language in ("en", "zh"):
        line = text(error.key, language, **error.facts)
        if not line or "\n" in line or len(line) > LONGEST:
            return f"the reason is no line of at most {LONGEST} characters: {line[:300]!r}"
    return ""


def values(said: Predictions) -> np.ndarray:
    """Return what the answers say in numbers."""
    told = said.labels if said.probabilities is None else said.probabilities
    return np.asarray(told, dtype=float)


def question(model: Model, rows: Dataset) -> str:
    """Ask a model for its training rows, and for odd ones; return what came of it.

    Raises:
        ValueError: It answered with what is no answer, or differently the second time.
    """
    predictor = Predictor.of(model, rows.schema)
    inputs = rows.schema.inputs
    few = rows.frame.select([column.name for column in inputs]).head(ROWS)
    known = ask(predictor, few, "the training rows")
    if known is None:
        raise ValueError("its own training rows are refused")
    alone = ask(predictor, few[-1:], "one row")
    scale = max(1.0, float(np.abs(values(known)).max()))
    if alone is None or np.abs(values(alone) - values(known)[-1:]).max() > CLOSE * scale:
        raise ValueError("a row alone is answered otherwise than among others")
    more = few[:5].with_columns(pl.lit("more").alias("a column nobody knows"))
    if ask(predictor, more.select(reversed(more.columns)), "an extra column") is None:
        raise ValueError("a column more is refused")
    if ask(predictor, few.head(0), "no rows") is not None:
        raise ValueError("no rows are answered")
    counts = {"answered": 0, "refused": 0}
    picked = inputs if len(inputs) <= 12 else [*inputs[:6], *inputs[-6:]]
    for column in picked:
        asked = [few[:3].drop(column.name), few[:3].with_columns(pl.lit(None).alias(column.name))]
        asked += [
            few[:3].with_columns(pl.Series(column.name, [cell] * min(3, few.height), strict=False))
            for cell in wrong(column)
        ]
        for number, odd in enumerate(asked):
            if not odd.width:  # the only column is gone, and the rows with it
                continue
            answer = ask(predictor, odd, f"{column.name[:20]!r}, question {number}")
            counts["refused" if answer is None else "answered"] += 1
    return f"{counts['answered']} odd questions answered, {counts['refused']} refused"
