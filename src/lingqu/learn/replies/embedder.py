"""A net that places rows so that what belongs together is near and all else is apart.

Source: van den Oord et al., 2018, arXiv:1807.03748 (pairs); Khosla et al., 2020, arXiv:2004.11362
(classes); one net for both sides: Reimers and Gurevych, 2019, arXiv:1908.10084.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import polars as pl
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.core.vector_metrics import ranks
from lingqu.learn import costs, device
from lingqu.learn.deep import export
from lingqu.learn.deep.net import Mixture, Net, jiggled, parts_of
from lingqu.learn.deep.options import Points, Trained
from lingqu.learn.loop import Batch, Data, Plan, Task
from lingqu.learn.losses import info_nce
from lingqu.learn.replies.belonging import Belonging, belonging
from lingqu.learn.replies.training import Training
from lingqu.learn.verify.siamese import Metric, Partners
from lingqu.release.encode import encode, fit_encoding
from lingqu.release.reading import Reading
from lingqu.release.replies import reply_encoding

_TOGETHER = 256
"""Rows that are placed at a time when a net is judged."""


@dataclass
class Embedder(Points, Trained):
    """Learn where to place rows: near their partners, or near others of their class.

    One net reads both sides of a pair. In a batch, each row is told its own partner from those of
    all others. Any mixture of columns is read where the target is a class.

    Args:
        context: Most words that are read; 0 for those of the longest text.

    Example:
        >>> Embedder(text="gru", dimensions=32).dimensions
        32

    Source: van den Oord et al., 2018, arXiv:1807.03748; Khosla et al., 2020, arXiv:2004.11362;
        Reimers and Gurevych, 2019, arXiv:1908.10084.
    """

    name: ClassVar[str] = "embedder"
    tasks: ClassVar[frozenset[str]] = frozenset({"embed"})
    kinds: ClassVar[frozenset[Kind]] = Net.kinds
    engine: ClassVar[str] = "torch"

    layers: int = 1
    dropout: float = 0.2
    context: int = 256
    batch: int = 64

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`, keep the epoch after which rows of `valid` find what belongs to them."""
        begun = time.monotonic()
        found = belonging(train)
        both = [found.rows.frame, *([found.partners] if found.paired else [])]
        whole = replace(found.rows, frame=pl.concat(both))
        encoding = fit_encoding(whole, "net", Reading(context=self.context))
        place = _placing(encoding)
        x = place(found.rows.frame)
        parts = parts_of(encoding)
        jiggle = jiggled(parts) if self.augment else None
        held = belonging(valid) if len(valid) else None

        def made() -> Metric:
            net = Mixture(parts, self, self.dimensions)
            kind = Paired if found.paired else Metric
            return kind(net, self.temperature, jiggle)

        training = Training(
            self.name, made, _deals(found, x, place, budget.seed), (x[:1],),
            (lambda task: _judged(task, held, place)) if held is not None else None, self.patience,
        )  # fmt: skip
        plan = Plan.of(self, epochs=self.epochs or costs.embedder_epochs(len(x)), seed=budget.seed)
        task, notes = training.run(plan, budget, progress, begun)
        block = {
            "type": "embedder", "columns": list(found.rows.schema.names), "paired": found.paired,
            "encoding": encoding,
        }  # fmt: skip
        free = {"x": {0: "N", 1: "W"}, "vectors": {0: "N"}}
        data = export.together(Placed(task.net), {"x": x[:2]}, ["vectors"], free, budget.threads)
        member = Member(
            self.name, self.name, 1.0, reply_encoding(block, found.left_out), data, notes
        )
        return Model("embed", (), (member,))

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.embedder(rows, columns, classes)


class Paired(Metric):
    """A net whose points of the two sides of a pair are drawn together."""

    def loss(self, batch: Batch) -> Tensor:
        sides = [batch[name] for name in ("x", "partner")]
        sides = [side if self.augment is None else self.augment(side) for side in sides]
        one, two = map(self.net, sides)
        return info_nce(one, two, None, self.temperature, batch["whose"])


class Placed(nn.Module):
    """A net whose points have length 1."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(self.net(x), dim=1)


def _placing(encoding: Mapping[str, Json]) -> Callable[[pl.DataFrame], Tensor]:
    """Return what makes a tensor of a frame."""

    def place(frame: pl.DataFrame) -> Tensor:
        return torch.from_numpy(encode(frame, encoding)[str(encoding["tensor"])])

    return place


def _deals(found: Belonging, x: Tensor, place: Callable[[pl.DataFrame], Tensor], seed: int) -> Data:
    """Return what the loop deals out: rows with their partners, or with others of their class."""
    wanted = [str(one) for one in found.wanted.to_list()]
    codes = np.unique(wanted, return_inverse=True)[1].astype(np.int64)
    if not found.paired:
        return Partners(x.numpy(), codes, seed)
    return {"x": x, "partner": place(found.partners), "whose": torch.from_numpy(codes)}


def _judged(
    task: Task, held: Belonging, place: Callable[[pl.DataFrame], Tensor]
) -> dict[str, float]:
    """Measure on held-out rows: 1 − the mean of 1 / rank as the loss, that mean as the score."""
    found = _vectors(task, place(held.rows.frame))
    partners = _vectors(task, place(held.partners)) if held.paired else None
    ranked = ranks(found, partners, held.wanted.to_list())
    known = ranked[np.isfinite(ranked)]
    score = float((1 / known).mean()) if len(known) else 0.0
    return {"valid_loss": 1 - score, "valid_score": score}


def _vectors(task: Task, x: Tensor) -> list[list[float]]:
    with torch.inference_mode():
        parts = [device.ask(task, part) for part in torch.split(x, _TOGETHER)]
    vectors: list[list[float]] = torch.cat(parts).tolist()
    return vectors
