"""The candidates of a choice between recommenders: their fits, and what became of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from lingqu.core.i18n import text
from lingqu.core.nouns import Candidate, Json
from lingqu.core.ports import Engine, Job, Outcome, Progress
from lingqu.engine.budget import Deadline
from lingqu.learn.candidate import ALL
from lingqu.learn.portfolio import Entry
from lingqu.learn.recommend.fitting import TASK


@dataclass
class Lane:
    """One candidate: its fits by round, and what became of it."""

    entry: Entry
    fits: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    state: str = "skipped"
    reason: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0
    score: float | None = None


@dataclass(frozen=True)
class Contest:
    """What all fits of one choice share."""

    deadline: Deadline
    engine: Engine
    scratch: Path
    memory_mb: float | None
    seed: int
    progress: Progress


def run_fits(
    contest: Contest, order: Sequence[tuple[Lane, int]], spare: float, refit: bool = False
) -> None:
    """Run fits as long as there is time; a candidate that failed is not tried again."""
    issued: list[tuple[Lane, int]] = []
    deadline = contest.deadline

    def jobs() -> Iterator[Job]:
        for lane, fold in order:
            left = deadline.left() - spare * deadline.seconds
            lane.reason = lane.reason or lane.entry.skip
            if left <= 0.5 * lane.entry.cost or (lane.state != "done" and lane.reason):
                continue
            issued.append((lane, fold))
            options = dict(lane.entry.options) | (sharpness_of(lane) if refit else {})
            payload = {
                "scratch": str(contest.scratch), "algorithm": lane.entry.algorithm,
                "options": options, "fold": fold, "seconds": max(0.5, left / 3), "left": left,
                "sent_at": time.time(), "threads": 1, "memory_mb": contest.memory_mb,
                "seed": contest.seed,
            }  # fmt: skip
            yield Job(payload, lane.entry.tag, left, contest.memory_mb)

    def listen(index: int, row: Json) -> None:
        lane, fold = issued[index]
        contest.progress({"candidate": lane.entry.name, "fold": fold, **row})

    with closing(cast(Any, contest.engine.map(TASK, jobs(), listen))) as outcomes:
        for outcome in cast(Iterator[Outcome], outcomes):
            lane, fold = issued[outcome.index]
            _take(lane, fold, outcome)
            contest.progress(
                {"candidate": lane.entry.name, "fold": fold, "state": outcome.state,
                 "best": None, "left_s": round(deadline.left(), 2)}
            )  # fmt: skip


def _take(lane: Lane, fold: int, outcome: Outcome) -> None:
    lane.seconds += outcome.seconds
    lane.cpu_seconds += outcome.cpu_seconds
    lane.peak_mb = max(lane.peak_mb, outcome.peak_mb)
    if outcome.state == "done" and outcome.value["model"] is not None:
        lane.fits[fold] = outcome.value
        lane.state = "done"
    elif lane.state != "done":
        known = {"timeout": "timeout", "memory": "memory"}
        lane.state = known.get(outcome.state, "failed")
        lane.reason = outcome.reason or text("recommend.no_time_left")


def sharpness_of(lane: Lane) -> dict[str, Json]:
    """Return how sure the candidate was found to be: a fit on all rows has none to learn it on."""
    for fold in sorted(lane.fits):
        notes = lane.fits[fold]["model"].members[0].notes
        if fold != ALL:
            return {"sharpness": notes["sharpness"], "prior": notes["prior"]}
    return {}


def line(lane: Lane, weight: float, metric: str) -> Candidate:
    """Return the line of the leaderboard of one candidate."""
    reason = lane.reason
    if lane.state == "skipped" and not reason:
        reason = text("recommend.no_time_left")
    return Candidate(
        lane.entry.name, lane.entry.algorithm, cast(Any, lane.state), lane.score, metric,
        lane.seconds, lane.cpu_seconds, lane.peak_mb, weight, reason,
    )  # fmt: skip
