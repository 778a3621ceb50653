"""Places that look at each other: the block of which transformers are made.

Source: Vaswani et al., "Attention is all you need", 2017, arXiv:1706.03762; the normalisation
before each part: Xiong et al., 2020, arXiv:2002.04745.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Past:
    """What one block remembers of the places before: their keys and values, (B, nh, T, hs)."""

    def __init__(self) -> None:
        self._kept: tuple[Tensor, Tensor] | None = None

    @property
    def length(self) -> int:
        """How many places it remembers."""
        return self._kept[0].shape[2] if self._kept else 0

    def joined(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Remember these places as well, and return all."""
        if self._kept:
            key, value = torch.cat([self._kept[0], key], 2), torch.cat([self._kept[1], value], 2)
        self._kept = key, value
        return self._kept


class Attention(nn.Module):
    """Each place asks all others what it needs of them, in several heads at once.

    Args:
        width: Numbers of a place, a multiple of `heads`.
        heads: How many questions are asked side by side.
        causal: Whether a place sees only itself and those before it.
        dropout: Share of what is looked at that is hidden in training.
    """

    def __init__(self, width: int, heads: int, causal: bool = False, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads, self.causal, self.dropout = heads, causal, dropout
        self.asked = nn.Linear(width, 3 * width)
        self.told = nn.Linear(width, width)

    def forward(self, x: Tensor, there: Tensor | None = None, past: Past | None = None) -> Tensor:
        """Return what each place learned, (B, T, C).

        Args:
            x: (B, T, C); behind a past one place only.
            there: Whether there is something at a place, bool (B, T); at one of each row at least.
            past: What is remembered of the places before; these are added to it.
        """
        B, T, C = x.shape
        parts = self.asked(x).view(B, T, 3, self.heads, C // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)  # each (B, nh, T, hs)
        seen = None if there is None else there[:, None, None, :]  # (B, 1, 1, T)
        hidden = self.dropout if self.training else 0.0
        causal = self.causal and not (past and past.length)  # the newest place sees all
        if past is not None:
            key, value = past.joined(key, value)
        y = F.scaled_dot_product_attention(query, key, value, seen, hidden, causal)
        out: Tensor = self.told(y.transpose(1, 2).reshape(B, T, C))
        return out


class Block(nn.Module):
    """Attention, then a small net for each place; each adds to what came in.

    Example:
        >>> import torch
        >>> Block(8, 2)(torch.zeros(3, 5, 8)).shape
        torch.Size([3, 5, 8])
    """

    def __init__(self, width: int, heads: int, causal: bool = False, dropout: float = 0.0) -> None:
        super().__init__()
        self.before = nn.LayerNorm(width)
        self.attention = Attention(width, heads, causal, dropout)
        self.between = nn.LayerNorm(width)
        self.net = nn.Sequential(
            nn.Linear(width, 4 * width),
            nn.GELU(),
            nn.Linear(4 * width, width),
            nn.Dropout(dropout),
        )

    @property
    def adding(self) -> tuple[Tensor, Tensor]:
        """The weights whose answers are added to what came in."""
        last = self.net[2]
        assert isinstance(last, nn.Linear)
        return self.attention.told.weight, last.weight

    def forward(self, x: Tensor, there: Tensor | None = None, past: Past | None = None) -> Tensor:
        x = x + self.attention(self.before(x), there, past)
        out: Tensor = x + self.net(self.between(x))
        return out


def mean_of(x: Tensor, there: Tensor) -> Tensor:
    """Return the mean over the places at which there is something, (B, C); 0 where there is none.

    Args:
        x: (B, T, C).
        there: Bool (B, T).

    Example:
        >>> import torch
        >>> x = torch.tensor([[[1.0], [3.0], [9.0]]])
        >>> mean_of(x, torch.tensor([[True, True, False]])).tolist()
        [[2.0]]
    """
    weight = there.to(x.dtype).unsqueeze(2)  # (B, T, 1)
    return (x * weight).sum(1) / weight.sum(1).clamp(min=1.0)
