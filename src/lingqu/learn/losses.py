"""Losses by name: what a net is told about its mistakes.

Each takes the net's output, the truth and row weights with mean 1 (or None), and returns one
number, the weighted mean over the rows. The contrastive ones take embeddings, and as truth their
partners or their classes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
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


def focal(
    output: Tensor, truth: Tensor, weight: Tensor | None = None, gamma: float = 2.0
) -> Tensor:
    """Return −(1 − p)^γ log p(truth): rows that are known well count little, hard ones stay.

    Args:
        output: Logits, (N, K).
        truth: Class indices, (N,).
        weight: Row weights, (N,), or None.
        gamma: 0 is the cross-entropy.

    Example:
        >>> import torch
        >>> round(focal(torch.zeros(3, 4), torch.tensor([0, 1, 2])).item(), 4)
        0.7798

    Source: Lin et al., "Focal loss for dense object detection", 2017, arXiv:1708.02002.
    """
    told = output.log_softmax(1).gather(1, truth[:, None])[:, 0]  # (N,)
    # −expm1 keeps its digits where p is almost 1; its slope at p = 1 would be infinite for γ < 1.
    doubt = (-torch.expm1(told)).clamp(min=1e-12)
    return mean(-(doubt**gamma) * told, weight)


def hinge(output: Tensor, truth: Tensor, weight: Tensor | None = None) -> Tensor:
    """Return how far the best wrong class comes within a margin of 1 of the true one.

    Scores of such a net are margins: their softmax ranks the classes, but is no frequency.

    Args:
        output: Scores, (N, K), K ≥ 2.
        truth: Class indices, (N,).
        weight: Row weights, (N,), or None.

    Example:
        >>> import torch
        >>> hinge(torch.tensor([[2.0, 0.0], [0.0, 0.5]]), torch.tensor([0, 0])).item()
        0.75

    Source: Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based
        vector machines", 2001.
    """
    own = output.gather(1, truth[:, None])  # (N, 1)
    rival = output.scatter(1, truth[:, None], -torch.inf).amax(1)  # (N,)
    return mean((1 + rival - own[:, 0]).relu(), weight)


def info_nce(
    output: Tensor,
    truth: Tensor,
    weight: Tensor | None = None,
    temperature: float = 0.07,
    whose: Tensor | None = None,
) -> Tensor:
    """Return how badly each row finds its partner among the partners of the batch, both ways.

    Args:
        output: Embeddings, (N, D); their length does not matter.
        truth: Embeddings of their partners, (N, D), in the same order.
        weight: Weights of the pairs, (N,), or None.
        temperature: Small ones look at the nearest rivals only.
        whose: A number of each partner, (N,): rows with the same one have each other's partner,
            and so are no rivals. None where all differ.

    Example:
        >>> import torch
        >>> pairs = torch.eye(4)
        >>> info_nce(pairs, pairs).item() < 1e-5
        True

    Source: van den Oord et al., 2018, arXiv:1807.03748; both ways: Radford et al., "CLIP", 2021,
        arXiv:2103.00020.
    """
    alike = F.normalize(output, dim=1) @ F.normalize(truth, dim=1).T / temperature  # (N, N)
    own = torch.arange(len(output), device=output.device)
    if whose is not None:
        same = (whose[:, None] == whose[None, :]) & (own[:, None] != own[None, :])
        alike = alike.masked_fill(same, torch.finfo(alike.dtype).min)
    return (cross_entropy(alike, own, weight) + cross_entropy(alike.T, own, weight)) / 2


def supervised_contrastive(
    output: Tensor, truth: Tensor, weight: Tensor | None = None, temperature: float = 0.1
) -> Tensor:
    """Return how badly rows of one class find each other among the rows of the batch.

    Args:
        output: Embeddings, (N, D); their length does not matter.
        truth: Class indices, (N,).
        weight: Row weights, (N,), or None.
        temperature: Small ones look at the nearest rivals only.

    Returns:
        The mean over the rows that have another of their class; 0 if none has.

    Example:
        >>> import torch
        >>> apart = torch.tensor([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [-1.0, 0.0]])
        >>> supervised_contrastive(apart, torch.tensor([0, 0, 1, 1])).item() < 1e-5
        True

    Source: Khosla et al., "Supervised contrastive learning", 2020, arXiv:2004.11362, equation 2.
    """
    units = F.normalize(output, dim=1)
    itself = torch.eye(len(units), dtype=torch.bool, device=units.device)
    alike = units @ units.T / temperature  # (N, N)
    # Not −∞: of a batch of one row nothing would be left, and its gradient would be NaN.
    alike = alike.masked_fill(itself, torch.finfo(alike.dtype).min)
    told = alike.log_softmax(1).masked_fill(itself, 0.0)
    friends = (truth[:, None] == truth[None, :]) & ~itself
    count = friends.sum(1)  # (N,)
    losses = -(told * friends).sum(1) / count.clamp(min=1)
    counts = (count > 0).to(losses.dtype)
    return mean(losses, counts if weight is None else counts * weight)


CLASSIFY: dict[str, Loss] = {"cross_entropy": cross_entropy, "focal": focal, "hinge": hinge}
REGRESS: dict[str, Loss] = {"mse": mse, "mae": mae, "huber": huber}
CONTRAST: dict[str, Loss] = {
    "info_nce": info_nce,
    "supervised_contrastive": supervised_contrastive,
}
LOSSES: dict[str, Loss] = {**CLASSIFY, **REGRESS, **CONTRAST}


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
        if smoothing and name == "cross_entropy"
        else known[name]
    )


def fitting(name: str, task: Task, smoothing: float = 0.0) -> Loss:
    """Return a loss by name that fits a task; ``auto`` is the first that does.

    Raises:
        TrainError: The loss is not one of the task's.
    """
    known = CLASSIFY if task == "classify" else REGRESS
    return loss(next(iter(known)) if name == "auto" else name, known, smoothing)
