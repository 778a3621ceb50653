"""From rows and a budget to one model of what is usual: fit, compare where labels are, add up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lingqu.core import catalog
from lingqu.core.errors import DataError, SpecError, TrainError
from lingqu.core.i18n import both, text
from lingqu.core.nouns import Candidate, Dataset, Json, Member, Model, Predictions
from lingqu.core.ports import Budget, Engine, Job, Outcome, Progress
from lingqu.engine.budget import Deadline
from lingqu.learn import candidate
from lingqu.learn.assemble import Choice, Note
from lingqu.learn.candidate import ALL, TASK
from lingqu.learn.flag import CLASSES, USUAL
from lingqu.learn.flag.judge import METRIC, best_f1, precision_of, weights_of
from lingqu.learn.flag.mahalanobis import Mahalanobis
from lingqu.learn.flag.reading import labels, sampled
from lingqu.learn.flag.unite import sum_of, united
from lingqu.learn.folds import Folds, make_folds
from lingqu.learn.portfolio import Entry, facts_of

__all__ = ["RATE", "Choice", "choose_flag", "tried"]

RATE = 0.01
"""Share of rows that is expected to be odd, where neither the channel nor labels say."""
FOLDS = 3
_NET_ROWS, _NET_SECONDS = 300, 10.0
"""Rows and budget from which a net is among what is tried."""
_LEFT = 0.1
"""Share of the budget that is for adding up."""


@dataclass
class Lane:
    """One candidate: its fits by fold, and what became of it."""

    entry: Entry
    fits: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    state: str = "skipped"
    reason: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0


@dataclass(frozen=True)
class Held:
    """Held-out rows whose label is known: row numbers, labels, and each learner's surprises."""

    rows: NDArray[np.int64]
    odd: NDArray[np.int64]
    surprises: Mapping[str, NDArray[np.float64]]


def choose_flag(
    train: Dataset,
    *,
    budget_s: float,
    engine: Engine,
    scratch: Path,
    rate: float | None = None,
    seed: int = 0,
    algorithms: Sequence[tuple[str, Mapping[str, Json]]] | None = None,
    folds: int | None = None,
    memory_mb: float | None = None,
    families: NDArray[np.int64] | None = None,
    progress: Progress = lambda row: None,
    clock: Callable[[], float] = time.monotonic,
) -> Choice:
    """Learn what is usual, as well as a budget allows.

    Without labels every learner counts the same. Labels are never learned from, but for leaving
    out rows that somebody called an anomaly; on held-out rows they decide how much each learner
    counts and from where on a row is flagged.

    Args:
        train: Rows to learn from; a target of the classes ``normal`` and ``anomaly``, with gaps
            where nobody knows, is optional.
        budget_s: Wall seconds for everything.
        engine: Runs the fits.
        scratch: An empty folder that the workers can read.
        rate: Share of rows that is to be flagged; with labels it goes before the best F1.
        seed: Seed of every draw.
        algorithms: Names and options to try instead of the usual ones.
        folds: Folds where labels are; 3 when omitted.
        memory_mb: Limit of each fit.
        families: The first row of each row's family of copies: folds keep them together.
        progress: As `lingqu.learn.choose.choose`.
        clock: Seconds that only rise.

    Raises:
        TrainError: Nothing could be fitted.
        SpecError: Unknown algorithm, one that cannot flag, no budget.
        DataError: No rows or no column that can be read.
    """
    if not budget_s > 0:
        raise SpecError("learn.no_budget", received=budget_s)
    deadline = Deadline(budget_s, clock)
    whole = len(train)
    train = sampled(train, seed)
    truth = labels(train)
    if not len(train):
        raise DataError("release.no_rows", where="`train`")
    if truth is not None and (truth == 1).all():
        raise DataError("flag.all_odd", rows=len(train))
    parts = _folds(train, truth, folds, seed, families if len(train) == whole else None)
    lanes = [Lane(entry) for entry in _entries(train, budget_s, algorithms)]
    candidate.write_scratch(scratch, train, parts or Folds("random", (), 1))
    count = len(parts.pairs) if parts else 0
    _run(lanes, _order(lanes, count), deadline, engine, scratch, memory_mb, seed, progress)
    if not any(ALL in lane.fits for lane in lanes):
        _fit_here(lanes, train, deadline, seed)
    ready = [lane for lane in lanes if ALL in lane.fits]
    held = _held(ready, parts, truth, count)
    weights = _weights(ready, held, seed)
    members = [
        replace(cast(Model, lane.fits[ALL]["model"]).members[0], name=lane.entry.name, weight=w)
        for lane, w in zip(ready, weights, strict=True)
        if w > 0
    ]
    return _choice(lanes, ready, weights, members, held, train, rate, whole)


def tried(train: Dataset, budget_s: float) -> list[str]:
    """Return the learners that are tried when nobody names any, the cheapest first."""
    timed = any(c.kind == "datetime" and c.seen for c in train.schema.having("time"))
    net = len(train) >= _NET_ROWS and budget_s >= _NET_SECONDS and find_spec("torch") is not None
    left_out = set() if timed else {"seasonal_residual"}
    left_out |= set() if net else {"autoencoder"}
    return [name for name in USUAL if name not in left_out]


def _entries(
    train: Dataset, budget_s: float, algorithms: Sequence[tuple[str, Mapping[str, Json]]] | None
) -> list[Entry]:
    """Return the candidates in the order in which they are tried."""
    wishes = [(name, dict(options or {})) for name, options in algorithms or ()]
    if algorithms is None:
        wishes = [(name, {}) for name in tried(train, budget_s)]
    entries, seen = [], dict[str, int]()
    for algorithm, options in wishes:
        seen[algorithm] = seen.get(algorithm, 0) + 1
        name = algorithm if seen[algorithm] == 1 else f"{algorithm}#{seen[algorithm]}"
        facts = facts_of(algorithm)
        if "flag" not in facts.tasks:
            raise SpecError(
                "learn.wrong_task", name=algorithm, task="flag", expected=", ".join(USUAL)
            )
        tag = "" if facts.engine == "numpy" else facts.engine
        if tag and find_spec(tag) is None:
            reason = text("learn.not_installed", package=tag, extra=catalog.EXTRAS[tag])
            entries.append(Entry(name, algorithm, options, skip=reason))
            continue
        cost = catalog.load("algorithms", algorithm).cost(len(train), len(train.schema.names), 2)
        entries.append(Entry(name, algorithm, options, tag, cost))
    return entries


def _folds(
    train: Dataset,
    truth: NDArray[np.int64] | None,
    count: int | None,
    seed: int,
    families: NDArray[np.int64] | None,
) -> Folds | None:
    """Return folds that hold out both classes, or None where labels cannot judge anything."""
    if truth is None or min((truth == 1).sum(), (truth == 0).sum()) < 2:
        return None
    # Where times are, a group is a series: it is compared with its own past.
    series = [c.name for c in train.schema.having("group") if c.seen]
    alone = replace(train, schema=train.schema.without(series))
    try:
        parts = make_folds(alone, (truth == 1).astype(np.int64), "flag", count or FOLDS, seed,
                           families)  # fmt: skip
    except TrainError:
        return None
    pairs = tuple(
        (fit, out)
        for fit, out in parts.pairs[: count or FOLDS]
        if (truth[out] == 1).any() and (truth[out] == 0).any() and (truth[fit] != 1).any()
    )
    return replace(parts, pairs=pairs) if pairs else None


def _order(lanes: Sequence[Lane], folds: int) -> list[tuple[Lane, int]]:
    """Return the fits in order: a usable model, then a first comparison, then all the rest."""
    tried = [lane for lane in lanes if not lane.entry.skip]
    rounds = [ALL] if not folds else [0, ALL, *range(1, folds)]
    order = [(lane, fold) for fold in rounds for lane in tried]
    return sorted(order, key=lambda pair: pair != (tried[0], ALL)) if tried else []


def _run(
    lanes: Sequence[Lane],
    order: Sequence[tuple[Lane, int]],
    deadline: Deadline,
    engine: Engine,
    scratch: Path,
    memory_mb: float | None,
    seed: int,
    progress: Progress,
) -> None:
    issued: list[tuple[Lane, int]] = []
    for lane in lanes:
        lane.reason = lane.entry.skip

    def jobs() -> Iterator[Job]:
        for lane, fold in order:
            left = deadline.left() - _LEFT * deadline.seconds
            if left <= 0.5 * lane.entry.cost or (lane.state != "done" and lane.reason):
                continue  # no time, or it has failed before
            issued.append((lane, fold))
            payload = {
                "scratch": str(scratch), "algorithm": lane.entry.algorithm,
                "options": dict(lane.entry.options), "augment": [], "fold": fold,
                "seconds": max(0.5, left / 3), "left": left, "sent_at": time.time(),
                "threads": 1, "memory_mb": memory_mb, "seed": seed,
            }  # fmt: skip
            yield Job(payload, lane.entry.tag, left, memory_mb)

    def listen(index: int, row: Json) -> None:
        lane, fold = issued[index]
        progress({"candidate": lane.entry.name, "fold": fold, **row})

    with closing(cast(Any, engine.map(TASK, jobs(), listen))) as outcomes:
        for outcome in cast(Iterator[Outcome], outcomes):
            lane, fold = issued[outcome.index]
            _take(lane, fold, outcome)
            progress(
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
        lane.reason = outcome.reason or text("flag.no_time")


def _fit_here(lanes: list[Lane], train: Dataset, deadline: Deadline, seed: int) -> None:
    """Fit the cheapest learner here and now where time alone was lacking; else say what failed."""
    reasons = [f"{lane.entry.name}: {lane.reason}" for lane in lanes if lane.state == "failed"]
    if lanes and len(reasons) == len(lanes):
        told = "; ".join(reasons)
        raise TrainError("learn.nothing_fitted", seconds=deadline.seconds, reasons=told)
    begun = time.process_time()
    model = Mahalanobis().fit(train, train, Budget(1.0, seed=seed), lambda row: None)
    lane = next((one for one in lanes if one.entry.algorithm == Mahalanobis.name), None)
    if lane is None:
        lane = Lane(Entry(Mahalanobis.name, Mahalanobis.name))
        lanes.append(lane)
    lane.fits[ALL] = {"model": model, "curve": ()}
    lane.state, lane.reason = "done", ""
    lane.cpu_seconds += time.process_time() - begun


def _held(
    ready: Sequence[Lane], parts: Folds | None, truth: NDArray[np.int64] | None, count: int
) -> Held | None:
    """Return the held-out answers of the folds that every comparable learner has done."""
    if parts is None or truth is None:
        return None
    first = [lane for lane in ready if 0 in lane.fits]
    if not first:
        return None
    done = [fold for fold in range(count) if all(fold in lane.fits for lane in first)]
    rows = np.concatenate([parts.pairs[fold][1] for fold in done])
    known = truth[rows] >= 0
    surprises = {
        lane.entry.name: sum_of(
            [np.concatenate([lane.fits[fold]["probabilities"][:, 0] for fold in done])], [1.0]
        )[known]
        for lane in first
    }
    return Held(rows[known], truth[rows][known], surprises)


def _seasonal(ready: Sequence[Lane]) -> Lane | None:
    """Return the learner that alone knows the time, where the rows have a season."""
    for lane in ready:
        notes = lane.fits[ALL]["model"].members[0].notes
        if notes.get("season", "none") != "none":
            return lane
    return None


def _weights(ready: Sequence[Lane], held: Held | None, seed: int) -> list[float]:
    if held is None:
        seasonal = _seasonal(ready)
        if seasonal is None or len(ready) == 1:
            return [1.0 / len(ready)] * len(ready)
        return [0.5 if lane is seasonal else 0.5 / (len(ready) - 1) for lane in ready]
    found = weights_of(np.stack(list(held.surprises.values())), held.odd, seed)
    by_name = dict(zip(held.surprises, found, strict=True))
    return [by_name.get(lane.entry.name, 0.0) for lane in ready]


def _choice(
    lanes: Sequence[Lane],
    ready: Sequence[Lane],
    weights: Sequence[float],
    members: Sequence[Member],
    held: Held | None,
    train: Dataset,
    rate: float | None,
    whole: int,
) -> Choice:
    by_name = {lane.entry.name: w for lane, w in zip(ready, weights, strict=True)}
    notes: list[Note] = []
    if whole > len(train):
        notes.append(both("flag.note_sampled", rows=len(train), whole=whole))
    used = ", ".join(f"{name} {share:.0%}" for name, share in by_name.items() if share > 0)
    at: float | None = None
    value = float("nan")
    said, rows = _answers(np.zeros(0), 0.0), np.zeros(0, dtype=np.int64)
    if held is None:
        key = "flag.note_equal" if _seasonal(ready) is None else "flag.note_season"
        notes.append(both(key, names=used))
    else:
        total = np.sum([by_name[n] * s for n, s in held.surprises.items()], axis=0)
        value = precision_of(total, held.odd)
        at, f1 = best_f1(total, held.odd)
        said, rows = _answers(total, at), held.rows
        notes.append(both("flag.note_labels", names=used, rows=len(held.odd),
                          odd=int(held.odd.sum())))  # fmt: skip
        if rate is None:
            notes.append(both("flag.note_threshold_f1", f1=f1))
    if held is None or rate is not None:
        at = None
        notes.append(both("flag.note_threshold_rate", rate=rate or RATE))
    model = united(members, train.frame, at)
    if at is None:
        model = replace(model, threshold=1.0 - (rate or RATE))
    lines = sorted(
        (_line(lane, by_name.get(lane.entry.name, 0.0), held) for lane in lanes),
        key=lambda c: (c.score is None, -(c.score or 0.0), c.name),
    )
    return Choice(model, tuple(lines), METRIC, value, said, rows, (), tuple(notes))


def _answers(total: NDArray[np.float64], at: float) -> Predictions:
    normal = np.exp(-total)
    labels_ = (total >= at).astype(np.int64)
    return Predictions(labels_, np.stack([normal, 1 - normal], axis=1), CLASSES)


def _line(lane: Lane, weight: float, held: Held | None) -> Candidate:
    """Return the line of the leaderboard of one candidate."""
    score = None
    if held is not None and lane.entry.name in held.surprises:
        score = precision_of(held.surprises[lane.entry.name], held.odd)
    reason = lane.reason
    if lane.state == "skipped" and not reason:
        reason = text("flag.no_time")
    curve = next((fit["curve"] for fit in lane.fits.values()), ())
    return Candidate(
        lane.entry.name, lane.entry.algorithm, cast(Any, lane.state), score, METRIC,
        lane.seconds, lane.cpu_seconds, lane.peak_mb, weight, reason, curve,
    )  # fmt: skip
