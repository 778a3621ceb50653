"""Limits that a model must keep to be chosen: latency, size, memory, fairness."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.conditions import OPERATORS, Comparison
from lingqu.core.errors import SpecError
from lingqu.core.i18n import Message, Phrase, joined
from lingqu.core.model_limits import MEASURES, parse_limit
from lingqu.core.nouns import Dataset, Model
from lingqu.core.predictions import Predictions
from lingqu.learn.candidate import MANY, Fit
from lingqu.release.encode import targets
from lingqu.release.runner import Runner

LEAST = 30
"""Fewest rows of a group that is judged, as the check `fairness` has it."""
_CALLS = 30


@dataclass(frozen=True)
class Limits:
    """Limits, parsed.

    Args:
        rules: Comparisons of one measure each.

    Example:
        >>> limits = Limits.parse(["latency <= 1 ms", "size <= 20 MB", "fairness.gap(sex) <= 5%"])
        >>> [str(rule) for rule in limits.rules]
        ['latency_ms <= 1', 'size_mb <= 20', 'fairness.gap(sex) <= 0.05']
        >>> str(limits.broken({"latency_ms": 3.0, "size_mb": 1.0}))
        'breaks the limit latency_ms <= 1: 3'
    """

    rules: tuple[Comparison, ...] = ()

    @classmethod
    def parse(cls, texts: Sequence[str]) -> Limits:
        """Parse limits as a channel writes them.

        Raises:
            SpecError: Not a rule, more than one comparison, or a measure that is none of a model.
        """
        return cls(tuple(parse_limit(written) for written in texts))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose groups are compared."""
        return tuple(dict.fromkeys(rule.argument for rule in self.rules if rule.argument))

    @property
    def of_models(self) -> bool:
        """Whether a limit is about a model as a thing: its latency, size or memory."""
        return any(rule.measure in MEASURES for rule in self.rules)

    def broken(self, facts: Mapping[str, float]) -> Message:
        """Return in one line which limits these figures break, or ``""``.

        Args:
            facts: ``latency_ms`` … and ``fairness.gap(sex)``; what is absent is not judged.
        """
        lines: list[Message] = []
        for rule in self.rules:
            name = f"{rule.measure}({rule.argument})" if rule.argument else rule.measure
            value = facts.get(name)
            if value is not None and not OPERATORS[rule.op](value, rule.value):
                lines.append(Phrase("choice.breaks_limit", {"limit": str(rule), "value": value}))
        return joined(lines)

    def broken_by(self, fit: Fit, smaller: float = 1.0) -> Message:
        """Return which limits one fit alone breaks already: no ensemble of it can be faster.

        Args:
            fit: The fit.
            smaller: How many times smaller and faster it may still be made.
        """
        facts = {"size_mb": fit.size_mb / smaller}
        if fit.many_s > 0:
            facts["latency.many_s"] = fit.many_s / smaller
            facts["latency_ms"] = fit.row_ms / smaller
        return self.broken(facts)


def measured(model: Model, frame: pl.DataFrame) -> dict[str, float]:
    """Measure the merged graph of a model on rows that are governed already.

    Returns:
        ``latency_ms``: median of one row; ``latency.many_s``: 10,000 rows; ``size_mb``: the
        graph; ``memory_mb``: what opening it and answering those rows adds to the process, at
        least its size.
    """
    from lingqu.release.merge import merge  # `onnx` is only needed where a limit is measured

    before = _resident_mb()
    graph, inputs = merge(model, check=False)
    size_mb = len(graph) / 1e6
    runner = Runner(graph, inputs, model.task, model.classes, model.threshold)
    one, many = frame[:1], frame[np.resize(np.arange(frame.height), MANY)]
    runner.predict(one)
    took = []
    for _ in range(_CALLS):
        begun = time.perf_counter()
        runner.predict(one)
        took.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    runner.predict(many)
    return {
        "latency_ms": 1e3 * median(took),
        "latency.many_s": time.perf_counter() - begun,
        "size_mb": size_mb,
        "memory_mb": max(size_mb, _resident_mb() - before),
    }


def _resident_mb() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * 4096 / 1e6


def refuse_columns(train: Dataset, limits: Limits) -> None:
    """Refuse limits on groups of a column that is not there.

    Raises:
        SpecError: A column is not in the data.
    """
    for column in limits.columns:
        if column not in train.frame.columns:
            known = ", ".join(train.frame.columns)
            raise SpecError("choice.limit_column", column=column, expected=known)


class Groups:
    """Gaps between groups of people on held-out answers, as the check `fairness` defines them.

    Args:
        train: Rows that are learned from, with the columns.
        limits: Which columns and which gaps.

    Raises:
        SpecError: A column is not in the data.
    """

    def __init__(self, train: Dataset, limits: Limits) -> None:
        self._limits = limits
        truth, classes = targets(train, "classify" if _has_classes(train) else "regress")
        self._y: NDArray[np.float64] = np.asarray(truth, dtype=np.float64)
        self._spread = 0.0 if classes else float(np.std(self._y)) or 1.0
        refuse_columns(train, limits)
        self._codes = {c: _codes(train.frame.get_column(c)) for c in limits.columns}

    def facts(self, said: Predictions, rows: NDArray[np.int64]) -> dict[str, float]:
        """Return each gap by its name; one with fewer than two groups of 30 rows is absent."""
        found = {}
        for rule in self._limits.rules:
            if rule.argument:
                gap = self._gap(rule.measure, said, rows, self._codes[rule.argument][rows])
                if gap is not None:
                    found[f"{rule.measure}({rule.argument})"] = gap
        return found

    def allow(self, said: Predictions, rows: NDArray[np.int64]) -> bool:
        """Say whether these answers keep every limit on fairness."""
        return not self._limits.broken(self.facts(said, rows))

    def _gap(
        self, measure: str, said: Predictions, rows: NDArray[np.int64], codes: NDArray[np.int64]
    ) -> float | None:
        groups = [g for g in np.unique(codes) if np.count_nonzero(codes == g) >= LEAST]
        if len(groups) < 2:
            return None
        truth, labels = self._y[rows], np.asarray(said.labels, dtype=np.float64)
        if self._spread:
            off = np.abs(labels - truth) if "accuracy" in measure else labels
            columns = [off / self._spread]
        elif "accuracy" in measure:
            columns = [(labels == truth).astype(float)]
        else:
            k = len(said.classes)
            columns = [(labels == c).astype(float) for c in ([1] if k == 2 else range(k))]
        means = [[column[codes == group].mean() for group in groups] for column in columns]
        return float(max(max(row) - min(row) for row in means))


def _has_classes(train: Dataset) -> bool:
    target = train.schema.target
    return target is not None and target.kind != "number"


def _codes(column: pl.Series) -> NDArray[np.int64]:
    """Return the group of each row; numbers are cut into four of equal size."""
    if column.dtype.is_numeric() and column.n_unique() > 4:
        column = column.qcut(4, allow_duplicates=True).cast(pl.String)
    codes: NDArray[np.int64] = (
        column.cast(pl.String).fill_null("").rank("dense").to_numpy().astype(np.int64)
    )
    return codes
