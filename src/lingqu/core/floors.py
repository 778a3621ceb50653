"""What a channel may ask of a chosen model: ``threshold(recall >= 0.95)``, ``compress`` …"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lingqu.core.conditions import Comparison
from lingqu.core.errors import SpecError
from lingqu.core.rules import parse
from lingqu.core.units import number_text

COMPLEMENT = {"recall": "specificity", "precision": "recall", "specificity": "recall"}
"""Measure that a floor may be set for → what is best among the thresholds that keep it."""
_FORM = re.compile(r"threshold\((?P<rule>.+)\)\s*", re.DOTALL)
_COMPRESS = re.compile(r"compress(?:\((?P<rule>.+)\))?\s*", re.DOTALL)
LOSS = 0.005
"""What a compressed model may lose where nobody says so: half a point of a score, or half a per
cent of an error."""


@dataclass(frozen=True)
class Floor:
    """What the threshold must keep: ``recall >= 0.95``.

    Args:
        measure: ``recall``, ``precision`` or ``specificity``, of the second of two classes.
        least: Smallest value that is allowed, above 0 and below 1.
    """

    measure: str
    least: float

    def __str__(self) -> str:
        return f"{self.measure} >= {number_text(self.least)}"


def parse_optimise(written: Any) -> str:
    """Return a wish of `train.optimise` as it is kept.

    Args:
        written: ``calibrate``, ``threshold``, ``threshold(recall >= 0.95)``, ``compress``,
            ``compress(loss <= 0.01)``, or the same as a piece: ``{threshold: "recall >= 0.95"}``.

    Raises:
        SpecError: Another wish, a floor that no threshold can keep, or a loss that is none.

    Example:
        >>> parse_optimise({"threshold": "recall >= 95%"})
        'threshold(recall >= 0.95)'
    """
    if written in ("calibrate", "threshold", "compress"):
        return str(written)
    if isinstance(written, Mapping) and list(written) == ["compress"]:
        return f"compress(loss <= {number_text(_loss(written['compress'], written))})"
    small = _COMPRESS.fullmatch(written.strip()) if isinstance(written, str) else None
    if small is not None:
        return f"compress(loss <= {number_text(_loss(small['rule'], written))})"
    if isinstance(written, Mapping) and list(written) == ["threshold"]:
        return f"threshold({_floor(written['threshold'], written)})"
    found = _FORM.fullmatch(written.strip()) if isinstance(written, str) else None
    if found is None:
        raise SpecError("choice.bad_optimise", received=written)
    return f"threshold({_floor(found['rule'], written)})"


def floor_of(optimise: Iterable[str]) -> Floor | None:
    """Return the floor that a channel asks its threshold to keep, or None.

    Example:
        >>> floor_of(["calibrate", "threshold(recall >= 0.95)"])
        Floor(measure='recall', least=0.95)
    """
    for wish in optimise:
        found = _FORM.fullmatch(wish)
        if found is not None:
            return _floor(found["rule"], wish)
    return None


def loss_of(optimise: Iterable[str]) -> float | None:
    """Return what a compressed model may lose, or None where none is asked for.

    Example:
        >>> loss_of(["calibrate"]), loss_of(["compress"]), loss_of(["compress(loss <= 0.01)"])
        (None, 0.005, 0.01)
    """
    for wish in optimise:
        found = _COMPRESS.fullmatch(wish)
        if found is not None:
            return _loss(found["rule"], wish) if found["rule"] else LOSS
    return None


def tunes(optimise: Iterable[str]) -> bool:
    """Return whether a channel asks for a threshold at all."""
    return any(wish.startswith("threshold") for wish in optimise)


def _floor(rule: Any, written: Any) -> Floor:
    if not isinstance(rule, str):
        raise SpecError("choice.bad_optimise", received=written)
    condition = parse(rule).condition
    known = isinstance(condition, Comparison) and not condition.argument
    if not (known and isinstance(condition, Comparison) and condition.measure in COMPLEMENT):
        raise SpecError("choice.floor_measure", received=rule, expected=", ".join(COMPLEMENT))
    if condition.op not in (">=", ">") or not 0 < condition.value < 1:
        raise SpecError("choice.floor_value", received=rule)
    return Floor(condition.measure, condition.value)


def _loss(rule: Any, written: Any) -> float:
    condition = parse(rule).condition if isinstance(rule, str) else None
    if not isinstance(condition, Comparison) or condition.argument or condition.measure != "loss":
        raise SpecError("compress.bad_loss", received=written)
    if condition.op not in ("<=", "<") or not 0 <= condition.value < 1:
        raise SpecError("compress.bad_loss", received=written)
    return condition.value
