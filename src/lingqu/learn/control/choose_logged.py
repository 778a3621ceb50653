"""From logged decisions and a budget to one policy: fit, compare by what each would have earned."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import SpecError
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.off_policy import NAMES, Logged, estimates
from lingqu.core.ports import Budget, Engine, Progress
from lingqu.core.predictions import Predictions
from lingqu.core.reward_model import fit_rewards
from lingqu.engine.budget import Deadline
from lingqu.learn.assemble import Choice, Note
from lingqu.learn.candidate import ALL
from lingqu.learn.contender import Contender, contenders, fit_here, refuse_failed
from lingqu.learn.control import LOGGED
from lingqu.learn.control.best_action import BestAction
from lingqu.learn.control.logs import Log, read_log
from lingqu.learn.folds import Folds, make_folds
from lingqu.learn.kept import Recall, Remember
from lingqu.learn.rounds import Rounds

TASK = "lingqu.learn.candidate:fit_one"
_AGAIN = 0.3
"""Share of the budget that is for fitting the chosen one again, on all rows."""
_SPARE = 0.05
_SURE = 1.645
"""Standard errors by which a policy must earn more: one-sided, 95 %."""
Floats = NDArray[np.float64]


def choose_logged(
    train: Dataset,
    task: str,
    *,
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
    families: NDArray[np.int64] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Choice:
    """Find the policy that would have earned most in held-out decisions.

    The simplest one stays unless another earns more with 95 % certainty: among many policies the
    luckiest looks best.

    Args:
        train: Rows with the action as target and columns of the roles ``reward``, ``propensity``.
        task: ``control``.
        budget_s: Wall seconds for everything.
        engine: Runs the fits.
        scratch: An empty folder that the workers can read.
        seed: Seed of every draw.
        metric: Estimate that decides, of `lingqu.core.off_policy.NAMES`; ``dr`` when empty.
        algorithms: Names and options to try instead of the usual ones.
        folds: Parts of the rows that are held out one after the other.
        memory_mb: Limit of each fit.
        recall: As `lingqu.learn.choose.choose`, and so are the others.
        remember: Keeps a finished fit.
        progress: Gets rows.
        families: The first row of each row's family of copies, shape (N,), or None.
        clock: Seconds that only rise.

    Raises:
        SpecError: Unknown algorithm or estimate, no budget.
        DataError: A reward or a propensity is no such.
        TrainError: Nothing could be fitted.
    """
    if not budget_s > 0:
        raise SpecError("learn.no_budget", received=budget_s)
    metric = metric or "dr"
    if metric not in NAMES:
        raise SpecError("tables.other_metric", metric=metric, expected=", ".join(NAMES))
    deadline = Deadline(budget_s, clock)
    log = read_log(train)
    parts = make_folds(train, log.taken, "control", folds, seed, families)
    wishes = [(name, dict(options or {})) for name, options in algorithms or ()]
    size = len(train), log.x.shape[1], len(log.actions)
    wanted = wishes or [(name, {}) for name in LOGGED]
    those = contenders(wanted, "control", LOGGED, size)
    rounds = Rounds(
        TASK, train, parts, those, deadline=deadline, engine=engine, scratch=scratch, seed=seed,
        memory_mb=memory_mb, progress=progress, recall=recall, remember=remember,
    )  # fmt: skip
    order = [(one, fold) for fold in range(parts.limit) for one in those]
    rounds.run(order, _AGAIN)
    judged = _judged(log, parts, those, metric)
    best = _best(those, judged)
    if best is not None:
        rounds.run([(best, ALL)], _SPARE, settled=_settled)
    refuse_failed(those, budget_s)
    if best is None:
        best = fit_here(those, LOGGED[0], lambda _: _at_once(train, seed))
    fit = best.fits.get(ALL) or best.fits[min(best.fits)]
    member = replace(fit.model.members[0], name=best.name, weight=1.0)
    lines = sorted(
        (one.line(metric, float(one is best), budget_s) for one in those),
        key=lambda c: (c.score is None, -(c.score or 0.0), c.name),
    )
    nothing = np.zeros(0, dtype=np.int64)
    value = float("nan") if best.score is None else best.score
    model = Model("control", log.actions, (member,))
    said = Predictions(nothing, None, log.actions)
    return Choice(model, tuple(lines), metric, value, said, nothing, (),
                  tuple(_notes(best, judged, log, metric)))  # fmt: skip


def _judged(log: Log, parts: Folds, those: Sequence[Contender], metric: str) -> dict[str, Floats]:
    """Return what each row of the folds that all have answered adds to the estimate, by name."""
    ready = [one for one in those if 0 in one.fits]
    done = [f for f in range(parts.limit) if ready and all(f in one.fits for one in ready)]
    found: dict[str, list[Floats]] = {one.name: [] for one in ready}
    for fold in done:
        rows, held = parts.pairs[fold]
        model = fit_rewards(log.x[rows], log.taken[rows], log.reward[rows], len(log.actions))
        told = model.of(log.x[held])
        for one in ready:
            said = cast(Predictions, one.fits[fold].predictions)
            policy = cast(Any, said.probabilities)
            past = log.taken[held], log.reward[held], log.propensity[held]
            found[one.name].append(Logged(*past, policy, told).columns())
    return {name: _rounds(np.concatenate(columns), metric) for name, columns in found.items()}


def _rounds(columns: Floats, metric: str) -> Floats:
    """Return what each row adds to an estimate: its mean is the estimate, (N,)."""
    share = columns[:, 1].mean() if metric == "snips" else 1.0
    each = estimates(columns)["ips" if metric == "snips" else metric]
    return each / max(float(share), 1e-300)


def _best(those: Sequence[Contender], judged: Mapping[str, Floats]) -> Contender | None:
    """Return who is released, after every one was told its score; None where none was judged."""
    best: Contender | None = None
    for one in sorted(those, key=lambda one: _simple(one.entry.algorithm)):
        if one.name not in judged:
            continue
        one.score = float(judged[one.name].mean())
        if best is None or _surely(judged[one.name] - judged[best.name]):
            best = one
    return best


def _simple(algorithm: str) -> int:
    return LOGGED.index(algorithm) if algorithm in LOGGED else len(LOGGED)


def _surely(gains: Floats) -> bool:
    """Say whether a mean gain is above 0 with 95 % certainty."""
    error = float(gains.std()) / math.sqrt(max(1, len(gains)))
    return float(gains.mean()) > _SURE * error


def _settled(one: Contender) -> Mapping[str, Json]:
    """Return what the first fit has found out."""
    notes = one.fits[min(one.fits)].model.members[0].notes
    settled: Mapping[str, Json] = notes.get("settled", {})
    return settled


def _at_once(train: Dataset, seed: int) -> Model:
    nothing = Dataset(train.frame.head(0), train.schema)
    return BestAction().fit(train, nothing, Budget(1.0, seed=seed), lambda row: None)


def _notes(best: Contender, judged: Mapping[str, Floats], log: Log, metric: str) -> list[Note]:
    if best.name not in judged:
        return [both("tables.note_unjudged", name=best.name)]
    rows = len(judged[best.name])
    notes: list[Note] = [
        both("tables.note_held", rows=rows, metric=metric, logged=float(log.reward.mean()))
    ]
    others = [name for name in judged if name != best.name]
    if others and best.entry.algorithm == LOGGED[0]:
        notes.append(both("tables.note_simplest", name=best.name, others=", ".join(others)))
    return notes
