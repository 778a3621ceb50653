"""What every maker of pictures does alike: its options, its training, its graph, what it notes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from lingqu.core.errors import TrainError
from lingqu.core.frechet import frechet, variety
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import device
from lingqu.learn.deep import export
from lingqu.learn.deep.options import Trained
from lingqu.learn.generate.pictures import Pictures, pictures
from lingqu.learn.generate.table import few_rows
from lingqu.learn.listeners import Listener
from lingqu.learn.loop import Plan, Run, Task
from lingqu.learn.replies.training import Training
from lingqu.release.replies import reply_encoding

COLLAPSED = 0.2
"""Share of the real spread within labels under which a maker says one and the same thing."""
_LOOKED, _STEPS = 0.5, 200
"""Share of the schedule, and steps, from which a collapse ends it: at first all nets paint grey."""
_AXES, _SHOWN, _TOGETHER = 16, 500, 256
_NEXT = 7919
"""What the seed of a second start is further on."""


class Studio(Task):
    """Nets that paint: ``(noise, labels) → pictures`` when they are called."""

    def finish(self, rows: Pictures) -> None:
        """Learn from all rows what is learned once, when the training is over."""


@dataclass(kw_only=True)
class Painting(Trained):
    """What makers of pictures share.

    Args:
        width: Channels in the middle; narrow nets win where there is one core.
        noise: Numbers that a picture is drawn from.
        checkpoint: Where an interrupted fit is kept, to go on from; ``""`` for nowhere.
    """

    name: ClassVar[str]
    tasks: ClassVar[frozenset[str]] = frozenset({"generate"})
    kinds: ClassVar[frozenset[Kind]] = frozenset({"image"})
    engine: ClassVar[str] = "torch"
    keeps: ClassVar[bool] = False
    """Whether the epoch that is judged best is kept."""

    width: int = 24
    noise: int = 32
    checkpoint: str = ""

    def __post_init__(self) -> None:
        for option, low, high in (("width", 4, 256), ("noise", 2, 256)):
            if not low <= getattr(self, option) <= high:
                raise TrainError("deep.bad_number", option=option, expected=f"{low} – {high}",
                                 received=getattr(self, option))  # fmt: skip

    def studio(self, rows: Pictures) -> Studio:
        """Return the nets before they have learned anything."""
        raise NotImplementedError

    def passes(self, rows: int) -> int:
        """Return the epochs that suit so many rows."""
        raise NotImplementedError

    def judged(self, task: Studio, held: Pictures) -> Mapping[str, float]:
        """Return ``valid_loss`` of nets on held-out pictures."""
        return {"valid_loss": unlike(task, held, self.noise)}

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; `valid` shows how far made pictures are from held-out ones."""
        begun = time.monotonic()
        rows = pictures(train)
        held = pictures(valid, rows.labels) if len(valid) else None
        judge = None
        if held is not None and len(held) > 1:
            judge = partial(self.judged, held=held)
        sample = torch.zeros(2, self.noise), rows.y[:2]
        training = Training(
            self.name, lambda: self.studio(rows), {"x": rows.x, "y": rows.y}, sample, judge,
            self.patience, self.keeps, (_collapse(rows, self.noise),), self.checkpoint,
        )  # fmt: skip
        plan = Plan.of(self, epochs=self.epochs or self.passes(len(rows)), seed=budget.seed)
        task, notes = self._painted(rows, few_rows(train), training, plan, budget, progress, begun)
        axes = ("noise", "labels", "pictures")
        given = dict(zip(axes, (normal_noise(4, self.noise), rows.y[:4]), strict=False))
        graph = export.together(
            task, given, ["pictures"], {name: {0: "B"} for name in axes}, budget.threads
        )
        encoding = reply_encoding(rows.block(self.noise))
        member = Member(self.name, self.name, 1.0, encoding, graph, notes)
        return Model("generate", (), (member,))

    def _painted(
        self,
        rows: Pictures,
        few: Sequence[Json],
        training: Training[Studio],
        plan: Plan,
        budget: Budget,
        progress: Progress,
        begun: float,
    ) -> tuple[Studio, dict[str, Json]]:
        """Train; where the nets collapse, once more with another seed, in the time that is left."""
        told: list[Json] = list(few)
        task, notes = training.run(plan, budget, progress, begun)
        task.finish(rows)
        found = varied(task, rows, self.noise)
        if found < COLLAPSED and time.monotonic() - begun < budget.seconds:
            told.append(both("made.restarted", variety=f"{found:.2f}"))
            task, notes = training.run(
                replace(plan, seed=plan.seed + _NEXT), budget, progress, begun
            )
            task.finish(rows)
            found = varied(task, rows, self.noise)
        if found < COLLAPSED:
            told.append(both("made.collapsed", variety=f"{found:.2f}"))
        return task, {
            **notes, "variety": round(found, 4), "collapsed": found < COLLAPSED,
            "pictures": len(rows), "labels": len(rows.labels), "levels": rows.levels, "told": told,
        }  # fmt: skip


def normal_noise(rows: int, count: int) -> Tensor:
    """Return the noise by which nets are looked at, (rows, count): always the same."""
    return torch.randn(rows, count, generator=torch.Generator().manual_seed(0))


def painted(task: Studio, noise: int, labels: Tensor) -> Tensor:
    """Return a picture of each label, on the processor, (B, C, H, W)."""
    dice, where = normal_noise(len(labels), noise), device.place(task)
    with torch.inference_mode():
        parts = zip(torch.split(dice, _TOGETHER), torch.split(labels, _TOGETHER), strict=True)
        return torch.cat([task(one.to(where), of.to(where)).cpu() for one, of in parts])


def varied(task: Studio, rows: Pictures, noise: int) -> float:
    """Return how much made pictures vary within their labels, beside the real ones."""
    some = torch.arange(len(rows)) if len(rows) <= _SHOWN else torch.linspace(
        0, len(rows) - 1, _SHOWN).long()  # fmt: skip
    x, y = rows.x[some].numpy(), rows.y[some].numpy()
    return variety(painted(task, noise, rows.y[some]).numpy(), x, y, y)


def unlike(task: Studio, held: Pictures, noise: int) -> float:
    """Return how far made pictures lie from held-out ones, along the axes of these.

    It is the Fréchet distance on the first principal components of pixels: no measure of how
    pictures look, but one that falls while nets learn, where their losses only fight each other.
    """
    real = held.x[:_SHOWN].flatten(1)
    made = painted(task, noise, held.y[:_SHOWN]).flatten(1)
    middle = real.mean(0)
    axes = torch.linalg.svd(real - middle, full_matrices=False)[2][:_AXES]
    return frechet((made - middle) @ axes.T, (real - middle) @ axes.T)


def _collapse(rows: Pictures, noise: int) -> Listener:
    """Return what ends a training whose nets say one and the same thing."""

    def listen(event: str, run: Run) -> None:
        late = event == "epoch" and run.share >= _LOOKED and run.step >= _STEPS
        if late and isinstance(run.task, Studio):
            run.stop |= varied(run.task, rows, noise) < COLLAPSED

    return listen
