"""How to train: the numbers of a training, checked, and the schedules of the learning rate.

Source: Smith and Topin, 2018, arXiv:1708.07120 (one cycle); Loshchilov and Hutter, 2017,
arXiv:1608.03983 (cosine).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

from lingqu.core.errors import TrainError
from lingqu.learn.optimisers import OPTIMISERS

PRECISIONS = ("float32", "bfloat16", "auto")


def _one_cycle(at: float) -> float:
    if at < 0.25:
        return 0.04 + 0.96 * 0.5 * (1 - math.cos(math.pi * at / 0.25))
    return 0.5 * (1 + math.cos(math.pi * (at - 0.25) / 0.75))


SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": lambda at: 1.0,
    "step": lambda at: 0.1 ** min(2, int(3 * at)),
    "cosine": lambda at: 0.5 * (1 + math.cos(math.pi * at)),
    "one_cycle": _one_cycle,
    "warm_up": lambda at: min(1.0, 0.02 + at / 0.1),
}
"""Factor of the learning rate at a share ``at`` in [0, 1) of the run."""


@dataclass(frozen=True)
class Plan:
    """How to train.

    Args:
        epochs: Passes over the data, ≥ 1.
        batch: Rows per step and process.
        learning_rate: Highest learning rate of the schedule.
        optimiser: ``gd``, ``sgd``, ``momentum``, ``adam`` or ``adamw``; ``gd`` takes the whole
            set as one batch. ``adam_fresh`` is for nets that play against each other.
        weight_decay: Strength of the pull of weights towards 0.
        schedule: ``constant``, ``step``, ``cosine``, ``one_cycle`` or ``warm_up``.
        clip: Largest joint norm of the gradients; 0 for no limit.
        accumulate: Batches whose gradients are averaged for one step.
        seed: Seed of the order of samples and of every draw inside the net.
        threads: Threads of torch. One is best for small nets: on a busy machine two were
            measured up to 18 times slower.
        precision: ``float32``; ``bfloat16`` for the products of matrices; ``auto``: bfloat16
            where the processor or GPU has instructions for it and a step has enough to do.
        average: How much of the averaged weights stays at each step, in [0, 1), such as 0.99:
            the averages are then what is judged and kept; 0 keeps the last weights.

    Raises:
        TrainError: A value is not possible.
    """

    epochs: int = 10
    batch: int = 32
    learning_rate: float = 1e-3
    optimiser: str = "adamw"
    weight_decay: float = 0.0
    schedule: str = "constant"
    clip: float = 0.0
    accumulate: int = 1
    seed: int = 0
    threads: int = 1
    precision: str = "float32"
    average: float = 0.0

    @classmethod
    def of(cls, options: object, **given: Any) -> Plan:
        """Return the plan that the options of an algorithm make; what is given overrules them.

        Example:
            >>> Plan.of(Plan(epochs=3, clip=1.0), epochs=5).epochs
            5
        """
        names = [field.name for field in fields(cls) if hasattr(options, field.name)]
        return cls(**{**{name: getattr(options, name) for name in names}, **given})

    def __post_init__(self) -> None:
        choices: dict[str, Iterable[str]] = {
            "optimiser": OPTIMISERS,
            "schedule": SCHEDULES,
            "precision": PRECISIONS,
        }
        for option, known in choices.items():
            value = getattr(self, option)
            if value not in list(known):
                raise TrainError(
                    "deep.bad_choice", option=option, received=value, expected=", ".join(known)
                )
        least = {"epochs": 1, "batch": 1, "accumulate": 1, "threads": 1}
        least |= {"learning_rate": 0, "weight_decay": 0, "clip": 0}
        for option, low in least.items():
            value = getattr(self, option)
            if not (math.isfinite(value) and value >= low):
                raise TrainError(
                    "deep.bad_number", option=option, received=value, expected=f"≥ {low}"
                )
        if not 0 <= self.average < 1:
            raise TrainError(
                "deep.bad_number", option="average", received=self.average, expected="in [0, 1)"
            )
