"""One fit of one candidate on one fold: what a worker does.

The training data is written once, as an Arrow file, into a scratch folder; a job names the
folder and a fold. What comes back is the model, its answers on the held-out rows as ONNX
Runtime gives them, and the learning curve.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core import catalog
from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.ports import EVIDENCE, KEEP, REASON, Budget, Outcome, Progress
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Schema
from lingqu.learn.folds import Folds, Rows
from lingqu.learn.shared_words import worded, write_rows
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.prepare import apply_all, restore_operators
from lingqu.release.runner import Runner

TASK = "lingqu.learn.candidate:fit_one"
ALL = -1
"""The fold number of a refit on every row."""
FOLDS = "folds"
GROWTH = "growth"
"""Name of the pairs of rows that say what more rows would give, beside those of the folds."""
EFFORT = "effort_s"
"""Under what name a member notes what its graph takes for so many rows, by its form (`effort`)."""
STEPS = "steps"
"""Under what name it notes how many steps its graph has: one row waits for each of them."""
MANY = 10_000
"""Rows for which the time of an answer is told."""
_SHELVED = 32_000
"""Bytes from which a graph waits in a file: a choice makes hundreds, and releases a few."""
_MAGIC = b"LQFIT003"
_MOST_CURVE = 500
_NUMBERS = ("seconds", "cpu_seconds", "peak_mb", "given_s", "run", "many_s", "row_ms")


@dataclass(frozen=True)
class Shelf:
    """A file with the graph of a fit, and how large the graph is that lies there.

    Args:
        path: The file.
        size_mb: Megabytes of the graph.
    """

    path: Path
    size_mb: float


@dataclass(frozen=True)
class Fit:
    """What came of one fit.

    Args:
        model: The model of one member; of one that was shelved, without its graph.
        predictions: Its answers on the held-out rows; None after a refit on all rows.
        curve: Rows of the learning curve.
        seconds: Wall seconds; cpu_seconds: CPU seconds; peak_mb: peak memory of the worker.
        given_s: Seconds it could have taken; run: digest of what shared them out.
        many_s: Seconds in which it answers `MANY` rows, by the held-out ones; 0 if unknown.
        row_ms: Milliseconds in which it answers one row; 0 if unknown.
        shelf: Where the graph is, if it is not in the model.
    """

    model: Model
    predictions: Predictions | None
    curve: Sequence[Mapping[str, float]] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0
    given_s: float = 0.0
    run: str = ""
    many_s: float = 0.0
    row_ms: float = 0.0
    shelf: Shelf | None = None

    @classmethod
    def of(cls, outcome: Outcome) -> Fit:
        """Return the fit that a worker has sent back, as `fit_one` says it."""
        value = outcome.value
        model, said = value["model"], None
        if value["labels"] is not None:
            said = Predictions(value["labels"], value["probabilities"], model.classes)
        used = outcome.seconds, outcome.cpu_seconds, outcome.peak_mb
        told = {name: value[name] for name in ("given_s", "many_s", "row_ms")}
        return cls(model, said, value["curve"], *used, **told)

    @property
    def member(self) -> Member:
        """The member with its graph, read anew where it was shelved."""
        member = self.model.members[0]
        return replace(member, graph=self.shelf.path.read_bytes()) if self.shelf else member

    @property
    def size_mb(self) -> float:
        """Megabytes of its graph."""
        return self.shelf.size_mb if self.shelf else len(self.model.members[0].graph) / 1e6

    def shelved(self, folder: Path) -> Fit:
        """Return the same fit with its graph, unless that is small, in a file.

        Args:
            folder: Lasts as long as the fit is used.
        """
        member = self.model.members[0]
        if len(member.graph) < _SHELVED:
            return self
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".onnx", delete=False) as file:
            file.write(member.graph)
        shelf = Shelf(Path(file.name), self.size_mb)
        light = replace(self.model, members=(replace(member, graph=b""),))
        return replace(self, model=light, shelf=shelf)

    @property
    def unfinished(self) -> bool:
        """Whether more time would have made it another one."""
        notes = self.model.members[0].notes
        return bool(notes.get("unfinished") or notes.get("cut_short"))


def write_scratch(folder: Path, train: Dataset, folds: Folds) -> None:
    """Write rows, schema and folds where workers read them."""
    folder.mkdir(parents=True, exist_ok=True)
    coded = [column.name for column in train.schema.features if column.kind == "category"]
    write_rows(train.frame, folder / "train.arrow", coded)
    facts = {"name": train.name, "digest": train.digest, "schema": train.schema.to_json()}
    (folder / "train.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    write_pairs(folder, FOLDS, folds.pairs)
    if len(folds.pairs) == 1:  # who picks the parts of a large table from all rows holds both
        for path, rows in zip(_parts(folder), folds.pairs[0], strict=True):
            write_rows(train.frame[rows], path, coded)


def write_pairs(folder: Path, name: str, pairs: Sequence[tuple[Rows, Rows]]) -> None:
    """Write training and validation row numbers under a name."""
    arrays = {f"{part}_{i}": rows for i, (a, b) in enumerate(pairs)
              for part, rows in (("train", a), ("valid", b))}  # fmt: skip
    with (folder / f"{name}.npz").open("wb") as file:
        np.savez(file, **cast(Any, arrays))


def read_fold(
    folder: Path, fold: int, name: str = FOLDS, coded: bool = False
) -> tuple[Dataset, Dataset]:
    """Return the training and validation rows of a fold; no validation rows for `ALL`.

    Args:
        folder: Where `write_scratch` has put them.
        fold: Which fold.
        name: Of which pairs of rows.
        coded: Whether categories may be `pl.Enum`, as who only encodes them can read them: numbers
            of words take a tenth of the memory.
    """
    facts = json.loads((folder / "train.json").read_text(encoding="utf-8"))
    schema = Schema.from_json(facts["schema"])
    train, valid = (
        Dataset(part if coded else worded(part), schema, facts["name"])
        for part in _frames(folder, fold, name)
    )
    return train, valid


def _frames(folder: Path, fold: int, name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    first, second = _parts(folder)
    if name == FOLDS and fold != ALL and first.exists():
        return pl.read_ipc(first), pl.read_ipc(second)
    frame = pl.read_ipc(folder / "train.arrow")
    if fold == ALL:
        return frame, frame.head(0)
    with np.load(folder / f"{name}.npz", allow_pickle=False) as arrays:
        return frame[arrays[f"train_{fold}"]], frame[arrays[f"valid_{fold}"]]


def _parts(folder: Path) -> tuple[Path, Path]:
    return folder / "fold_train.arrow", folder / "fold_valid.arrow"


def fit_one(payload: Mapping[str, Json], progress: Progress) -> dict[str, Any]:
    """Fit one algorithm on one fold and answer its held-out rows.

    Args:
        payload: ``scratch``, ``algorithm``, ``options``, ``augment``, ``fold``, ``seconds`` for
            the fit, ``left`` seconds of the whole run at ``sent_at`` (epoch seconds),
            ``threads``, ``memory_mb``, ``seed``.
        progress: Gets every row that the algorithm reports.

    Returns:
        ``model``, ``labels``, ``probabilities`` (None for a regression), ``curve``, ``given_s``,
        ``many_s``, ``row_ms``. ``model`` is None when the run was over before this job began.

    Raises:
        TrainError: The algorithm could not be fitted.
        SpecError: Unknown algorithm or option, or a package is missing.
    """
    # Waiting for a worker and importing a library use up the run's time, not the fit's share.
    over = payload["sent_at"] + payload["left"]
    if time.time() >= over:
        return {"model": None, "labels": None, "probabilities": None, "curve": [], "given_s": 0.0,
                "many_s": 0.0, "row_ms": 0.0}  # fmt: skip
    algorithm = catalog.build("algorithms", payload["algorithm"], payload["options"])
    pairs = payload.get("pairs", "folds")
    augment = payload.get("augment", ())
    train, valid = read_fold(Path(payload["scratch"]), payload["fold"], pairs, coded=not augment)
    train = augmented(train, augment, payload["seed"] + payload["fold"] + 1)
    # A tenth is for what a learner does after its time: its graph, and the answers below.
    seconds = max(0.01, min(payload["seconds"], 0.9 * (over - time.time())))
    budget = Budget(seconds, payload["memory_mb"], payload["threads"], payload["seed"])
    curve: list[dict[str, float]] = []

    def listen(row: Mapping[str, Json]) -> None:
        numbers = {k: float(v) for k, v in row.items() if isinstance(v, int | float)}
        if len(curve) < _MOST_CURVE:
            curve.append(numbers)
        progress(row)

    model = noted(algorithm.fit(train, valid, budget, listen))
    said, many_s, row_ms = _answered(model, valid)
    return {
        "model": model,
        "labels": said.labels if said else None,
        "probabilities": said.probabilities if said else None,
        "curve": curve,
        "given_s": seconds,
        "many_s": many_s,
        "row_ms": row_ms,
    }


def noted(model: Model) -> Model:
    """Return the model with a note of what its graph takes: who counts on it need not read it."""
    # `onnx` is at hand where fits are made, and not worth its memory elsewhere.
    from lingqu.learn.effort import effort_s, steps_of

    (member,) = model.members
    told = {EFFORT: effort_s(member.graph), STEPS: steps_of(member.graph)}
    notes = {**member.notes, **told}
    return replace(model, members=(replace(member, notes=notes),))


def _answered(model: Model, valid: Dataset) -> tuple[Predictions | None, float, float]:
    """Return the answers on held-out rows, CPU seconds for `MANY`, milliseconds for one."""
    if not len(valid):
        return None, 0.0, 0.0
    runner = Runner.of(model, threads=1)
    row = worded(valid.frame[:1])  # as a caller sends it
    runner.predict(row)
    times = [time.process_time()]
    runner.predict(row)
    times.append(time.process_time())
    said = runner.predict(valid.frame)
    times.append(time.process_time())
    one, all_s = np.diff(times)  # what a call costs without regard to its rows is taken off
    return said, max(1e-4, float(all_s - one)) * MANY / len(valid), 1e3 * float(one)


def augmented(train: Dataset, pieces: Sequence[Sequence[Json]], seed: int) -> Dataset:
    """Return the training part of a fit after its augmenting operators; held-out rows never are.

    Args:
        train: Rows of one fold.
        pieces: Operators as (name, options, preparation): the saved operators that were declared
            after it, which new rows still have to pass.
        seed: Seed of their draws where the options name none: each fold draws anew.
    """
    for name, given, *rest in pieces:
        operator = catalog.build("operators", name, given)
        if not (isinstance(given, Mapping) and "seed" in given) and hasattr(operator, "seed"):
            operator.seed = seed
        operator.fit(train)
        height = len(train)
        train = _prepared(operator.apply(train), height, rest[0] if rest else ())
        if KEEP in train.frame.columns:
            left = train.frame.filter(pl.col(KEEP)).drop(KEEP, REASON, EVIDENCE, strict=False)
            train = replace(train, frame=left)
    return train


def _prepared(grown: Dataset, height: int, saved: Sequence[Mapping[str, Json]]) -> Dataset:
    """Take the rows behind the first `height` through operators that travel."""
    if not saved or len(grown) == height:
        return grown
    fresh = apply_all(
        replace(grown, frame=grown.frame[height:], digest=""), restore_operators(saved)
    ).frame
    return replace(
        grown, frame=pl.concat([grown.frame[:height], fresh.select(grown.frame.columns)])
    )


def to_store(fit: Fit) -> bytes:
    """Return a fit as bytes: a JSON header, arrays, the model. No pickle."""
    said = fit.predictions
    labels: NDArray[Any] = said.labels if said else np.zeros(0)
    chances = said.probabilities if said and said.probabilities is not None else np.zeros((0, 0))
    header = {
        "labels": [str(labels.dtype), list(labels.shape)],
        "probabilities": [str(chances.dtype), list(chances.shape)],
        "answered": said is not None,
        "curve": list(fit.curve),
        "seconds": fit.seconds,
        "cpu_seconds": fit.cpu_seconds,
        "peak_mb": fit.peak_mb,
        "given_s": fit.given_s,
        "run": fit.run,
        "many_s": fit.many_s,
        "row_ms": fit.row_ms,
    }
    head = json.dumps(header).encode()
    size = len(head).to_bytes(8, "little")
    return _MAGIC + size + head + labels.tobytes() + chances.tobytes() + to_bytes(fit.model)


def from_store(data: bytes) -> Fit | None:
    """Return the fit that `to_store` wrote, or None where the bytes are of another form."""
    if data[: len(_MAGIC)] != _MAGIC:
        return None
    start = len(_MAGIC) + 8
    end = start + int.from_bytes(data[len(_MAGIC) : start], "little")
    header = json.loads(data[start:end])
    arrays = []
    for name in ("labels", "probabilities"):
        kind, shape = header[name]
        count = int(np.prod(shape, dtype=np.int64))
        arrays.append(np.frombuffer(data, kind, count, end).reshape(shape).copy())
        end += count * np.dtype(kind).itemsize
    model = from_bytes(data[end:])
    said = None
    if header["answered"]:
        chances = arrays[1] if model.classes else None
        said = Predictions(arrays[0], chances, model.classes)
    facts = {key: header[key] for key in _NUMBERS}
    return Fit(model, said, header["curve"], **facts)
