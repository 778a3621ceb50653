"""What is told of growth: the curve, the gains, and a sentence."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lingqu.core import metrics
from lingqu.core.i18n import Language, both
from lingqu.core.nouns import Json
from lingqu.learn.power_law import PowerLaw, quantiles

Note = Mapping[Language, str]
_NOTHING = 0.002
"""Gain of a score below which more rows are no help; of an error, five times its share."""


def perfect(metric: str) -> float | None:
    """Return the best score there is; None for an error, of which nothing is best."""
    return 1.0 if metrics.greater_is_better(metric) else None


def curve(law: PowerLaw, first: int, last: int, best: float | None) -> list[dict[str, float]]:
    """Return rows ``size``, ``score``, ``low``, ``high`` from one number of rows to another."""
    found = []
    for size in np.geomspace(first, last, 16):
        low, middle, high = quantiles(law.at(size), law.weight)
        ends = (low, middle, high) if best is None else (best - high, best - middle, best - low)
        names = ("low", "score", "high")
        found.append({"size": float(round(size)), **dict(zip(names, ends, strict=True))})
    return found


def in_words(metric: str, gains: list[dict[str, Json]], now: float, name: str) -> Note:
    """Return what more rows would give as a sentence in both languages.

    Args:
        metric: Score that decides.
        gains: Of twice and four times the rows.
        now: Present loss.
        name: The learner.
    """
    score = metrics.greater_is_better(metric)
    small = _NOTHING if score else 5 * _NOTHING * now
    shown = {"metric": metric, "name": name}
    for gain, word in zip(gains, ("twice", "four"), strict=True):
        for part in ("gain", "low", "high"):
            shown[f"{word}_{part}"] = _shown(gain[part], score)
    if gains[0]["high"] < small:
        return both("why.growth_none_points" if score else "why.growth_none", **shown)
    if gains[0]["low"] <= 0:
        return both("why.growth_maybe_points" if score else "why.growth_maybe", **shown)
    return both("why.growth_points" if score else "why.growth", **shown)


def joined(first: Note, second: Note) -> Note:
    """Return two sentences as one text."""
    return {"en": f"{first['en']} {second['en']}", "zh": first["zh"] + second["zh"]}


def _shown(value: float, score: bool) -> str:
    value = 100 * value if score else value
    said = f"{value:.0f}" if abs(value) >= 1000 else f"{value:.2g}"
    return said.replace("-", "−", 1)
