"""Many nets in one: sixteen heads that share their weights and err differently.

Source: Gorishniy, Kotelnikov and Babenko, "TabM: advancing tabular deep learning with
parameter-efficient ensembling", ICLR 2025, arXiv:2410.24210; piecewise-linear embeddings of
numbers: Gorishniy, Rubachev and Babenko, NeurIPS 2022, arXiv:2203.05556.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs, losses
from lingqu.learn.deep.inputs import inputs
from lingqu.learn.deep.options import Trained
from lingqu.learn.deep.supervised import seeded
from lingqu.learn.device import ask
from lingqu.learn.listeners import early_stop, report, time_limit
from lingqu.learn.loop import Batch, Dealt, Plan, Run, Source, Task, fit
from lingqu.learn.narrow import Narrow
from lingqu.learn.tabular.graph import TOLERANCE, Step, difference, graph, verify
from lingqu.learn.tabular.options import Curve, Levels, Scales, Views
from lingqu.learn.tabular.rows import Rows, rows
from lingqu.learn.tabular.target import Bend, skewed
from lingqu.release.encode import layout
from lingqu.release.reading import Reading

_PROJECTED = 96
"""Columns that are no numbers (levels, n-grams) are first brought to at most so many."""
_NUMBERS = ("numbers", "ranks", "moments", "facts", "elapsed", "pairs")
"""Blocks of an encoding whose columns are embedded."""
_EMBEDDED, _MOST_BINS = 192, 4096
"""Most numbers of the embeddings together; most bins of all columns together."""
_APART = 1e-4
"""Smallest width of a bin: values lie within ±8, and float32 has seven digits."""
_CHUNK = 256


@dataclass
class TabM(Curve, Views, Scales, Levels, Trained):
    """Learn one net with many heads; each head sees the inputs through scales of its own.

    The heads share all layers, so sixteen nets cost little more than one in memory, and their
    mean is steadier than any. Of the nets it is the strongest on tables of up to some 20 000
    rows; it errs elsewhere than trees do, which is what an ensemble wants.

    Args:
        heads: How many nets are averaged.
        spread: How many of the heads each row trains in a step; the rest see other rows.
        width: Width of the hidden layers.
        layers: How many hidden layers.
        bins: Most bins of a number's piecewise-linear embedding; 0 reads numbers as they are.
        embedding: Numbers that each column becomes; 0 chooses by the number of columns.
        dropout: Share of each hidden layer that is hidden in training.

    Example:
        >>> TabM(heads=8, width=64).heads, sorted(TabM.tasks)
        (8, ['classify', 'regress'])

    Source: Gorishniy et al., "TabM", ICLR 2025, arXiv:2410.24210 (TabM-mini); embeddings:
        Gorishniy et al., NeurIPS 2022, arXiv:2203.05556. That each row trains only some of the
        heads in a step is our own: it takes a quarter of the time.
    """

    name: ClassVar[str] = "tabm"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify", "regress"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"number", "category", "boolean", "text", "datetime", "image", "vector"}
    )
    engine: ClassVar[str] = "torch"

    heads: int = 16
    spread: int = 4
    width: int = 128
    layers: int = 2
    bins: int = 24
    embedding: int = 0
    dropout: float = 0.1
    batch: int = 0
    learning_rate: float = 8e-3

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`, keep the epoch that is best on `valid`, stop at `budget.seconds`."""
        start = time.monotonic()
        fold = rows(
            train,
            valid,
            "linear",
            view=self.view,
            reading=Reading(self.scaling, self.rare, self.similar),
        )
        batch = self.batch or costs.tabm_batch(len(fold.y))
        epochs = self.epochs or costs.tabm_epochs(len(fold.y), batch)
        curve = skewed(fold.y, self.target) if fold.task == "regress" else None
        plan = Plan.of(self, epochs=epochs, batch=batch, seed=budget.seed)
        with seeded(budget.seed):
            task = _Heads(_net(self, fold), self.spread, fold.task == "regress")
        on = [report(progress, lambda _: _score(task, fold, curve))]
        if len(fold.valid_y):
            on.append(early_stop(lambda run: -run.curve[-1]["valid_loss"], self.patience))
        # The last tenth is for the graph and its comparison.
        on.append(time_limit(0.9 * budget.seconds - (time.monotonic() - start)))
        run = fit(task, _data(fold, curve), plan, on)
        if run.trouble and run.epoch == 0:
            raise TrainError(
                "deep.diverged", name=self.name, why=run.trouble, learning_rate=plan.learning_rate
            )
        return _model(self, fold, task, run, curve, budget.threads)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.tabm(rows, columns, classes)


class Net(nn.Module):
    """The whole net: embeddings, one scale per head and input, shared layers, one end per head.

    Args:
        edges: For each embedded column its bin edges, rising; a column of the tensor each.
        places: Positions of these columns in the tensor.
        others: Positions of all other columns.
        embedding: Numbers that each embedded column becomes.
        heads: How many heads.
        hidden: Widths of the shared layers.
        outputs: Width of each head's answer.
        dropout: Share of each hidden layer that is hidden in training.
    """

    left: Tensor
    inverse: Tensor
    places: Tensor
    others: Tensor

    def __init__(
        self,
        edges: Sequence[NDArray[np.float64]],
        places: Sequence[int],
        others: Sequence[int],
        embedding: int,
        heads: int,
        hidden: Sequence[int],
        outputs: int,
        dropout: float,
    ) -> None:
        super().__init__()
        left, inverse = _ramps(edges)
        self.register_buffer("left", left)
        self.register_buffer("inverse", inverse)
        self.register_buffer("places", torch.tensor(places, dtype=torch.int64))
        self.register_buffer("others", torch.tensor(others, dtype=torch.int64))
        columns, bins = self.left.shape  # (C, T)
        reach = embedding**-0.5
        self.slope = nn.Parameter(torch.empty(columns, embedding).uniform_(-reach, reach))
        self.offset = nn.Parameter(torch.empty(columns, embedding).uniform_(-reach, reach))
        self.bends = nn.Parameter(torch.zeros(columns, bins, embedding))
        narrow = min(len(others), _PROJECTED)
        self.project = nn.Linear(len(others), narrow) if narrow < len(others) else None
        parts = [embedding] * columns + [1] * narrow
        drawn = torch.randn(heads, len(parts))
        # Numbers of one column start with one scale, so that a head sees a column more or less.
        self.scale = nn.Parameter(drawn.repeat_interleave(torch.tensor(parts), 1))  # (K, F)
        layers: list[nn.Module] = []
        for inner, outer in pairwise((sum(parts), *hidden)):
            layers += [nn.Linear(inner, outer), nn.ReLU(), nn.Dropout(dropout)]
        self.shared = nn.Sequential(*layers)
        reach = hidden[-1] ** -0.5
        self.ends = nn.Parameter(torch.empty(heads, hidden[-1], outputs).uniform_(-reach, reach))
        self.shifts = nn.Parameter(torch.empty(heads, 1, outputs).uniform_(-reach, reach))

    def features(self, x: Tensor) -> Tensor:
        """Return what every head starts from, (B, D) → (B, F)."""
        parts = []
        if len(self.places):
            value = x[:, self.places]  # (B, C)
            ramps = (value[:, :, None] - self.left) * self.inverse  # (B, C, T)
            ramps = ramps.clamp(0.0, 1.0).transpose(0, 1)  # (C, B, T)
            bent = torch.bmm(ramps, self.bends).transpose(0, 1)  # (B, C, E)
            parts.append((value[:, :, None] * self.slope + self.offset + bent).flatten(1))
        if len(self.others):
            other = x[:, self.others]
            parts.append(other if self.project is None else self.project(other))
        return torch.cat(parts, 1)

    def forward(self, x: Tensor, spread: int = 0) -> Tensor:
        """Return the answers of the heads, (K, B, O).

        Args:
            x: (B, D).
            spread: Heads that each row goes through: the rows are dealt out to groups of so
                many heads, and the answer is (K, B · spread / K, O); 0 for all of them.
        """
        heads = len(self.scale)
        groups = heads // spread if spread else 1
        start = self.features(x)  # (B, F)
        start = start.view(groups, 1, -1, start.shape[1])  # (G, 1, B/G, F)
        scale = self.scale.view(groups, heads // groups, 1, -1)  # (G, K/G, 1, F)
        hidden = self.shared(start * scale)  # (G, K/G, B/G, H)
        hidden = hidden.reshape(heads, -1, hidden.shape[-1])
        return torch.bmm(hidden, self.ends) + self.shifts


class _Heads(Task):
    """Each head is told about its own mistakes: it is their mean that is trained, not theirs."""

    def __init__(self, net: Net, spread: int, regress: bool) -> None:
        super().__init__()
        self.net, self.regress = net, regress
        heads = len(net.scale)
        self.spread = spread if 0 < spread < heads and heads % spread == 0 else heads

    def loss(self, batch: Batch) -> Tensor:
        x, y, weight = batch["x"], batch["y"], batch.get("weight")
        groups = len(self.net.scale) // self.spread
        lacking = -len(x) % groups
        if lacking:  # the groups are of one size: the first rows come again
            again = torch.arange(len(x) + lacking) % len(x)
            x, y = x[again], y[again]
            weight = None if weight is None else weight[again]
        out = self.net(x, self.spread)  # (K, B/G, O)
        truth = _dealt(y, groups, self.spread)
        heavy = None if weight is None else _dealt(weight, groups, self.spread)
        criterion = losses.mse if self.regress else losses.cross_entropy
        return criterion(out.flatten(0, 1), truth, heavy)


def _dealt(values: Tensor, groups: int, spread: int) -> Tensor:
    """Repeat what belongs to rows as the net deals out the rows, (B,) → (K · B / G,)."""
    return values.view(groups, 1, -1).expand(groups, spread, -1).reshape(-1)


def _ramps(edges: Sequence[NDArray[np.float64]]) -> tuple[Tensor, Tensor]:
    """Return where each bin starts and the inverse of its width, (C, T); 0 for no bin."""
    most = max((len(each) - 1 for each in edges), default=0)
    left, inverse = np.zeros((len(edges), most)), np.zeros((len(edges), most))
    for row, each in enumerate(edges):
        left[row, : len(each) - 1] = each[:-1]
        inverse[row, : len(each) - 1] = 1.0 / np.diff(each)
    return torch.tensor(left, dtype=torch.float32), torch.tensor(inverse, dtype=torch.float32)


def _net(wish: TabM, fold: Rows) -> Net:
    """Return a fresh net for these rows; bins are quantiles of the training rows."""
    columns = fold.inputs.shape[1]
    numbers = [
        at
        for block, place in layout(fold.encoding)
        if block["type"] in _NUMBERS
        for at in range(place.start, place.stop)
    ]
    edges: list[NDArray[np.float64]] = []
    places: list[int] = []
    most = _MOST_BINS // max(1, len(numbers))
    bins = min(wish.bins, most, max(2, len(fold.y) // 8))
    for at in numbers if bins > 1 else ():
        found = _edges(fold.inputs.columns([at])[:, 0], bins)
        if len(found) > 2:  # two values are a flag: a bend would say nothing new
            edges.append(found)
            places.append(at)
    taken = set(places)
    others = [at for at in range(columns) if at not in taken]
    embedding = wish.embedding or max(1, min(8, _EMBEDDED // max(1, len(places))))
    outputs = len(fold.classes) or 1
    hidden = [wish.width] * wish.layers
    return Net(edges, places, others, embedding, wish.heads, hidden, outputs, wish.dropout)


def _edges(values: NDArray[np.float32], bins: int) -> NDArray[np.float64]:
    """Return quantiles that lie apart, as float64."""
    found = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1), method="nearest"))
    found = found.astype(np.float64)
    apart = np.concatenate([[True], np.diff(found) > _APART])
    return np.asarray(found[apart])


def _data(fold: Rows, curve: Bend | None) -> Dealt:
    """Return the training rows as the loop deals them out."""
    y: NDArray[Any] = curve.forward(fold.y) if curve else fold.y
    kind = torch.float32 if curve else torch.int64
    data: dict[str, Source] = {"x": inputs(fold.inputs), "y": torch.tensor(y, dtype=kind)}
    if fold.weight is not None:
        data["weight"] = torch.tensor(fold.weight, dtype=torch.float32)
    return data


def _score(task: _Heads, fold: Rows, curve: Bend | None) -> dict[str, float]:
    """Measure the mean of the heads on the validation rows: loss, and accuracy or R²."""
    if not len(fold.valid_y):
        return {}
    said, truth = _answers(task.net, fold.valid_inputs, curve is not None), fold.valid_y
    if curve is not None:
        loss = float(np.mean(((curve.backward(said[:, 0]) - truth) / curve.spread) ** 2))
        share = loss / max(float(np.var(truth / curve.spread)), 1e-12)
        return {"valid_loss": loss, "valid_score": 1 - share}
    chance = said[np.arange(len(said)), truth]
    right = float(np.mean(said.argmax(1) == truth))
    return {"valid_loss": float(-np.mean(np.log(np.maximum(chance, 1e-12)))), "valid_score": right}


@torch.inference_mode()
def _answers(net: Net, x: NDArray[np.float32] | Narrow, regress: bool) -> NDArray[np.float64]:
    """Return the mean of the heads: values (N, 1) or probabilities (N, K)."""
    kind, found = net.slope.dtype, []
    for start in range(0, len(x), _CHUNK):
        some = torch.from_numpy(np.ascontiguousarray(x[start : start + _CHUNK])).to(kind)
        out = ask(net, some)
        found.append((out if regress else out.softmax(2)).mean(0))
    answers: NDArray[np.float64] = torch.cat(found).double().numpy()
    return answers


def _model(
    wish: TabM,
    fold: Rows,
    task: _Heads,
    run: Run,
    curve: Bend | None,
    threads: int,
) -> Model:
    """Write the graph, compare it with the net in float64, and wrap both with the notes."""
    net, columns = task.net.double(), fold.inputs.shape[1]
    expected, size = _answers(net, fold.sample, curve is not None), 1.0
    if curve is not None:
        shown = len(fold.valid_y) > 0
        truth, x = (fold.valid_y, fold.valid_inputs) if shown else (fold.y, fold.inputs)
        weight = None if shown else fold.weight
        curve = curve.lifted(truth, _answers(net, x, True)[:, 0], weight)
        expected, size = curve.backward(expected), max(1.0, float(np.abs(fold.y).max()))
    data = write(net, columns, curve)
    if not difference(data, fold.sample, expected, size, threads) <= TOLERANCE:
        data = write(net, columns, curve, double=True)
        verify(wish.name, data, fold.sample, expected, size, threads)
    epochs = run.position
    patient = 0 < wish.patience <= run.best[1]
    stopped = epochs < run.plan.epochs and not patient and not run.trouble
    again = run.again()
    notes: dict[str, Json] = {
        "curve": run.curve,
        "epochs": epochs,
        "unfinished": stopped,
        "cut_short": stopped and epochs < 0.5 * run.plan.epochs,
        "parameters": sum(p.numel() for p in net.parameters()),
        **again,
    }
    if curve is not None:
        notes["target"] = again["refit"]["target"] = curve.kind
    if run.trouble:
        notes["trouble"] = run.trouble
    return fold.model(wish.name, data, notes)


def write(net: Net, columns: int, curve: Bend | None, double: bool = False) -> bytes:
    """Return the graph of a net in its evaluation form, ``x`` (N, columns) → the heads' mean.

    Args:
        net: The net.
        columns: Width of the tensor.
        curve: How standard answers become values; None for probabilities.
        double: Compute in float64 between input and output.
    """
    constants: dict[str, NDArray[Any]] = {}
    steps: list[Step] = []

    def constant(name: str, value: Any) -> str:
        constants[name] = value.detach().numpy() if isinstance(value, Tensor) else np.array(value)
        return name

    def add(operator: str, given: Sequence[str], made: str, **attributes: Any) -> str:
        steps.append((operator, given, [made], attributes))
        return made

    parts = []
    if len(net.places):
        value = add("Gather", ["x", constant("places", net.places)], "value", axis=1)  # (N, C)
        value = add("Unsqueeze", [value, constant("two", [2])], "value3")  # (N, C, 1)
        gap = add("Sub", [value, constant("left", net.left)], "gap")  # (N, C, T)
        ramp = add("Mul", [gap, constant("inverse", net.inverse)], "ramp")
        ramp = add("Clip", [ramp, constant("zero", 0.0), constant("one", 1.0)], "bounded")
        ramp = add("Transpose", [ramp], "ramps", perm=[1, 0, 2])  # (C, N, T)
        bent = add("MatMul", [ramp, constant("bends", net.bends)], "bent0")
        bent = add("Transpose", [bent], "bent", perm=[1, 0, 2])  # (N, C, E)
        line = add("Mul", [value, constant("slope", net.slope)], "line0")
        line = add("Add", [line, constant("offset", net.offset)], "line")
        parts.append(add("Flatten", [add("Add", [line, bent], "embedded")], "numbers", axis=1))
    if len(net.others):
        other = add("Gather", ["x", constant("others", net.others)], "other", axis=1)
        if net.project is not None:
            given = [other, constant("narrow", net.project.weight.T),
                     constant("narrow_bias", net.project.bias)]  # fmt: skip
            other = add("Gemm", given, "projected")
        parts.append(other)
    start = add("Concat", parts, "start", axis=1) if len(parts) > 1 else parts[0]
    scaled = constant("scale", net.scale[:, None, :])  # (K, 1, F)
    hidden = add("Mul", [start, scaled], "scaled")  # (K, N, F)
    linear = [layer for layer in net.shared if isinstance(layer, nn.Linear)]
    for place, layer in enumerate(linear):
        given = [hidden, constant(f"weight{place}", layer.weight.T)]
        hidden = add("MatMul", given, f"product{place}")
        hidden = add("Add", [hidden, constant(f"bias{place}", layer.bias)], f"sum{place}")
        hidden = add("Relu", [hidden], f"hidden{place}")
    ends = add("MatMul", [hidden, constant("ends", net.ends)], "ends0")  # (K, N, O)
    said = add("Add", [ends, constant("shifts", net.shifts)], "ends1")
    if curve is None:
        said = add("Softmax", [said], "chances", axis=2)
    mean = add("ReduceMean", [said, constant("first", [0])], "mean", keepdims=0)  # (N, O)
    if curve is None:
        add("Identity", [mean], "probabilities")
        return graph(steps, constants, columns, "probabilities", double)
    more, also = curve.steps(mean)
    return graph([*steps, *more], constants | also, columns, "values", double)
