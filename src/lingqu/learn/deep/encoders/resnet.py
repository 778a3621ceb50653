"""A picture as one vector: convolutions that each add a little to what came in.

Source: He et al., "Deep residual learning for image recognition", 2015, arXiv:1512.03385; blocks
with the normalisation first: He et al., 2016, arXiv:1603.05027.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Residual(nn.Module):
    """Two convolutions beside a way round them, (B, inner, H, W) → (B, outer, H/s, W/s)."""

    def __init__(self, inner: int, outer: int, stride: int = 1) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.BatchNorm2d(inner),
            nn.ReLU(),
            nn.Conv2d(inner, outer, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outer),
            nn.ReLU(),
            nn.Conv2d(outer, outer, 3, 1, 1, bias=False),
        )
        changes = stride > 1 or inner != outer
        self.way = nn.Conv2d(inner, outer, 1, stride, bias=False) if changes else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.way(x) + self.net(x)
        return out


class ResNet(nn.Module):
    """A picture → (B, width): a stage for each halving, each twice as wide as the one before.

    Args:
        channels: Of the picture.
        size: Its height and width.
        width: Of the answer.
        layers: Blocks in each stage.

    Example:
        >>> ResNet(1, (28, 28), width=64, layers=1)(torch.zeros(2, 1, 28, 28)).shape
        torch.Size([2, 64])
    """

    def __init__(self, channels: int, size: tuple[int, int], width: int, layers: int) -> None:
        super().__init__()
        side, stages = min(size), 1
        while side >= 8 and stages < 4:
            side, stages = side // 2, stages + 1
        inner = max(8, width >> (stages - 1))
        parts: list[nn.Module] = [nn.Conv2d(channels, inner, 3, 1, 1, bias=False)]
        for stage in range(stages):
            outer = width if stage == stages - 1 else inner * (1 if stage == 0 else 2)
            for layer in range(layers):
                stride = 2 if stage > 0 and layer == 0 else 1
                parts.append(Residual(inner, outer, stride))
                inner = outer
        self.net = nn.Sequential(*parts, nn.BatchNorm2d(inner), nn.ReLU())
        # A training step is a third faster so; but of colours the way back through torch's oneDNN
        # then writes outside its memory (2.13, 64 × 64 pixels).
        coloured = parts[0] if channels > 1 else None
        for module in self.modules():
            if isinstance(module, nn.Conv2d) and module is not coloured:
                kernel = module.weight.detach().contiguous(memory_format=torch.channels_last)
                module.weight = nn.Parameter(kernel)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.net(x).mean((2, 3))  # (B, width, h, w) → (B, width)
        return found
