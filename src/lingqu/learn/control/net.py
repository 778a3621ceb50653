"""The net of a policy: codes as ones and zeros, numbers brought to one size, layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lingqu.environment.observed import Floats, Observed
from lingqu.learn.deep.graph import ACTIVATIONS, activation

_SMALL, _LARGE = 0.05, 1.0
"""Usual sizes of a number between which it is left as it is."""


class Features(nn.Module):
    """Rows of numbers and codes (N, columns) → features (N, F), as the graph has them.

    Args:
        observed: What a row holds.
        size: By what each feature is divided, (F,).
    """

    size: Tensor

    def __init__(self, observed: Observed, size: NDArray[np.float32]) -> None:
        super().__init__()
        self.levels = observed.levels
        self.register_buffer("size", torch.from_numpy(size))

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, : len(self.levels)]
        if any(self.levels):
            x = torch.cat([self._part(x[:, i], n) for i, n in enumerate(self.levels)], dim=1)
        out: Tensor = x / self.size
        return out

    def _part(self, column: Tensor, levels: int) -> Tensor:
        if not levels:
            return column[:, None]
        return nn.functional.one_hot(column.long(), levels).float()


def sizes(observed: Observed, rows: Floats) -> NDArray[np.float32]:
    """Return by what each feature is divided: a usual size of numbers that are large or tiny.

    Args:
        observed: What a row holds.
        rows: Observations, (N, columns).

    Example:
        >>> from lingqu.core.schema import Column
        >>> from lingqu.environment.observed import Part
        >>> both = Observed((Part((0,), Column("a", "number")),) * 2, ("0",))
        >>> sizes(both, np.array([[0.5, 200.0]] * 9, np.float32)).tolist()
        [1.0, 200.0]
    """
    found: list[float] = []
    for place, levels in enumerate(observed.levels):
        if levels:
            found += [1.0] * levels
            continue
        usual = float(np.quantile(np.abs(rows[:, place]), 0.95))
        found.append(usual if usual > _LARGE or 0 < usual < _SMALL else 1.0)
    return np.array(found, dtype=np.float32)


def dense(inner: int, hidden: Sequence[int], outputs: int, bend: str, last: float) -> nn.Sequential:
    """Return dense layers with orthogonal weights, as policies like to begin.

    Args:
        inner: Features.
        hidden: Widths.
        outputs: Numbers of an answer.
        bend: Name of the activation.
        last: Size of the weights of the last layer.

    Source: Saxe et al., 2013, arXiv:1312.6120; sizes as in Huang et al., 2022, "The 37
        implementation details of proximal policy optimization".
    """
    parts: list[nn.Module] = []
    for before, after in pairwise((inner, *hidden)):
        parts += [_layer(before, after, math.sqrt(2)), activation(bend)]
    return nn.Sequential(*parts, _layer((inner, *hidden)[-1], outputs, last))


def _layer(inner: int, outer: int, size: float) -> nn.Linear:
    layer = nn.Linear(inner, outer)
    nn.init.orthogonal_(layer.weight, size)
    nn.init.zeros_(layer.bias)
    return layer


def weights_of(net: nn.Sequential) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Return weight and bias of each dense layer."""
    return [
        (part.weight.detach().cpu().numpy().copy(), part.bias.detach().cpu().numpy().copy())
        for part in net
        if isinstance(part, nn.Linear)
    ]


def operator_of(bend: str) -> str:
    """Return the ONNX operator of an activation."""
    return ACTIVATIONS[bend][1]
