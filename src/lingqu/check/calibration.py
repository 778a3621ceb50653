"""Calibration: of the answers given with 90 % confidence, are 90 % right?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.check.truth import Labelled, labelled, right, unknown, why
from lingqu.core import metrics
from lingqu.core.nouns import Finding, Json, Subject


@dataclass
class Calibration:
    """Measure the expected calibration error of the chosen class.

    Bins hold equally many rows, so no bin rests on a handful. By chance alone the error is above
    0 (about 0.4 times the square root of bins over rows), hence the interval.

    Args:
        limit: Largest error that passes.
        bins: Bins at most; each holds at least 20 rows.

    Example:
        >>> confidence, hits = np.full(100, 0.9), np.arange(100) < 60
        >>> round(float(expected_error(confidence, hits, np.zeros(100, int))), 2)
        0.3

    Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, arXiv:1706.04599;
    equal-mass bins: Nixon et al. 2019, arXiv:1904.01685.
    """

    name: ClassVar[str] = "calibration"
    stages: ClassVar[frozenset[str]] = frozenset({"gate", "live"})

    limit: float = 0.05
    bins: int = 10

    def look(self, subject: Subject) -> list[Finding]:
        rows = labelled(subject)
        if not isinstance(rows, Labelled):
            return [unknown(self.name, "calibration.ece", rows)]
        n = len(rows.y)
        if subject.task == "flag":
            return [unknown(self.name, "calibration.ece", why("flag.no_probability"), n=n)]
        if rows.said.probabilities is None:
            return [unknown(self.name, "calibration.ece", why("check.no_confidence"), n=n)]
        if n < 40:
            reason = why("check.too_few", rows=n, least=40)
            return [unknown(self.name, "calibration.ece", reason, n=n)]
        sure = rows.said.probabilities[np.arange(n), rows.said.labels.astype(np.int64)]
        hits = right(rows.y, rows.said)
        group = _groups(sure, min(self.bins, n // 20))
        value = float(expected_error(sure, hits, group))

        def error(weights: NDArray[Any]) -> NDArray[np.float64]:
            gaps: NDArray[np.float64] = expected_error(sure, hits, group, weights)
            return gaps

        low, high = metrics.bootstrap(error, n, seed=subject.seed)
        failed = value > self.limit
        return [
            Finding(
                self.name,
                "calibration.ece",
                value,
                low=low,
                high=high,
                n=n,
                verdict="fail" if failed else "pass",
                severity="warn" if failed else "info",
                evidence={"limit": self.limit, "curve": _curve(sure, hits, group)},
                advice="check.calibrate" if failed else "",
            )
        ]


def _groups(sure: NDArray[Any], bins: int) -> NDArray[np.int64]:
    cuts = np.unique(np.quantile(sure, np.arange(1, bins) / bins))
    return np.searchsorted(cuts, sure, side="right").astype(np.int64)


def expected_error(
    sure: NDArray[Any],
    hits: NDArray[Any],
    group: NDArray[np.int64],
    weights: NDArray[Any] | None = None,
) -> Any:
    """Return the mean over rows of |confidence − accuracy| of their bin, one per weighting."""
    member = np.eye(int(group.max()) + 1)[group]  # (N, bins)
    over = np.ones((1, len(sure))) if weights is None else weights
    gap = np.abs(over @ (member * (sure - hits)[:, None])).sum(1) / over.sum(1)
    return gap[0] if weights is None else gap


def _curve(
    sure: NDArray[Any], hits: NDArray[Any], group: NDArray[np.int64]
) -> list[dict[str, Json]]:
    curve = []
    for k in range(int(group.max()) + 1):
        inside = group == k
        if inside.any():
            low, high = metrics.wilson(float(hits[inside].sum()), int(inside.sum()))
            curve.append(
                {
                    "confidence": float(sure[inside].mean()),
                    "accuracy": float(hits[inside].mean()),
                    "low": low,
                    "high": high,
                    "n": int(inside.sum()),
                }
            )
    return curve
