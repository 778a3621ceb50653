"""Values with a long tail are learned on a bent scale, and bent back inside the graph.

A linear model or a kernel of a price learns its logarithm better than the price: errors are then
in per cent, and the few largest values do not rule the fit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from lingqu.learn.tabular.graph import Step

Wish = Literal["plain", "log", "auto"]
"""How values are learned: as they are, as signed logarithms, or, where they are skewed, as what
is better on validation rows."""

SKEWED = 1.0
"""Skew above which ``auto`` bends; and it must become less than half."""
_UNITS = (0.02, 0.1, 0.5)
"""Quantiles of the sizes that are tried as the unit below which a logarithm is a line."""
_BEYOND = 0.25
"""Share of the range of training values that an answer may lie beyond it, on the bent scale."""
_LIFTED = (0.8, 1.25)
"""Bounds of the factor that makes up for the mean of logarithms not being that of values."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bend:
    """How values become what is learned, and back.

    Args:
        unit: Size below which values are hardly bent; 0 leaves them as they are.
        mean: Subtracted after bending.
        scale: Then divided by.
        low: Smallest answer on the standard scale.
        high: Largest.
        lift: Factor of every answer that was bent back.
        spread: Deviation of the values themselves.
    """

    unit: float
    mean: float
    scale: float
    low: float = -np.inf
    high: float = np.inf
    lift: float = 1.0
    spread: float = 1.0

    @property
    def kind(self) -> str:
        """``log`` or ``plain``."""
        return "log" if self.unit else "plain"

    @property
    def size(self) -> float:
        """How large answers are: what a difference between two of them is told in."""
        if not self.unit:
            return self.scale + abs(self.mean)
        return float(np.abs(self.backward(np.array([self.low, self.high]))).max()) or 1.0

    def forward(self, values: Floats) -> Floats:
        """Return values on the standard scale."""
        return (_bent(values, self.unit) - self.mean) / self.scale

    def backward(self, standard: Floats) -> Floats:
        """Return standard answers as values."""
        if not self.unit:
            return standard * self.scale + self.mean
        bent = np.clip(standard, self.low, self.high) * self.scale + self.mean
        return np.sign(bent) * np.expm1(np.abs(bent)) * self.unit * self.lift

    def lifted(self, truth: Floats, standard: Floats, weight: Floats | None = None) -> Bend:
        """Return a bend whose answers have the mean of the truth.

        Args:
            truth: Values, (N,).
            standard: What is answered for these rows, (N,), best without having learned them.
            weight: Weights of the rows, (N,).

        Source: Duan, "Smearing estimate", 1983, doi:10.1080/01621459.1983.10478017, as one
            factor.
        """
        if not self.unit:
            return self
        said = replace(self, lift=1.0).backward(standard)
        total = float(np.average(said, weights=weight))
        mean = float(np.average(truth, weights=weight))
        ratio = mean / total if total and mean / total > 0 else 1.0
        return replace(self, lift=float(np.clip(ratio, *_LIFTED)))

    def steps(self, standard: str) -> tuple[list[Step], dict[str, NDArray[Any]]]:
        """Return the nodes and constants from standard answers (N, 1) to ``values``."""
        constants: dict[str, NDArray[Any]] = {
            "bend_scale": np.array(self.scale), "bend_mean": np.array(self.mean)
        }  # fmt: skip
        if not self.unit:
            return [
                ("Mul", [standard, "bend_scale"], ["bend_wide"], {}),
                ("Add", ["bend_wide", "bend_mean"], ["values"], {}),
            ], constants
        constants |= {
            "bend_low": np.array(self.low),
            "bend_high": np.array(self.high),
            "bend_one": np.array(1.0),
            "bend_unit": np.array(self.unit * self.lift),
        }
        return [
            ("Clip", [standard, "bend_low", "bend_high"], ["bend_inside"], {}),
            ("Mul", ["bend_inside", "bend_scale"], ["bend_wide"], {}),
            ("Add", ["bend_wide", "bend_mean"], ["bend_bent"], {}),
            ("Abs", ["bend_bent"], ["bend_size"], {}),
            ("Exp", ["bend_size"], ["bend_power"], {}),
            ("Sub", ["bend_power", "bend_one"], ["bend_less"], {}),
            ("Sign", ["bend_bent"], ["bend_sign"], {}),
            ("Mul", ["bend_less", "bend_sign"], ["bend_signed"], {}),
            ("Mul", ["bend_signed", "bend_unit"], ["values"], {}),
        ], constants


def bends(values: Floats, wish: Wish, judged: bool) -> list[Bend]:
    """Return the ways to learn these training values that are worth a try.

    Args:
        values: Training values, (N,).
        wish: What was asked for.
        judged: Whether there are validation rows to choose by; without, ``auto`` is plain.

    Example:
        >>> prices = np.exp(np.random.default_rng(0).normal(6, 1, 500))
        >>> plain, log = bends(prices, "auto", judged=True)
        >>> plain.kind, log.kind, bool(np.allclose(log.backward(log.forward(prices)), prices))
        ('plain', 'log', True)

    Source: Box and Cox, "An analysis of transformations", 1964; the signed logarithm is that of
        John and Draper, 1980, doi:10.2307/2986305, its unit chosen by the skew that is left.
    """
    plain = _measured(values, 0.0)
    size = np.abs(values[values != 0])
    if wish == "plain" or size.size < 2 or (wish == "auto" and not judged):
        return [plain]
    units = [float(np.quantile(size, share)) for share in _UNITS]
    unit = min(units, key=lambda each: abs(skew(_bent(values, each))))
    log = _measured(values, unit)
    if wish == "log":
        return [log]
    before, after = abs(skew(values)), abs(skew(_bent(values, unit)))
    return [plain, log] if before > SKEWED and after < before / 2 else [plain]


def long_tailed(values: Floats) -> bool:
    """Say whether values are so skewed that their logarithms are worth a try.

    Example:
        >>> long_tailed(np.arange(9.0)), long_tailed(2.0 ** np.arange(40))
        (False, True)
    """
    return len(bends(values, "auto", judged=True)) > 1


def skewed(values: Floats, wish: Wish) -> Bend:
    """Return one way to learn values: who cannot afford to try two trusts the skew."""
    return bends(values, wish, judged=True)[-1]


def _measured(values: Floats, unit: float) -> Bend:
    bent = _bent(values, unit)
    mean, scale = float(np.mean(bent)), float(np.std(bent)) or 1.0
    if not unit:
        return Bend(0.0, mean, scale, spread=scale)
    low, high = float(bent.min()), float(bent.max())
    room = _BEYOND * (high - low)
    # What never was negative is not answered as negative.
    floor = max(low - room, 0.0) if low >= 0 else low - room
    spread = float(np.std(values)) or 1.0
    ends = (floor - mean) / scale, (high + room - mean) / scale
    return Bend(unit, mean, scale, *ends, spread=spread)


def _bent(values: Floats, unit: float) -> Floats:
    return np.asarray(np.sign(values) * np.log1p(np.abs(values) / unit)) if unit else values


def skew(values: Floats) -> float:
    """Return the third standardised moment; 0 where all values are equal."""
    spread = float(np.std(values))
    if spread == 0.0:
        return 0.0
    return float(np.mean(((values - np.mean(values)) / spread) ** 3))
