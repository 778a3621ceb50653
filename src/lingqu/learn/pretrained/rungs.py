"""The rungs of the ladder: what is learned with a pre-trained encoder, from least to most.

Source: frozen vectors with a linear head: Donahue et al., "DeCAF", 2013, arXiv:1310.1531; adapters
of low rank: Hu et al., "LoRA", 2021, arXiv:2106.09685; all of it: Howard and Ruder, 2018,
arXiv:1801.06146.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn

from lingqu.core.nouns import Dataset, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.learn import device, losses
from lingqu.learn.deep.inputs import Inputs, parts
from lingqu.learn.deep.supervised import Fold, Recipe, learn, written
from lingqu.learn.loop import Plan
from lingqu.learn.lora import adapt, merge
from lingqu.learn.pretrained.finding import KEPT, found_in, together
from lingqu.learn.pretrained.hearing import SAMPLES, Hearer
from lingqu.learn.pretrained.held_out import Held
from lingqu.learn.pretrained.net import Encoder, Headed, read_by
from lingqu.learn.pretrained.rows import Reading
from lingqu.learn.tabular.logistic import Logistic
from lingqu.learn.tabular.ridge import Ridge

Name = Literal["words", "frozen", "lora", "full"]
ORDER: tuple[Name, ...] = ("words", "frozen", "lora", "full")
STRENGTHS = (0.003, 0.03, 0.3)
"""Inverse strengths of the penalty of a head that are tried."""
_BACK = 2.2
"""How much longer a step of learning takes than reading the rows alone."""
_WRITES = 15_000_000
"""Weights that are written as a graph, and compared with the net, in a second."""
_PATCHES = 200
"""Patches that a picture is usually cut into."""
_SHOWN = 8
"""Rows on which a graph is compared with its net: both read every place of all of them."""
_CHUNK = 32


@dataclass(frozen=True)
class Lesson:
    """What all rungs share.

    Args:
        train: Rows to learn from.
        valid: Rows to validate on; may be none.
        budget: Seed, threads; `seconds` are not looked at.
        end: When all must be done, by the monotonic clock.
        progress: Gets small rows.
    """

    train: Dataset
    valid: Dataset
    budget: Budget
    end: float
    progress: Progress

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.end - time.monotonic()

    @property
    def now(self) -> Budget:
        """The budget with the seconds that are left."""
        return replace(self.budget, seconds=max(0.01, self.left))


@dataclass(frozen=True)
class Head:
    """A linear model of a table and of what an encoder found.

    Args:
        model: It, reading what was found as a column.
        weight: (table + found, K).
        bias: (K,).
        shift: Taken from what was found; `scale`: by what it is then divided.
        strength: Inverse strength of its penalty; 0 where it chose itself.
    """

    model: Model
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    shift: float
    scale: float
    strength: float

    @classmethod
    def of(cls, model: Model, strength: float) -> Head:
        """Take a linear model apart."""
        graph = onnx.load_model_from_string(model.members[0].graph).graph
        parts = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        found = model.members[0].encoding["blocks"][-1]
        return cls(model, parts["weight"], parts["bias"], found["mean"], found["scale"], strength)


def plain(lesson: Lesson, c: float = 1.0) -> Model:
    """Fit a linear model to the columns themselves: n-grams of texts, pixels of pictures."""
    learner = Ridge(view="plain") if is_number(lesson.train) else Logistic(c=c, view="plain")
    return learner.fit(lesson.train, lesson.valid, lesson.now, lesson.progress)


def is_number(dataset: Dataset) -> bool:
    """Say whether values are learned, rather than classes."""
    target = dataset.schema.target
    return target is not None and target.kind == "number"


class Frozen:
    """The encoder as it is, and the head that was fitted to what it finds.

    Args:
        lesson: Rows and time.
        encoder: In its evaluation form.
        reading: How columns become what it reads.
        rows: The rows as tensors.
        name: What tells this encoder from others.
        strength: Inverse strength of the head's penalty; 0 tries `STRENGTHS`.
    """

    def __init__(
        self, lesson: Lesson, encoder: Encoder, reading: Reading, rows: Fold, name: str,
        strength: float = 0.0,
    ) -> None:  # fmt: skip
        self.encoder, self.reading, self.rows, self.name = encoder, reading, rows, name
        encoder.to(device.found())
        with threaded(lesson.budget.threads):
            found = [
                found_in(encoder, name, x, reading.table, lesson.end)
                for x in (rows.x, rows.valid_x)
            ]
        encoder.to("cpu")
        self.train, self.valid = (
            reading.found(dataset, vectors)
            for dataset, vectors in zip((lesson.train, lesson.valid), found, strict=True)
        )
        self.head = self._head(lesson, strength)

    def _head(self, lesson: Lesson, strength: float) -> Head:
        """Fit the head; of several strengths keep what is best on held-out rows."""
        if is_number(self.train):
            model = Ridge(view="plain").fit(self.train, self.valid, lesson.now, lesson.progress)
            return Head.of(model, 0.0)
        tried = [strength] if strength or not len(self.valid) else STRENGTHS
        found = []
        for c in tried:
            learner = Logistic(c=c or STRENGTHS[1], view="plain")
            model = learner.fit(self.train, self.valid, lesson.now, lesson.progress)
            loss = Held.by(model, self.valid).loss if len(tried) > 1 else 0.0
            found.append((loss, learner.c, model))
        _, c, model = min(found, key=lambda one: one[0])
        return Head.of(model, c)

    def held(self) -> Held:
        """Return how it answers held-out rows."""
        return Held.by(self.head.model, self.valid)

    def net(self, encoder: Encoder) -> Headed:
        """Return this encoder, or another one like it, with the head as one net."""
        head = self.head
        weights = (head.weight, head.bias)
        return Headed(encoder, self.reading.table, head.shift, head.scale, *weights).eval()

    def model(self, algorithm: str, threads: int = 1) -> Model:
        """Return the model that is released."""
        graph = written(self.shown(), algorithm, self.net(self.encoder), threads)
        member = Member(algorithm, algorithm, 1.0, self.reading.encoding, graph)
        return Model(self.rows.goal, self.rows.classes, (member,))

    def shown(self) -> Fold:
        """Return the rows with so few, as short as they are, to compare net and graph on."""
        table, some = self.reading.table, self.rows.sample[:_SHOWN]
        places = read_by(self.encoder, some, table).shape[1]
        return replace(self.rows, sample=some[:, : table + places])

    def epoch_s(self) -> float:
        """Return the expected seconds of one pass of learning, by how fast the rows were read."""
        return self._pace * ((1 + _BACK) * self._read(self.rows.x) + self._read(self.rows.valid_x))

    @property
    def weights(self) -> int:
        """Weights of the encoder."""
        return sum(parameter.numel() for parameter in self.encoder.parameters())

    @property
    def longest(self) -> int:
        """Places of the longest row that the encoder reads; of a picture, about its patches."""
        if self.reading.shape:
            return _PATCHES
        each = SAMPLES if isinstance(self.encoder, Hearer) else 1
        return max(1, self.width // each)

    @property
    def width(self) -> int:
        """Columns of the tensor that the encoder reads."""
        return self.rows.x.shape[1] - self.reading.table

    def after_s(self) -> float:
        """Return the expected seconds of what follows learning: a graph, and held-out answers."""
        return self.weights / _WRITES + self._pace * self._read(self.rows.valid_x)

    @property
    def _pace(self) -> float:
        return KEPT.paces.get(self.name, 0.0)

    def _read(self, x: Inputs) -> int:
        """Return how many places the encoder reads in rows."""
        return sum(int((part[:, self.reading.table :] != 0).sum()) for part in parts(x, _CHUNK))


@contextlib.contextmanager
def threaded(count: int) -> Iterator[None]:
    """Compute with so many threads for a while."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def tuned(
    lesson: Lesson, frozen: Frozen, fresh: Callable[[], Encoder], plan: Plan, rank: int,
    algorithm: str, smoothing: float = 0.0,
) -> Model:  # fmt: skip
    """Learn the encoder too, beginning with the head that was fitted to it.

    Args:
        lesson: Rows and time.
        frozen: The rung below.
        fresh: Returns the encoder as it was.
        plan: Epochs, batch, learning rate.
        rank: Width of the adapters; 0 learns all weights instead.
        algorithm: Name of the member.
        smoothing: Share of the probability spread over all classes.
    """

    def made() -> nn.Module:
        net = frozen.net(fresh())
        if rank:
            adapt(net, "encoder.body.*", rank=rank, alpha=2.0 * rank, learn=["head.*"])
        return net.train()

    rows = frozen.rows
    table = frozen.reading.table
    size = None if frozen.reading.shape else (rows.x[:][:, table:] != 0).sum(1)
    goal = losses.fitting("auto", rows.goal, smoothing)
    chunk = together(frozen.encoder, frozen.width)
    recipe = Recipe(algorithm, made, goal, chunk=chunk, size=size, finish=merge)
    budget = replace(lesson.budget, seconds=max(0.01, lesson.left - frozen.after_s()))
    return learn(frozen.shown(), recipe, plan, budget, lesson.progress)
