"""The size of an error as something to learn: quantile trees on the errors of held-out rows."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, cast

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset, Json, Member
from lingqu.core.ports import Engine
from lingqu.learn import costs
from lingqu.learn.candidate import ALL, TASK, write_scratch
from lingqu.learn.folds import Folds
from lingqu.learn.orders import Orders
from lingqu.learn.portfolio import Entry, facts_of
from lingqu.learn.regions.sizes import FLOOR, PARTS, Floats, Ints, Sizes

ALGORITHM = "lightgbm"
FEWEST = 500
"""Rows below which where errors are large cannot be learned."""
_MOST = 40_000
"""Rows that are learned from, at most."""
_ROUNDS = 150
_OPTIONS: dict[str, Json] = {
    "objective": "quantile", "leaves": 15, "smallest_leaf": 30, "rounds": _ROUNDS, "patience": 15,
    "view": "plain",
}  # fmt: skip
_KINDS = frozenset({"number", "category", "boolean", "datetime"})


def learnable(held: Dataset, errors: int) -> bool:
    """Tell whether there are rows and columns enough to learn sizes of errors from."""
    return errors >= FEWEST and any(column.kind in _KINDS for column in held.schema.features)


def seconds_for(rows: int, columns: int, workers: int) -> float:
    """Return the wall seconds that learning sizes takes, for the share of the budget."""
    one = costs.lightgbm(min(rows, _MOST), columns, 0) * _ROUNDS / 200
    return (PARTS + 1) * max(0.1, one) / max(1, workers) + 0.3


def by_row(
    held: Dataset,
    errors: Floats,
    parts: Ints,
    coverage: float,
    engine: Engine,
    scratch: Path,
    seconds: float,
    seed: int = 0,
) -> Sizes | None:
    """Return sizes of errors that depend on the columns of a row; None where time is lacking.

    Trees learn the quantile of the absolute error that an interval needs; each part of the rows
    is told by trees that have not seen it, and what is served is fitted on all of them.

    Args:
        held: The held-out rows, with their target.
        errors: Truth minus answer, (N,).
        parts: Part of each row.
        coverage: Share of the truth that the intervals shall hold.
        engine: Runs the fits.
        scratch: A folder that the workers can read.
        seconds: Wall seconds for all of it.
        seed: Seed of every draw.

    Source: Romano, Patterson and Candès, "Conformalized quantile regression", NeurIPS 2019,
        arXiv:1905.03222, on absolute errors as in Kivaranovic, Johnson and Leeb, 2020,
        arXiv:1905.10634; time and rows: own, so that the budget is kept.
    """
    end = time.monotonic() + seconds
    size = np.abs(errors)
    usual = float(size.mean())
    rows = _rows(len(held), seed)
    if usual <= 0 or not seconds > 0:
        return None
    data = _data(held, size, rows)
    pairs = [
        (np.flatnonzero(parts[rows] != part), np.flatnonzero(parts[rows] == part))
        for part in range(PARTS)
    ]
    if any(not len(a) or not len(b) for a, b in pairs):
        return None
    folder = scratch / "sizes"
    write_scratch(folder, data, Folds("random", tuple(pairs), PARTS))
    given = {**_OPTIONS, "alpha": coverage}
    fitted = _fits(engine, folder, given, list(range(PARTS)), end, seed)
    if len(fitted) < PARTS:
        return None
    told = np.zeros(len(held))
    for part, fit in fitted.items():
        told[rows[pairs[part][1]]] = fit["labels"]
    rounds = [fit["model"].members[0].notes["refit"]["rounds"] for fit in fitted.values()]
    whole = _fits(engine, folder, {**given, "rounds": int(median(rounds))}, [ALL], end, seed)
    if ALL not in whole:
        return None
    # What was not learned from is told by the learner that is served: it has not seen it either.
    scale, floor = _member(whole[ALL]["model"].members[0]), FLOOR * usual
    rest = np.setdiff1d(np.arange(len(held)), rows)
    if len(rest):
        from lingqu.release.runner import predict_model

        told[rest] = predict_model(whole[ALL]["model"], held.frame[rest]).labels
    return Sizes("learned", np.maximum(told, floor), scale=scale, floor=floor)


def _rows(count: int, seed: int) -> Ints:
    """Return the rows to learn from: all, or a random part of very many."""
    if count <= _MOST:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, _MOST, replace=False))


def _data(held: Dataset, size: Floats, rows: Ints) -> Dataset:
    """Return these rows with the size of their error as target, and only what trees read."""
    target = held.schema.target
    assert target is not None  # a regression without one was refused before
    names = [c.name for c in held.schema.features if c.kind not in _KINDS]
    frame = held.frame.with_columns(pl.Series(target.name, size))[rows].drop(names)
    return replace(held, frame=frame, schema=held.schema.without(names), digest="")


def _member(fitted: Member) -> Member:
    return replace(fitted, name="error_size", weight=1.0, notes={})


def _fits(
    engine: Engine,
    folder: Path,
    options: Mapping[str, Json],
    folds: list[int],
    end: float,
    seed: int,
) -> dict[int, dict[str, Any]]:
    """Return what came of the fits that ended in time, by fold."""
    left = end - time.monotonic()
    if left <= 0.05:
        return {}
    entry = Entry(ALGORITHM, ALGORITHM, options, facts_of(ALGORITHM).engine)
    order = Orders(folder, seed, patience=None)
    jobs = (order(entry, options, fold, left / 2, left) for fold in folds)
    fitted: dict[int, dict[str, Any]] = {}
    with closing(cast(Any, engine.map(TASK, jobs, lambda index, row: None))) as outcomes:
        for outcome in outcomes:
            if outcome.state == "done" and outcome.value["model"] is not None:
                fitted[folds[outcome.index]] = outcome.value
    return fitted
