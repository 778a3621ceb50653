"""A large table of vectors in eight bits: what a model of many languages mostly consists of.

Of multilingual-e5-small, 96 of 118 million weights are vectors of pieces, of which a text needs a
few dozen. In eight bits they take a quarter of the place, and their error is a 254th of the largest
weight of a block.

Source: Jacob et al., 2018, arXiv:1712.05877; blocks with a scale each: Dettmers et al., 2022,
arXiv:2110.02861.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

LARGE = 30_000_000
"""Weights from which a table is kept in eight bits."""
_BLOCK, _MOST = 32, 127.0
_ROWS = 8192
"""Rows that are turned into codes at a time."""


class Coded(nn.Module):
    """A table that is looked up, (V, C), in eight bits and a scale for each block; never learned.

    Args:
        table: The vectors, float32; their width is a multiple of 32.

    Example:
        >>> table = torch.linspace(-1, 1, 64).view(2, 32)
        >>> found = Coded(table)(torch.tensor([[1, 0, 1]]))
        >>> found.shape, bool((found[0, 1] - table[0]).abs().max() < 0.005)
        (torch.Size([1, 3, 32]), True)
    """

    codes: Tensor
    scales: Tensor

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        codes = torch.empty(table.shape, dtype=torch.int8)
        scales = torch.empty(len(table), table.shape[1] // _BLOCK)
        for at in range(0, len(table), _ROWS):  # a copy of all of it would be too much
            part = table.detach()[at : at + _ROWS]
            blocks = part.reshape(len(part), -1, _BLOCK)  # (R, B, 32)
            scale = (blocks.abs().amax(2) / _MOST).clamp(min=1e-12)
            codes[at : at + _ROWS] = (blocks / scale.unsqueeze(2)).round().flatten(1).to(torch.int8)
            scales[at : at + _ROWS] = scale
        self.register_buffer("codes", codes)
        self.register_buffer("scales", scales)

    def forward(self, ids: Tensor) -> Tensor:
        codes = self.codes[ids]  # (B, T, C)
        blocks = codes.to(torch.float32).view(*codes.shape[:-1], -1, _BLOCK)  # (B, T, C/32, 32)
        out: Tensor = (blocks * self.scales[ids].unsqueeze(-1)).flatten(-2)
        return out


def with_codes(body: nn.Module) -> nn.Module:
    """Return a net whose large tables are in eight bits."""
    for name, module in list(body.named_modules()):
        if not isinstance(module, nn.Embedding) or module.weight.numel() < LARGE:
            continue
        if module.embedding_dim % _BLOCK == 0:
            owner, _, own = name.rpartition(".")
            setattr(body.get_submodule(owner), own, Coded(module.weight))
    return body
