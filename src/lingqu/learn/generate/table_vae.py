"""Rows of a table from a variational autoencoder of all columns."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture
from torch import Tensor, nn
from torch.nn import functional as F

from lingqu.core.ports import Budget
from lingqu.learn import costs
from lingqu.learn.deep.export import together
from lingqu.learn.generate.coded import Coded
from lingqu.learn.generate.of_codes import LOOKED, OfCodes, Released
from lingqu.learn.loop import Batch, Task

Floats = NDArray[np.float64]
_PARTS, _OF_PART = 4, 150
"""Parts of the mixture of a class at most, and rows for each of them."""
_MIXED = 2000
"""Rows of a class that its mixture is fitted on, at most."""
_RIDGE = 1e-3


@dataclass
class TableVae(OfCodes["Row"]):
    """Squeeze a row through a few numbers and draw it again; then draw such numbers.

    Each column is told by codes: common values, and bins of the others. What the encoder makes of
    the rows of a class is a mixture of normal distributions, from which rows of that class are
    drawn: better than from one normal distribution, which no encoder fills evenly. It keeps no
    row: values that several rows share, quantiles of the others, and weights.

    Args:
        width: Numbers of a hidden layer.
        noise: Numbers that a row is squeezed to.
        bins: Bins of a column of numbers.
        parts: Normal distributions of a class, at most.
        most_rows: Rows that are learned from at most, drawn by the seed.
        checkpoint: Where an interrupted fit is kept, to go on from; ``""`` for nowhere.

    Example:
        >>> TableVae(noise=8).tasks
        frozenset({'generate'})

    Source: Kingma and Welling, 2013, arXiv:1312.6114; Xu et al., "Modeling tabular data using
        conditional GAN" (TVAE), 2019, arXiv:1907.00503; Ghosh et al., 2019, arXiv:1903.12436 (a
        mixture fitted afterwards in place of the prior).
    """

    name: ClassVar[str] = "table_vae"
    least: ClassVar[int] = 400
    instead: ClassVar[str] = "sequential_trees"

    weight_decay: float = 0.01
    width: int = 256
    parts: int = _PARTS

    def net(self, coded: Coded) -> Row:
        """Return what is trained."""
        return Row(coded, self.width, self.noise)

    def sample(self, coded: Coded) -> tuple[Tensor, Tensor]:
        """Return what the net is asked with."""
        return coded.rows[:1], coded.conditions(coded.rows[:1])

    def alike(self, net: Row, coded: Coded) -> bool:
        """Tell whether what it makes is all alike."""
        rows = coded.rows[:LOOKED]
        return coded.alike(net.heads(net.placed(rows)[0], coded.conditions(rows)), rows)

    def released(self, net: Row, coded: Coded, budget: Budget) -> Released:
        """Return the decoder, and the mixture that is drawn from."""
        mixture = Mixture.of(net, coded, self.parts, budget.seed)
        graph = _graph(net, mixture, coded, budget.threads)
        return Released(graph, mixture.shares, {"parts": len(mixture.means)})

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.table_vae(rows, columns, classes)


class Row(Task):
    """Encoder and decoder of rows of codes.

    Args:
        coded: The rows; only the number of codes of each column is looked at.
        width: Of the hidden layers.
        noise: Numbers between encoder and decoder.
    """

    def __init__(self, coded: Coded, width: int, noise: int) -> None:
        super().__init__()
        widths = coded.widths
        self.coded, self.told = coded, [widths[place] for place in coded.drawn]
        starts = np.concatenate([[0], np.cumsum(widths)[:-1]])
        self.register_buffer("starts", torch.from_numpy(starts))
        self.read = nn.EmbeddingBag(sum(widths), width, mode="sum")
        self.seen = nn.Sequential(nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
                                  nn.Linear(width, 2 * noise))  # fmt: skip
        self.said = nn.Sequential(
            nn.Linear(noise + coded.given, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
            nn.Linear(width, sum(self.told)),
        )  # fmt: skip

    def forward(self, rows: Tensor, given: Tensor) -> Tensor:
        middle, log_variance = self.encoded(rows)
        drawn = middle + torch.randn_like(middle) * (log_variance / 2).exp()
        scores: Tensor = self.said(torch.cat([drawn, given], dim=1))  # (B, codes)
        return scores

    def encoded(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return where the encoder puts rows: means and logarithms of variances, (B, noise)."""
        starts = self.get_buffer("starts")
        found: tuple[Tensor, Tensor] = self.seen(self.read(rows + starts)).chunk(2, dim=1)
        return found

    def loss(self, batch: Batch) -> Tensor:
        """Return what is lost of each cell, and how far the encoder is from normal, in nats."""
        rows = batch["rows"]
        middle, log_variance = self.encoded(rows)
        drawn = middle + torch.randn_like(middle) * (log_variance / 2).exp()
        given = self.coded.conditions(rows).to(drawn.device)
        scores = self.said(torch.cat([drawn, given], dim=1)).split(self.told, dim=1)
        lost = [F.cross_entropy(each, rows[:, place])
                for each, place in zip(scores, self.coded.drawn, strict=True)]  # fmt: skip
        far = -0.5 * (1 + log_variance - middle**2 - log_variance.exp()).sum(dim=1).mean()
        return torch.stack(lost).sum() + far

    def placed(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return where rows lie, without gradients."""
        with torch.inference_mode():
            return self.encoded(rows)

    def heads(self, noise: Tensor, given: Tensor) -> Tensor:
        """Return the scores of codes, without gradients."""
        with torch.inference_mode():
            found: Tensor = self.said(torch.cat([noise, given], dim=1))
            return found


@dataclass(frozen=True)
class Mixture:
    """Where the rows of each class lie: normal distributions.

    Args:
        means: Of each part, (P, noise).
        roots: Lower triangular roots of their covariances, (P, noise, noise).
        shares: Of each class its parts, as (number, share).
    """

    means: Floats
    roots: Floats
    shares: list[list[list[float]]]

    @classmethod
    def of(cls, net: Row, coded: Coded, most: int, seed: int) -> Mixture:
        """Fit the mixture of each class; a class of few rows borrows the spread of all."""
        middle, log_variance = net.placed(coded.rows)
        random = np.random.default_rng(seed)
        where = middle.double().numpy()
        where = where + random.normal(size=where.shape) * np.exp(log_variance.double().numpy() / 2)
        classes = np.zeros(len(where), np.int64)
        if coded.asked is not None:
            classes = coded.rows[:, coded.asked].numpy()
        common = np.cov(where.T).reshape(where.shape[1], -1) + _RIDGE * np.eye(where.shape[1])
        means: list[Floats] = []
        roots: list[Floats] = []
        shares: list[tuple[int, int, float]] = []
        for code in range(max(1, coded.given)):
            rows = where[classes == code]
            count = min(most, len(rows) // _OF_PART)
            for mean, spread, share in _parts(rows, count, common, seed):
                shares.append((code, len(means), share))
                means.append(mean)
                roots.append(np.asarray(np.linalg.cholesky(spread), np.float64))
        told = [[[float(n), s] for c, n, s in shares if c == code]
                for code in range(max(1, coded.given))]  # fmt: skip
        return cls(np.array(means), np.array(roots), told)


def _parts(
    rows: Floats, count: int, common: Floats, seed: int
) -> Sequence[tuple[Floats, Floats, float]]:
    """Return mean, covariance and share of each part of the rows of one class."""
    if count < 1:
        middle = rows.mean(axis=0) if len(rows) else np.zeros(len(common))
        return [(middle, common, 1.0)]
    fitted = GaussianMixture(
        count, reg_covar=_RIDGE, random_state=seed % 2**31, max_iter=20,
        init_params="random_from_data",
    )  # fmt: skip
    some = rows[np.random.default_rng(seed).permutation(len(rows))[:_MIXED]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # twenty steps are enough: it need not have converged
        fitted.fit(some)
    return list(zip(fitted.means_, fitted.covariances_, fitted.weights_.tolist(), strict=True))


class _Drawn(nn.Module):
    """What is released: noise of a part of the mixture, decoded."""

    def __init__(self, net: Row, mixture: Mixture, noise: int, given: int) -> None:
        super().__init__()
        self.said, self.noise, self.given = net.said, noise, given
        self.register_buffer("means", torch.from_numpy(mixture.means).float())
        self.register_buffer("roots", torch.from_numpy(mixture.roots).float().flatten(1))

    def forward(self, x: Tensor) -> Tensor:
        noise, asked = x[:, : self.noise], x[:, self.noise : self.noise + self.given]
        part = x[:, self.noise + self.given :]  # (B, P)
        root = (part @ self.get_buffer("roots")).view(-1, self.noise, self.noise)
        where = part @ self.get_buffer("means") + (root @ noise[:, :, None])[:, :, 0]
        scores: Tensor = self.said(torch.cat([where, asked], dim=1))
        return scores


def _graph(net: Row, mixture: Mixture, coded: Coded, threads: int) -> bytes:
    noise, given, parts = mixture.means.shape[1], coded.given, len(mixture.means)
    whole = _Drawn(net, mixture, noise, given)
    generator = torch.Generator().manual_seed(0)
    sample = torch.randn(4, noise + given + parts, generator=generator)
    sample[:, noise:] = 0.0
    sample[:, -1] = 1.0
    free = {"x": {0: "B"}, "heads": {0: "B"}}
    return together(whole, {"x": sample}, ["heads"], free, threads)
