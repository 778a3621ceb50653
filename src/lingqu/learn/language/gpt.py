"""A decoder that tells the next token of a text, in the way of GPT.

Source: Radford et al., "Language models are unsupervised multitask learners", 2019; Vaswani et
al., 2017, arXiv:1706.03762; the output tied to the input: Press and Wolf, 2016, arXiv:1608.05859.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lingqu.learn.deep.attention import Block, Past
from lingqu.learn.loop import Batch, Task


@dataclass(frozen=True)
class Shape:
    """How large a decoder is.

    Args:
        tokens: How many there are.
        context: Most tokens that are looked back at.
        width: Numbers of a token inside, a multiple of `heads`.
        layers: Blocks.
        heads: Of each block.
        dropout: Share that is hidden in training.
    """

    tokens: int
    context: int = 128
    width: int = 192
    layers: int = 4
    heads: int = 6
    dropout: float = 0.0


class Gpt(Task):
    """Tokens → scores of the next token at every place, (B, T) → (B, T, tokens).

    A batch of training has ``x``, whole numbers (B, T + 1): each place is to tell the next.

    Example:
        >>> net = Gpt(Shape(tokens=9, context=8, width=8, layers=1, heads=2))
        >>> net(torch.tensor([[1, 2, 3]])).shape
        torch.Size([1, 3, 9])
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.tokens = nn.Embedding(shape.tokens, shape.width)
        self.places = nn.Embedding(shape.context, shape.width)
        self.dropout = nn.Dropout(shape.dropout)
        self.blocks = nn.ModuleList(
            Block(shape.width, shape.heads, causal=True, dropout=shape.dropout)
            for _ in range(shape.layers)
        )
        self.last = nn.LayerNorm(shape.width)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)
        for module in self.modules():  # what adds up over the layers shall not grow with them
            if isinstance(module, Block):
                for weight in module.adding:
                    nn.init.normal_(weight, std=0.02 / (2 * shape.layers) ** 0.5)

    def forward(self, ids: Tensor, past: list[Past] | None = None) -> Tensor:
        """Return the scores of the next token.

        Args:
            ids: (B, T); with a past, the tokens behind it only.
            past: What each block remembers of the tokens before; it is added to.
        """
        begin = past[0].length if past else 0
        places = torch.arange(begin, begin + ids.shape[1], device=ids.device)
        x = self.dropout(self.tokens(ids) + self.places(places))  # (B, T, C)
        for number, block in enumerate(self.blocks):
            x = block(x, past=past[number] if past else None)
        return F.linear(self.last(x), self.tokens.weight)

    def loss(self, batch: Batch) -> Tensor:
        """Return the mean cross-entropy, in nats a token."""
        ids = batch["x"]
        scores = self(ids[:, :-1])  # (B, T, V)
        return F.cross_entropy(scores.flatten(0, 1), ids[:, 1:].flatten())


def windows(ids: Tensor, context: int) -> Tensor:
    """Cut one long text into rows to learn from, (N, context + 1); each begins where one ends.

    Args:
        ids: Tokens, (T,).
        context: Places of a row that tell their next.

    Example:
        >>> windows(torch.arange(10), 4).tolist()
        [[0, 1, 2, 3, 4], [4, 5, 6, 7, 8]]
    """
    return ids.unfold(0, context + 1, context)
