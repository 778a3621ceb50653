"""What may happen between two steps of a training: plain functions of (event, run).

Source: Prechelt, "Early stopping - but when?", 1998.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from lingqu.core.ports import Progress
from lingqu.learn import checkpoint as disk
from lingqu.learn.average import copied
from lingqu.learn.run import Run, Task

Listener = Callable[[str, Run], None]


def report(progress: Progress, score: Callable[[Task], Mapping[str, float]]) -> Listener:
    """Write a row of the curve and hand it on, after each epoch and at a fractional end.

    Args:
        progress: Gets ``{"epoch", "train_loss", "learning_rate", …}``.
        score: Adds what it measures, such as ``valid_loss`` and ``valid_score``.
    """

    def listen(event: str, run: Run) -> None:
        known = run.curve[-1]["epoch"] if run.curve else 0.0
        if event == "step" or (event == "end" and (run.position <= known or run.trouble)):
            return
        row: dict[str, float] = {"epoch": run.epoch if event == "epoch" else run.position}
        if run.means:
            row["train_loss"] = next(iter(run.means.values()))
        row["learning_rate"] = run.learning_rate
        run.curve.append({**row, **score(run.task)})
        progress(run.curve[-1])

    return listen


def early_stop(score: Callable[[Run], float], patience: int = 0) -> Listener:
    """Keep the best weights; stop when `patience` epochs brought nothing better.

    Args:
        score: Reads the run's last score (higher is better), such as from `Run.curve`; a tie
            goes to the later epoch.
        patience: Epochs without gain that are allowed; 0 never stops, only keeps the best.
    """

    def listen(event: str, run: Run) -> None:
        if event == "step" or run.trouble:
            return
        value = score(run)
        best, age, state = run.best
        if event == "end":
            if state and not value >= best:
                run.task.load_state_dict(state)
        elif value >= best:
            run.best = value, 0, copied(run.task)
        else:
            run.best = best, age + 1, state
            run.stop |= 0 < patience <= age + 1

    return listen


def checkpoint(path: Path | str, every: int = 0) -> Listener:
    """Write a checkpoint after each epoch and each `every` steps; put it last in the list."""

    def listen(event: str, run: Run) -> None:
        if event == "epoch" or (event == "step" and every and run.step % every == 0):
            disk.write(run, path)

    return listen


def time_limit(seconds: float, clock: Callable[[], float] = time.monotonic) -> Listener:
    """End within `seconds`, with the learning rate already down.

    The speed is measured while the run goes on, and the schedule is squeezed to what is
    affordable: stopping a one-cycle run at its peak would leave a net that is worse than one
    trained for half as long. A run that is fast enough is not touched, so it stays exactly
    reproducible.
    """
    start = clock()
    seen: list[tuple[float, float]] = []

    def listen(event: str, run: Run) -> None:
        now = clock()
        if event == "end":
            return
        if now - start >= seconds:
            run.stop = True
        elif not seen:  # the first step also pays for buffers and kernels
            seen.append((now, run.position))
        elif now - seen[-1][0] >= 0.05 * seconds and run.position > seen[-1][1]:
            pace = (now - seen[-1][0]) / (run.position - seen[-1][1])
            seen.append((now, run.position))
            affordable = run.position + (0.95 * seconds - (now - start)) / max(pace, 1e-9)
            target = min(float(run.plan.epochs), max(affordable, run.position))
            if target < run.end or target > 1.05 * run.end:
                run.replan(target)

    return listen
