"""Anonymity: how many people share what could tell them apart, and what their groups give away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.check.truth import unknown, why
from lingqu.core import metrics
from lingqu.core.nouns import Finding, Json, Subject
from lingqu.core.quasi import KINDS, quasi_identifiers
from lingqu.core.schema import Column
from lingqu.core.sensitive import Codes, parts, ranked

Floats = NDArray[np.float64]
_SHOWN = 20
_CELLS = 4_000_000
"""Most cells of a table of groups and values that is held at once."""


@dataclass
class Anonymity:
    """Measure k-anonymity, l-diversity and t-closeness over columns that may tell people apart.

    ``anonymity.k`` is the size of the smallest group of rows that are equal in all of `columns`,
    ``anonymity.unique`` the share of rows that are alone. Of each sensitive column,
    ``anonymity.l(column)`` is the fewest distinct values in a group,
    ``anonymity.l_entropy(column)`` the smallest effective number of values (the exponential of the
    entropy), and ``anonymity.t(column)`` the largest distance between a group and all rows: half
    the sum of differences for categories, the earth mover's distance over ranks for numbers.

    Args:
        columns: Quasi-identifiers; protected columns and those named like age, sex or postcode
            when empty.
        sensitive: Columns that nobody should learn of a person; the target when empty.
        k: Fewest rows of a group that pass; 0 only reports.
        l: Fewest distinct sensitive values of a group that pass; 0 only reports.
        t: Largest distance that passes; 0 only reports.

    Example:
        >>> from lingqu.core.nouns import Dataset
        >>> from lingqu.core.schema import Schema
        >>> frame = pl.DataFrame({"sex": ["f", "f", "m"], "ill": ["y", "n", "y"]})
        >>> schema = Schema((Column("sex", "category"), Column("ill", "category", "target")))
        >>> subject = Subject("data", "classify", schema, train=Dataset(frame, schema))
        >>> {f.subject: f.value for f in Anonymity().look(subject)}["anonymity.k"]
        1.0

    Source: Sweeney, "k-anonymity", 2002, doi:10.1142/S0218488502001648; Machanavajjhala et al.,
    "l-diversity", 2007, doi:10.1145/1217299.1217302; Li, Li, Venkatasubramanian, "t-closeness",
    2007, doi:10.1109/ICDE.2007.367856.
    """

    name: ClassVar[str] = "anonymity"
    stages: ClassVar[frozenset[str]] = frozenset({"data"})

    columns: list[str] = field(default_factory=list)
    sensitive: list[str] = field(default_factory=list)
    k: int = 0
    l: float = 0.0  # noqa: E741 - the letter of the literature
    t: float = 0.0

    def look(self, subject: Subject) -> list[Finding]:
        data = subject.train if subject.train is not None else subject.test
        if data is None or data.frame.height == 0:
            return [unknown(self.name, "anonymity.k", why("check.no_rows"))]
        chosen = self.columns or [column.name for column in quasi_identifiers(data.schema)]
        absent = [name for name in chosen if name not in data.frame.columns]
        if absent:
            reason = why("check.no_column", column=", ".join(absent))
            return [unknown(self.name, "anonymity.k", reason)]
        if not chosen:
            reason = why("check.why_k")
            return [Finding(self.name, "anonymity.k", None, verdict="note", evidence=reason)]
        codes, sizes, firsts = groups(data.frame.select(chosen))
        found = self._sizes(data.frame, chosen, sizes, firsts)
        for column in self._sensitive(data.schema, chosen):
            if column.name in data.frame.columns:
                found += self._column(data.frame[column.name], column, codes, sizes)
        return found

    def _sensitive(self, schema: Any, chosen: list[str]) -> list[Column]:
        if self.sensitive:
            return [column for column in schema if column.name in self.sensitive]
        target = schema.target
        return [target] if target is not None and target.name not in chosen else []

    def _sizes(
        self, frame: pl.DataFrame, chosen: list[str], sizes: Codes, firsts: Codes
    ) -> list[Finding]:
        order = np.argsort(sizes, kind="stable")[:_SHOWN]
        smallest = frame.select(pl.col(chosen).cast(pl.String))[firsts[order].tolist()].to_dicts()
        shown = [
            {"rows": int(sizes[place]), **row} for place, row in zip(order, smallest, strict=True)
        ]
        least, n = int(sizes.min()), frame.height
        alone = int((sizes == 1).sum())
        below = int(sizes[sizes < max(self.k, 2)].sum())
        low, high = metrics.wilson(alone, n)
        evidence: dict[str, Json] = {
            "columns": chosen,
            "groups": len(sizes),
            "rows_below": below,
            "limit": self.k,
            "smallest": shown,
        }
        return [
            self._judged("anonymity.k", float(least), n, least >= self.k, self.k, evidence),
            Finding(
                self.name, "anonymity.unique", alone / n, "", low, high, n,
                evidence={"columns": chosen, "rows": alone},
            ),
        ]  # fmt: skip

    def _column(
        self, series: pl.Series, column: Column, codes: Codes, sizes: Codes
    ) -> list[Finding]:
        name, n = column.name, len(series)
        if column.kind not in KINDS:
            reason = why("check.no_column", column=name)
            return [unknown(self.name, "anonymity.l", reason, name, n)]
        values, count = ranked(series, column.kind in ("number", "datetime"))
        distinct, effective = diversity(codes, values, len(sizes))
        ordered = column.kind in ("number", "datetime")
        distance = closeness(codes, sizes, parts(values, count) if ordered else values, ordered)
        worst = np.argsort(distance, kind="stable")[::-1][:_SHOWN]
        spread = {"groups": len(sizes), "distinct": count}
        far = {
            "ordered": ordered,
            "farthest": [
                {"rows": int(sizes[place]), "distance": round(float(distance[place]), 4)}
                for place in worst
            ],
        }
        few, wide = float(distinct.min()), float(distance.max())
        return [
            self._judged("anonymity.l", few, n, few >= self.l, self.l, spread, name),
            Finding(self.name, "anonymity.l_entropy", float(effective.min()), name, n=n,
                    evidence=spread),
            self._judged("anonymity.t", wide, n, wide <= self.t, self.t, far, name),
        ]  # fmt: skip

    def _judged(
        self, measure: str, value: float, n: int, good: bool, limit: float,
        evidence: dict[str, Json], argument: str = "",
    ) -> Finding:  # fmt: skip
        if not limit:
            return Finding(self.name, measure, value, argument, n=n, evidence=evidence)
        return Finding(
            self.name, measure, value, argument, n=n, evidence=evidence,
            verdict="pass" if good else "fail", severity="info" if good else "warn",
            advice="" if good else "check.advice_anonymity",
        )  # fmt: skip


def groups(frame: pl.DataFrame) -> tuple[Codes, Codes, Codes]:
    """Return each row's group, the size of each group, and a row of each.

    Example:
        >>> codes, sizes, firsts = groups(pl.DataFrame({"a": [1, 1, None], "b": ["x", "x", "x"]}))
        >>> codes.tolist(), sizes.tolist(), firsts.tolist()
        ([0, 0, 1], [2, 1], [0, 2])
    """
    names = frame.columns
    numbered = frame.with_row_index("lingqu.row")
    each = numbered.group_by(names, maintain_order=True).agg(
        pl.col("lingqu.row").first().alias("lingqu.first"), pl.len().alias("lingqu.size")
    )
    each = each.with_row_index("lingqu.group")
    joined = numbered.join(each, on=names, nulls_equal=True, how="left", maintain_order="left")
    return (
        joined["lingqu.group"].to_numpy().astype(np.int64),
        each["lingqu.size"].to_numpy().astype(np.int64),
        each["lingqu.first"].to_numpy().astype(np.int64),
    )


def diversity(codes: Codes, values: Codes, count: int) -> tuple[Codes, Floats]:
    """Return the distinct and the effective number of values in each group.

    Example:
        >>> distinct, effective = diversity(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
        >>> distinct.tolist(), effective.tolist()
        ([2, 1], [2.0, 1.0])
    """
    width = int(values.max()) + 1
    pairs, times = np.unique(codes * width + values, return_counts=True)
    group = pairs // width
    distinct = np.bincount(group, minlength=count)
    share = times / np.bincount(codes, minlength=count)[group]
    entropy = np.bincount(group, weights=-share * np.log(share), minlength=count)
    return distinct.astype(np.int64), np.round(np.exp(entropy), 12).astype(np.float64)


def closeness(codes: Codes, sizes: Codes, values: Codes, ordered: bool) -> Floats:
    """Return the distance of each group's values from those of all rows, 0 to 1.

    Example:
        >>> codes, values = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1])
        >>> closeness(codes, np.array([2, 2]), values, ordered=False).tolist()
        [0.5, 0.5]
    """
    width = int(values.max()) + 1
    whole = np.bincount(values, minlength=width) / len(values)
    distance = np.zeros(len(sizes))
    if width == 1:
        return distance
    order = np.argsort(codes, kind="stable")
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    step = max(1, _CELLS // width)
    for start in range(0, len(sizes), step):
        end = min(len(sizes), start + step)
        rows = order[bounds[start] : bounds[end]]
        flat = (codes[rows] - start) * width + values[rows]
        table = np.bincount(flat, minlength=(end - start) * width).reshape(-1, width)
        gap = table / sizes[start:end, None] - whole
        if ordered:
            distance[start:end] = np.abs(np.cumsum(gap, axis=1)).sum(1) / (width - 1)
        else:
            distance[start:end] = np.abs(gap).sum(1) / 2
    return np.round(distance, 12)
