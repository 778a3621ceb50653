"""A column told by a few codes: what a net draws, and what cell each code becomes.

A value that many rows share has a code of its own; other numbers share the code of their bin, and
words that are rare share one. A code becomes one of the values that several rows have in common, by
their shares, or a number between quantiles of the others: no row is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Json

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
COMMON = 5
"""Rows that share a value from which it may be said as it is."""
_SPIKE, _WORDS = 0.02, 100
"""Share of rows from which a number has its own code; words that have one."""
_KNOTS = 9


@dataclass(frozen=True)
class Part:
    """What one code becomes.

    Args:
        values: Numbers that are said as they are; NaN for a missing cell.
        shares: Of each how often, relative to the others.
        knots: Quantiles of the other numbers, rising; between them any number may come.
        apart: Share of the cells that lie between knots.
    """

    values: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    knots: tuple[float, ...] = ()
    apart: float = 0.0

    def drawn(self, at: Floats, within: Floats) -> Floats:
        """Return numbers for chances in (0, 1): of which value, and where between knots."""
        found = np.full(len(at), np.nan)
        loose = at < self.apart if self.values else np.ones(len(at), bool)
        if self.knots:
            found[loose] = np.interp(within[loose], np.linspace(0, 1, len(self.knots)), self.knots)
        if self.values:
            rest = (at[~loose] - self.apart) / max(1e-12, 1 - self.apart)
            sums = np.cumsum(self.shares) / sum(self.shares)
            places = np.minimum(np.searchsorted(sums, rest), len(sums) - 1)
            found[~loose] = np.asarray(self.values, np.float64)[places]
        return found

    def to_json(self) -> dict[str, Json]:
        values = [None if value != value else value for value in self.values]
        return {"values": values, "shares": list(self.shares), "knots": list(self.knots),
                "apart": self.apart}  # fmt: skip

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Part:
        values = tuple(float("nan") if value is None else float(value) for value in row["values"])
        return cls(values, tuple(row["shares"]), tuple(row["knots"]), float(row["apart"]))


@dataclass(frozen=True)
class Codes:
    """The codes of one column.

    Args:
        parts: What each becomes, in the order of the codes.
        single: Numbers that have their own code, rising, and which.
        edges: Lower ends of the bins of all other numbers, rising, and the code of each.
        missing: Code of a missing cell, -1 where there was none.
    """

    parts: tuple[Part, ...]
    single: tuple[tuple[float, int], ...]
    edges: tuple[tuple[float, int], ...]
    missing: int = -1

    @classmethod
    def learned(cls, values: Floats, is_number: bool, bins: int) -> Codes:
        """Return the codes of a column.

        Args:
            values: Its cells as numbers, NaN where one is missing, (N,).
            is_number: Whether they are amounts, and no codes of words.
            bins: Bins of amounts.

        Example:
            >>> codes = Codes.learned(np.array([0.0] * 50 + [np.nan] * 5), True, 8)
            >>> len(codes.parts), codes.encoded(np.array([np.nan, 0.0])).tolist()
            (2, [1, 0])
        """
        known = values[np.isfinite(values)]
        seen, counts = np.unique(known, return_counts=True)
        least = _SPIKE * len(values) if is_number else _rank(counts, _WORDS)
        own = counts >= max(least, COMMON if is_number else 1)
        parts = [Part((float(value),), (1.0,)) for value in seen[own]]
        single = tuple((float(value), place) for place, value in enumerate(seen[own]))
        rest = known[~np.isin(known, seen[own])]
        edges: list[tuple[float, int]] = []
        if len(rest):
            ends = np.unique(np.quantile(rest, np.linspace(0, 1, (bins if is_number else 1) + 1)))
            place = np.searchsorted(ends[1:-1], rest, "right")
            for one in np.unique(place).tolist():
                edges.append((float(ends[one]), len(parts)))
                parts.append(_part(rest[place == one], is_number))
        absent = -1
        if len(known) < len(values):
            absent = len(parts)
            parts.append(Part((float("nan"),), (1.0,)))
        return cls(tuple(parts), single, tuple(edges), absent)

    def encoded(self, values: Floats) -> Ints:
        """Return the codes of cells; one that has none gets that of the nearest."""
        codes = np.full(len(values), max(0, self.missing), np.int64)
        there = np.isfinite(values)
        if self.edges:
            ends = np.array([end for end, _ in self.edges])
            place = np.clip(np.searchsorted(ends, values[there], "right") - 1, 0, None)
            codes[there] = np.array([code for _, code in self.edges])[place]
        if self.single:
            ends = np.array([end for end, _ in self.single])
            place = np.clip(np.searchsorted(ends, values[there]), 0, len(ends) - 1)
            own = np.array([code for _, code in self.single])[place]
            exact = ends[place] == values[there]
            codes[there] = np.where(exact | (not self.edges), own, codes[there])
        return codes

    def decoded(self, codes: Ints, chances: Floats) -> Floats:
        """Return numbers for codes.

        Args:
            codes: (N,).
            chances: In (0, 1), (N, 2).
        """
        found = np.empty(len(codes))
        for code in np.unique(codes).tolist():
            mask = codes == code
            found[mask] = self.parts[code].drawn(chances[mask, 0], chances[mask, 1])
        return found

    def to_json(self) -> dict[str, Json]:
        return {
            "parts": [part.to_json() for part in self.parts], "missing": self.missing,
            "single": [list(pair) for pair in self.single],
            "edges": [list(pair) for pair in self.edges],
        }  # fmt: skip

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Codes:
        single, edges = ([(float(end), int(code)) for end, code in row[name]]
                         for name in ("single", "edges"))  # fmt: skip
        parts = tuple(Part.from_json(part) for part in row["parts"])
        return cls(parts, tuple(single), tuple(edges), int(row["missing"]))


def _rank(counts: Ints, most: int) -> float:
    """Return the count of the last of the `most` frequent ones."""
    return float(np.sort(counts)[::-1][most - 1]) + 0.5 if len(counts) > most else 0.0


def _part(values: Floats, is_number: bool) -> Part:
    """Return what a bin becomes: values that rows share, and quantiles of the others."""
    seen, counts = np.unique(values, return_counts=True)
    if not is_number:
        return Part(tuple(seen.tolist()), tuple(counts.astype(float).tolist()))
    shared = counts >= COMMON
    others = values[~np.isin(values, seen[shared])]
    knots: Sequence[float] = ()
    if len(others):
        count = min(_KNOTS, max(2, len(others) // COMMON))
        knots = np.quantile(others, np.linspace(0, 1, count)).tolist()
    return Part(tuple(seen[shared].tolist()), tuple(counts[shared].astype(float).tolist()),
                tuple(knots), len(others) / len(values))  # fmt: skip
