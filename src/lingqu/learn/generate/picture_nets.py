"""The nets that pictures are made with: a painter, and the eye that looks at what it paints.

Source: Radford et al., 2016, arXiv:1511.06434 (convolutions only); Miyato and Koyama, 2018,
arXiv:1802.05637 (how a critic reads the label); Miyato et al., 2018, arXiv:1802.05957 (spectral
normalisation); Odena et al., 2016, doi:10.23915/distill.00003 (enlarge, then convolve).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

NAMED = 16
"""Numbers that stand for a label."""
_SMALL = 4
"""A map is halved while its shorter side has so many pixels."""


def halvings(height: int, width: int) -> list[tuple[int, int]]:
    """Return the sides of a picture as it is halved, the whole first.

    Example:
        >>> halvings(8, 8), halvings(28, 28)[-1]
        ([(8, 8), (4, 4), (2, 2)], (2, 2))
    """
    sides = [(height, width)]
    while min(sides[-1]) >= _SMALL:
        sides.append(((sides[-1][0] + 1) // 2, (sides[-1][1] + 1) // 2))
    return sides


def channels_of(level: int, width: int) -> int:
    """Return the channels of a map that was halved so often.

    Example:
        >>> [channels_of(level, 24) for level in range(4)]
        [12, 24, 48, 48]
    """
    return min(max(2, width // 2) << level, 2 * width)


class Painter(nn.Module):
    """Noise (B, Z) and labels (B,) → pictures (B, C, H, W) in (−1, 1).

    Args:
        noise: Numbers that a picture is drawn from.
        labels: How many there are.
        size: Channels, height and width of a picture.
        width: Channels in the middle.

    Example:
        >>> Painter(8, 10, (1, 28, 20), 16)(torch.zeros(2, 8), torch.tensor([0, 3])).shape
        torch.Size([2, 1, 28, 20])
    """

    def __init__(self, noise: int, labels: int, size: tuple[int, int, int], width: int) -> None:
        super().__init__()
        sides = halvings(*size[1:])
        self.start, self.size = sides[-1], size
        inner = channels_of(len(sides) - 1, width)
        self.named = nn.Embedding(labels, NAMED)
        self.first = nn.Linear(noise + NAMED, inner * self.start[0] * self.start[1], bias=False)
        layers: list[nn.Module] = [nn.BatchNorm2d(inner), nn.ReLU()]
        for level in reversed(range(len(sides) - 1)):
            outer = channels_of(level, width)
            layers += [nn.Upsample(scale_factor=2.0), nn.Conv2d(inner, outer, 3, 1, 1, bias=False),
                       nn.BatchNorm2d(outer), nn.ReLU()]  # fmt: skip
            inner = outer
        self.rest = nn.Sequential(*layers, nn.Conv2d(inner, size[0], 3, 1, 1), nn.Tanh())

    def forward(self, noise: Tensor, labels: Tensor) -> Tensor:
        whole = torch.cat([noise, self.named(labels)], 1)  # (B, Z + 16)
        x = self.first(whole).view(-1, self.first.out_features // self._cells, *self.start)
        painted: Tensor = self.rest(x)  # (B, C, ≥ H, ≥ W)
        return painted[:, :, : self.size[1], : self.size[2]]

    @property
    def _cells(self) -> int:
        return self.start[0] * self.start[1]


class Eye(nn.Module):
    """Pictures (B, C, H, W) → what is seen of them, (B, `width_out`).

    Args:
        size: Channels, height and width of a picture.
        width: Channels in the middle.
        activation: Makes what stands between layers.
        bounded: Whether every layer is kept from stretching differences.

    Example:
        >>> eye = Eye((1, 8, 8), 24, nn.SiLU)
        >>> eye(torch.zeros(2, 1, 8, 8)).shape, eye.width_out
        (torch.Size([2, 192]), 192)
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        width: int,
        activation: Callable[[], nn.Module],
        bounded: bool = False,
    ) -> None:
        super().__init__()
        sides, inner = halvings(*size[1:]), channels_of(0, width)
        layers: list[nn.Module] = [_wrapped(nn.Conv2d(size[0], inner, 3, 1, 1), bounded)]
        for level in range(1, len(sides)):
            outer = channels_of(level, width)
            # A side that is odd gets a line more, so that both nets halve alike.
            odd = [side % 2 for side in sides[level - 1]]
            layers += [activation(), nn.ZeroPad2d((0, odd[1], 0, odd[0]))] if any(odd) else [
                activation()]  # fmt: skip
            layers.append(_wrapped(nn.Conv2d(inner, outer, 4, 2, 1), bounded))
            inner = outer
        self.layers = nn.Sequential(*layers, activation(), nn.Flatten())
        self.width_out = inner * sides[-1][0] * sides[-1][1]

    def forward(self, x: Tensor) -> Tensor:
        seen: Tensor = self.layers(x)
        return seen


class Critic(nn.Module):
    """Pictures (B, C, H, W) and labels (B,) → how real each looks, (B,).

    What is seen is multiplied with what stands for the label: a picture must look like a picture,
    and like one of its label.

    Args:
        labels: How many there are.
        size: Channels, height and width of a picture.
        width: Channels in the middle.
        bounded: Whether layers are normalised by their largest singular value.
    """

    def __init__(
        self, labels: int, size: tuple[int, int, int], width: int, bounded: bool = True
    ) -> None:
        super().__init__()
        self.eye = Eye(size, width, _leaky, bounded)
        self.real = _wrapped(nn.Linear(self.eye.width_out, 1), bounded)
        self.named = nn.Embedding(labels, self.eye.width_out)

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        seen = self.eye(x)  # (B, F)
        fitting = (seen * self.named(labels)).sum(1) / self.eye.width_out**0.5
        told: Tensor = self.real(seen).squeeze(1) + fitting
        return told


def _leaky() -> nn.Module:
    return nn.LeakyReLU(0.2)


def _wrapped(layer: nn.Module, bounded: bool) -> nn.Module:
    return spectral_norm(layer) if bounded else layer
