"""How a decoder writes: token by token, drawn from what it thinks likely.

Source: Fan, Lewis and Dauphin, 2018, arXiv:1805.04833 (the k likeliest); Holtzman et al., 2019,
arXiv:1904.09751 (the likeliest that make up a share).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lingqu.core.errors import TrainError
from lingqu.learn.deep.attention import Past
from lingqu.learn.language.gpt import Gpt


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


def write(net: Gpt, begun: Sequence[int], wish: Wish) -> Iterator[int]:
    """Yield the tokens that follow a text, one by one.

    What blocks computed of earlier tokens is kept, so that a token costs the same wherever it
    stands; once the context is full, its newer half is read again.

    Args:
        net: The decoder.
        begun: Tokens of the text so far, at least one.
        wish: How to write.

    Raises:
        TrainError: There is no token to begin with, or one that the decoder does not know.

    Example:
        >>> from lingqu.learn.language.gpt import Shape
        >>> net = Gpt(Shape(tokens=9, context=8, width=8, layers=1, heads=2))
        >>> len(list(write(net, [1, 2], Wish(most=12, seed=1))))
        12
    """
    known = net.shape.tokens
    if not begun or not all(0 <= token < known for token in begun):
        raise TrainError("deep.bad_prompt", received=list(begun)[:8], expected=known - 1)
    generator = torch.Generator().manual_seed(wish.seed)
    text, past, fresh = list(begun), list[Past](), list(begun)[-net.shape.context :]
    net.eval()
    for _ in range(wish.most):
        if not past or past[0].length + len(fresh) > net.shape.context:
            past = [Past() for _ in net.blocks]
            full = len(text) > net.shape.context
            fresh = text[-max(1, net.shape.context // 2) :] if full else text
        with torch.inference_mode():
            scores = net(torch.tensor([fresh]), past)[0, -1]
        token = drawn(scores, wish, generator)
        text.append(token)
        fresh = [token]
        yield token
        if any(tuple(text[-len(end) :]) == end for end in wish.stop):
            return


def drawn(scores: Tensor, wish: Wish, generator: torch.Generator) -> int:
    """Return one token.

    Args:
        scores: Of each token, (V,), logits.
        wish: How to draw.
        generator: Draws.
    """
    if wish.temperature == 0:
        return int(scores.argmax())
    scores = scores / wish.temperature
    if 0 < wish.top_k < len(scores):
        least = scores.topk(wish.top_k).values[-1]
        scores = scores.masked_fill(scores < least, -torch.inf)
    if wish.top_p < 1:
        ordered, places = scores.sort(descending=True, stable=True)
        shares = ordered.softmax(0)
        spare = shares.cumsum(0) - shares >= wish.top_p  # those before it are enough
        scores = scores.index_fill(0, places[spare], -torch.inf)
    return int(torch.multinomial(scores.softmax(0), 1, generator=generator))
