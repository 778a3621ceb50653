"""What every net that learns from labelled rows shares: its rows, its task, its fit."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.nouns import Task as Goal
from lingqu.core.ports import Budget, Progress
from lingqu.learn import device, losses
from lingqu.learn.deep import export, graph
from lingqu.learn.deep.inputs import Inputs, OnDemand, inputs, parts, too_wide
from lingqu.learn.listeners import Listener, checkpoint, early_stop, report, time_limit
from lingqu.learn.loop import SIZE, Batch, Dealt, Plan, Run, Task, fit
from lingqu.learn.meter import Meter
from lingqu.learn.narrow import Narrow
from lingqu.learn.smaller import with_room
from lingqu.learn.tabular.rows import View, style_of, task_of
from lingqu.learn.tabular.target import Bend, Wish, skewed
from lingqu.release.encode import encode, encode_training, fit_encoding, targets, weights
from lingqu.release.reading import PLAIN, Reading

_log = logging.getLogger("lingqu.learn")
SAMPLE = 64
"""Rows on which the exported graph must agree with the net."""
TOLERANCE = 1e-4
CHUNK = 2048


@dataclass(frozen=True)
class Fold:
    """Training and validation rows as tensors.

    Args:
        goal: Classify or regress.
        classes: Names; empty for a regression.
        encoding: How columns became `x`.
        x: (N, …) float32, as a tensor or as what makes one of some rows.
        y: Class indices int64 (N,), or values on the scale of `bend`, float32 (N,).
        weight: Row weights with mean 1, (N,), or None.
        valid_x: Like `x`, (M, …); M may be 0.
        valid_y: Like `y`, (M,); but where values are bent, they themselves, per deviation.
        valid_weight: Like `weight`, (M,).
        sample: A few rows as they are encoded, on which the graph is compared with the net.
        bend: How the values of a regression became `y`, and come back; None for classes.
    """

    goal: Goal
    classes: tuple[str, ...]
    encoding: dict[str, Json]
    x: Inputs
    y: Tensor
    weight: Tensor | None
    valid_x: Inputs
    valid_y: Tensor
    valid_weight: Tensor | None
    sample: Tensor
    bend: Bend | None = None

    @property
    def tensor(self) -> str:
        """Name of the input of the graph."""
        return str(self.encoding["tensor"])

    @property
    def outputs(self) -> int:
        """Width of the last layer."""
        return len(self.classes) or 1

    @property
    def bent(self) -> Bend | None:
        """How values are bent; None where they are learned as they are."""
        return self.bend if self.bend is not None and self.bend.unit else None

    def data(self) -> Dealt:
        """Return what the loop deals out."""
        batch: Dealt = {"x": self.x, "y": self.y}
        return batch if self.weight is None else {**batch, "weight": self.weight}


def fold(
    train: Dataset,
    valid: Dataset,
    style: Literal["linear", "image", "net"],
    view: View = "plain",
    wish: Wish = "plain",
    reading: Reading = PLAIN,
) -> Fold:
    """Encode rows; everything is learnt from the training rows.

    Args:
        train: Rows to learn from.
        valid: Rows to validate on; may be none.
        style: In which form columns are read.
        view: Of the linear form, the plain or the rich view.
        wish: How values are learned.
        reading: How numbers are scaled and rare or similar levels are read.

    Raises:
        TrainError: The training rows hold one class only.
        DataError: The columns or the target cannot be read.
    """
    whole = style_of(train, style, view) if style == "linear" else style
    return fold_of(train, valid, fit_encoding(train, whole, reading), wish)


def fold_of(
    train: Dataset, valid: Dataset, encoding: dict[str, Json], wish: Wish = "plain"
) -> Fold:
    """Encode rows by an encoding that was learned from the training rows; see `fold`."""
    goal = task_of(train)
    found, classes = targets(train, goal)
    y: NDArray[Any] = found
    valid_y: NDArray[Any] = targets(valid, goal)[0] if len(valid) else y[:0]
    bend = skewed(np.asarray(y, dtype=np.float64), wish) if goal == "regress" else None
    if bend is not None:
        y = bend.forward(y)
        valid_y = valid_y / bend.spread if bend.unit else bend.forward(valid_y)
    elif len(np.unique(y)) < 2:
        raise TrainError("learn.one_class", seen=classes[int(y[0])])
    kind = torch.int64 if goal == "classify" else torch.float32
    x, valid_x = _inputs(train, valid, encoding)
    return Fold(
        goal,
        classes,
        encoding,
        x,
        torch.tensor(y, dtype=kind),
        _weight(train),
        valid_x,
        torch.tensor(valid_y, dtype=kind),
        _weight(valid) if len(valid) else None,
        _sample(x, valid_x),
        bend,
    )


def _inputs(train: Dataset, valid: Dataset, encoding: dict[str, Json]) -> tuple[Inputs, Inputs]:
    """Return the training and the validation rows."""
    if encoding["style"] not in ("linear", "linear+"):
        if too_wide(train.frame, encoding):
            return OnDemand(train.frame, encoding), OnDemand(valid.frame, encoding)
        tensor = str(encoding["tensor"])
        read = torch.from_numpy(encode_training(train, encoding)[tensor])
        shown = torch.from_numpy(encode(valid.frame, encoding)[tensor]) if len(valid) else None
        return read, read[:0] if shown is None else shown
    narrow = Narrow.of_training(train, encoding)
    held = Narrow.of(valid.frame, encoding) if len(valid) else narrow.first(0)
    return inputs(narrow), inputs(held)


def _sample(x: Inputs, valid_x: Inputs) -> Tensor:
    """Return the first rows of both; of texts as many words as both have."""
    held, seen = valid_x[:SAMPLE], x[:SAMPLE]
    if held.dim() == 2:
        width = min(held.shape[1], seen.shape[1]) if len(held) else seen.shape[1]
        held, seen = held[:, :width], seen[:, :width]
    return torch.cat([held, seen])[:SAMPLE]


def _weight(dataset: Dataset) -> Tensor | None:
    """Return row weights with mean 1."""
    found = weights(dataset)
    return None if found is None else torch.tensor(found / found.mean(), dtype=torch.float32)


class Supervised(Task):
    """A net, a loss, and what happens to a batch before the net sees it.

    Args:
        net: (N, …) → (N, K) logits, or (N, 1) values.
        criterion: Loss of (output, truth, weight).
        augment: Changes the inputs of a training batch at random, or None.
    """

    def __init__(
        self,
        net: nn.Module,
        criterion: losses.Loss,
        augment: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        super().__init__()
        self.net, self.criterion, self.augment = net, criterion, augment

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.net(x)
        return out

    def loss(self, batch: Batch) -> Tensor:
        x = batch["x"] if self.augment is None else self.augment(batch["x"])
        return self.criterion(self.net(x), batch["y"], batch.get("weight"))


@dataclass(frozen=True)
class Recipe:
    """How a net is fitted, apart from its plan.

    Args:
        name: Catalogue name of the algorithm.
        make: Makes the net; its first weights come from the budget's seed.
        criterion: Loss in training.
        augment: See `Supervised`.
        patience: See `early_stop`.
        checkpoint: Path of a file that is written each epoch, gone on from if it is there,
            and removed at the end; the digest of the rows is added to its name, so that no
            fold ever goes on from a net that has seen its validation rows. ``""`` for none.
        notes: Added to the member's notes.
        refit: Options that a fit on all rows gets, beside the number of epochs.
        chunk: Rows that are answered at a time when the net is judged.
        size: How long each row is, (N,), where rows are padded to the longest of a batch.
        before: Teaches the net something else first, by the same plan; what it learned then may be
            kept under the path it is handed, beside the checkpoint.
        finish: Makes of the trained net the one that is written, with the same answers.
    """

    name: str
    make: Callable[[], nn.Module]
    criterion: losses.Loss
    augment: Callable[[Tensor], Tensor] | None = None
    patience: int = 0
    checkpoint: str = ""
    notes: Mapping[str, Json] = field(default_factory=dict)
    refit: Mapping[str, Json] = field(default_factory=dict)
    chunk: int = CHUNK
    size: Tensor | None = None
    before: Callable[[nn.Module, Plan, Path | None], None] | None = None
    finish: Callable[[nn.Module], nn.Module] = lambda net: net


def learn(rows: Fold, recipe: Recipe, plan: Plan, budget: Budget, progress: Progress) -> Model:
    """Fit a net and return it as a model of one member.

    Args:
        rows: Encoded rows.
        recipe: The net and its losses.
        plan: Epochs, learning rate …
        budget: `seconds` are those that are left now.
        progress: Gets one row per epoch.

    Raises:
        TrainError: The loss was never finite, the graph differs from the net, or memory ran out
            even with half a batch.
    """
    end, meter = time.monotonic() + budget.seconds, Meter()
    (task, run, how), smaller = with_room(
        lambda tried: _trained(rows, recipe, tried, budget.threads, end, progress), plan
    )
    if run.trouble and run.epoch == 0:
        raise TrainError(
            "deep.diverged", name=recipe.name, why=run.trouble, learning_rate=plan.learning_rate
        )
    # Not a note of the member: the same rows and seed must give the same model, byte for byte.
    _log.info("training of %s: %s", recipe.name, meter.read().note())
    told = {"training": how} | ({"batch": smaller} if smaller else {})
    task.net = recipe.finish(task.net)
    return _model(rows, replace(recipe, notes={**recipe.notes, **told}), task, run, budget.threads)


def _trained(
    rows: Fold, recipe: Recipe, plan: Plan, threads: int, end: float, progress: Progress
) -> tuple[Supervised, Run, dict[str, Json]]:
    """Make the net and train it until `end`; return it, its run, and how it was computed."""
    path = _path(rows, recipe, plan)
    earlier = path.with_name(f"{path.name}-before") if path else None
    with seeded(plan.seed):
        task = Supervised(recipe.make(), recipe.criterion, recipe.augment)
        if recipe.before is not None:
            recipe.before(task.net, plan, earlier)
    plan, how = _settled(rows, task, plan, threads)
    on: list[Listener] = [report(progress, lambda _: _score(task, rows, recipe.chunk))]
    if len(rows.valid_y):
        on.append(early_stop(lambda run: -run.curve[-1]["valid_loss"], recipe.patience))
    on.append(time_limit(end - time.monotonic()))
    data = rows.data() if recipe.size is None else {**rows.data(), SIZE: recipe.size}
    if path is None or earlier is None:
        return task, fit(task, data, plan, on), how
    on.append(checkpoint(path))
    run = fit(task, data, plan, on, path if path.exists() else None)
    path.unlink(missing_ok=True)
    earlier.unlink(missing_ok=True)
    return task, run, how


def _path(rows: Fold, recipe: Recipe, plan: Plan) -> Path | None:
    """Return where a fit of these rows by this plan is kept while it goes on."""
    if not recipe.checkpoint:
        return None
    return Path(f"{recipe.checkpoint}-{_digest(rows)}-{plan.batch}")


def _settled(
    rows: Fold, task: Supervised, plan: Plan, threads: int
) -> tuple[Plan, dict[str, Json]]:
    """Choose threads and precision by the work of a step; say what was chosen."""
    effort = device.work(task, rows.sample[:1])
    effort *= len(rows.x) if plan.optimiser == "gd" else plan.batch
    return device.settled(plan, effort, threads)


def _digest(rows: Fold) -> str:
    """Return a digest of the training and validation rows."""
    digest = hashlib.sha256()
    for x in (*rows.data().values(), rows.valid_x, rows.valid_y):
        digest.update(repr(tuple(x.shape)).encode())
        for part in parts(x, CHUNK):
            digest.update(part.numpy().tobytes())
    return digest.hexdigest()[:16]


def _score(task: Supervised, rows: Fold, chunk: int) -> dict[str, float]:
    """Measure on the validation rows: mean loss, and accuracy or R²."""
    if not len(rows.valid_y):
        return {}
    y, weight = rows.valid_y, rows.valid_weight
    with torch.inference_mode():
        out = torch.cat([device.ask(task, part) for part in parts(rows.valid_x, chunk)])
        if rows.goal == "classify":
            loss = losses.cross_entropy(out, y, weight)
            score = losses.mean((out.argmax(1) == y).float(), weight)
        else:
            loss = losses.mse(_said(rows.bent, out), y, weight)
            spread = losses.mean((y - losses.mean(y, weight)) ** 2, weight)
            score = 1 - loss / spread.clamp(min=1e-12)
    return {"valid_loss": float(loss), "valid_score": float(score)}


def _said(bent: Bend | None, out: Tensor) -> Tensor:
    """Return answers (N, 1) in the units of the validation rows' truth."""
    if bent is None:
        return out
    return torch.from_numpy(bent.backward(out.double().numpy()) / bent.spread).to(out.dtype)


def _lifted(rows: Fold, net: nn.Module, chunk: int) -> Bend | None:
    """Return the bend whose answers have the mean of the truth; validation rows know it best."""
    if rows.bent is None:
        return rows.bend
    held = len(rows.valid_y) > 0
    x, y, weight = (
        (rows.valid_x, rows.valid_y, rows.valid_weight) if held else (rows.x, rows.y, rows.weight)
    )
    truth = y.double().numpy()
    truth = truth * rows.bent.spread if held else rows.bent.backward(truth)
    with torch.inference_mode():
        out = torch.cat([net(part) for part in parts(x, chunk)])[:, 0].double().numpy()
    return rows.bent.lifted(truth, out, None if weight is None else weight.double().numpy())


def _model(rows: Fold, recipe: Recipe, task: Supervised, run: Run, threads: int) -> Model:
    """Export the net, compare the graph with it, and wrap both with the notes."""
    rows = replace(rows, bend=_lifted(rows, task.net, recipe.chunk))
    data = written(rows, recipe.name, task.net, threads)
    epochs = run.position
    patient = 0 < recipe.patience <= run.best[1]  # it ended because nothing more was gained
    stopped = epochs < run.plan.epochs and not patient and not run.trouble
    again = run.again()
    again["refit"].update(recipe.refit)
    notes = {
        "curve": run.curve,
        "epochs": epochs,
        "unfinished": stopped,
        "cut_short": stopped and epochs < 0.5 * run.plan.epochs,
        "parameters": sum(p.numel() for p in task.parameters()),
        **again,
        **recipe.notes,
    }
    if rows.bent is not None:
        notes["target"] = rows.bent.kind
    if run.trouble:
        notes["trouble"] = run.trouble
    member = Member(recipe.name, recipe.name, 1.0, rows.encoding, data, notes)
    return Model(rows.goal, rows.classes, (member,))


def written(rows: Fold, name: str, net: nn.Module, threads: int = 1) -> bytes:
    """Return the graph of a net, which was found to answer as the net does.

    Raises:
        TrainError: It cannot be written, or answers otherwise.
    """
    data = _graph(rows, net)
    _compare(rows, name, net, data, threads)
    return data


def _graph(rows: Fold, net: nn.Module) -> bytes:
    """Return the graph of a net: layer by layer where it is a plain row of them."""
    output = "values" if rows.bend else "probabilities"
    if not isinstance(net, nn.Sequential):
        return export.write(net, rows.sample, rows.tensor, output, rows.bend)
    return graph.write(net, rows.tensor, tuple(rows.encoding["shape"]), output, rows.bend)


def _compare(rows: Fold, name: str, net: nn.Module, data: bytes, threads: int) -> None:
    """Refuse a graph that does not answer like the net that it was written from."""
    with torch.inference_mode():
        out = net(rows.sample)
        said = (out.softmax(1) if rows.bend is None else out.double()).numpy()
    size = 1.0
    if rows.bend is not None:
        said = rows.bend.backward(said)
        size = rows.bend.size
    found = graph.answers(data, {rows.tensor: rows.sample.numpy()}, threads)
    worst = float(np.abs(found - said).max(initial=0.0)) / size
    if not worst <= TOLERANCE:  # NaN must fail as well
        raise TrainError("deep.graph_differs", name=name, worst=worst, limit=TOLERANCE)


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw from a seed, and leave the caller's own random state as it was."""
    state = torch.get_rng_state()
    torch.manual_seed(seed)
    try:
        yield
    finally:
        torch.set_rng_state(state)
