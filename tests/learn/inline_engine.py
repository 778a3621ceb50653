"""An engine that runs jobs here, one after the other, on a clock that a test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from lingqu.core.nouns import Dataset
from lingqu.core.ports import Job, Outcome
from lingqu.learn.choose import Choice, choose


class Clock:
    """Seconds that rise only when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class InlineEngine:
    """Runs `core.ports.Engine` jobs in this process.

    Args:
        clock: Moved by each job.
        seconds: How long a fit of an algorithm takes on that clock; 0.1 by default.
        fails: ``{algorithm: state}`` or ``{(algorithm, fold): state}`` of jobs that end badly.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        seconds: Mapping[str, float] | None = None,
        fails: Mapping[Any, str] | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.seconds = seconds or {}
        self.fails = fails or {}
        self.ran: list[tuple[str, int]] = []

    def map(
        self, task: str, jobs: Iterable[Job], progress: Callable[[int, Any], None] | None = None
    ) -> Iterator[Outcome]:
        module, _, name = task.partition(":")
        function = getattr(import_module(module), name)
        for index, job in enumerate(jobs):
            algorithm, fold = job.payload["algorithm"], job.payload["fold"]
            self.ran.append((algorithm, fold))
            took = self.seconds.get(algorithm, 0.1)
            state = self.fails.get(algorithm) or self.fails.get((algorithm, fold))
            if job.timeout_s is not None and took > job.timeout_s:
                self.clock.now += job.timeout_s
                reason = f"stopped after {job.timeout_s:.3g} s"
                yield Outcome(index, "timeout", reason=reason, peak_mb=100.0)
                continue
            self.clock.now += took
            if state:
                reason = f"{algorithm} ended: {state}"
                yield Outcome(index, state, reason=reason, seconds=took, peak_mb=100.0)  # type: ignore[arg-type]
                continue
            try:
                value = function(job.payload, lambda row, at=index: progress and progress(at, row))
            except Exception as error:
                yield Outcome(index, "failed", None, str(error), took, took, 100.0)
            else:
                yield Outcome(index, "done", value, "", took, took, 100.0)

    def close(self) -> None:
        """Nothing is open."""


FEW: list[tuple[str, Mapping[str, Any]]] = [("logistic", {}), ("k_neighbours", {})]
LINES: list[tuple[str, Mapping[str, Any]]] = [("ridge", {}), ("k_neighbours", {})]


def chosen(
    table: Dataset,
    folder: Path,
    budget_s: float = 100.0,
    engine: InlineEngine | None = None,
    **more: Any,
) -> Choice:
    """Choose with an engine in this process, on a clock that only its jobs move."""
    engine = engine or InlineEngine()
    task = "regress" if table.name == "values" else "classify"
    more.setdefault("algorithms", LINES if task == "regress" else FEW)
    return choose(
        table, task, budget_s=budget_s, engine=engine, scratch=folder, clock=engine.clock, **more
    )
