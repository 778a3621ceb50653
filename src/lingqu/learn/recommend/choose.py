"""From who took what and a budget to one recommender: fit, compare on the last items, average."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import numpy as np

from lingqu.core import catalog
from lingqu.core.errors import SpecError, TrainError
from lingqu.core.i18n import both, text
from lingqu.core.nouns import Dataset, Json, Member, Model, Predictions
from lingqu.core.ports import Budget, Engine, Progress
from lingqu.core.ranking_names import parse, usual
from lingqu.engine.budget import Deadline
from lingqu.learn import candidate
from lingqu.learn.assemble import Choice, Note
from lingqu.learn.candidate import ALL
from lingqu.learn.costs import SECONDS
from lingqu.learn.folds import Folds
from lingqu.learn.portfolio import Entry, facts_of
from lingqu.learn.recommend import USUAL
from lingqu.learn.recommend.judge import Said, blended, worth
from lingqu.learn.recommend.lanes import Contest, Lane, line, run_fits
from lingqu.learn.recommend.parts import held_out
from lingqu.learn.recommend.popularity import Popularity
from lingqu.learn.recommend.reading import read
from lingqu.learn.recommend.wishes import wishes_of
from lingqu.release.baskets.block import encoding_of
from lingqu.release.baskets.rows import taken

__all__ = ["Choice", "choose_recommend", "tried"]

_AGAIN = 0.3
"""Share of the budget that is for fitting the chosen ones again, on all rows."""


def choose_recommend(
    train: Dataset,
    *,
    top: int,
    budget_s: float,
    engine: Engine,
    scratch: Path,
    seed: int = 0,
    metric: str = "",
    algorithms: Sequence[tuple[str, Mapping[str, Json]]] | None = None,
    folds: int | None = None,
    memory_mb: float | None = None,
    progress: Progress = lambda row: None,
    clock: Callable[[], float] = time.monotonic,
) -> Choice:
    """Find the best recommender that a budget allows.

    Candidates are compared on the last item of each user that lies before the test rows; these
    play no part. The average of several replaces the best one only where it helps.

    Args:
        train: Rows with a column of role ``group`` (user) and items as target; one of role
            ``time`` says what came last, one of role ``weight`` how much was taken.
        top: Items of an answer.
        budget_s: Wall seconds for everything.
        engine: Runs the fits.
        scratch: An empty folder that the workers can read.
        seed: Seed of every draw.
        metric: Score that decides, such as ``recall@10``; ``ndcg@10`` when empty.
        algorithms: Names and options to try instead of the usual ones.
        folds: Items of each user that are held out, one after the other.
        memory_mb: Limit of each fit.
        progress: As `lingqu.learn.choose.choose`.
        clock: Seconds that only rise.

    Raises:
        SpecError: No column of users, unknown algorithm or metric, no budget.
        DataError: Rows without a user or an item.
        TrainError: Nothing could be fitted.
    """
    if not budget_s > 0:
        raise SpecError("learn.no_budget", received=budget_s)
    name = metric or usual(top)
    ranked = parse(name)
    if ranked is None:
        raise SpecError("check.unknown_metric", name=name, near=usual(top))
    deadline = Deadline(budget_s, clock)
    reading = read(train, top)
    parts = held_out(reading.rows, seed, folds)
    lanes = [Lane(entry) for entry in _entries(train, budget_s, top, algorithms)]
    candidate.write_scratch(scratch, train, parts)
    contest = Contest(deadline, engine, scratch, memory_mb, seed, progress)
    count = len(parts.pairs)
    rounds = [(lane, fold) for fold in range(count) for lane in lanes]
    run_fits(contest, [(lanes[0], ALL), *rounds], _AGAIN)
    judged = _judged(train, lanes, parts, ranked)
    weights, value = _weights(lanes, judged, ranked, len(reading.rows.items))
    again = [(lane, ALL) for lane, w in zip(lanes, weights, strict=True) if w > 0]
    run_fits(contest, [pair for pair in again if ALL not in pair[0].fits], 0.05, refit=True)
    members, late = _members(lanes, weights, train, deadline, seed)
    encoding = encoding_of(reading.block)
    model = Model("recommend", reading.rows.items,
                  tuple(replace(m, encoding=encoding) for m in members))  # fmt: skip
    lines = sorted(
        (line(lane, w, name) for lane, w in zip(lanes, weights, strict=True)),
        key=lambda c: (c.score is None, -(c.score or 0.0), c.name),
    )
    notes = _notes(train, lanes, weights, judged, name, value, late, seed)
    said = Predictions(np.zeros(0, dtype=np.int64), None, model.classes)
    rows = np.zeros(0, dtype=np.int64) if judged is None else judged.rows
    return Choice(model, tuple(lines), name, value, said, rows, (), tuple(notes))


def tried(train: Dataset, budget_s: float) -> list[str]:
    """Return the learners that are tried when nobody names any, the cheapest first."""
    return list(dict.fromkeys(name for name, _ in _usual(train, budget_s)))


def _usual(train: Dataset, budget_s: float) -> list[tuple[str, dict[str, Json]]]:
    target, having = train.schema.target, train.schema.having
    items = len(target.levels) if target is not None else 0
    return wishes_of(items, bool(having("time")), bool(having("weight")), budget_s)


def _entries(
    train: Dataset,
    budget_s: float,
    top: int,
    algorithms: Sequence[tuple[str, Mapping[str, Json]]] | None,
) -> list[Entry]:
    """Return the candidates in the order in which they are tried; popularity is the first."""
    target = train.schema.target
    items = len(target.levels) if target is not None else 0
    wishes = [(name, dict(options or {})) for name, options in algorithms or ()]
    if algorithms is None:
        wishes = _usual(train, budget_s)
    if not any(name == USUAL[0] for name, _ in wishes):
        wishes.insert(0, (USUAL[0], {}))
    entries, seen = [], dict[str, int]()
    for algorithm, options in sorted(wishes, key=lambda wish: wish[0] != USUAL[0]):
        seen[algorithm] = seen.get(algorithm, 0) + 1
        name = algorithm if seen[algorithm] == 1 else f"{algorithm}#{seen[algorithm]}"
        entries.append(_entry(name, algorithm, {**options, "top": top}, len(train), items))
    return entries


def _entry(name: str, algorithm: str, options: dict[str, Json], rows: int, items: int) -> Entry:
    facts = facts_of(algorithm)
    if "recommend" not in facts.tasks:
        raise SpecError(
            "learn.wrong_task", name=algorithm, task="recommend", expected=", ".join(USUAL)
        )
    tag = "" if facts.engine == "numpy" else facts.engine
    needs = {"als": "implicit", "bpr": "implicit"}.get(algorithm, tag)
    if needs in catalog.EXTRAS and find_spec(needs) is None:
        reason = text("learn.not_installed", package=needs, extra=catalog.EXTRAS[needs])
        return Entry(name, algorithm, options, skip=reason)
    known = SECONDS.get(algorithm) or catalog.load("algorithms", algorithm).cost
    cost = known(rows, 1, items)
    return Entry(name, algorithm, options, tag, cost)


@dataclass(frozen=True)
class Judged:
    """Held-out rows that every comparable candidate has answered: rows, items, lists by name."""

    rows: np.ndarray[Any, Any]
    wanted: np.ndarray[Any, Any]
    said: Mapping[str, Said]
    folds: int


def _judged(
    train: Dataset, lanes: Sequence[Lane], parts: Folds, ranked: tuple[str, int]
) -> Judged | None:
    ready = [lane for lane in lanes if 0 in lane.fits]
    if not ready:
        return None
    done = [f for f in range(len(parts.pairs)) if all(f in lane.fits for lane in ready)]
    rows = np.concatenate([parts.pairs[fold][1] for fold in done])
    wanted = taken(train).item[rows]
    said = {}
    for lane in ready:
        items, scores = (
            np.concatenate([lane.fits[fold][part] for fold in done]) for part in ("items", "scores")
        )
        said[lane.entry.name] = Said(items, scores)
        lane.score = float(worth(said[lane.entry.name], wanted, *ranked).mean())
    return Judged(rows, wanted, said, len(done))


def _weights(
    lanes: Sequence[Lane], judged: Judged | None, ranked: tuple[str, int], items: int
) -> tuple[list[float], float]:
    """Return the share of each candidate, and the score of their average."""
    if judged is None:
        return [1.0 if lane is lanes[0] else 0.0 for lane in lanes], float("nan")
    found, score = blended(list(judged.said.values()), judged.wanted, *ranked, items)
    by_name = dict(zip(judged.said, found, strict=True))
    return [by_name.get(lane.entry.name, 0.0) for lane in lanes], float(score.mean())


def _members(
    lanes: Sequence[Lane], weights: Sequence[float], train: Dataset, deadline: Deadline, seed: int
) -> tuple[list[Member], list[str]]:
    """Return the members, and the names of those that were not fitted again on all rows."""
    reasons = [f"{lane.entry.name}: {lane.reason}" for lane in lanes if lane.state == "failed"]
    if len(reasons) == len(lanes):
        told = "; ".join(reasons)
        raise TrainError("learn.nothing_fitted", seconds=deadline.seconds, reasons=told)
    members, late = [], []
    for lane, weight in zip(lanes, weights, strict=True):
        if weight <= 0:
            continue
        if not lane.fits:
            nothing = Dataset(train.frame.head(0), train.schema)
            learner = Popularity(**_own(lane))
            model = learner.fit(train, nothing, Budget(1.0, seed=seed), lambda row: None)
            lane.fits[ALL], lane.state, lane.reason = {"model": model}, "done", ""
        if ALL not in lane.fits:
            late.append(lane.entry.name)
        fit = lane.fits.get(ALL) or lane.fits[min(lane.fits)]
        member = cast(Model, fit["model"]).members[0]
        members.append(replace(member, name=lane.entry.name, weight=weight))
    return members, late


def _own(lane: Lane) -> dict[str, Any]:
    return {n: value for n, value in lane.entry.options.items() if n in ("top", "half_life")}


def _notes(
    train: Dataset, lanes: Sequence[Lane], weights: Sequence[float], judged: Judged | None,
    metric: str, value: float, late: Sequence[str], seed: int,
) -> list[Note]:  # fmt: skip
    shares = {lane.entry.name: w for lane, w in zip(lanes, weights, strict=True) if w > 0}
    names = ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
    if judged is None:
        return [both("recommend.note_unjudged", name=next(iter(shares)))]
    user = train.schema.having("group")[0].name
    users = train.frame[judged.rows].get_column(user).n_unique()
    notes: list[Note] = [
        both("recommend.note_held", rows=len(judged.rows), users=users, folds=judged.folds)
    ]
    if not train.schema.having("time"):
        notes.append(both("recommend.note_drawn", seed=seed))
    best = max(lane.score for lane in lanes if lane.score is not None)
    if len(shares) > 1:
        notes.append(
            both("recommend.note_blend", names=names, metric=metric, score=value, best=best)
        )
    elif len(judged.said) > 1:
        notes.append(both("recommend.note_alone", name=next(iter(shares))))
    if late:
        notes.append(both("recommend.note_fold", names=", ".join(late)))
    return notes
