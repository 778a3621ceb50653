"""LinUCB: take the action that may be the best, as far as anybody knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lingqu.core.errors import SpecError
from lingqu.learn.control.linear_bandit import Floats, LinearBandit, Lines


@dataclass
class LinUcb(LinearBandit):
    """Act by the upper end of what each action promises: what is little known is tried.

    Args:
        width: Deviations from the promise to the upper end, ≥ 0; 0 never explores.

    Example:
        >>> LinUcb(width=0.5).width
        0.5

    Source: Li, Chu, Langford and Schapire, "A contextual-bandit approach to personalized news
        article recommendation", WWW 2010, algorithm 1, arXiv:1003.0146.
    """

    name: ClassVar[str] = "linucb"

    width: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.width >= 0:
            raise SpecError("tables.bad_option", algorithm=self.name, option="width",
                            expected="≥ 0", received=self.width)  # fmt: skip

    def scores(self, lines: Lines, x: Floats, draw: np.random.Generator) -> Floats:
        """Return promise and doubt together."""
        upper: Floats = lines.promise(x[None])[0] + self.width * lines.doubt(x)
        return upper
