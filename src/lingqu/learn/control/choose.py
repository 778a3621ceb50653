"""From an environment and a budget to one policy: learn, compare what they bring, take the best."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.i18n import Phrase, both
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget, Engine, Progress
from lingqu.core.predictions import Predictions
from lingqu.engine.budget import Deadline
from lingqu.environment.place import Place
from lingqu.learn.assemble import Choice, Note
from lingqu.learn.candidate import ALL
from lingqu.learn.contender import Contender, contenders, fit_here, refuse_failed
from lingqu.learn.control import OF_AMOUNTS, SURE, TRIED, tried
from lingqu.learn.control.fitting import TASK
from lingqu.learn.control.subject import FACT, JUDGED
from lingqu.learn.kept import Recall, Remember
from lingqu.learn.rounds import Rounds

METRIC = "return"
"""What policies are compared by: the mean sum of the rewards of an episode."""
_SPARE = 0.03
_NEXT = 0.4
"""Share of the budget that is left for those after, while there are some."""


def choose_policy(
    train: Dataset,
    task: str,
    *,
    place: Place,
    table: bool,
    budget_s: float,
    engine: Engine,
    scratch: Path,
    seed: int = 0,
    algorithms: Sequence[tuple[str, Mapping[str, Json]]] | None = None,
    memory_mb: float | None = None,
    recall: Recall | None = None,
    remember: Remember | None = None,
    progress: Progress = lambda row: None,
    clock: Callable[[], float] = time.monotonic,
) -> Choice:
    """Find the policy that brings most in an environment within a budget.

    Learners come one after the other; who surely reaches what the environment calls solved ends
    the search. All are compared over the same episodes, which none learns from.

    Args:
        train: Rows of the walk of a baseline.
        task: ``control``.
        place: The environment.
        table: Whether it states all its transitions.
        budget_s: Wall seconds for everything.
        engine: Runs the fits; the environment runs there, never here.
        scratch: An empty folder that the workers can read.
        seed: Seed of every draw.
        algorithms: Names and options to try instead of the usual ones.
        memory_mb: Limit of each fit.
        recall: As `lingqu.learn.choose.choose`, and so are the others.
        remember: Keeps a finished fit.
        progress: Gets rows.
        clock: Seconds that only rise.

    Raises:
        SpecError: Unknown algorithm, no budget, or one that chooses where an action is an amount.
        TrainError: Nothing could be fitted.
    """
    if not budget_s > 0:
        raise SpecError("learn.no_budget", received=budget_s)
    deadline = Deadline(budget_s, clock)
    target = train.schema.target
    amount = target is not None and target.kind == "number"
    wishes = [(name, dict(options or {})) for name, options in algorithms or ()]
    if algorithms is None:
        wishes = [(name, {}) for name in tried(table, amount)]
    strange = [name for name, _ in wishes if name not in OF_AMOUNTS]
    if target is not None and amount and strange:
        raise SpecError(
            "control.no_amounts", algorithm=strange[0], name=place.name, low=target.low,
            high=target.high, expected=", ".join(OF_AMOUNTS),
        )  # fmt: skip
    classes = len(target.levels) if target else 2
    those = contenders(wishes, task, TRIED, (len(train), len(train.schema.features), classes))
    known = {FACT: place.to_json(), "code": place.fingerprint()}
    for one in those:
        one.entry = replace(one.entry, options={**one.entry.options, **known})
    rounds = Rounds(
        TASK, train, None, those, deadline=deadline, engine=engine, scratch=scratch, seed=seed,
        memory_mb=memory_mb, progress=progress, recall=recall, remember=remember,
    )  # fmt: skip
    notes: list[Note] = []
    for number, one in enumerate(those):
        spare = _SPARE if number + 1 == len(those) else _NEXT
        rounds.run([(one, ALL)], spare, evenly=True)
        notes += _again(rounds, one, spare)
        if one.fits and one.fits[ALL].model.members[0].notes.get("solved"):
            for later in those[number + 1 :]:
                later.reason = later.reason or Phrase("control.not_needed", {"name": one.name})
            break
    refuse_failed(those, budget_s)
    best = _best(those) or _at_once(those, train, place, seed)
    return _choice(those, best, notes, budget_s)


def _again(rounds: Rounds, one: Contender, spare: float) -> list[Note]:
    """Begin a training once more that collapsed."""
    fit = one.fits.get(ALL)
    noted: Mapping[str, Any] = fit.model.members[0].notes if fit is not None else {}
    if fit is None or "rollouts" not in noted or noted["unfinished"] or not _collapsed(noted):
        return []
    entry = one.entry
    one.entry = replace(entry, options={**entry.options, "again": 1})
    rounds.run([(one, ALL)], spare, evenly=True)
    second = one.fits[ALL].model.members[0].notes
    if second["score"] < noted["score"]:
        one.fits[ALL] = fit
    told = {"name": one.name, "value": noted["score"], "second": second["score"]}
    if noted["score"] > noted["random"]:
        return [both("control.note_one_action", **told, undecided=noted["undecided"])]
    return [both("control.note_restarted", **told, baseline=noted["random"])]


def _collapsed(noted: Mapping[str, Any]) -> bool:
    """Say whether a training came out no better than chance, or as one action drawn for ever."""
    sure = noted.get("one_action", False) and noted["undecided"] < SURE
    return bool(noted["score"] <= noted["random"] or (sure and not noted["solved"]))


def _best(those: Sequence[Contender]) -> Contender | None:
    """Return who brings most, the first of equals; each is told its score."""
    ready = [one for one in those if ALL in one.fits]
    for one in ready:
        one.score = float(one.fits[ALL].model.members[0].notes["score"])
    return max(ready, key=lambda one: one.score or 0.0, default=None)


def _at_once(those: list[Contender], train: Dataset, place: Place, seed: int) -> Contender:
    """Return the best single action, found here, where there was no time for any learner."""

    def fitted(one: Contender) -> Model:
        rows = replace(train, facts={FACT: place.to_json()})
        algorithm = catalog.build("algorithms", one.entry.algorithm, {})
        model: Model = algorithm.fit(rows, rows, Budget(1.0, seed=seed), lambda row: None)
        return model

    one = fit_here(those, TRIED[0], fitted)
    one.score = float(one.fits[ALL].model.members[0].notes["score"])
    return one


def _choice(
    those: Sequence[Contender], best: Contender, notes: list[Note], budget_s: float
) -> Choice:
    """Return the model of the best, and what is told of the choice."""
    member = replace(best.fits[ALL].model.members[0], name=best.name)
    model = replace(best.fits[ALL].model, members=(member,))
    value = float(best.score or 0.0)
    notes = [*notes, both("control.note_judged", episodes=JUDGED, name=best.name, value=value)]
    if member.notes.get("solved") and "steps" in member.notes:
        notes.append(both("control.note_solved", steps=member.notes["steps"], name=best.name))
    lines = sorted(
        (one.line(METRIC, float(one is best), budget_s) for one in those),
        key=lambda c: (c.score is None, -(c.score or 0.0), c.name),
    )
    nobody = np.zeros(0, dtype=np.int64)
    said = Predictions(nobody.astype(np.float64))
    return Choice(model, tuple(lines), METRIC, value, said, nobody, (), tuple(notes))
