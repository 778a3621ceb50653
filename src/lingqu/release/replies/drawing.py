"""How the next token of a text is drawn from what a decoder thinks likely: stated once, in numpy.

Source: Fan, Lewis and Dauphin, 2018, arXiv:1805.04833 (the k likeliest); Holtzman et al., 2019,
arXiv:1904.09751 (the likeliest that make up a share).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Json
from lingqu.release.replies.writing import Writing

_COLD = 1e-6
"""Below it only the likeliest is ever drawn, and scores divided by it pass what numbers hold."""


@dataclass(frozen=True)
class Wish:
    """How to write.

    Args:
        most: Most tokens to add.
        temperature: 0 always takes the likeliest; 1 draws as the model thinks; more is bolder.
        top_k: Only so many of the likeliest may be drawn; 0 for all.
        top_p: Only the likeliest that make up this share may be drawn; 1 for all.
        stop: Sequences of tokens at whose end it stops; they are written too.
        seed: Of the draws.

    Raises:
        TrainError: A number is out of its range.

    Example:
        >>> Wish.of(Wish(stop=((7,),)).to_json()).stop
        ((7,),)
    """

    most: int = 100
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    stop: tuple[tuple[int, ...], ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        bounds = {
            "most": (self.most >= 0, "≥ 0"),
            "temperature": (self.temperature >= 0, "≥ 0"),
            "top_k": (self.top_k >= 0, "≥ 0"),
            "top_p": (0 < self.top_p <= 1, "> 0, ≤ 1"),
        }
        for option, (held, expected) in bounds.items():
            if not held:
                received = getattr(self, option)
                raise TrainError(
                    "deep.bad_number", option=option, received=received, expected=expected
                )

    @classmethod
    def of(cls, block: Mapping[str, Any]) -> Wish:
        """Return the wish that travels in a release."""
        return cls(**{**block, "stop": tuple(tuple(end) for end in block["stop"])})

    def to_json(self) -> dict[str, Json]:
        """Return it as JSON."""
        return {**asdict(self), "stop": [list(end) for end in self.stop]}

    def asked(self, writing: Writing) -> Wish:
        """Return the wish with what one request asks otherwise; its stops are texts, not tokens.

        Example:
            >>> Wish(seed=3).asked(Writing(temperature=0.0, max_tokens=5)).most
            5
        """
        given: dict[str, Any] = {
            "most": writing.max_tokens, "temperature": writing.temperature,
            "top_k": writing.top_k, "top_p": writing.top_p, "seed": writing.seed,
        }  # fmt: skip
        return replace(self, **{name: value for name, value in given.items() if value is not None})

    def ends(self, text: Sequence[int]) -> int:
        """Return how many tokens the stop has at which a text ends; 0 where it goes on."""
        found = (len(end) for end in self.stop if end and tuple(text[-len(end) :]) == end)
        return next(found, 0)


def drawn(scores: NDArray[Any], wish: Wish, generator: np.random.Generator) -> int:
    """Return one token.

    Args:
        scores: Of each token, (V,), logits.
        wish: How to draw.
        generator: Draws.

    Example:
        >>> drawn(np.array([0.1, 2.0, 0.3]), Wish(temperature=0), np.random.default_rng(0))
        1
    """
    if wish.temperature < _COLD:
        return int(scores.argmax())
    scores = scores.astype(np.float64) / wish.temperature
    if 0 < wish.top_k < len(scores):
        least = np.partition(scores, -wish.top_k)[-wish.top_k]
        scores = np.where(scores < least, -np.inf, scores)
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    if wish.top_p < 1:
        order = np.argsort(-chances, kind="stable")
        before = np.cumsum(chances[order]) - chances[order]
        chances[order[before >= wish.top_p]] = 0.0  # those before it are enough
        chances /= chances.sum()
    return int(generator.choice(len(chances), p=chances))
