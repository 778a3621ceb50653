"""Fits in a given order until the time is up: where every candidate is heard before one is chosen.

Tables and series race (`lingqu.learn.race`): what comes next depends on who leads. Where fits are
few and cheap, the order is known beforehand, and this is all there is to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from lingqu.core.nouns import Dataset, Json
from lingqu.core.ports import Engine, Job, Outcome, Progress
from lingqu.engine.budget import Deadline
from lingqu.learn.candidate import Fit, write_scratch
from lingqu.learn.contender import Contender
from lingqu.learn.folds import Folds
from lingqu.learn.kept import Kept, Recall, Remember, facts_of
from lingqu.learn.orders import Orders

_NEED = 0.5
"""Share of its expected seconds without which a fit is not begun."""
_LEAST_S = 0.5
_PART = 3
"""A fit may have the time that is left divided by this."""


class Rounds:
    """Runs fits of one choice, and takes over those that an earlier run has kept.

    Args:
        task: Dotted path of what a worker does; it answers as `lingqu.learn.candidate.fit_one`.
        train: Rows; they are written to `scratch` for the workers.
        folds: Rounds of fitting and judging; None where nothing is held out.
        those: The candidates.
        deadline: Of the whole choice.
        engine: Runs the fits.
        scratch: An empty folder.
        seed: Of folds and fits.
        memory_mb: Limit of each fit.
        progress: As `lingqu.learn.choose.choose`.
        recall: As there; remember: as there.
    """

    def __init__(
        self,
        task: str,
        train: Dataset,
        folds: Folds | None,
        those: Sequence[Contender],
        *,
        deadline: Deadline,
        engine: Engine,
        scratch: Path,
        seed: int,
        memory_mb: float | None = None,
        progress: Progress,
        recall: Recall | None = None,
        remember: Remember | None = None,
    ) -> None:
        self._task, self._deadline, self._engine = task, deadline, engine
        self._progress = progress
        self._order = Orders(scratch, seed, memory_mb, patience=None)
        folds = folds or Folds("none", (), 1)
        write_scratch(scratch, train, folds)
        plan = {
            "seconds": deadline.seconds, "memory_mb": memory_mb,
            "candidates": [[one.entry.algorithm, dict(one.entry.options)] for one in those],
        }  # fmt: skip
        self._kept = Kept(facts_of(scratch, train, folds, seed), plan, recall, remember)
        self._issued: list[tuple[Contender, int, Mapping[str, Json]]] = []

    def run(
        self,
        order: Iterable[tuple[Contender, int]],
        spare: float,
        settled: Callable[[Contender], Mapping[str, Json]] = lambda one: {},
        evenly: bool = False,
    ) -> None:
        """Run fits as long as there is time; what went wrong is not tried again.

        Args:
            order: Candidates and folds.
            spare: Share of the budget that is for what comes after.
            settled: Options that earlier fits have settled.
            evenly: Whether a fit may have the time that is left divided by the fits that are,
                rather than a third of it: where few are tried, and each uses what it gets.
        """
        self._issued = []
        jobs = self._jobs(list(order), spare, settled, evenly)
        with closing(cast(Any, self._engine.map(self._task, jobs, self._listen))) as outcomes:
            for outcome in cast(Iterator[Outcome], outcomes):
                self._take(outcome)

    def _jobs(
        self,
        order: Sequence[tuple[Contender, int]],
        spare: float,
        settled: Callable[[Contender], Mapping[str, Json]],
        evenly: bool,
    ) -> Iterator[Job]:
        for place, (one, fold) in enumerate(order):
            left = self._deadline.left() - spare * self._deadline.seconds
            if left <= _NEED * one.entry.cost or one.reason:
                continue
            options = {**one.entry.options, **settled(one)}
            seconds = max(_LEAST_S, left / (len(order) - place if evenly else _PART))
            known = self._kept.find(one.entry, options, fold, seconds)
            if known is not None:
                one.accept(fold, known)
                continue
            self._issued.append((one, fold, options))
            yield self._order(one.entry, options, fold, seconds, left)

    def _listen(self, index: int, row: Json) -> None:
        one, fold, _ = self._issued[index]
        self._progress({"candidate": one.name, "fold": fold, **row})

    def _take(self, outcome: Outcome) -> None:
        one, fold, options = self._issued[outcome.index]
        if outcome.state == "done" and outcome.value["model"] is not None:
            fit = Fit.of(outcome)
            self._kept.keep(one.entry, options, fold, fit)
            one.accept(fold, fit)
        else:
            one.lose(outcome)
        left = round(self._deadline.left(), 2)
        self._progress(
            {"candidate": one.name, "fold": fold, "state": outcome.state, "best": None,
             "left_s": left}
        )  # fmt: skip
