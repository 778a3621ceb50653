"""A text as one vector: all words look at each other, in the way of BERT.

Source: Devlin et al., "BERT", 2018, arXiv:1810.04805; here from scratch, with the normalisation
first (`lingqu.learn.deep.attention`) and the mean of all places as the answer.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lingqu.learn.deep.attention import Block, mean_of


class Transformer(nn.Module):
    """Words → one vector, (B, T) → (B, width).

    Args:
        words: How many numbers a word may have; 0 is none. One more stands for a hidden word.
        longest: Most words of a text.
        width: Numbers of a word inside.
        layers: Blocks.
        heads: Of each block.
        dropout: Share that is hidden in training.

    Example:
        >>> net = Transformer(words=9, longest=5, width=8, layers=1, heads=2)
        >>> net(torch.tensor([[3, 1, 0]])).shape
        torch.Size([1, 8])
    """

    def __init__(
        self, words: int, longest: int, width: int, layers: int, heads: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.words = nn.Embedding(words + 1, width)
        self.places = nn.Parameter(torch.zeros(longest, width))
        self.first = nn.Parameter(torch.zeros(1, 1, width))
        for weight in (self.words.weight, self.places, self.first):
            nn.init.normal_(weight, std=0.02)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(width, heads, dropout=dropout) for _ in range(layers))
        self.last = nn.LayerNorm(width)

    def forward(self, ids: Tensor) -> Tensor:
        there = torch.cat([torch.ones_like(ids[:, :1], dtype=torch.bool), ids > 0], 1)
        return mean_of(self.places_of(ids), there)

    def places_of(self, ids: Tensor) -> Tensor:
        """Return what is known of each place, (B, 1 + T, C); the first is that of the text."""
        there = ids > 0  # (B, T)
        x = self.dropout(self.words(ids) + self.places[: ids.shape[1]])  # (B, T, C)
        # A place of its own lets a text without words have an answer, too.
        x = torch.cat([self.first.expand(ids.shape[0], -1, -1), x], 1)
        there = torch.cat([torch.ones_like(there[:, :1]), there], 1)
        for block in self.blocks:
            x = block(x, there)
        out: Tensor = self.last(x)
        return out
