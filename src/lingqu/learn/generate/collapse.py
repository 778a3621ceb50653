"""A generator whose rows are all alike: noticed, begun again once, and said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import TrainError
from lingqu.core.i18n import both
from lingqu.core.nouns import Json

Fitted = TypeVar("Fitted")
ANOTHER = 7919
"""What is added to a seed for the second try."""
_LEAST = 0.05
"""Spread of made values, in shares of that of real ones, below which all are alike."""


def steadied(
    fit: Callable[[int], Fitted],
    collapsed: Callable[[Fitted], bool],
    seed: int,
    name: str,
    instead: str,
) -> tuple[Fitted, list[dict[str, Json]]]:
    """Fit, look whether what comes out is all alike, and begin again once from another seed.

    Args:
        fit: Fits from a seed.
        collapsed: Tells whether what a fit makes is all alike.
        seed: Of the first fit.
        name: Of the learner, for what is said.
        instead: Names of learners to try instead, for the error.

    Returns:
        The fit, and notes on what happened.

    Raises:
        TrainError: The second fit makes rows that are all alike too.

    Example:
        >>> fitted, notes = steadied(lambda seed: seed, lambda fit: fit < 5, 1, "gan", "vae")
        >>> fitted, len(notes)
        (7920, 1)
    """
    first = fit(seed)
    if not collapsed(first):
        return first, []
    second = fit(seed + ANOTHER)
    if collapsed(second):
        raise TrainError("generate.collapsed", name=name, expected=instead)
    said = both("generate.note_collapsed", name=name)
    return second, [{"en": said["en"], "zh": said["zh"]}]


def all_alike(made: NDArray[Any], real: NDArray[Any] | Sequence[float]) -> bool:
    """Tell whether made values hardly vary where real ones do.

    Args:
        made: Values of made rows, (N, …).
        real: Values of real rows, (M, …).

    Example:
        >>> rows = np.arange(20.0).reshape(10, 2)
        >>> all_alike(np.ones((10, 2)), rows), all_alike(rows, rows)
        (True, False)
    """
    one, two = (np.asarray(side, np.float64).reshape(len(side), -1) for side in (made, real))
    spread = float(two.std(axis=0).mean())
    return spread > 0 and float(one.std(axis=0).mean()) < _LEAST * spread
