"""An encoder with a head: one net from the tensor of an encoding to an answer.

Source: Kumar et al., "Fine-tuning can distort pretrained features", 2022, arXiv:2202.10054: a head
that was fitted to the frozen encoder first is the better start for learning all of it.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lingqu.learn.pretrained.encoder import Reader, Viewer
from lingqu.learn.pretrained.hearing import Hearer
from lingqu.release.blocks import CLIP

Encoder = Reader | Viewer | Hearer


class Headed(nn.Module):
    """A table of numbers and what an encoder reads, (B, W) → (B, K).

    Args:
        encoder: Reads what is behind the table.
        table: Width of the table.
        shift: Taken from what was found; `scale`: by what it is then divided.
        weight: Of the head, (table + found, K).
        bias: Of the head, (K,).
    """

    def __init__(
        self, encoder: Encoder, table: int, shift: float, scale: float,
        weight: NDArray[np.float32], bias: NDArray[np.float32],
    ) -> None:  # fmt: skip
        super().__init__()
        self.encoder, self.table, self.shift, self.scale = encoder, table, shift, scale
        self.head = nn.Linear(*weight.shape)
        with torch.no_grad():
            self.head.weight.copy_(torch.from_numpy(weight.T.copy()))
            self.head.bias.copy_(torch.from_numpy(bias.copy()))

    def forward(self, x: Tensor) -> Tensor:
        found = (self.encoder(read_by(self.encoder, x, self.table)) - self.shift) / self.scale
        found = found.clamp(-CLIP, CLIP)
        out: Tensor = self.head(torch.cat([x[:, : self.table], found], 1))
        return out


def read_by(encoder: Encoder, x: Tensor, table: int) -> Tensor:
    """Return what an encoder reads of rows: no more places than the longest text or recording has.

    Example:
        >>> read_by(Reader.__new__(Reader), torch.tensor([[5.0, 2.0, 1.0, 0.0, 0.0]]), 1).tolist()
        [[2.0, 1.0]]
    """
    mine = x[:, table:]
    if isinstance(encoder, Viewer) or torch.onnx.is_in_onnx_export():
        return mine
    read = (mine != 0).any(0).nonzero()
    return mine[:, : 1 + (int(read.max()) if len(read) else 0)]
