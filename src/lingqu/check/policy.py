"""Policy: what a policy brings over fresh episodes, and how much more than its baselines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.check.truth import finite, unknown, why
from lingqu.core.nouns import Finding, Json, Subject

RESAMPLES = 2_000


@dataclass
class Policy:
    """Judge a policy by episodes that nothing was learned from or chosen by.

    The policy plays without chance, with fixed seeds; the baselines play the same seeds, so the
    gain is a difference of pairs. An interval is of the mean over such episodes.

    Args:
        resamples: Bootstrap resamples of the 95 % intervals.

    Example:
        >>> from lingqu.core.schema import Schema
        >>> told = {"returns": [3.0, 5.0], "lengths": [3, 5], "unsafe_rate": 0, "masked_rate": 0}
        >>> facts = {"played": {"policy": told, "baselines": {}}}
        >>> [(f.measure, f.value) for f in Policy().look(
        ...     Subject("gate", "control", Schema(()), facts=facts))][:2]
        [('return', 4.0), ('return.worst', 3.0)]

    Source: Efron, 1979 (bootstrap); Agarwal et al., 2021, arXiv:2108.13264 (why intervals).
    """

    name: ClassVar[str] = "policy"
    stages: ClassVar[frozenset[str]] = frozenset({"gate"})

    resamples: int = RESAMPLES

    def look(self, subject: Subject) -> list[Finding]:
        told = subject.facts.get("played")
        if not told:
            return [unknown(self.name, "return", why("control.no_play"))]
        said, seed = told["policy"], subject.seed
        returns = np.array(said["returns"], dtype=np.float64)
        lengths = np.array(said["lengths"], dtype=np.float64)
        n = len(returns)
        found = [
            self._mean("return", returns, seed, evidence=dict(said)),
            Finding(self.name, "return.worst", float(returns.min()), n=n,
                    evidence={"episode": int(returns.argmin()) + 1}),
            self._mean("episode_length", lengths, seed),
        ]  # fmt: skip
        for name, other in told["baselines"].items():
            found += self._against(name, returns, other, seed)
        for rate in ("unsafe_rate", "masked_rate"):
            steps = int(lengths.sum())
            found.append(Finding(self.name, rate, float(said[rate]), n=steps))
        return found

    def _against(
        self, name: str, returns: NDArray[np.float64], other: Mapping[str, Json], seed: int
    ) -> list[Finding]:
        base = np.array(other["returns"], dtype=np.float64)
        beside = {"unsafe_rate": other["unsafe_rate"]}
        return [
            self._mean("return.baseline", base, seed, name, beside),
            self._mean("return.gain", returns - base, seed, name),
        ]

    def _mean(
        self,
        measure: str,
        values: NDArray[np.float64],
        seed: int,
        argument: str = "",
        evidence: Mapping[str, Json] | None = None,
    ) -> Finding:
        """Return the mean of episodes with its interval; none where all are equal."""
        draw, n = np.random.default_rng(seed), len(values)
        means = values[draw.integers(0, n, (self.resamples, n))].mean(axis=1)
        low, high = np.quantile(means, [0.025, 0.975])
        if low == high:
            low = high = np.nan
        ends = finite(float(low)), finite(float(high))
        told = {"interval": "bootstrap", **(evidence or {})}
        return Finding(self.name, measure, float(values.mean()), argument, *ends, n, evidence=told)
