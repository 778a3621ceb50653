"""Stage 3, algorithm: try candidates under the budget, choose and ensemble on validation only."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core import digest
from lingqu.core.errors import StoreError
from lingqu.core.i18n import Language, both
from lingqu.core.model_limits import limits_of
from lingqu.core.nouns import REPLIES, Json, Model
from lingqu.core.ports import Engine
from lingqu.core.train_section import TrainSection
from lingqu.engine.ready import wait_until_ready
from lingqu.flow.control_rows import acts
from lingqu.flow.controls import choose_policies
from lingqu.flow.data_stage import Parts
from lingqu.flow.flags import choose_flags
from lingqu.flow.forecasts import choose_of
from lingqu.flow.generates import choose_made
from lingqu.flow.imported import bring_in, folder_of, model_file
from lingqu.flow.logged import choose_log
from lingqu.flow.logged_rows import is_log
from lingqu.flow.pretrained import algorithms_of, digests_of
from lingqu.flow.recommends import choose_lists
from lingqu.flow.replies import choose_replies
from lingqu.flow.walk import Walk
from lingqu.flow.workers import LATE, TAGS
from lingqu.learn.choose import Choice, choose
from lingqu.learn.portfolio import facts_of
from lingqu.learn.verify.choose import choose_pairs
from lingqu.release.model import from_bytes, to_bytes

MUCH = 0.45
"""Share of a budget, of at most a half, that may go by unsaid while workers start."""


def train_stage(
    walk: Walk,
    governed: Mapping[str, Json],
    load: Callable[[], Parts],
    engine: Callable[[], Engine],
    families: Callable[[], NDArray[np.int64] | None] = lambda: None,
) -> Mapping[str, Json]:
    """Choose a model for the governed rows.

    Every finished fit is kept under its own key as soon as it is done, so a run that was
    killed goes on with the candidates that are left.

    Args:
        walk: The run.
        governed: Result of the governance stage.
        load: Gives the governed rows.
        engine: Gives the workers, when they are needed.
        families: Gives the family of copies of each governed row, where the split kept them
            together.
    """
    train = walk.channel.train
    inputs: dict[str, Json] = {
        "data": governed["digest"],
        "train": train.model_dump(mode="json"),
    }

    outlets = limits_of(walk.channel.outlets)
    if outlets:
        inputs["outlets"] = list(outlets)
    if train.model is not None:
        inputs["model"] = model_file(walk.channel).sources(folder_of(walk.channel))
    algorithms = algorithms_of(walk.channel)
    if pretrained := digests_of(algorithms):
        inputs["pretrained"] = pretrained

    def chosen(rows: Parts) -> tuple[Choice, float]:
        if train.model is not None:
            return bring_in(walk.channel, rows.train), 0.0
        begun = time.monotonic()
        workers = engine()
        # A worker that is still importing is worth waiting for, but the wait is paid for: the
        # budget covers all of it. Half is left for trying models whatever happens.
        wait_until_ready(workers, _tags(train.algorithms), train.budget_s / 2)
        waited = time.monotonic() - begun
        with tempfile.TemporaryDirectory(prefix="lingqu-") as scratch:
            own: dict[str, Any] = {
                "forecast": choose_of, "flag": choose_flags, "recommend": choose_lists,
                "verify": lambda _: choose_pairs,
                **dict.fromkeys(REPLIES, choose_replies), "generate": choose_made,
            }  # fmt: skip
            if acts(walk.channel):
                own["control"] = choose_policies(walk.channel)
            if is_log(train.task, train):
                own["control"] = choose_log
            chooser = own[train.task](train) if train.task in own else choose
            choice = chooser(
                rows.train,
                train.task,
                budget_s=max(train.budget_s - waited, train.budget_s / 2),
                engine=workers,
                scratch=Path(scratch),
                seed=train.seed,
                metric=train.metric or "",
                algorithms=algorithms or None,
                folds=train.folds,
                optimise=train.optimise,
                memory_mb=train.memory_mb,
                workers=train.workers or 2,
                augment=governed.get("augment", ()),
                recall=lambda key: _recall(walk, key),
                remember=lambda key, fit: walk.home.blobs.write(_place(key), fit),
                progress=walk.tell,
                families=families(),
                **_wishes(train, outlets),
            )
        return choice, waited

    def make() -> Mapping[str, Json]:
        choice, waited = chosen(load())
        data = to_bytes(choice.model)
        for candidate in choice.candidates:
            walk.home.ledger.candidates.add(walk.run_id, governed["digest"], candidate)
        blob = f"models/{digest.of_bytes(data)}.lqm"
        walk.home.blobs.write(blob, data)
        return {
            "model": blob,
            "digest": digest.of_bytes(data),
            "candidates": [asdict(candidate) for candidate in choice.candidates],
            "metric": choice.metric,
            "score": choice.score if isfinite(choice.score) else None,
            "history": [dict(point) for point in choice.history],
            "notes": [
                *waiting_note(waited, train.budget_s),
                *(dict(note) for note in choice.notes),
            ],
            "missed": [dict(row) for row in choice.missed],
            "stopped": choice.stopped,
            "account": dict(choice.account),
            "why": [dict(note) for note in choice.why],
            "growth": dict(choice.growth),
            "blobs": [blob],
        }

    return walk.stage("train", inputs, make, worth_keeping=tried)


def waiting_note(waited: float, budget_s: float) -> list[dict[Language, str]]:
    """Say so where much of a budget went by before anything could be tried."""
    if waited < MUCH * budget_s:
        return []
    return [dict(both("flow.note_waited", waited=waited, budget=budget_s))]


def tried(trained: Mapping[str, Json]) -> bool:
    """Tell whether anything but the baseline was fitted.

    Where the machine was too busy for a short budget, the next run tries again instead of
    reusing what no time was left for. So it does where somebody stopped the last one.
    """
    if trained.get("stopped"):
        return False
    done = {c["algorithm"] for c in trained["candidates"] if c["state"] == "done"}
    asked = {c["algorithm"] for c in trained["candidates"]}
    return bool(done - {"constant"}) or asked == {"constant"}


def _tags(algorithms: Sequence[tuple[str, Json]]) -> tuple[str, ...]:
    """Return the kinds of workers to wait for: those needed; the usual ones if none are named."""
    if not algorithms:
        return tuple(tag for tag in TAGS if tag not in LATE)
    needed = {facts_of(name).engine for name, _ in algorithms}
    return tuple(tag for tag in TAGS if tag in needed)


def _wishes(train: TrainSection, outlets: tuple[str, ...]) -> dict[str, Any]:
    """Return what only the choice on tables knows."""
    if train.task not in ("classify", "regress"):
        return {}
    return {
        "limits": (*train.limits, *outlets), "monotone": train.monotone, "size": train.size,
        "refit": train.refit, "coverage": train.coverage, "coverage_by": train.coverage_by,
    }  # fmt: skip


def load_model(walk: Walk, trained: Mapping[str, Json]) -> Model:
    """Load the model that a train stage kept."""
    with walk.home.blobs.open(trained["model"]) as file:
        return from_bytes(file.read())


def _place(key: str) -> str:
    return f"candidates/{key}.fit"


def _recall(walk: Walk, key: str) -> bytes | None:
    try:
        with walk.home.blobs.open(_place(key)) as file:
            return file.read()
    except StoreError:
        return None
