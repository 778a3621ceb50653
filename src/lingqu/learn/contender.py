"""The candidates of a choice in rounds: their fits, and what became of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import cast

from lingqu.core import catalog
from lingqu.core.errors import SpecError, TrainError
from lingqu.core.i18n import Message, Phrase, each
from lingqu.core.nouns import Candidate, Json, Model
from lingqu.core.ports import Outcome
from lingqu.learn.candidate import ALL, Fit
from lingqu.learn.costs import SECONDS
from lingqu.learn.lane import State
from lingqu.learn.portfolio import Entry, facts_of

Wish = tuple[str, Mapping[str, Json]]


@dataclass
class Contender:
    """One candidate: its fits by round, and what became of it."""

    entry: Entry
    fits: dict[int, Fit] = field(default_factory=dict)
    state: State = "skipped"
    reason: Message = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0
    score: float | None = None

    @property
    def name(self) -> str:
        """Name of the candidate."""
        return self.entry.name

    def accept(self, fold: int, fit: Fit) -> None:
        """Take a finished fit, of this run or of an earlier one."""
        self._count(fit)
        self.fits[fold] = fit
        self.state, self.reason = "done", ""

    def lose(self, outcome: Outcome) -> None:
        """Note a fit that came to nothing; what was fitted before still counts."""
        self._count(outcome)
        waited = outcome.state == "done" or (outcome.state == "timeout" and not outcome.begun)
        if self.state == "done" or waited:
            return  # what only waited for a worker is as if it had never been handed out
        self.state = "failed" if outcome.state == "crash" else cast(State, outcome.state)
        self.reason = outcome.reason

    def _count(self, used: Fit | Outcome) -> None:
        self.seconds += used.seconds
        self.cpu_seconds += used.cpu_seconds
        self.peak_mb = max(self.peak_mb, used.peak_mb)

    def line(self, metric: str, weight: float, budget_s: float) -> Candidate:
        """Return its line of the leaderboard."""
        waited = self.state == "skipped" and not self.reason
        no_time = Phrase("learn.no_time", {"seconds": budget_s})
        said = each(no_time if waited else self.reason)
        curve = next((tuple(fit.curve) for fit in self.fits.values()), ())
        return Candidate(
            self.name, self.entry.algorithm, self.state, self.score, metric, self.seconds,
            self.cpu_seconds, self.peak_mb, weight, said["en"], curve, reason_zh=said["zh"],
        )  # fmt: skip


def contenders(
    wishes: Iterable[Wish],
    task: str,
    usual: Sequence[str],
    size: tuple[int, int, int],
    needs: Mapping[str, str] | None = None,
) -> list[Contender]:
    """Return candidates of these algorithms and options, in order.

    Args:
        wishes: Names and options.
        task: What all of them must be able to do.
        usual: Names that can, for the error.
        size: Rows, columns and classes, by which their cost is told.
        needs: Package that an algorithm needs beside that of its workers.

    Raises:
        SpecError: An unknown algorithm, or one that cannot do the task.
    """
    found, seen = [], dict[str, int]()
    for algorithm, options in wishes:
        seen[algorithm] = seen.get(algorithm, 0) + 1
        name = algorithm if seen[algorithm] == 1 else f"{algorithm}#{seen[algorithm]}"
        facts = facts_of(algorithm)
        if task not in facts.tasks:
            raise SpecError(
                "learn.wrong_task", name=algorithm, task=task, expected=", ".join(usual)
            )
        tag = "" if facts.engine == "numpy" else facts.engine
        package = (needs or {}).get(algorithm, tag)
        if package in catalog.EXTRAS and find_spec(package) is None:
            facts_of_it = {"package": package, "extra": catalog.EXTRAS[package]}
            reason = Phrase("learn.not_installed", facts_of_it)
            found.append(
                Contender(Entry(name, algorithm, options, skip=str(reason)), reason=reason)
            )
            continue
        cost = SECONDS.get(algorithm) or catalog.load("algorithms", algorithm).cost
        found.append(Contender(Entry(name, algorithm, options, tag, cost(*size))))
    return found


def refuse_failed(those: Sequence[Contender], budget_s: float) -> None:
    """Refuse to go on where every candidate went wrong, rather than lacked time.

    Raises:
        TrainError: It is so.
    """
    reasons = [f"{one.name}: {one.reason}" for one in those if one.state == "failed"]
    if those and len(reasons) == len(those):
        raise TrainError("learn.nothing_fitted", seconds=budget_s, reasons="; ".join(reasons))


def fit_here(
    those: list[Contender], algorithm: str, fit: Callable[[Contender], Model]
) -> Contender:
    """Fit the cheapest learner here and now, where there was no time for any other.

    Args:
        those: The candidates; the learner joins them if it is none of them.
        algorithm: Its name.
        fit: Fits it in a moment.
    """
    one = next((one for one in those if one.entry.algorithm == algorithm), None)
    if one is None:
        one = Contender(Entry(algorithm, algorithm))
        those.append(one)
    begun = time.process_time()
    model = fit(one)
    one.accept(ALL, Fit(model, None, cpu_seconds=time.process_time() - begun))
    return one
