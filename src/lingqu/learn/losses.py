"""Losses by name: what a net is told about its mistakes.

Each takes the net's output, the truth and row weights with mean 1 (or None), and returns one
number, the weighted mean over the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch.nn.functional as F
from torch import Tensor

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Task

Loss = Callable[[Tensor, Tensor, Tensor | None], Tensor]


def mean(losses: Tensor, weight: Tensor | None) -> Tensor:
    """Average over rows, (N,) → (); a batch of weights that are all 0 gives 0."""
    if weight is None:
        return losses.mean()
    return (losses * weight).sum() / weight.sum().clamp(min=1e-12)


def cross_entropy(
    output: Tensor, truth: Tensor, weight: Tensor | None = None, smoothing: float = 0.0
) -> Tensor:
    """Return −log p(truth), in nats.

    Args:
        output: Logits, (N, K).
        truth: Class indices, int64 (N,).
        weight: Row weights, (N,), or None.
        smoothing: Share of the probability that is spread over all classes, in [0, 1).

    Example:
        >>> import torch
        >>> round(cross_entropy(torch.zeros(3, 4), torch.tensor([0, 1, 2])).item(), 4)
        1.3863

    Source: Szegedy et al., 2016, arXiv:1512.00567, section 7 (label smoothing).
    """
    if weight is None:
        return F.cross_entropy(output, truth, label_smoothing=smoothing)
    losses = F.cross_entropy(output, truth, reduction="none", label_smoothing=smoothing)
    return mean(losses, weight)


def mse(output: Tensor, truth: Tensor, weight: Tensor | None = None) -> Tensor:
    """Return the mean squared error; output (N, 1), truth (N,)."""
    return mean(F.mse_loss(output[:, 0], truth, reduction="none"), weight)


def mae(output: Tensor, truth: Tensor, weight: Tensor | None = None) -> Tensor:
    """Return the mean absolute error: the net learns the median."""
    return mean(F.l1_loss(output[:, 0], truth, reduction="none"), weight)


def huber(output: Tensor, truth: Tensor, weight: Tensor | None = None) -> Tensor:
    """Return the Huber loss with δ = 1: squared for small errors, absolute for outliers.

    Source: Huber, "Robust estimation of a location parameter", 1964.
    """
    return mean(F.huber_loss(output[:, 0], truth, reduction="none"), weight)


CLASSIFY: dict[str, Loss] = {"cross_entropy": cross_entropy}
REGRESS: dict[str, Loss] = {"mse": mse, "mae": mae, "huber": huber}
LOSSES: dict[str, Loss] = {**CLASSIFY, **REGRESS}


def loss(name: str, among: dict[str, Loss] | None = None, smoothing: float = 0.0) -> Loss:
    """Return a loss by name.

    Args:
        name: Such as ``"mse"``.
        among: The losses that make sense for the task; all when omitted.
        smoothing: For the cross-entropy; others have no use for it.

    Raises:
        TrainError: There is no such loss among them.
    """
    known = LOSSES if among is None else among
    if name not in known:
        expected = ", ".join(known)
        raise TrainError("deep.bad_choice", option="loss", received=name, expected=expected)
    return (
        partial(cross_entropy, smoothing=smoothing)
        if smoothing and name in CLASSIFY
        else known[name]
    )


def fitting(name: str, task: Task, smoothing: float = 0.0) -> Loss:
    """Return a loss by name that fits a task; ``auto`` is the first that does.

    Raises:
        TrainError: The loss is not one of the task's.
    """
    known = CLASSIFY if task == "classify" else REGRESS
    return loss(next(iter(known)) if name == "auto" else name, known, smoothing)
