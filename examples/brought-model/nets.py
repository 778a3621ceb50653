"""The second article's net: three numbers, two hidden units, one answer."""

import torch
from torch import nn


class SmallNet(nn.Module):
    """3 → 2 → 1, with a rectifier between."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(3, 2)
        self.answer = nn.Linear(2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.answer(torch.relu(self.hidden(x)))  # (N, 3) → (N, 1)
