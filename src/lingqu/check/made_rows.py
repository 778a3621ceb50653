"""What the check of made rows measures of tables, each beside the same of real test rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.check.truth import unknown, why
from lingqu.core.metrics import draws, wilson
from lingqu.core.nouns import Finding, Json
from lingqu.core.schema import Column
from lingqu.release.made.likeness import answered, lessons, matrix

Floats = NDArray[np.float64]
_DIGITS = 9
"""Decimals to which numbers must agree to be equal: a sum of floats is rarely exact."""
_NEAR, _AMONG = 500, 5_000
"""Rows whose nearest training row is looked for, and training rows among which."""
_CLOSE = 0.5
"""Ratio of distances below which rows are said to be remembered."""
_POOR = 0.5
_BINS = 10
_SHOWN = 20


@dataclass(frozen=True)
class Sides:
    """Rows that are set beside each other.

    Args:
        train: Rows that were learned from.
        real: Rows that nobody learned from.
        made: Made rows.
        columns: The columns of all three.
        seed: Seed of every draw.
    """

    train: pl.DataFrame
    real: pl.DataFrame
    made: pl.DataFrame
    columns: Sequence[Column]
    seed: int


def copies(check: str, sides: Sides) -> list[Finding]:
    """Return the share of made rows that equal a training row, beside that of real test rows."""
    known = _rounded(sides.train, sides.columns).unique()
    parts = [_rounded(side, sides.columns) for side in (sides.made, sides.real)]
    hits = [part.join(known, on=part.columns, how="semi", nulls_equal=True).height
            for part in parts]  # fmt: skip
    n = [part.height for part in parts]
    made, real = (hit / max(1, rows) for hit, rows in zip(hits, n, strict=True))
    low, high = wilson(hits[0], n[0])
    below, above = wilson(hits[1], n[1])
    beside: dict[str, Json] = {"real": real, "real_low": below, "real_high": above}
    more = low > above
    verdict, severity = ("fail", "warn") if more else ("pass", "info")
    advice = "generate.advice_copies" if more else ""
    half = float(np.hypot(high - low, above - below)) / 2
    return [
        Finding(check, "copies", made, "", low, high, n[0], verdict, severity, beside, advice),  # type: ignore[arg-type]
        Finding(check, "copies.excess", made - real, "", made - real - half, made - real + half,
                n[0], evidence=beside),
    ]  # fmt: skip


def _rounded(frame: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    numbers = [c.name for c in columns if c.kind == "number"]
    words = [c.name for c in columns if c.kind in ("category", "boolean")]
    return frame.select(c.name for c in columns).with_columns(
        *(pl.col(name).cast(pl.Float64).round(_DIGITS) for name in numbers),
        *(pl.col(name).cast(pl.String) for name in words),
    )


def nearest(check: str, sides: Sides) -> Finding:
    """Return how near made rows lie to training rows, in units of how near real test rows do.

    The distance of two rows is the mean over columns of how much they differ: by ranges of the
    middle 90 % of numbers, at most 1; by 1 where words do.

    Source: Gower, 1971, doi:10.2307/2528823 (the distance); Platzer and Reutterer, 2021,
        arXiv:2104.00635 (nearest training rows, beside those of held-out rows).
    """
    random = np.random.default_rng(sides.seed)
    train, real, made = matrix([sides.train, sides.real, sides.made], sides.columns)
    some = [side[random.permutation(len(side))[:most]]
            for side, most in ((train, _AMONG), (real, _NEAR), (made, _NEAR))]  # fmt: skip
    scales = _scales(train, sides.columns)
    far_real, far_made = (_distances(side, some[0], scales) for side in some[1:])
    middle = np.median if np.median(far_real) > 0 else np.mean
    below = float(middle(far_real))
    if below <= 0:
        return unknown(check, "nearest.ratio", why("generate.no_near"), "", len(far_made))
    ratio = float(middle(far_made)) / below
    low, high = _ratio_interval(far_made, far_real, middle is np.mean, sides.seed)
    close = np.isfinite(high) and high < _CLOSE
    evidence: dict[str, Json] = {
        "made": float(middle(far_made)), "real": below, "limit": _CLOSE,
        "by": "mean" if middle is np.mean else "median",
    }  # fmt: skip
    return Finding(
        check, "nearest.ratio", ratio, "", low, high, len(far_made), "fail" if close else "pass",
        "warn" if close else "info", evidence, "generate.advice_near" if close else "",
    )  # fmt: skip


def _scales(train: Floats, columns: Sequence[Column]) -> list[float]:
    """Return the range of each number; 0 for words, which are equal or not."""
    scales = []
    for place, column in enumerate(columns):
        known = train[np.isfinite(train[:, place]), place]
        if column.kind not in ("number", "datetime"):
            scales.append(0.0)
        elif not len(known):
            scales.append(1.0)
        else:
            low, high = np.quantile(known, (0.05, 0.95))
            scales.append(float(high - low) or float(np.ptp(known)) or 1.0)
    return scales


def _distances(rows: Floats, among: Floats, scales: Sequence[float]) -> Floats:
    """Return the distance of each row to the nearest of others, (N,)."""
    total = np.zeros((len(rows), len(among)), np.float32)
    for place, scale in enumerate(scales):
        one, other = rows[:, place, None], among[None, :, place]
        gap = np.abs(one - other) / scale if scale else (one != other).astype(np.float64)
        absent = np.isnan(one) | np.isnan(other)
        gap = np.where(absent, (np.isnan(one) != np.isnan(other)).astype(np.float64), gap)
        total += np.minimum(gap, 1.0).astype(np.float32)
    nearest_of: Floats = total.min(axis=1).astype(np.float64) / len(scales)
    return nearest_of


def _ratio_interval(made: Floats, real: Floats, mean: bool, seed: int) -> tuple[float, float]:
    """Return the percentile interval of the ratio over resamples of both sides."""
    middle = np.mean if mean else np.median
    random = np.random.default_rng(seed)
    found = []
    for _ in range(200):
        one, two = (random.choice(side, len(side)) for side in (made, real))
        below = float(middle(two))
        found.append(float(middle(one)) / below if below > 0 else np.nan)
    seen = [value for value in found if np.isfinite(value)]
    if not seen:
        return float("nan"), float("nan")
    low, high = np.quantile(seen, (0.025, 0.975))
    return float(low), float(high)


def fidelity(check: str, sides: Sides, target: Column) -> list[Finding]:
    """Return of each class the share of rows asked for it that a judge of real rows takes for it.

    Beside it stands the share of real test rows of that class that the same judge takes for it.
    """
    if target.kind in ("number", "datetime"):
        return []
    learned, made, real = lessons([sides.train, sides.made, sides.real], sides.columns, target)
    levels = sorted(sides.train.get_column(target.name).cast(pl.String).drop_nulls().unique())
    if len(levels) < 2:
        return []
    told = learned.y[np.isfinite(learned.y)]
    x = learned.x[np.isfinite(learned.y)]
    words = {"made": sides.made, "real": sides.real}
    right = {}
    for name, lesson in (("made", made), ("real", real)):
        said = answered(x, told, lesson.x, "accuracy")
        right[name] = said == lesson.y
    found = []
    for level in levels[:_SHOWN]:
        shares = {}
        for name, side in words.items():
            mask = (side.get_column(target.name).cast(pl.String) == level).fill_null(False)
            rows = right[name][mask.to_numpy()]
            shares[name] = (int(rows.sum()), len(rows))
        hits, n = shares["made"]
        if not n:
            found.append(unknown(check, "fidelity", why("generate.no_made"), level))
            continue
        low, high = wilson(hits, n)
        beside = shares["real"][0] / shares["real"][1] if shares["real"][1] else None
        found.append(
            Finding(check, "fidelity", hits / n, level, low, high, n,
                    evidence={"real": beside, "real_n": shares["real"][1]})
        )  # fmt: skip
    return found


def variety(check: str, sides: Sides) -> Finding:
    """Return how various made rows are: the mean over columns of entropies, made by real.

    Columns in which real rows do not vary say nothing. 0 means that all made rows are alike.
    """
    shares, names = [], []
    real, made = matrix([sides.real, sides.made], sides.columns)
    tables = []
    for place, column in enumerate(sides.columns):
        pair = _binned(real[:, place], made[:, place], column.kind in ("number", "datetime"))
        if _entropy(pair[0], np.ones((1, len(real))))[0] > 0:
            tables.append(pair)
            names.append(column.name)
    if not tables:
        return unknown(check, "variety", why("generate.no_near"), "", len(made))

    def of(weights: Floats) -> Floats:
        each = [np.minimum(1.0, _entropy(two, weights) / _entropy(one, np.ones((1, len(one))))[0])
                for one, two in tables]  # fmt: skip
        shares.append(each)
        return np.mean(each, axis=0)  # type: ignore[no-any-return]

    value = float(of(np.ones((1, len(made))))[0])
    poorest = sorted((float(share[0]), name) for share, name in zip(shares[0], names, strict=True))
    found = np.concatenate([of(weights) for weights in draws(len(made), 100, sides.seed)])
    # Resamples repeat rows, and so are a little less various than what they are drawn from.
    low, high = np.clip(np.quantile(found, (0.025, 0.975)) + value - found.mean(), 0.0, 1.0)
    poor = high < _POOR
    return Finding(
        check, "variety", value, "", float(low), float(high), len(made),
        "fail" if poor else "pass", "warn" if poor else "info",
        {"limit": _POOR, "poorest": [{"column": n, "share": round(s, 4)} for s, n in poorest[:5]]},
        "generate.advice_variety" if poor else "",
    )  # fmt: skip


def _binned(
    real: Floats, made: Floats, number: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return codes of both sides: tenths of the real numbers, words as they are, 0 for missing."""
    if number and np.isfinite(real).any():
        edges = np.unique(np.nanquantile(real, np.linspace(0, 1, _BINS + 1)[1:-1]))
        one, two = (np.searchsorted(edges, side, "left").astype(np.float64) + 1
                    for side in (real, made))  # fmt: skip
    else:
        one, two = real + 1, made + 1
    absent = np.where(np.isnan(real), 0, one), np.where(np.isnan(made), 0, two)
    return absent[0].astype(np.int64), absent[1].astype(np.int64)


def _entropy(codes: NDArray[np.int64], weights: Floats) -> Floats:
    """Return the entropy of codes under each row of weights, in nats, (B,)."""
    _, place = np.unique(codes, return_inverse=True)
    table = np.zeros((len(codes), int(place.max()) + 1))
    table[np.arange(len(codes)), place] = 1.0
    shares = weights @ table / weights.sum(axis=1, keepdims=True)
    entropies: Floats = -(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=1)
    return entropies
