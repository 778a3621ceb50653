"""Rules about the distribution of a column: against declared shares, or against another time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.nouns import Json
from lingqu.govern.contract.link_rules import other_file
from lingqu.govern.contract.row_rules import Builder
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.table import Built, Table, UnevaluatedError, as_number, held

BINS = 10
LEVELS = 50
SHIFT = 0.2
"""Usual limit of the population stability index: above it, two samples differ much."""
SLACK = 0.05
"""Usual tolerance of `level_shares`."""
_FLOOR = 1e-4
_REST = "…"


def population_stability(before: Sequence[float], now: Sequence[float]) -> float:
    """Return the population stability index of two lists of shares.

    Example:
        >>> round(population_stability([0.5, 0.5], [0.7, 0.3]), 3)
        0.169

    Source: Siddiqi, Credit Risk Scorecards (2006), chapter 9; symmetric Kullback-Leibler
        divergence, with empty bins held at 0.0001.
    """
    pairs = ((max(a, _FLOOR), max(b, _FLOOR)) for a, b in zip(before, now, strict=True))
    return sum((b - a) * math.log(b / a) for a, b in pairs)


def summary(series: pl.Series) -> dict[str, Json]:
    """Return what a `drift` rule needs to know of a column: quantile bins, or shares of levels.

    Args:
        series: Numbers, or anything that can be written as text.

    Returns:
        ``{"edges": [...], "shares": [...]}`` (bin i holds edges[i-1] ≤ x < edges[i]) or
        ``{"levels": {text: share}}``.

    Raises:
        UnevaluatedError: There is no value, or it cannot be listed.

    Example:
        >>> summary(pl.Series(["a", "a", "b", "a"]))
        {'levels': {'a': 0.75, 'b': 0.25}}

    Source: Own; deciles as is usual for the population stability index.
    """
    filled = series.drop_nulls()
    if series.dtype.is_float():
        filled = filled.filter(filled.is_finite())
    if not len(filled) or series.dtype.is_nested():
        raise UnevaluatedError("contract.empty_reference", column=series.name)
    if series.dtype.is_numeric():
        values = np.sort(filled.to_numpy().astype(float))
        places = (np.arange(1, BINS) * len(values)) // BINS
        edges = np.unique(values[places])
        cells = np.bincount(np.searchsorted(edges, values, "right"), minlength=len(edges) + 1)
        return {"edges": edges.tolist(), "shares": (cells / len(values)).tolist()}
    text = filled.cast(pl.String)
    counts = text.value_counts(sort=True, name="rows").sort(
        "rows", text.name, descending=[True, False]
    )
    kept = counts.head(LEVELS)
    shares = (kept["rows"] / len(filled)).to_list()
    return {"levels": dict(zip(kept[text.name].to_list(), shares, strict=True))}


def _counts(column: pl.Expr, known: Mapping[str, Json]) -> tuple[pl.Expr, list[float]]:
    """Return one struct of counts per bin or level, and the shares they are compared with."""
    if "edges" in known:
        edges = [-math.inf, *known["edges"], math.inf]
        inside = [
            ((column >= low) & (column < high)).sum() if high < math.inf else (column >= low).sum()
            for low, high in pairwise(edges)
        ]
        return pl.struct(c.alias(str(i)) for i, c in enumerate(inside)), list(known["shares"])
    text, levels = column.cast(pl.String), known["levels"]
    each = [(text == level).sum().alias(str(i)) for i, level in enumerate(levels)]
    rest = (~text.is_in(pl.Series(list(levels), dtype=pl.String).implode())).sum()
    shares = [float(share) for share in levels.values()]
    return pl.struct(*each, rest.alias(_REST)), [*shares, max(0.0, 1 - sum(shares))]


def _shares(seen: Mapping[str, int]) -> list[float] | None:
    total = sum(seen.values())
    return [count / total for count in seen.values()] if total else None


def _drift(rule: Rule, table: Table) -> Built:
    """The population stability index against another file, or a summary kept from before."""
    name, known = rule.columns[0], rule.options.get("summary")
    if known is None:
        key = rule.options.get("key", name)
        known = summary(other_file(table, rule.options["file"], [key])[key])
    column = as_number(name, table) if "edges" in known else pl.col(name)
    observed, before = _counts(column, known)
    limit = rule.options.get("max", SHIFT)

    def value(seen: Mapping[str, int]) -> float | None:
        now = _shares(seen)
        return None if now is None else population_stability(before, now)

    return Built(
        held(name),
        observed=observed,
        value=value,
        holds=lambda index: index <= limit,
    )


def _level_shares(rule: Rule, table: Table) -> Built:
    """The largest distance of a level's share from the declared one."""
    name = rule.columns[0]
    if table.dtype(name).is_nested():
        raise UnevaluatedError("contract.not_listed", column=name, dtype=table.dtype(name))
    levels = {_written(level): share for level, share in rule.options["shares"].items()}
    observed, declared = _counts(pl.col(name), {"levels": levels})
    limit = rule.options.get("tolerance", SLACK)

    def value(seen: Mapping[str, int]) -> float | None:
        now = _shares(seen)
        if now is None:
            return None
        return max(abs(a - b) for a, b in zip(now, declared, strict=True))

    return Built(
        held(name),
        observed=observed,
        value=value,
        holds=lambda far: far <= limit + 1e-12,
    )


def _written(level: Any) -> str:
    return str(level).lower() if isinstance(level, bool) else str(level)


DISTRIBUTION_RULES: dict[str, Builder] = {"drift": _drift, "level_shares": _level_shares}
"""Kind of rule → its builder."""
