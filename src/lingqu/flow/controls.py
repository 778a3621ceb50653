"""What the path of an environment does otherwise: its chooser, its judgement, its report."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingqu.core import digest
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Engine
from lingqu.core.spec import Channel
from lingqu.environment.job import ask
from lingqu.environment.rules import RANDOM
from lingqu.flow.control_rows import place_of
from lingqu.flow.data_stage import Parts
from lingqu.flow.walk import Walk
from lingqu.learn.assemble import Choice

CHECKS = ("policy", "efficiency")
"""What judges a policy; the other checks are of answers whose truth is known."""
TESTED = 2_000_000
"""Where the seeds of the episodes begin that judge; no learner and no choice plays them."""
SEEN = 2_000
"""Rows that the judged policy saw, at most, which monitoring compares with."""
_NOT_OURS = ("metric", "optimise", "augment", "workers", "folds", "families")


@dataclass(frozen=True)
class Played:
    """What came of the episodes that judge a policy.

    Args:
        rows: What it saw, and what it did.
        told: Returns of the policy and of the baselines over the same seeds, JSON.
        film: A moving picture of the first episode, GIF.
    """

    rows: Dataset
    told: Mapping[str, Json]
    film: bytes | None


def choose_policies(channel: Channel) -> Callable[[Any], Any]:
    """Return what makes the chooser of an environment, with the arguments of that of tables."""

    def of_section(section: Any) -> Any:
        from lingqu.learn.control.choose import choose_policy  # other tasks start without it

        def chosen(train: Dataset, task: str, **given: Any) -> Choice:
            ours = {name: value for name, value in given.items() if name not in _NOT_OURS}
            table = bool(train.facts.get("table"))
            return choose_policy(train, task, place=place_of(channel), table=table, **ours)

        return chosen

    return of_section


def played(
    walk: Walk, model: Model, test: Dataset, engine: Callable[[], Engine] | None = None
) -> Played:
    """Let a policy and its baselines play fresh episodes, all with the same seeds.

    Args:
        walk: The run.
        model: The policy, as it will be released.
        test: Rows of the walk, for their columns.
        engine: Gives the workers.
    """
    train = walk.channel.train
    seeds = [TESTED + 10_000 * (train.seed % 97) + number for number in range(train.episodes)]
    asked = {
        "place": place_of(walk.channel).to_json(), "seeds": seeds, "seed": train.seed,
        "keep": 0, "held_out": True,
    }  # fmt: skip
    found = ask({**asked, "policy": model, "keep": train.episodes, "film": True}, engine)
    first = ask({**asked, "policy": train.baseline or ""}, engine)
    baselines = {str(first["policy"]): first["episodes"].told()}
    if RANDOM not in baselines:
        baselines[RANDOM] = ask({**asked, "policy": RANDOM}, engine)["episodes"].told()
    frame = found["episodes"].frame(found["observed"])
    kept = np.unique(np.linspace(0, frame.height - 1, min(SEEN, frame.height)).astype(int))
    rows = Dataset(frame[kept].select(test.schema.names), test.schema, test.name)
    told = {"policy": found["episodes"].told(), "baselines": baselines, "enough": found["enough"],
            "notes": dict(model.members[0].notes)}  # fmt: skip
    return Played(rows, told, found["film"])


def judged_rows(rows: Parts, told: Played | None) -> Parts:
    """Return the parts with what the policy saw as test rows; as they are for other tasks."""
    return rows if told is None else Parts(rows.train, told.rows, rows.notes)


def kept_film(walk: Walk, told: Played | None) -> str:
    """Keep the moving picture; return its path, or nothing."""
    if told is None or told.film is None:
        return ""
    path = f"seen/{digest.of_bytes(told.film)}.gif"
    walk.home.blobs.write(path, told.film)
    return path


def shown_policy(
    walk: Walk, checked: Mapping[str, Json], candidates: Sequence[Mapping[str, Json]]
) -> dict[str, Json]:
    """Return what the report shows of a policy; nothing of other tasks."""
    told = checked.get("played") or {}
    if not told:
        return {}
    film = ""
    if checked.get("film"):
        with walk.home.blobs.open(checked["film"]) as file:
            film = "data:image/gif;base64," + b64encode(file.read()).decode()
    learned = [
        {"name": one["name"], "curve": [dict(row) for row in one["curve"]]}
        for one in candidates
        if len(one.get("curve") or ()) > 1
    ]
    return {**told, "film": film, "learned": learned}
