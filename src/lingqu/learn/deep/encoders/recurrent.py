"""A text as one vector: read word by word, from both ends.

Source: Hochreiter and Schmidhuber, "Long short-term memory", 1997,
doi:10.1162/neco.1997.9.8.1735; Cho et al., 2014, arXiv:1406.1078 (GRU); Schuster and Paliwal,
1997, doi:10.1109/78.650093 (both ways); Merity et al., 2017, arXiv:1708.02182 (hidden words).
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from lingqu.learn.deep.attention import mean_of

_CELLS: dict[str, type[nn.LSTM | nn.GRU]] = {"lstm": nn.LSTM, "gru": nn.GRU}


class BothWays(nn.Module):
    """Places → what each says among the others, (B, T, C) → (B, T, C): read from both ends.

    A text is turned round by itself, not with the empty places behind it, so that its answer does
    not depend on the length of its neighbours.

    Args:
        width: Numbers of a place, even.
        layers: Layers.
        cell: ``lstm`` or ``gru``.
        dropout: Share that is hidden in training.

    Example:
        >>> BothWays(8, 1)(torch.zeros(1, 3, 8), torch.tensor([[True, True, False]])).shape
        torch.Size([1, 3, 8])
    """

    def __init__(
        self, width: int, layers: int, cell: Literal["lstm", "gru"] = "lstm", dropout: float = 0.0
    ) -> None:
        super().__init__()
        make, half = _CELLS[cell], width // 2
        self.onward = nn.ModuleList(make(width, half, batch_first=True) for _ in range(layers))
        self.backward_ = nn.ModuleList(make(width, half, batch_first=True) for _ in range(layers))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        x = self.dropout(x)
        turn = _turned(there).unsqueeze(2).expand(-1, -1, x.shape[2])  # (B, T, C)
        for onward, backward in zip(self.onward, self.backward_, strict=True):
            left, _ = onward(x)  # (B, T, C/2)
            right, _ = backward(x.gather(1, turn))
            right = right.gather(1, turn[:, :, : right.shape[2]])
            x = self.dropout(torch.cat([left, right], 2))  # (B, T, C)
        return x


class Recurrent(nn.Module):
    """Words → one vector, (B, T) → (B, 2 · width): the mean and the largest of all places.

    Args:
        words: How many numbers a word may have; 0 is none.
        width: Numbers of a word inside, even.
        layers: Layers.
        cell: ``lstm`` or ``gru``.
        dropout: Share that is hidden in training.

    Example:
        >>> Recurrent(words=9, width=8, layers=2)(torch.tensor([[3, 1, 0]])).shape
        torch.Size([1, 16])
    """

    def __init__(
        self,
        words: int,
        width: int,
        layers: int,
        cell: Literal["lstm", "gru"] = "lstm",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.words = nn.Embedding(words, width)
        nn.init.normal_(self.words.weight, std=0.1)
        self.places = BothWays(width, layers, cell, dropout)

    def forward(self, ids: Tensor) -> Tensor:
        there = ids > 0  # (B, T)
        x = self.places(self.words(ids), there)
        most = x.masked_fill(~there.unsqueeze(2), -1.0).max(1).values  # cells answer above -1
        return torch.cat([mean_of(x, there), most], 1)


def _turned(there: Tensor) -> Tensor:
    """Return the place at which each place of a text lies when it is read from its end, (B, T)."""
    place = torch.ones_like(there, dtype=torch.int64).cumsum(1) - 1  # 0, 1, 2 …
    back = there.to(torch.int64).sum(1, keepdim=True) - 1 - place
    return torch.where(back >= 0, back, place)  # empty places stay where they are
