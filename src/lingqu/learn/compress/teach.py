"""What was cut down learns again, from the truth and from the model that it was cut from.

Source: Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network", 2015,
arXiv:1503.02531 (soft answers at a temperature); Han et al., 2015, arXiv:1506.02626 (train again
after every cut).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lingqu.learn import losses
from lingqu.learn.compress.body import Array
from lingqu.learn.compress.played import Played
from lingqu.learn.listeners import time_limit
from lingqu.learn.loop import Batch, Plan, Task, fit

TRUTH = 0.5
"""Share of the truth in the loss; the rest is the teacher's answer."""
_HEAT = 2.0
_SEEN = 40_000
"""Rows that are seen in all, about: small data are passed over more often."""
_EPOCHS = 20
_RATE = 4e-3


@dataclass(frozen=True)
class Rows:
    """Training rows as a graph reads them.

    Args:
        x: (N, …) float32.
        y: Class indices int64 (N,), or values float32 (N,).
        weight: Row weights with mean 1, (N,), or None.
        classes: How many; 0 for values.
        augment: Changes a batch at random, or None.
    """

    x: NDArray[np.float32]
    y: Array
    weight: Array | None
    classes: int
    augment: Callable[[Tensor], Tensor] | None = None


class Pupil(Task):
    """A graph that learns from the truth and from another graph, batch by batch.

    Args:
        net: Learns.
        teacher: Is asked about the very batch that the pupil sees, also where it was changed.
        rows: Their classes and how they are changed; the spread of their values.
    """

    def __init__(self, net: Played, teacher: Played, rows: Rows) -> None:
        super().__init__()
        self.net, self._rows = net, rows
        self._ask = teacher.eval().forward  # no module of its own: it must not learn
        self._spread = float(np.var(rows.y)) or 1.0

    def loss(self, batch: Batch) -> Tensor:
        x, y, weight = batch["x"], batch["y"], batch.get("weight")
        if self._rows.augment is not None:
            x = self._rows.augment(x)
        with torch.no_grad():
            told = self._ask(x)
        out = self.net(x)
        if not self._rows.classes:
            own, copied = losses.mse(out, y, weight), losses.mse(out, told[:, 0], weight)
            return (TRUTH * own + (1 - TRUTH) * copied) / self._spread
        own = losses.cross_entropy(out, y, weight)
        soft = (told / _HEAT).softmax(1)
        apart = -(soft * (out / _HEAT).log_softmax(1)).sum(1)
        return TRUTH * own + (1 - TRUTH) * _HEAT**2 * losses.mean(apart, weight)


def taught(
    graph: bytes,
    teacher: bytes,
    rows: Rows,
    seconds: float,
    seed: int,
    masks: Mapping[str, Array] | None = None,
) -> bytes:
    """Return the graph after training on rows.

    Args:
        graph: Learns.
        teacher: The graph that it was made from.
        rows: Training rows.
        seconds: It ends within.
        seed: Of the order of rows and every draw.
        masks: Which numbers of a weight may be other than 0.

    Raises:
        TrainError: An operator is not known, or the loss was not finite.
    """
    pupil = Pupil(Played(graph, masks), Played(teacher), rows)
    data = {"x": torch.from_numpy(rows.x), "y": torch.from_numpy(rows.y)}
    if rows.weight is not None:
        data["weight"] = torch.from_numpy(rows.weight)
    epochs = int(np.clip(round(_SEEN / len(rows.x)), 1, _EPOCHS))
    plan = Plan(epochs=epochs, batch=64, learning_rate=_RATE, schedule="one_cycle", clip=1.0,
                weight_decay=0.01, seed=seed)  # fmt: skip
    fit(pupil, data, plan, [time_limit(seconds)])  # not finite: the weights of the epoch before
    return pupil.net.write()
