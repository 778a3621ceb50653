"""From who took what and a budget to one recommender: fit, compare on the last items, average."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from lingqu.core.errors import SpecError
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.ports import Budget, Engine, Progress
from lingqu.core.predictions import Predictions
from lingqu.core.ranking_names import parse, usual
from lingqu.engine.budget import Deadline
from lingqu.learn.assemble import Choice, Note
from lingqu.learn.candidate import ALL
from lingqu.learn.contender import Contender, contenders, fit_here, refuse_failed
from lingqu.learn.folds import Folds
from lingqu.learn.kept import Recall, Remember
from lingqu.learn.recommend import USUAL
from lingqu.learn.recommend.fitting import TASK
from lingqu.learn.recommend.judge import Said, blended, worth
from lingqu.learn.recommend.parts import held_out
from lingqu.learn.recommend.popularity import Popularity
from lingqu.learn.recommend.reading import read
from lingqu.learn.recommend.wishes import wishes_of
from lingqu.learn.rounds import Rounds
from lingqu.release.baskets.block import encoding_of, unread
from lingqu.release.baskets.rows import taken

__all__ = ["Choice", "choose_recommend", "tried"]

NEEDS = {"als": "implicit", "bpr": "implicit"}
"""Packages of an extra, by the learners that need them."""
_AGAIN = 0.3
"""Share of the budget that is for fitting the chosen ones again, on all rows."""
_SPARE = 0.05
"""Share of it that is for putting them together."""


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
    recall: Recall | None = None,
    remember: Remember | None = None,
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
        recall: As `lingqu.learn.choose.choose`, and so are the others.
        remember: Keeps a finished fit.
        progress: Gets rows.
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
    size = len(train), 1, len(reading.rows.items)
    those = contenders(_wishes(train, budget_s, top, algorithms), "recommend", USUAL, size, NEEDS)
    rounds = Rounds(
        TASK, train, parts, those, deadline=deadline, engine=engine, scratch=scratch, seed=seed,
        memory_mb=memory_mb, progress=progress, recall=recall, remember=remember,
    )  # fmt: skip
    order = [(one, fold) for fold in range(len(parts.pairs)) for one in those]
    rounds.run([(those[0], ALL), *order], _AGAIN)
    judged = _judged(train, those, parts, ranked)
    weights, value = _weights(those, judged, ranked, len(reading.rows.items))
    again = [(one, ALL) for one in those if weights.get(one.name) and ALL not in one.fits]
    rounds.run(again, _SPARE, settled=_sharpness)
    refuse_failed(those, budget_s)
    members, late = _members(those, weights, train, seed)
    reads = any("stranger" in member.notes for member in members)
    encoding = encoding_of(reading.block if reads else unread(reading.block))
    model = Model("recommend", reading.rows.items,
                  tuple(replace(m, encoding=encoding) for m in members))  # fmt: skip
    lines = sorted(
        (one.line(name, weights.get(one.name, 0.0), budget_s) for one in those),
        key=lambda c: (c.score is None, -(c.score or 0.0), c.name),
    )
    notes = _notes(train, those, weights, judged, name, value, late, seed)
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


def _wishes(
    train: Dataset,
    budget_s: float,
    top: int,
    algorithms: Sequence[tuple[str, Mapping[str, Json]]] | None,
) -> list[tuple[str, Mapping[str, Json]]]:
    """Return what is tried, in order; popularity is the first."""
    wishes = [(name, dict(options or {})) for name, options in algorithms or ()]
    if algorithms is None:
        wishes = _usual(train, budget_s)
    if not any(name == USUAL[0] for name, _ in wishes):
        wishes.insert(0, (USUAL[0], {}))
    wishes.sort(key=lambda wish: wish[0] != USUAL[0])
    return [(name, {**options, "top": top}) for name, options in wishes]


@dataclass(frozen=True)
class Judged:
    """Held-out rows that every comparable candidate has answered: rows, items, lists by name."""

    rows: np.ndarray[Any, Any]
    wanted: np.ndarray[Any, Any]
    said: Mapping[str, Said]
    folds: int


def _judged(
    train: Dataset, those: Sequence[Contender], parts: Folds, ranked: tuple[str, int]
) -> Judged | None:
    ready = [one for one in those if 0 in one.fits]
    if not ready:
        return None
    done = [f for f in range(len(parts.pairs)) if all(f in one.fits for one in ready)]
    rows = np.concatenate([parts.pairs[fold][1] for fold in done])
    wanted = taken(train).item[rows]
    said = {}
    for one in ready:
        told = [cast(Predictions, one.fits[fold].predictions) for fold in done]
        items = np.concatenate([each.labels for each in told])
        scores = np.concatenate([cast(Any, each.probabilities) for each in told])
        said[one.name] = Said(items, scores)
        one.score = float(worth(said[one.name], wanted, *ranked).mean())
    return Judged(rows, wanted, said, len(done))


def _weights(
    those: Sequence[Contender], judged: Judged | None, ranked: tuple[str, int], items: int
) -> tuple[dict[str, float], float]:
    """Return the share of each candidate that has one, and the score of their average."""
    if judged is None:
        return {those[0].name: 1.0}, float("nan")
    found, score = blended(list(judged.said.values()), judged.wanted, *ranked, items)
    shares = zip(judged.said, found, strict=True)
    return {name: share for name, share in shares if share > 0}, float(score.mean())


def _sharpness(one: Contender) -> dict[str, Json]:
    """Return how sure a candidate was found to be: a fit on all rows has none to learn it on."""
    fold = min((fold for fold in one.fits if fold != ALL), default=ALL)
    if fold == ALL:
        return {}
    notes = one.fits[fold].model.members[0].notes
    return {name: notes[name] for name in ("sharpness", "prior", "stranger") if name in notes}


def _members(
    those: list[Contender], weights: Mapping[str, float], train: Dataset, seed: int
) -> tuple[list[Member], list[str]]:
    """Return the members, and the names of those that were not fitted again on all rows."""
    members, late = [], []
    for one in those:
        if one.name not in weights:
            continue
        if not one.fits:
            fit_here(those, one.entry.algorithm, lambda it: _popular(it, train, seed))
        if ALL not in one.fits:
            late.append(one.name)
        fit = one.fits.get(ALL) or one.fits[min(one.fits)]
        members.append(replace(fit.model.members[0], name=one.name, weight=weights[one.name]))
    return members, late


def _popular(one: Contender, train: Dataset, seed: int) -> Model:
    nothing = Dataset(train.frame.head(0), train.schema)
    learner = Popularity(**dict(one.entry.options))
    return learner.fit(train, nothing, Budget(1.0, seed=seed), lambda row: None)


def _notes(
    train: Dataset, those: Sequence[Contender], shares: Mapping[str, float], judged: Judged | None,
    metric: str, value: float, late: Sequence[str], seed: int,
) -> list[Note]:  # fmt: skip
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
    best = max(one.score for one in those if one.score is not None)
    if len(shares) > 1:
        notes.append(
            both("recommend.note_blend", names=names, metric=metric, score=value, best=best)
        )
    elif len(judged.said) > 1:
        notes.append(both("recommend.note_alone", name=next(iter(shares))))
    if late:
        notes.append(both("recommend.note_fold", names=", ".join(late)))
    return notes
