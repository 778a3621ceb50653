"""What is known of two releases that answer side by side: labels, pairs, failures, latency."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from lingqu.core.nouns import CLASSES, VALUES, Finding, Json, Route
from lingqu.core.sequential import Sample, mixture, pooled, sample
from lingqu.outlets.routing.rails import Arm
from lingqu.outlets.sight.log import read_segment
from lingqu.store.home import Home

Against = Callable[[float], float]
"""Null → log evidence that the difference of two releases is greater."""
_COLUMNS = ("prediction_id", "at", "release", "arm", "status", "latency_ms", "prediction")


@dataclass(frozen=True)
class Period:
    """A time in which the shares of two releases did not change.

    Args:
        begins: UTC time.
        ends: UTC time, or ``""`` for now.
        share: Part of the calls that the second one had.
    """

    begins: str
    ends: str
    share: float


@dataclass
class Seen:
    """What one arm did in one period.

    Args:
        arm: Requests, failures and latencies.
        scores: Of each labelled answer: 1 where it was right, or less its error.
        callers: Who each of these is of, 0 where that is not known.
        known: Callers that were told apart.
        alone: Requests of callers that nothing tells apart.
    """

    arm: Arm = field(default_factory=Arm)
    scores: list[float] = field(default_factory=list)
    callers: list[int] = field(default_factory=list)
    known: set[int] = field(default_factory=set)
    alone: int = 0

    @property
    def units(self) -> int:
        """Callers, and requests of nobody in particular: what the shares are of."""
        return len(self.known) + self.alone


def periods(history: Sequence[Route], challenger: str, arm: str) -> list[Period]:
    """Return the periods since a release has been in this arm, oldest first.

    Args:
        history: Routes of a channel, the present one first.
        challenger: Digest.
        arm: ``canary``, or the name of an arm.
    """
    found: list[Period] = []
    ends, champion = "", None
    for route in history:
        mine = [b for b in route.backends if b.release == challenger and b.arm == arm]
        others = [b.release for b in route.backends if b.release != challenger]
        if not mine or (champion is not None and others[:1] != champion):
            break
        champion = others[:1]
        if not route.stopped:
            found.append(Period(route.changed, ends, mine[0].share))
        ends = route.changed
    return found[::-1]


def seen(
    home: Home, channel: str, task: str, spans: Sequence[Period], arms: Sequence[tuple[str, str]]
) -> list[dict[str, Seen]]:
    """Return what arms did in each period.

    Args:
        home: The workspace.
        channel: Name of the channel.
        task: Its task.
        spans: The periods, oldest first.
        arms: Digest and arm of each release.
    """
    found = [{arm: Seen() for _, arm in arms} for _ in spans]
    if not spans:
        return found
    for frame in _segments(home.logs / channel, spans[0].begins):
        for place, span in enumerate(spans):
            rows = frame.filter(_within(span))
            for digest, arm in arms:
                mine = rows.filter((pl.col("release") == digest) & (pl.col("arm") == arm))
                if mine.height:
                    _take(home, channel, task, mine, found[place][arm])
    return found


def _take(home: Home, channel: str, task: str, rows: pl.DataFrame, into: Seen) -> None:
    for status, latency in rows.select("status", "latency_ms").iter_rows():
        into.arm.add(status >= 500, latency)
    callers = rows["caller"].fill_null(0).to_list()
    into.known.update(caller for caller in callers if caller)
    into.alone += callers.count(0)
    answered = rows.filter(pl.col("status") < 400)
    ids = answered["prediction_id"].to_list()
    labels = home.ledger.feedback.of(channel, ids)
    said = answered["prediction"].to_list()
    who = answered["caller"].fill_null(0).to_list()
    for name, prediction, caller in zip(ids, said, who, strict=True):
        label = labels.get(name)
        score = None if label is None else score_of(task, prediction, label.label)
        if score is not None:
            into.scores.append(score)
            into.callers.append(caller)


def score_of(task: str, prediction: Any, label: Json) -> float | None:
    """Return how good an answer was, more is better; None where that has no measure.

    Example:
        >>> score_of("classify", "7", "7"), score_of("regress", 2.0, 2.5)
        (1.0, -0.5)
    """
    if prediction is None or label is None:
        return None
    if task in CLASSES:
        return float(str(prediction) == str(label))
    return -abs(float(prediction) - float(label)) if task in VALUES else None


def canary_evidence(found: Sequence[tuple[Seen, Seen]], effect: float) -> Against | None:
    """Return the evidence of labelled answers of two arms; None while one has none.

    Args:
        found: Of each period the champion and the canary.
        effect: A difference that would matter.
    """
    pairs: list[tuple[Sample, Sample]] = [
        (sample(a.scores, a.callers), sample(b.scores, b.callers))
        for a, b in found
        if len(a.scores) > 1 and len(b.scores) > 1
    ]
    if not pairs:
        return None

    def against(null: float) -> float:
        value, variance = pooled(pairs, null)
        return mixture(value, max(variance, 1e-12), effect, null)

    return against


def arm_findings(found: Sequence[tuple[Seen, Seen]]) -> tuple[Finding, ...]:
    """Return failures and scores of champion and canary over all periods."""
    told = []
    for name, place in (("champion", 0), ("canary", 1)):
        every = [one[place] for one in found]
        requests = sum(one.arm.requests for one in every)
        failed = sum(one.arm.errors for one in every)
        scores = [score for one in every for score in one.scores]
        if requests:
            told.append(Finding("promote", "promote.errors", failed / requests, name, n=requests))
        if scores:
            mean = sum(scores) / len(scores)
            told.append(Finding("promote", "promote.score", mean, name, n=len(scores)))
    return tuple(told)


def _segments(folder: Path, since: str) -> Iterator[pl.DataFrame]:
    """Read the rows of a log since a time, a segment at a time."""
    paths = sorted(folder.glob("*.arrow")) if folder.is_dir() else []
    begun = _utc(since)
    stamp = begun.strftime("%Y%m%dT%H%M%S")
    for path, following in pairwise([*paths, None]):
        if path is None or (following is not None and following.name[: len(stamp)] < stamp):
            continue
        frame = read_segment(path).filter(pl.col("at") >= begun)
        if "caller" not in frame.columns:
            frame = frame.with_columns(pl.lit(0, pl.Int64).alias("caller"))
        yield frame.select(*_COLUMNS, "caller")


def _within(span: Period) -> pl.Expr:
    inside = pl.col("at") >= _utc(span.begins)
    return inside & (pl.col("at") < _utc(span.ends)) if span.ends else inside


def _utc(at: str) -> datetime:
    """Return a time of the ledger as the log writes times."""
    return datetime.fromisoformat(at).astimezone(UTC).replace(tzinfo=None)
