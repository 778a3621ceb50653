"""Performance in use: realised where labels came back, else estimated, and said to be so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import scipy  # it loads its parts when they are called: a channel that names this needs none
from numpy.typing import NDArray

from lingqu.check.regions import covering, inside_of
from lingqu.check.truth import Labelled, labelled, unknown, why
from lingqu.core import metrics
from lingqu.core.nouns import Finding, Json, Subject
from lingqu.release.profile import count, signals

Floats = NDArray[np.float64]
_Z95 = 1.959963984540054


@dataclass
class Performance:
    """Compare the accuracy in use with the accuracy at release.

    With labels, ``performance.accuracy`` is measured. Without, it is estimated: each answer is
    right with the calibrated probability that its confidence had at release. The estimate sees
    inputs that became harder, and is blind by construction to a world in which the same input
    now has another answer; its evidence says so, and only labels can tell.

    Args:
        tolerance: Largest drop that passes.
        least: Smaller windows are not judged.

    Example:
        >>> part = {"edges": [0.6, 0.9], "counts": [0, 100, 100], "hits": [0, 60, 95]}
        >>> [round(float(p), 2) for p in calibrated(part)][1:]
        [0.6, 0.95]

    Source: Guillory et al., "Predicting with Confidence on Unseen Distributions", ICCV 2021,
    arXiv:2107.03315 (confidence-based estimate); isotonic calibration: Zadrozny and Elkan 2002.
    """

    name: ClassVar[str] = "performance"
    stages: ClassVar[frozenset[str]] = frozenset({"live"})

    tolerance: float = 0.05
    least: int = 50

    def look(self, subject: Subject) -> list[Finding]:
        rows = labelled(subject)
        if isinstance(rows, Labelled) and len(rows.y) >= self.least:
            return self._realised(rows, subject)
        if subject.task == "regress":
            return self._unknown(why("check.no_estimate"))
        return self._estimated(subject)

    def _unknown(self, reason: dict[str, Json], n: int = 0) -> list[Finding]:
        measures = ("performance.accuracy", "performance.drop")
        return [unknown(self.name, measure, reason, n=n) for measure in measures]

    def _realised(self, rows: Labelled, subject: Subject) -> list[Finding]:
        n = len(rows.y)
        headline = "rmse" if subject.task == "regress" else "accuracy"
        value = metrics.score(headline, rows.y, rows.said)
        low, high = metrics.intervals([headline], rows.y, rows.said, seed=subject.seed)[headline]
        evidence: dict[str, Json] = {"estimate": False, "labels": n}
        measured = Finding(
            self.name, f"performance.{headline}", value, "", low, high, n, evidence=evidence
        )
        found = [measured, *self._covered(rows, subject)]
        confidence = (subject.reference or {}).get("outputs", {}).get("confidence", {})
        if headline == "rmse" or "hits" not in confidence:
            reason = why("check.no_release_score")
            return [*found, unknown(self.name, "performance.drop", reason, n=n)]
        released = sum(confidence["hits"]) / max(sum(confidence["counts"]), 1)
        return [*found, self._drop(released, value, (high - low) / 2, n, evidence)]

    def _covered(self, rows: Labelled, subject: Subject) -> list[Finding]:
        """Return how often intervals or sets held the truth that came back, where there are any."""
        inside = inside_of(rows.y, rows.said)
        if inside is None:
            return []
        wanted = subject.facts.get("coverage")
        return [covering(self.name, "performance.coverage", "", inside, wanted)]

    def _estimated(self, subject: Subject) -> list[Finding]:
        reference = subject.reference
        confidence = (reference or {}).get("outputs", {}).get("confidence")
        if reference is None or confidence is None:
            return self._unknown(why("check.no_confidence"))
        window = subject.facts.get("window")
        if not window and subject.test is not None:
            seen = signals(subject.test.frame, subject.schema)
            window = count(reference, seen, subject.predictions)
        now = ((window or {}).get("outputs") or {}).get("confidence")
        n = int(sum(now["counts"])) if now else 0
        if n < self.least or not now:
            return self._unknown(why("check.too_few", rows=n, least=self.least), n)
        chance = calibrated(confidence)
        before = np.asarray(confidence["counts"], dtype=np.float64)
        released = float(before @ chance / before.sum())
        share = np.asarray(now["counts"], dtype=np.float64) / n
        value = float(share @ chance)
        spread = float(share @ (chance * (1 - chance)))
        half = _Z95 * float(np.sqrt(spread / n + spread / before.sum()))
        evidence: dict[str, Json] = {
            "estimate": True,
            **{f"assumes{k[3:]}": v for k, v in why("check.assumes").items()},
            "calibrated": "hits" in confidence,
        }
        low, high = max(0.0, value - half), min(1.0, value + half)
        estimate = Finding(
            self.name, "performance.accuracy", value, "", low, high, n, evidence=evidence
        )
        return [estimate, self._drop(released, value, half, n, evidence)]

    def _drop(
        self, released: float, value: float, half: float, n: int, evidence: Mapping[str, Json]
    ) -> Finding:
        drop = released - value
        # Past the tolerance and not by chance: a small window alone must not fail a release.
        failed = drop - half > 0 and drop > self.tolerance
        return Finding(
            self.name,
            "performance.drop",
            drop,
            "",
            drop - half,
            drop + half,
            n,
            "fail" if failed else "pass",
            "warn" if failed else "info",
            {**evidence, "released": released, "tolerance": self.tolerance},
            "check.worse_in_use" if failed else "",
        )


def calibrated(part: Mapping[str, Json]) -> Floats:
    """Return the chance of being right in each bin of confidence.

    Where the release kept how often it was right, an isotonic curve through it (each bin has
    one imagined row at its own confidence, so empty bins are defined); else the confidence.
    """
    edges = np.asarray(part["edges"], dtype=np.float64)
    ends = np.clip(np.concatenate([[0.0], edges, [1.0]]), 0.0, 1.0)
    middle: Any = (ends[:-1] + ends[1:]) / 2
    if "hits" not in part:
        return np.asarray(middle, dtype=np.float64)
    weight = np.asarray(part["counts"], dtype=np.float64) + 1
    rate = (np.asarray(part["hits"], dtype=np.float64) + middle) / weight
    curve = scipy.optimize.isotonic_regression(rate, weights=weight)
    return np.asarray(curve.x, dtype=np.float64)
