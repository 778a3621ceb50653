"""Optimisers by name, over the fused and batched kernels of torch.

Why not `torch.optim`: making its first optimiser imports the whole compiler (`torch._dynamo`),
which costs as much as importing torch itself and more than many a small net needs to train.

Source: Robbins and Monro, 1951 (SGD); Sutskever et al., 2013 (Nesterov momentum); Kingma and
Ba, "Adam", 2015, arXiv:1412.6980; Loshchilov and Hutter, "Decoupled weight decay
regularization", 2019, arXiv:1711.05101.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from lingqu.core.errors import TrainError


class Optimiser:
    """Changes parameters by their gradients. `step` takes the learning rate of the moment.

    Args:
        parameters: What to change.
        weight_decay: Share of each weight (matrices and kernels; not biases, scales and
            shifts) that is taken away per unit of learning rate.
        rates: Factor of the learning rate for each parameter; 1 for all when omitted.
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        weight_decay: float = 0.0,
        rates: Sequence[float] | None = None,
    ) -> None:
        self.weight_decay = weight_decay
        factors = [1.0] * len(parameters) if rates is None else rates
        learnt = [(p, f) for p, f in zip(parameters, factors, strict=True) if p.requires_grad]
        self.parameters = [p for p, _ in learnt]
        self.groups: list[tuple[list[Tensor], float, float]] = []
        """Parameters that share a decay and a factor of the learning rate."""
        for factor in dict.fromkeys(f for _, f in learnt):
            same = [p for p, f in learnt if f == factor]
            self.groups.append(([p for p in same if p.dim() > 1], weight_decay, factor))
            self.groups.append(([p for p in same if p.dim() <= 1], 0.0, factor))
        self.state: dict[str, list[Tensor]] = {}

    def _zeros(self, *names: str) -> None:
        for name in names:
            self.state[name] = [torch.zeros_like(p) for group, _, _ in self.groups for p in group]

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Change every parameter that has a gradient."""
        offset = 0
        for group, decay, factor in self.groups:
            places = [i for i, p in enumerate(group) if p.grad is not None]
            if places:
                chosen: list[Tensor] = [group[i] for i in places]
                gradients = [p.grad for p in chosen if p.grad is not None]
                state = {
                    name: [tensors[offset + i] for i in places]
                    for name, tensors in self.state.items()
                }
                self._change(chosen, gradients, state, learning_rate * factor, decay)
            offset += len(group)

    def _change(
        self,
        parameters: list[Tensor],
        gradients: list[Tensor],
        state: dict[str, list[Tensor]],
        learning_rate: float,
        decay: float,
    ) -> None:
        raise NotImplementedError

    def forget_gradients(self) -> None:
        """Drop the gradients, so that the next backward pass starts from none."""
        for parameter in self.parameters:
            parameter.grad = None

    def state_dict(self) -> dict[str, list[Tensor]]:
        """Return what a checkpoint must hold."""
        return {name: [t.clone() for t in tensors] for name, tensors in self.state.items()}

    def load_state_dict(self, state: dict[str, list[Tensor]]) -> None:
        """Go on from what `state_dict` returned."""
        for name, tensors in self.state.items():
            for mine, theirs in zip(tensors, state[name], strict=True):
                mine.copy_(theirs)


class Sgd(Optimiser):
    """Plain gradient descent: on the whole set (``gd``) or on mini-batches (``sgd``)."""

    def _change(
        self,
        parameters: list[Tensor],
        gradients: list[Tensor],
        state: dict[str, list[Tensor]],
        learning_rate: float,
        decay: float,
    ) -> None:
        if decay:
            torch._foreach_mul_(parameters, 1.0 - learning_rate * decay)
        torch._foreach_add_(parameters, gradients, alpha=-learning_rate)


class Momentum(Sgd):
    """SGD with Nesterov momentum 0.9."""

    beta = 0.9

    def __init__(
        self,
        parameters: Sequence[Tensor],
        weight_decay: float = 0.0,
        rates: Sequence[float] | None = None,
    ) -> None:
        super().__init__(parameters, weight_decay, rates)
        self._zeros("velocity")

    def _change(
        self,
        parameters: list[Tensor],
        gradients: list[Tensor],
        state: dict[str, list[Tensor]],
        learning_rate: float,
        decay: float,
    ) -> None:
        super()._change(parameters, gradients, state, learning_rate, decay)
        velocity = state["velocity"]
        torch._foreach_mul_(velocity, self.beta)
        torch._foreach_add_(velocity, gradients)
        torch._foreach_add_(parameters, velocity, alpha=-learning_rate * self.beta)


class Adam(Optimiser):
    """Adam; weight decay is part of the gradient, as in the paper's L2 form."""

    kernel: Callable[..., None] = staticmethod(torch._fused_adam_)
    betas = (0.9, 0.999)
    epsilon = 1e-8

    def __init__(
        self,
        parameters: Sequence[Tensor],
        weight_decay: float = 0.0,
        rates: Sequence[float] | None = None,
    ) -> None:
        super().__init__(parameters, weight_decay, rates)
        self._zeros("mean", "square")
        self.state["steps"] = [
            torch.zeros((), device=p.device) for group, _, _ in self.groups for p in group
        ]

    def _change(
        self,
        parameters: list[Tensor],
        gradients: list[Tensor],
        state: dict[str, list[Tensor]],
        learning_rate: float,
        decay: float,
    ) -> None:
        torch._foreach_add_(state["steps"], 1.0)
        self.kernel(
            parameters,
            gradients,
            state["mean"],
            state["square"],
            [],
            state["steps"],
            lr=learning_rate,
            beta1=self.betas[0],
            beta2=self.betas[1],
            weight_decay=decay,
            eps=self.epsilon,
            amsgrad=False,
            maximize=False,
        )


class AdamW(Adam):
    """Adam with decoupled weight decay."""

    kernel = staticmethod(torch._fused_adamw_)


class AdamFresh(Adam):
    """Adam that follows the gradient of the moment: for nets that play against each other.

    What a step before was right about is wrong once the other net has answered it.

    Source: Gulrajani et al., 2017, arXiv:1704.00028; Miyato et al., 2018, arXiv:1802.05957 (both
        with these constants).
    """

    betas = (0.0, 0.9)


OPTIMISERS: dict[str, type[Optimiser]] = {
    "gd": Sgd,
    "sgd": Sgd,
    "momentum": Momentum,
    "adam": Adam,
    "adamw": AdamW,
    "adam_fresh": AdamFresh,
}


def optimiser(
    name: str,
    parameters: Sequence[Tensor],
    weight_decay: float = 0.0,
    rates: Sequence[float] | None = None,
) -> Optimiser:
    """Make an optimiser by name; `Optimiser` says what the rest means.

    Raises:
        TrainError: There is no such optimiser.

    Example:
        >>> weight = torch.nn.Parameter(torch.tensor([[2.0]]))
        >>> weight.grad = torch.tensor([[0.5]])
        >>> optimiser("sgd", [weight]).step(learning_rate=0.1)
        >>> round(weight.item(), 2)
        1.95
    """
    if name not in OPTIMISERS:
        expected = ", ".join(OPTIMISERS)
        raise TrainError("deep.bad_choice", option="optimiser", received=name, expected=expected)
    return OPTIMISERS[name](parameters, weight_decay, rates)


@torch.no_grad()
def clip(parameters: Sequence[Tensor], largest: float) -> None:
    """Scale all gradients together so that their joint Euclidean norm is at most `largest`.

    Source: Pascanu, Mikolov and Bengio, 2013, arXiv:1211.5063, section 3.2.
    """
    gradients: list[Any] = [p.grad for p in parameters if p.grad is not None]
    if gradients:
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
        torch._foreach_mul_(gradients, (largest / (norm + 1e-6)).clamp(max=1.0))
