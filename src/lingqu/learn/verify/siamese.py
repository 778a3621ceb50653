"""A net that brings things of one identity together and all others apart.

Source: Bromley et al., "Signature verification using a siamese time delay neural network", 1993;
the loss: Khosla et al., 2020, arXiv:2004.11362.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from lingqu.core.errors import TrainError
from lingqu.core.metrics import score
from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Kind
from lingqu.learn import costs, device
from lingqu.learn.deep import export, graph
from lingqu.learn.deep.net import LONGEST, Mixture, Net, jiggled, parts_of
from lingqu.learn.deep.options import Points, Trained
from lingqu.learn.deep.supervised import SAMPLE, TOLERANCE, seeded
from lingqu.learn.listeners import early_stop, report, time_limit
from lingqu.learn.loop import Batch, Dealt, Plan, Run, Task, fit
from lingqu.learn.losses import supervised_contrastive
from lingqu.learn.meter import Meter
from lingqu.learn.smaller import with_room
from lingqu.learn.verify import CLASSES
from lingqu.learn.verify.pairs import Pairs, pairs
from lingqu.learn.verify.scale import Scale, scale_of
from lingqu.release.reading import Reading

_TOGETHER = 256
"""Pairs that are compared at a time when a net is judged."""
_log = logging.getLogger("lingqu.learn")


@dataclass
class Siamese(Points, Trained):
    """Learn where to put a thing so that things of one identity lie together.

    One net reads both sides of a pair and puts each at a point of a sphere; the cosine of the two
    becomes the probability that they are the same. It learns from all things of an identity at
    once, not pair by pair. Identities that it never saw are compared in the same way.

    Args:
        context: Most words of a row that are read; 0 for all: then a row with more than 512 is
            refused.
        slope: Of the probability over the cosine; settled on held-out pairs when omitted.
        offset: Of the same.

    Example:
        >>> Siamese(image="resnet").dimensions
        64

    Source: Bromley et al., 1993 (one net for both sides); Khosla et al., 2020, arXiv:2004.11362
        (the loss); Platt, 1999 (probabilities).
    """

    name: ClassVar[str] = "siamese"
    tasks: ClassVar[frozenset[str]] = frozenset({"verify"})
    kinds: ClassVar[frozenset[Kind]] = Net.kinds
    engine: ClassVar[str] = "torch"

    context: int = 0
    batch: int = 64
    slope: float | None = None
    offset: float | None = None

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on the things of `train`, keep the epoch that tells the pairs of `valid` best."""
        end, meter = time.monotonic() + budget.seconds, Meter()
        fold = pairs(train, valid, "net", Reading(context=self.context))
        self._refuse_long(fold)
        epochs = self.epochs or costs.siamese_epochs(len(fold.things))
        plan = Plan.of(self, epochs=epochs, seed=budget.seed)
        (task, run, how), smaller = with_room(
            lambda tried: self._trained(fold, tried, budget.threads, end, progress), plan
        )
        if run.trouble and run.epoch == 0:
            raise TrainError("deep.diverged", name=self.name, why=run.trouble,
                             learning_rate=plan.learning_rate)  # fmt: skip
        _log.info("training of %s: %s", self.name, meter.read().note())
        x, y, weight = fold.known
        scale = scale_of(_cosines(task.net, torch.from_numpy(x), fold.half), y, weight)
        if self.slope is not None and self.offset is not None:
            scale = Scale(self.slope, self.offset)
        told = {"training": how} | ({"batch": smaller} if smaller else {})
        data = _exported(self.name, fold, Pair(task.net, fold.half, scale), budget.threads)
        member = Member(self.name, self.name, 1.0, fold.encoding, data,
                        {**_notes(run, task, scale), **told})  # fmt: skip
        return Model("verify", CLASSES, (member,))

    def _refuse_long(self, fold: Pairs) -> None:
        """Refuse texts that nobody said might be cut."""
        texts = [part.width for part in parts_of(fold.single) if part.kind == "text"]
        if not self.context and max(texts, default=0) > LONGEST:
            raise TrainError("deep.too_long", received=max(texts), expected=LONGEST)

    def _trained(
        self, fold: Pairs, plan: Plan, threads: int, end: float, progress: Progress
    ) -> tuple[Metric, Run, dict[str, Json]]:
        """Make the net and train it until `end`; return it, its run, and how it was computed."""
        parts = parts_of(fold.single)
        with seeded(plan.seed):
            net = Mixture(parts, self, self.dimensions)
        task = Metric(net, self.temperature, jiggled(parts) if self.augment else None)
        effort = 2 * device.work(task, torch.from_numpy(fold.things[:1])) * plan.batch
        plan, how = device.settled(plan, effort, threads)
        on = [report(progress, lambda _: _judged(task.net, fold))]
        if len(fold.valid_y):
            on.append(early_stop(lambda run: -run.curve[-1]["valid_loss"], self.patience))
        on.append(time_limit(end - time.monotonic()))
        deals = Partners(fold.things, fold.identity, plan.seed)
        known = {"things": len(fold.things), "identities": len(np.unique(fold.identity))}
        return task, fit(task, deals, plan, on), {**how, **known}

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.siamese(rows, columns, classes)


class Metric(Task):
    """A net whose points of one identity are drawn together.

    Args:
        net: (B, W) → (B, D), points whose length does not matter.
        temperature: Of the loss.
        augment: Changes things at random, or None.
    """

    def __init__(self, net: nn.Module, temperature: float, augment: Any) -> None:
        super().__init__()
        self.net, self.temperature, self.augment = net, temperature, augment

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.net(x)
        return out

    def loss(self, batch: Batch) -> Tensor:
        x = batch["x"].flatten(0, 1)  # (B, 2, W) → (2B, W)
        x = x if self.augment is None else self.augment(x)
        whose = batch["identity"].repeat_interleave(2)
        return supervised_contrastive(self.net(x), whose, temperature=self.temperature)


@dataclass(frozen=True)
class Partners:
    """Deals each thing with another of its identity, others in each epoch.

    A thing that is alone is dealt with itself: where pictures are changed at random, it still
    says what must not matter.

    Args:
        things: (T, W).
        identity: (T,).
        seed: Of the draws.
    """

    things: NDArray[np.float32]
    identity: NDArray[np.int64]
    seed: int

    @cached_property
    def _codes(self) -> NDArray[np.int64]:
        return np.unique(self.identity, return_inverse=True)[1].astype(np.int64)

    def __call__(self, epoch: int) -> Dealt:
        """Return the things and partners of an epoch."""
        partner = self.partners(epoch)
        x = np.stack([self.things, self.things[partner]], axis=1)
        return {"x": torch.from_numpy(x), "identity": torch.from_numpy(self._codes)}

    def partners(self, epoch: int) -> NDArray[np.int64]:
        """Return the partner of each thing, (T,): the next of its identity in a drawn order.

        Example:
            >>> deals = Partners(np.zeros((3, 1), np.float32), np.array([7, 7, 9]), seed=0)
            >>> deals.partners(0).tolist()
            [1, 0, 2]
        """
        random = np.random.default_rng((self.seed, epoch))
        order = np.lexsort((random.random(len(self._codes)), self._codes))
        codes = self._codes[order]
        first = np.searchsorted(codes, codes)  # where the ring of each begins
        last = np.r_[codes[1:] != codes[:-1], True]
        onward = np.where(last, first, np.arange(len(codes)) + 1)
        found = np.empty(len(codes), dtype=np.int64)
        found[order] = order[onward]
        return found


class Pair(nn.Module):
    """Both sides through one net, and the cosine as logits of different and same.

    Args:
        net: (B, W) → (B, D).
        half: Numbers of the first side.
        scale: How the cosine becomes a probability.
    """

    def __init__(self, net: nn.Module, half: int, scale: Scale) -> None:
        super().__init__()
        self.net, self.first, self.scale = net, half, scale

    def forward(self, x: Tensor) -> Tensor:
        one = F.normalize(self.net(x[:, : self.first]), dim=1)  # (B, D)
        two = F.normalize(self.net(x[:, self.first :]), dim=1)
        logit = self.scale.slope * (one * two).sum(1, keepdim=True) + self.scale.offset
        return torch.cat([torch.zeros_like(logit), logit], 1)  # (B, 2)


def _cosines(net: nn.Module, x: Tensor, half: int) -> NDArray[np.float64]:
    """Return the cosine of both sides of each pair, (N,)."""
    with torch.inference_mode():
        found = [
            F.cosine_similarity(device.ask(net, part[:, :half]), device.ask(net, part[:, half:]))
            for part in torch.split(x, _TOGETHER)
        ]
    return torch.cat(found).double().numpy()


def _judged(net: nn.Module, fold: Pairs) -> Mapping[str, float]:
    """Measure on the validation pairs: 1 − ROC AUC as the loss, 1 − EER as the score."""
    if len(np.unique(fold.valid_y)) != 2:
        return {"valid_loss": 0.0, "valid_score": 0.0} if len(fold.valid_y) else {}
    chance = (1 + _cosines(net, torch.from_numpy(fold.valid_x), fold.half)) / 2
    said = Predictions(fold.valid_y, np.column_stack([1 - chance, chance]), CLASSES)
    told = {name: score(name, fold.valid_y, said) for name in ("roc_auc", "eer")}
    return {"valid_loss": 1 - told["roc_auc"], "valid_score": 1 - told["eer"]}


def _notes(run: Run, task: Metric, scale: Scale) -> dict[str, Json]:
    """Return what a report says of a fit, and what a refit needs."""
    epochs = run.position
    patient = run.best[1] > 0 and run.stop
    stopped = epochs < run.plan.epochs and not patient and not run.trouble
    return {
        "curve": run.curve,
        "epochs": epochs,
        "unfinished": stopped,
        "cut_short": stopped and epochs < 0.5 * run.plan.epochs,
        "parameters": sum(p.numel() for p in task.parameters()),
        "refit": {"epochs": max(1, math.ceil(epochs)), **scale.to_json()},
        **scale.to_json(),
        **({"trouble": run.trouble} if run.trouble else {}),
    }


def _exported(name: str, fold: Pairs, pair: Pair, threads: int) -> bytes:
    """Return the graph of a pair; one that does not answer like the net is refused."""
    pair.eval()
    sample, tensor = torch.from_numpy(fold.x[:SAMPLE]), str(fold.encoding["tensor"])
    data = export.write(pair, sample, tensor, "probabilities", None)
    with torch.inference_mode():
        said = pair(sample).softmax(1).numpy()
    found = graph.answers(data, {tensor: sample.numpy()}, threads)
    worst = float(np.abs(found - said).max(initial=0.0))
    if not worst <= TOLERANCE:  # NaN must fail as well
        raise TrainError("deep.graph_differs", name=name, worst=worst, limit=TOLERANCE)
    return data
