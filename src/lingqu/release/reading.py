"""What a learner may wish about how columns are read; an encoding is learned by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scaling = Literal["auto", "standard", "robust", "quantile"]
"""How a linear method's numbers are brought to one size: by mean and deviation; by median and
quartiles; by rank, as normal scores; or, with ``auto``, by rank where a column has a long tail."""


@dataclass(frozen=True)
class Reading:
    """How columns shall be read.

    Args:
        scaling: How numbers are scaled in the linear form; trees need none.
        rare: Levels of fewer training rows count as unseen, in one column where levels have one
            each; 0 or 1 for none.
        similar: Frequent levels of each category of many levels that every level is compared
            with, letter by letter; 0 for none.
        context: Most words of a row that a net reads in order; 0 for those of the longest row.

    Example:
        >>> Reading(rare=20).scaling
        'standard'

    Source: ranks: van der Waerden, 1952; quartiles: Huber, "Robust statistics", 1981; likeness:
        Cerda, Varoquaux and Kégl, 2018, arXiv:1806.00979; rare levels in one: Own, as unseen
        levels would else be a column of zeros of which training rows tell nothing.
    """

    scaling: Scaling = "standard"
    rare: int = 0
    similar: int = 0
    context: int = 0


PLAIN = Reading()
