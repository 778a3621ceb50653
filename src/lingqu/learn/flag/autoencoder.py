"""An autoencoder: a small net that tells rows through a narrow waist, and what it cannot tell."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.flag.core_rows import core_rows
from lingqu.learn.flag.reading import READ, ROW_AXIS, member, read
from lingqu.learn.optimisers import Adam
from lingqu.learn.tabular.graph import Step

_BATCH = 256
_TOLD = 20


@dataclass
class Autoencoder:
    """Score rows by what a small net cannot tell of them through its waist.

    Args:
        steps: Batches of 256 rows that it learns from.
        width: Units of the outer layers; by the columns when 0.
        waist: Units of the waist; by the columns when 0.
        learning_rate: Step of Adam.

    Example:
        >>> Autoencoder(waist=2).waist
        2

    Source: Hawkins et al., "Outlier detection using replicator neural networks", 2002,
        doi:10.1007/3-540-46145-0_17; Adam: Kingma and Ba, 2014, arXiv:1412.6980.
    """

    name: ClassVar[str] = "autoencoder"
    tasks: ClassVar[frozenset[str]] = frozenset({"flag"})
    kinds: ClassVar[frozenset[Kind]] = READ
    engine: ClassVar[str] = "torch"

    steps: int = 600
    width: int = 0
    waist: int = 0
    learning_rate: float = 5e-3

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train` until the steps are done or the time is over."""
        begun = time.monotonic()
        reading = read(train, budget.seed)
        z = reading.front.comparable(reading.x)
        core = z[core_rows(z, least=reading.front.least)]
        size = z.shape[1]
        width = self.width or int(np.clip(size, 4, 64))
        waist = self.waist or int(np.clip(size // 3, 1, 8))
        spread = np.sqrt(np.maximum(core.var(0), np.maximum(reading.front.least, 0.01)))
        net = _Net([size, width, waist, width, size], budget.seed)
        left = budget.seconds - (time.monotonic() - begun)
        done = net.learn(core / spread, self.steps, self.learning_rate, 0.7 * left, progress)
        layers = net.layers()

        def scored(x: NDArray[np.float32]) -> NDArray[np.float64]:
            rows = reading.front.comparable(x) / spread
            told = rows
            for index, (weight, bias) in enumerate(layers):
                told = told @ weight + bias
                told = np.tanh(told) if index < len(layers) - 1 else told
            found: NDArray[np.float64] = np.log1p(((rows - told) ** 2).sum(1))
            return found

        front, constants = reading.front.steps("comparable", double=True)
        steps, more = _steps(layers, spread)
        notes: dict[str, Any] = {"steps": done, "width": width, "waist": waist}
        if done < self.steps:
            notes["cut_short"] = True
        return member(
            self.name, reading, scored(reading.x), [*front, *steps], {**constants, **more},
            scored, notes, double=True,
        )  # fmt: skip

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.autoencoder(rows, columns, classes)


class _Net:
    """Layers with tanh between them.

    Args:
        sizes: Units from input to output.
        seed: Seed of weights and batches.
    """

    def __init__(self, sizes: list[int], seed: int) -> None:
        self._draw = torch.Generator().manual_seed(seed)
        self._weights = [
            torch.empty(a, b).normal_(0, 1 / a**0.5, generator=self._draw).requires_grad_()
            for a, b in pairwise(sizes)
        ]
        self._biases = [torch.zeros(b, requires_grad=True) for b in sizes[1:]]

    def learn(
        self, rows: NDArray[np.float64], steps: int, rate: float, seconds: float, progress: Progress
    ) -> int:
        """Learn to tell the rows; return how many batches there was time for."""
        x = torch.from_numpy(np.ascontiguousarray(rows, dtype=np.float32))  # (N, D)
        adam = Adam([*self._weights, *self._biases])
        end = time.monotonic() + seconds
        for step in range(steps):
            if time.monotonic() > end:
                return step
            batch = x[torch.randint(len(x), (min(_BATCH, len(x)),), generator=self._draw)]
            told = batch
            for index, (weight, bias) in enumerate(zip(self._weights, self._biases, strict=True)):
                told = told @ weight + bias
                told = torch.tanh(told) if index < len(self._weights) - 1 else told
            # Huber's loss: a wild row must not decide what is usual.
            loss = torch.nn.functional.smooth_l1_loss(told, batch)
            adam.forget_gradients()
            loss.backward()  # type: ignore[no-untyped-call]
            adam.step(rate)
            if step % _TOLD == 0:
                progress({"step": step, "train_loss": float(loss.detach())})
        return steps

    def layers(self) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Return weights and biases, in order."""
        return [
            (w.detach().numpy().astype(np.float64), b.detach().numpy().astype(np.float64))
            for w, b in zip(self._weights, self._biases, strict=True)
        ]


def _steps(
    layers: list[tuple[NDArray[np.float64], NDArray[np.float64]]], spread: NDArray[np.float64]
) -> tuple[list[Step], dict[str, Any]]:
    """Return the nodes from ``comparable`` to ``score``."""
    steps: list[Step] = [("Div", ["comparable", "spread"], ["rows"], {})]
    constants: dict[str, Any] = {"spread": spread, "one": np.array(1.0), **ROW_AXIS}
    now = "rows"
    for index, (weight, bias) in enumerate(layers):
        constants |= {f"weight_{index}": weight, f"bias_{index}": bias}
        last = index == len(layers) - 1
        out = "told" if last else f"sum_{index}"
        steps += [
            ("MatMul", [now, f"weight_{index}"], [f"product_{index}"], {}),
            ("Add", [f"product_{index}", f"bias_{index}"], [out], {}),
        ]
        now = f"unit_{index}"
        if not last:
            steps.append(("Tanh", [out], [now], {}))
    return [
        *steps,
        ("Sub", ["rows", "told"], ["left"], {}),
        ("Mul", ["left", "left"], ["each_square"], {}),
        ("ReduceSum", ["each_square", "row_axis"], ["squares"], {"keepdims": 1}),
        ("Add", ["squares", "one"], ["above_one"], {}),
        ("Log", ["above_one"], ["score"], {}),
    ], constants
