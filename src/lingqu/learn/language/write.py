"""How a decoder writes while it is at hand as a net; a release writes by the same rule.

The rule by which a token is drawn is `lingqu.release.replies.drawing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from lingqu.core.errors import TrainError
from lingqu.learn.deep.attention import Past
from lingqu.learn.language.gpt import Gpt
from lingqu.release.replies.drawing import Wish, drawn

__all__ = ["Wish", "write"]


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
    generator = np.random.default_rng(wish.seed)
    text, past, fresh = list(begun), list[Past](), list(begun)[-net.shape.context :]
    net.eval()
    for _ in range(wish.most):
        if not past or past[0].length + len(fresh) > net.shape.context:
            past = [Past() for _ in net.blocks]
            full = len(text) > net.shape.context
            fresh = text[-max(1, net.shape.context // 2) :] if full else text
        with torch.inference_mode():
            scores = net(torch.tensor([fresh]), past)[0, -1]
        token = drawn(scores.numpy(), wish, generator)
        text.append(token)
        fresh = [token]
        yield token
        if wish.ends(text):
            return
