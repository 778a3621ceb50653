"""Thompson sampling: take an action as often as it is likely to be the best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lingqu.core.errors import SpecError
from lingqu.learn.control.linear_bandit import Floats, LinearBandit, Lines


@dataclass
class Thompson(LinearBandit):
    """Draw what each action promises from what is believed of it, and take the best draw.

    Args:
        noise: Deviation of the rewards, > 0, by which the draws spread.

    Example:
        >>> Thompson(noise=0.5).noise
        0.5

    Source: Thompson, 1933, doi:10.2307/2332286; with lines: Agrawal and Goyal, "Thompson sampling
        for contextual bandits with linear payoffs", ICML 2013, arXiv:1209.3352. The promise is
        drawn, which has the distribution that drawn coefficients would give it.
    """

    name: ClassVar[str] = "thompson"

    noise: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.noise > 0:
            raise SpecError("tables.bad_option", algorithm=self.name, option="noise",
                            expected="> 0", received=self.noise)  # fmt: skip

    def scores(self, lines: Lines, x: Floats, draw: np.random.Generator) -> Floats:
        """Return a draw of every promise."""
        middle = lines.promise(x[None])[0]
        drawn: Floats = draw.normal(middle, self.noise * lines.doubt(x) + 1e-12)
        return drawn
