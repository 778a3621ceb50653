"""A model that was trained elsewhere → a model of the house, compared with its own library."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from lingqu.core.errors import SpecError, TrainError
from lingqu.core.i18n import both, text
from lingqu.core.metrics import loss
from lingqu.core.nouns import Candidate, Dataset, Member, Model, Task
from lingqu.learn.assemble import Choice, tuned
from lingqu.learn.custom_metric import known
from lingqu.learn.folds import Rows
from lingqu.learn.imported.feed import PREFIX, Feed
from lingqu.learn.imported.meaning import Meaning, class_meaning, value_meaning
from lingqu.learn.imported.model_file import ModelFile
from lingqu.learn.imported.original import Original
from lingqu.learn.imported.plain import Plain, plain, problem_in
from lingqu.learn.imported.reading import read_columns
from lingqu.learn.question import default_metric, refuse_floor, with_levels
from lingqu.release.encode import targets
from lingqu.release.merge import output_name
from lingqu.release.runner import Runner
from lingqu.release.session import open_session

TOLERANCE = 1e-5
"""Largest difference from the library's own answers, relative to these where they are above 1."""
COMPARED = 256
"""Rows on which a graph is compared with the library that the model comes from."""
ALONE = 4
"""Of these, rows that are also answered one by one."""
ML_OPSET = 3
"""Version of the operators of `ai.onnx.ml`, where a graph has none of its own."""


@dataclass(frozen=True)
class Brought:
    """A model that was read, and what is to say of it.

    Args:
        model: One member, whose graph reads one raw tensor.
        difference: Largest difference from the library's own answers.
        compared: Rows that were compared.
        notes: What was taken for granted, in both languages.
    """

    model: Model
    difference: float
    compared: int
    notes: tuple[Any, ...]


def bring(
    file: ModelFile,
    train: Dataset,
    task: Task,
    *,
    folder: Path,
    metric: str = "",
    optimise: Sequence[str] = (),
) -> Choice:
    """Return an imported model in the form of a choice with one candidate.

    The training rows of the channel are those that the test rows are not: the model is scored on
    them, and calibrated if that is asked for. Whether it has seen them elsewhere nobody here
    knows, and a note says so.

    Args:
        file: The model file and what is declared of it.
        train: Rows to read levels and medians from, and to score on.
        task: ``classify`` or ``regress``.
        folder: That of the channel file.
        metric: Score that is told; by task and class balance when empty.
        optimise: ``calibrate``, ``threshold``, ``threshold(recall >= 0.95)``.

    Raises:
        SpecError: The file is not what it should be, or cannot be carried over.
        TrainError: The graph gives other answers than the library that the model comes from.
        DataError: A target that cannot be used.
    """
    begun, spent = time.monotonic(), time.process_time()
    train = with_levels(train, task)
    y, classes = targets(train, task)
    refuse_floor(classes, optimise)
    name = known(metric) if metric else default_metric(task, y)
    digest = file.fingerprint(folder)
    brought = brought_model(file, file.opened(folder, task), train, task, classes, digest)
    model, notes = brought.model, [_came(file, digest, brought), *brought.notes]
    said = Runner.of(model).predict(train.frame)
    notes.append(both("imported.note_scored", rows=len(train)))
    if classes:
        model, said, more = tuned(model, said, cast(Rows, y), name, optimise)
        notes += more
    score = -loss(name, y, said)
    line = Candidate(
        name=file.name, algorithm=file.name, state="done", score=score, metric=name,
        seconds=time.monotonic() - begun, cpu_seconds=time.process_time() - spent, weight=1.0,
        reason=text("imported.reason", "en", digest=digest[:12]), folds=1, rows=len(train),
        reason_zh=text("imported.reason", "zh", digest=digest[:12]),
        size_mb=len(model.members[0].graph) / 1e6,
    )  # fmt: skip
    return Choice(model, (line,), name, score, said, np.arange(len(train)), (), tuple(notes))


def _came(file: ModelFile, digest: str, brought: Brought) -> Any:
    return both("imported.note_came", format=file.name, path=file.path, digest=digest,
                rows=brought.compared, difference=brought.difference)  # fmt: skip


def brought_model(
    file: ModelFile,
    original: Original,
    train: Dataset,
    task: Task,
    classes: tuple[str, ...],
    digest: str,
) -> Brought:
    """Return the model of one member that answers as the library does; for errors see `bring`."""
    reading = read_columns(file, original, train)
    feed = Feed.of(file, original, reading)
    rows = train.frame.select(reading.columns)
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, COMPARED).astype(int)).tolist()]
    exported = original.export(feed.sample(rows))
    means = original.means if file.output == "auto" else file.output
    found, said = plain(exported.graph, file.path, task, means), exported.said
    if task == "classify":
        meaning = class_meaning(file, original, found, said, classes)
    else:
        meaning = value_meaning(file, said)
    graph = wrapped(found, feed, meaning, task)
    told = [*reading.notes, *meaning.notes]
    if reading.texts and not _reads_unknown(graph, feed):
        feed = feed.with_known_only(train.frame)
        graph = wrapped(found, feed, meaning, task)
        told.append(both("imported.note_unseen"))
    worst = _compared(file, graph, reading.tensor(rows), meaning.answers(said), task)
    notes = {"format": file.name, "file": file.path, "sha256": digest, "difference": worst,
             "rows": len(rows), **original.facts}  # fmt: skip
    member = Member(file.name, file.name, 1.0, reading.encoding, graph, notes)
    return Brought(Model(task, classes, (member,)), worst, len(rows), tuple(told))


def wrapped(found: Plain, feed: Feed, meaning: Meaning, task: Task) -> bytes:
    """Return a graph between the raw tensor of an encoding and the answer of a release.

    What was brought lies in the middle, unchanged but for its names.
    """
    inner = onnx.compose.add_prefix(found.proto, PREFIX)
    before = feed.nodes(found.inputs)
    after = meaning.nodes(found.output, _ml_version(found.proto))
    whole = onnx.ModelProto(ir_version=found.proto.ir_version)
    body = whole.graph
    body.name = "imported"
    body.node.extend([*before.nodes, *inner.graph.node, *after.nodes])
    body.initializer.extend([*before.constants, *inner.graph.initializer, *after.constants])
    body.sparse_initializer.extend(inner.graph.sparse_initializer)
    tensor, shape = str(feed.reading.encoding["tensor"]), ["rows", *feed.reading.shape]
    body.input.append(helper.make_tensor_value_info(tensor, TensorProto.FLOAT, shape))
    answer = helper.make_tensor_value_info(output_name(task), TensorProto.FLOAT, ["rows", None])
    body.output.append(answer)
    whole.opset_import.extend(found.proto.opset_import)
    if not any(entry.domain == "ai.onnx.ml" for entry in whole.opset_import):
        whole.opset_import.append(helper.make_opsetid("ai.onnx.ml", ML_OPSET))
    data: bytes = whole.SerializeToString(deterministic=True)
    return data


def _ml_version(proto: onnx.ModelProto) -> int:
    found = (entry.version for entry in proto.opset_import if entry.domain == "ai.onnx.ml")
    return next(found, ML_OPSET)


def _reads_unknown(graph: bytes, feed: Feed) -> bool:
    """Tell whether a model has an answer for a text that it never saw."""
    nobody = np.full((1, *feed.reading.shape), np.nan, dtype=np.float32)
    try:
        open_session(graph).run(None, {"x": nobody})
    except Exception:  # the classes of ONNX Runtime share no base but this
        return False
    return True


def _compared(
    file: ModelFile, graph: bytes, raw: NDArray[np.float32], expected: NDArray[Any], task: Task
) -> float:
    """Return the largest difference between the graph and the library, relative to the answers.

    Raises:
        SpecError: The graph cannot be run, or not with any number of rows.
        TrainError: It answers otherwise than the library, or a row otherwise alone than in
            company.
    """
    output, tensor = output_name(task), "image" if raw.ndim == 4 else "x"
    try:
        session = open_session(graph)
        said = session.run([output], {tensor: raw})[0]
        alone = [session.run([output], {tensor: row[None]})[0] for row in raw[:ALONE]]
    except Exception as error:  # the classes of ONNX Runtime share no base but this
        raise SpecError("imported.cannot_run", path=file.path, problem=problem_in(error)) from error
    scale = max(float(np.abs(expected).max()), 1e-12) if task == "regress" else 1.0
    worst = _largest(said - expected) / scale
    if not worst <= TOLERANCE:  # NaN must fail as well
        raise TrainError("imported.differs", path=file.path, library=file.library, worst=worst,
                         limit=TOLERANCE, rows=len(raw))  # fmt: skip
    apart = _largest(np.concatenate(alone) - said[:ALONE]) / scale
    if not apart <= TOLERANCE:
        raise TrainError("imported.rows_differ", path=file.path, worst=apart, limit=TOLERANCE)
    return worst


def _largest(difference: NDArray[Any]) -> float:
    return float(np.abs(difference).max(initial=0.0))
