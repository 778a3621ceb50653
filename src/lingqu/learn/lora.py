"""Low-rank adaptation: a large layer stays as it is, and two thin ones beside it learn.

It saves memory and disk, not time: on a net of 22 million weights it was slower than learning all
of them. Merge before an export; an adapter that is not merged slows every answer down.

Source: Hu et al., "LoRA: low-rank adaptation of large language models", 2021, arXiv:2106.09685.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lingqu.learn.tune import matching


class Lora(nn.Module):
    """A linear layer W whose answer is Wx + (alpha / rank) · B A x, of which only A and B learn.

    Args:
        inner: The layer; frozen.
        rank: Width of the bottleneck.
        alpha: Strength; kept when the rank is changed, so that the learning rate may stay.
        dropout: Share of the bottleneck's inputs that is hidden in training.
    """

    def __init__(self, inner: nn.Linear, rank: int, alpha: float, dropout: float = 0.0) -> None:
        super().__init__()
        self.inner, self.dropout = inner.requires_grad_(False), nn.Dropout(dropout)
        self.scale = alpha / rank
        where = inner.weight.device
        self.down = nn.Parameter(torch.empty(rank, inner.in_features, device=where))  # A
        self.up = nn.Parameter(
            torch.zeros(inner.out_features, rank, device=where)
        )  # B: starts at W
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, x: Tensor) -> Tensor:
        thin = F.linear(self.dropout(x).to(self.down.dtype), self.down)  # (…, in) → (…, rank)
        out: Tensor = self.inner(x)
        return out + self.scale * F.linear(thin, self.up).to(out.dtype)

    @property
    def weight(self) -> Tensor:
        """What the layer multiplies by, for nets that ask it for that instead of calling it."""
        return self.inner.weight + self.scale * (self.up @ self.down)

    @property
    def bias(self) -> Tensor | None:
        """What the layer adds."""
        return self.inner.bias

    @torch.no_grad()
    def merged(self) -> nn.Linear:
        """Return one plain layer in float32: merging in fewer digits would lose what was learnt."""
        inner = self.inner
        made = nn.Linear(
            inner.in_features, inner.out_features, inner.bias is not None, inner.weight.device
        )
        made.weight.copy_(inner.weight.float() + self.scale * (self.up @ self.down))
        if inner.bias is not None:
            made.bias.copy_(inner.bias)
        return made.train(self.training)


def adapt(
    net: nn.Module,
    *patterns: str,
    rank: int = 8,
    alpha: float = 16.0,
    dropout: float = 0.0,
    learn: Sequence[str] = (),
) -> list[str]:
    """Put adapters beside the linear layers of a net and freeze everything else.

    Args:
        net: Changed in place.
        patterns: Names of layers, such as ``"*.query"``.
        rank: Width of each adapter.
        alpha: Their strength.
        dropout: See `Lora`.
        learn: Names of parameters that shall learn too, such as ``"head.*"``.

    Returns:
        The names of the layers that have an adapter now.

    Raises:
        TrainError: A pattern matches nothing.

    Example:
        >>> net = nn.Sequential(nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 2))
        >>> adapt(net, "0", rank=2, learn=["2.*"])
        ['0']
        >>> sum(p.numel() for p in net.parameters() if p.requires_grad)
        242
        >>> merge(net)[0]
        Linear(in_features=40, out_features=40, bias=True)
    """
    linear = {n: m for n, m in net.named_modules() if n and type(m) is nn.Linear}
    chosen = matching(linear, patterns)
    learnt = matching([name for name, _ in net.named_parameters()], learn)
    for name, parameter in net.named_parameters():
        parameter.requires_grad_(name in learnt)
    for name in chosen:
        _put(net, name, Lora(linear[name], rank, alpha, dropout))
    return chosen


def merge(net: nn.Module) -> nn.Module:
    """Return the net with every adapter merged into its layer; it answers as before."""
    for name, module in list(net.named_modules()):
        if isinstance(module, Lora):
            _put(net, name, module.merged())
    return net


def _put(net: nn.Module, name: str, module: nn.Module) -> None:
    owner, _, own = name.rpartition(".")
    setattr(net.get_submodule(owner), own, module)
