"""Find values far from the rest, and mark, clip or only report them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json
from lingqu.core.phrases import Phrase
from lingqu.core.schema import Column, Kind, Schema
from lingqu.govern.fences import clipped, ends, fence, matrix, outside
from lingqu.govern.isolation import FACTOR, Forest, grow
from lingqu.govern.marks import mark
from lingqu.govern.step import SAMPLES, Step, bad_option, chosen, swap

FEWEST = 20
"""Rows below which no forest is grown."""

_Limits = tuple[float | None, float | None]
_Fence = Literal["iqr", "zscore", "mad"]
_Plan = tuple[list[tuple[str, float, float]], Any, Schema]


@dataclass
class Outliers(Step):
    """Set limits per number column from training rows; report, mark or clip what lies outside.

    Why: one order of 430 years of age bends every mean. Nothing is changed unless asked for,
    since a rare value may be the very thing to learn. Clipping travels; marking never does.

    Args:
        action: ``report`` (default), ``mark`` training rows to be left out, or ``clip``.
        method: ``iqr`` (quartiles ± factor × range), ``zscore`` (mean ± factor × s.d.), ``mad``
            (median ± factor × 1.4826 × median absolute deviation), or ``isolation``: whole rows
            whose combination of values is unusual, by an isolation forest (never clipped).
        factor: Width of the limits, > 0; 3, 4, 5 and 2 for the four methods when omitted.
        columns: Only these columns; every number feature when empty.
        limits: Own limits of single columns, ``{age: [0, 120], income: [0, null]}``, or another
            method for them, ``{income: mad}``.
        share: With ``isolation``: the share of training rows to call unusual, 0 to 0.5, in place
            of the factor.
        seed: Seed of the forest.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0, 900.0]})
        >>> step, data = Outliers("clip"), Dataset(frame, Schema((Column("x", "number"),)))
        >>> step.fit(data)
        >>> step.apply(data).frame["x"].max() < 20
        True

    Source: Tukey, Exploratory Data Analysis, 1977 (outer fences); Leys et al., J. Exp. Soc.
        Psych. 49 (2013), doi:10.1016/j.jesp.2013.03.013 (MAD); Liu, Ting & Zhou, ICDM 2008,
        doi:10.1109/ICDM.2008.17 (isolation forest).
    """

    name: ClassVar[str] = "outliers"
    main: ClassVar[str] = "action"
    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"number"})

    action: Literal["report", "mark", "clip"] = "report"
    method: Literal["iqr", "zscore", "mad", "isolation"] = "iqr"
    factor: float | None = None
    columns: tuple[str, ...] = ()
    limits: dict[str, _Limits | _Fence] = field(default_factory=dict)
    share: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.factor is not None and not self.factor > 0:
            raise bad_option(self, "factor", "> 0", self.factor)
        if self.share is not None and not 0 < self.share <= 0.5:
            raise bad_option(self, "share", Phrase("outliers.expects_share"), self.share)
        if self.action == "clip" and self.method == "isolation":
            raise bad_option(self, "action", Phrase("outliers.expects_no_clip"), self.action)
        for name, given in self.limits.items():
            if isinstance(given, str):
                continue
            low, high = ends(given)
            if not low < high:
                raise bad_option(
                    self, f"limits.{name}", Phrase("outliers.expects_limits"), list(given)
                )

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        columns = chosen(self.name, dataset.schema, self.columns, self.kinds)
        own = chosen(self.name, dataset.schema, tuple(self.limits), self.kinds)
        own = own if self.limits else []
        by_method = [] if self.method == "isolation" else columns
        limits: dict[str, Json] = {}
        for column in dict.fromkeys([*by_method, *own]):
            found = self._limits_of(column, dataset.frame.get_column(column.name))
            if found is not None:
                limits[column.name] = found
        state: dict[str, Json] = {"limits": limits}
        if self.method == "isolation" and dataset.frame.height >= FEWEST:
            names = [c.name for c in columns if _says_numbers(dataset.frame.get_column(c.name))]
            if names:
                values = matrix(dataset.frame, names)
                factor = FACTOR if self.factor is None else self.factor
                state["forest"] = grow(values, names, self.seed, factor, self.share)
        return state

    def _limits_of(self, column: Column, series: pl.Series) -> Sequence[float | None] | None:
        """Return ``[low, high]``, null where it is open, or None where there is no limit."""
        given = self.limits.get(column.name)
        if given is not None and not isinstance(given, str):
            return list(given)
        if not series.dtype.is_numeric():
            return None
        return fence(series, given or self.method, None if given else self.factor)

    def prepare(self, schema: Schema) -> _Plan:
        limits = self.state.get("limits", {})
        plan = [(name, *ends(limits[name])) for name in schema.names if name in limits]
        if self.action == "clip":
            for name, low, high in plan:
                old = schema[name]
                schema = schema.updated(
                    name,
                    low=None if old.low is None else max(old.low, low),
                    high=None if old.high is None else min(old.high, high),
                )
        forest = Forest(self.state["forest"]) if "forest" in self.state else None
        return plan, forest, schema

    def transform(self, dataset: Dataset) -> Dataset:
        if self.action == "report":
            return dataset
        plan, _, schema = self.plan(dataset.schema)
        if self.action == "mark":
            return self._marked(dataset)
        changed = []
        for name, low, high in plan:
            series = dataset.frame.get_column(name)
            least: Any = series.min()
            most: Any = series.max()
            if least is not None and (least < low or most > high):
                changed.append(clipped(series, low, high))
        return Dataset(swap(dataset.frame, changed), schema, dataset.name, "", dataset.facts)

    def _marked(self, dataset: Dataset) -> Dataset:
        frame = dataset.frame
        beyond = self._outside_of(dataset)
        far = np.zeros(frame.height, dtype=bool)
        evidence: dict[int, dict[str, Json]] = {}
        for name, (rows, low, high) in beyond.items():
            far[rows] = True
            series = frame.get_column(name)
            for row in rows.tolist():
                proof = evidence.setdefault(row, {"outside": []})
                proof["outside"].append(_sample(name, series[row], low, high))
        if far.any():
            words = both("outliers.reason_limits", operator=self.name, method=self.method)
            frame = mark(frame, far, words["en"], words["zh"], evidence)
        unusual, scores, why = self._unusual(dataset)
        if unusual.size:
            odd = np.zeros(frame.height, dtype=bool)
            odd[unusual] = True
            words = both("outliers.reason_forest", operator=self.name)
            proofs = zip(unusual.tolist(), scores, why, strict=True)
            frame = mark(
                frame, odd, words["en"], words["zh"],
                {row: {"score": round(score, 4), "columns": c} for row, score, c in proofs},
            )  # fmt: skip
        return dataset if frame is dataset.frame else replace(dataset, frame=frame)

    def _outside_of(self, dataset: Dataset) -> dict[str, tuple[NDArray[np.intp], float, float]]:
        """Return, per column with any, the rows outside its limits, and the limits."""
        found = {}
        for name, low, high in self.plan(dataset.schema)[0]:
            rows = outside(dataset.frame.get_column(name), low, high)
            if rows.size:
                found[name] = (rows, low, high)
        return found

    def _unusual(self, dataset: Dataset) -> tuple[NDArray[np.intp], list[float], list[Any]]:
        """Return the rows that the forest calls unusual, worst first, their scores and why."""
        forest = self.plan(dataset.schema)[1]
        if forest is None or not dataset.frame.height:
            return np.zeros(0, dtype=np.intp), [], []
        values = matrix(dataset.frame, forest.state["columns"])
        scores = forest.scores(values)
        rows = np.flatnonzero(scores > forest.state["cut"])
        rows = rows[np.argsort(-scores[rows], kind="stable")]
        why = forest.why(values[rows])
        return rows, scores[rows].tolist(), [*why, *([[]] * (rows.size - len(why)))]

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        beyond = self._outside_of(before)
        samples: list[Json] = []
        most = max(2, SAMPLES // max(1, len(self.state.get("limits", {}))))
        for name, (rows, _, _) in beyond.items():
            series = before.frame.get_column(name)
            for row in rows[:most].tolist():
                samples.append({"row": row, "column": name, "value": series[row]})
                if self.action == "clip":
                    samples[-1]["to"] = after.frame.get_column(name)[row]
        counts = {name: int(rows.size) for name, (rows, _, _) in beyond.items()}
        told: dict[str, Json] = {
            "action": self.action,
            "outside": counts,
            "limits": {name: self.state["limits"][name] for name in counts},
            "samples": samples[:SAMPLES],
            "changed": sum(counts.values()) if self.action == "clip" else 0,
        }
        if self.method == "isolation":
            rows, scores, why = self._unusual(before)
            told["unusual"] = int(rows.size)
            told["unusual_samples"] = [
                {"row": row, "score": round(score, 4), "columns": columns}
                for row, score, columns in zip(rows.tolist(), scores, why, strict=True)
            ][:SAMPLES]
        return told


def _sample(name: str, value: Any, low: float, high: float) -> dict[str, Json]:
    ends = [end if math.isfinite(end) else None for end in (low, high)]
    shown = value if math.isfinite(value) else str(value)
    return {"column": name, "value": shown, "limits": ends}


def _says_numbers(series: pl.Series) -> bool:
    if not series.dtype.is_numeric():
        return False
    return bool(series.cast(pl.Float64).is_finite().any())
