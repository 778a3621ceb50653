"""One training of a net whose answers are replies: what every learner of them does alike."""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from torch import Tensor

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Json
from lingqu.core.ports import Budget, Progress
from lingqu.learn import device
from lingqu.learn.deep.supervised import seeded
from lingqu.learn.listeners import Listener, checkpoint, early_stop, report, time_limit
from lingqu.learn.loop import Data, Plan, Run, Task, fit
from lingqu.learn.meter import Meter
from lingqu.learn.smaller import with_room

_log = logging.getLogger("lingqu.learn")
_PART = 2048
T = TypeVar("T", bound=Task)


@dataclass(frozen=True)
class Training(Generic[T]):
    """What is trained, on what, and how it is judged.

    Args:
        name: Catalogue name of the learner.
        make: Makes the net; its first weights come from the plan's seed.
        data: What the loop deals out.
        sample: What the net is called with for one row: its work is counted on it.
        judge: ``valid_loss`` and ``valid_score`` of a net on held-out rows; None where there are
            none, as in a refit.
        patience: Epochs without gain before it stops; 0 trains to the end of the schedule.
        keeps: Whether the epoch that is judged best is kept; else the judgement is only shown.
        on: Other listeners.
        checkpoint: Where an interrupted fit is kept, to go on from; the digest of the rows and the
            seed are added to its name. ``""`` for nowhere.
    """

    name: str
    make: Callable[[], T]
    data: Data
    sample: tuple[Tensor, ...]
    judge: Callable[[T], Mapping[str, float]] | None
    patience: int = 0
    keeps: bool = True
    on: tuple[Listener, ...] = ()
    checkpoint: str = ""

    def run(
        self, plan: Plan, budget: Budget, progress: Progress, begun: float
    ) -> tuple[T, dict[str, Json]]:
        """Train a net until `budget.seconds` are over.

        Args:
            plan: How.
            budget: What the whole fit may use.
            progress: Gets one row per epoch.
            begun: When the fit began, on the clock of `time.monotonic`: reading the rows counts.

        Returns:
            The net as it was best on held-out rows, in its evaluation form, and notes: the curve,
            the epochs, how it was computed, and under ``settled`` what a refit needs.

        Raises:
            TrainError: The loss was never finite, or memory ran out even with half a batch.
        """
        end, meter = begun + budget.seconds, Meter()
        (task, run, how), smaller = with_room(
            lambda tried: self._trained(tried, budget.threads, end, progress), plan
        )
        if run.trouble and run.epoch == 0:
            raise TrainError("deep.diverged", name=self.name, why=run.trouble,
                             learning_rate=plan.learning_rate)  # fmt: skip
        # Not a note: the same rows and seed must give the same model, byte for byte.
        _log.info("training of %s: %s", self.name, meter.read().note())
        told = {"training": how} | ({"batch": smaller} if smaller else {})
        task.eval()
        return task, {**_notes(run), **told}

    def _trained(
        self, plan: Plan, threads: int, end: float, progress: Progress
    ) -> tuple[T, Run, dict[str, Json]]:
        with seeded(plan.seed):
            task = self.make()
        effort = device.work(task, *self.sample) * plan.batch
        plan, told = device.settled(plan, effort, threads)
        judge = self.judge
        on: list[Listener] = [report(progress, lambda _: {} if judge is None else judge(task))]
        if judge is not None and self.keeps:
            on.append(early_stop(lambda run: -run.curve[-1]["valid_loss"], self.patience))
        on += [*self.on, time_limit(end - time.monotonic())]
        if not self.checkpoint:
            return task, fit(task, self.data, plan, on), told
        path = Path(f"{self.checkpoint}-{_digest(self.data)}-{plan.batch}-{plan.seed}")
        on.append(checkpoint(path))
        run = fit(task, self.data, plan, on, path if path.exists() else None)
        path.unlink(missing_ok=True)
        return task, run, told


def _digest(data: Data) -> str:
    """Return a digest of the rows, so that no fold goes on from a net that saw others."""
    digest = hashlib.sha256()
    rows = data(0) if callable(data) else data
    for name, tensor in rows.items():
        digest.update(f"{name} {tuple(tensor.shape)}".encode())
        for start in range(0, len(tensor), _PART):
            digest.update(tensor[start : start + _PART].numpy().tobytes())
    return digest.hexdigest()[:16]


def _notes(run: Run) -> dict[str, Json]:
    """Return what a report says of a training, and what a refit needs."""
    patient = run.best[1] > 0 and run.stop
    stopped = run.position < run.plan.epochs and not patient and not run.trouble
    return {
        "curve": run.curve,
        "epochs": run.position,
        "unfinished": stopped,
        "cut_short": stopped and run.position < 0.5 * run.plan.epochs,
        "parameters": sum(p.numel() for p in run.task.parameters()),
        "settled": {"epochs": max(1, math.ceil(run.useful))},
        **({"trouble": run.trouble} if run.trouble else {}),
    }
