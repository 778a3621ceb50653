"""A decoder as a graph that goes on from what it has computed, for texts of unlike length.

`Gpt.forward` is for learning; this says the same with the memory as tensors that go in and out.
"""

from __future__ import annotations

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lingqu.core.errors import TrainError
from lingqu.learn.deep import export
from lingqu.learn.deep.attention import Block
from lingqu.learn.language.gpt import Gpt

GIVEN = ("ids", "seen", "keys", "values")
TOLD = ("scores", "keys_on", "values_on")
_FREE = {
    "ids": {0: "B", 1: "T"}, "seen": {0: "B", 1: "S"}, "keys": {1: "B", 3: "P"},
    "values": {1: "B", 3: "P"}, "scores": {0: "B", 1: "T"}, "keys_on": {1: "B", 3: "S"},
    "values_on": {1: "B", 3: "S"},
}  # fmt: skip
_HIDDEN = -1e9
"""Not −∞: a place before a text sees nothing, and its softmax would be NaN."""


class Step(nn.Module):
    """Tokens behind others → scores, and what later tokens need of all of them.

    Example:
        >>> from lingqu.learn.language.gpt import Shape
        >>> net = Gpt(Shape(tokens=9, context=8, width=8, layers=2, heads=2)).eval()
        >>> nothing, ids = torch.zeros(2, 1, 2, 0, 4), torch.tensor([[1, 2, 3]])
        >>> scores, keys, values = Step(net)(ids, torch.ones_like(ids), nothing, nothing)
        >>> torch.allclose(scores, net(ids), atol=1e-5), keys.shape
        (True, torch.Size([2, 1, 2, 3, 4]))
    """

    def __init__(self, net: Gpt) -> None:
        super().__init__()
        self.net = net

    def forward(
        self, ids: Tensor, seen: Tensor, keys: Tensor, values: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return scores (B, T, V), and keys and values (L, B, nh, P + T, hs).

        Args:
            ids: (B, T).
            seen: 0 for places before a text, else 1, (B, P + T).
            keys: Of the P places before, (L, B, nh, P, hs); values: the same.
        """
        before = keys.shape[3]
        places = (seen.cumsum(1) - 1).clamp(min=0)[:, before:]  # (B, T)
        order = torch.arange(seen.shape[1], device=ids.device)
        may = order[None, :] <= order[before:, None]  # (T, P + T)
        may = may[None, None] & (seen[:, None, None, :] > 0)  # (B, 1, T, P + T)
        hidden = torch.where(may, 0.0, _HIDDEN)
        x = self.net.tokens(ids) + self.net.places(places)  # (B, T, C)
        kept_keys, kept_values = [], []
        for number, block in enumerate(self.net.blocks):
            x, key, value = _through(cast(Block, block), x, hidden, keys[number], values[number])
            kept_keys.append(key)
            kept_values.append(value)
        scores = F.linear(self.net.last(x), self.net.tokens.weight)
        return scores, torch.stack(kept_keys), torch.stack(kept_values)


def _through(
    block: Block, x: Tensor, hidden: Tensor, keys: Tensor, values: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Go through one block; return what comes out, and its keys and values (B, nh, P + T, hs)."""
    attention = block.attention
    parts = attention.asked(block.before(x)).unflatten(2, (3, attention.heads, -1))
    query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)  # each (B, nh, T, hs)
    key, value = torch.cat([keys, key], 2), torch.cat([values, value], 2)
    looks = (query @ key.transpose(2, 3) / math.sqrt(query.shape[3]) + hidden).softmax(3)
    y = (looks @ value).transpose(1, 2).flatten(2)  # (B, T, C)
    x = x + attention.told(y)
    return x + block.net(block.between(x)), key, value


def graph_of(net: Gpt, threads: int = 1) -> bytes:
    """Return the graph of a step, compared with the decoder.

    Raises:
        TrainError: The step answers otherwise than the decoder, or the graph than the step.
    """
    net.eval()
    shape, step = net.shape, Step(net).eval()
    size = shape.width // shape.heads
    ids = torch.arange(6).remainder(shape.tokens).reshape(1, 6).repeat(2, 1)
    room = min(6, shape.context)
    ids = ids[:, :room]
    nothing = torch.zeros(shape.layers, 2, shape.heads, 0, size)
    with torch.inference_mode():
        half = max(1, room // 2)
        _, keys, values = step(ids[:, :half], torch.ones_like(ids[:, :half]), nothing, nothing)
        scores, _, _ = step(ids[:, half:], torch.ones_like(ids), keys, values)
        worst = float((scores - net(ids)[:, half:]).abs().max()) if room > 1 else 0.0
    if not worst <= export.TOLERANCE:
        raise TrainError("deep.graph_differs", name="step", worst=worst, limit=export.TOLERANCE)
    seen = torch.ones_like(ids)
    seen[1, 0] = 0  # the second text is shorter
    sample = dict(zip(GIVEN, (ids[:, half:], seen, keys, values), strict=True))
    return export.together(step, sample, TOLD, _FREE, threads)
