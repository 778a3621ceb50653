"""When a policy that learns is judged, what is kept of it, and when its training ends."""

from __future__ import annotations

from typing import Any

from lingqu.core.ports import Progress
from lingqu.environment.episodes import Episodes
from lingqu.learn.average import copied
from lingqu.learn.control import SURE
from lingqu.learn.control.acting import Acting
from lingqu.learn.control.finish import solved
from lingqu.learn.control.subject import Arena
from lingqu.learn.loop import Run, Task


class Judge:
    """A listener that plays the judging episodes now and then, and keeps the best weights.

    Args:
        arena: Where they are played.
        progress: Gets a row each time.
        every: Epochs between two times.
        patience: Times without gain before training ends; 0 for never.

    Attributes:
        won: Whether the last policy surely reached what the environment calls solved.
    """

    def __init__(self, arena: Arena, progress: Progress, every: int, patience: int) -> None:
        self.arena, self.progress = arena, progress
        self.every, self.patience = every, patience
        self.won = False
        self.random = float(arena.walked.returns.mean())

    def __call__(self, event: str, run: Run) -> None:
        if event == "end":
            if run.best[2]:
                run.task.load_state_dict(run.best[2])
            return
        if event != "epoch" or run.trouble or run.epoch % self.every:
            return
        judged = self.look(run.task)
        value, undecided = float(judged.returns.mean()), _undecided(run.task)
        row = {"epoch": float(run.epoch), "steps": float(_acted(run.task)), "valid_score": value,
               "learning_rate": run.learning_rate, **run.means}  # fmt: skip
        if undecided is not None:
            row["undecided"] = undecided
        run.curve.append(row)
        self.progress(row)
        best, age, kept = run.best
        run.best = (value, 0, copied(run.task)) if value >= best else (best, age + 1, kept)
        self.won = solved(judged, self.arena.enough)
        run.stop |= self.won or 0 < self.patience <= run.best[1]
        # What draws one action only learns nothing more: who is no good then will not be.
        run.stop |= undecided is not None and undecided < SURE and value <= self.random

    def look(self, task: Any, keep: bool = False) -> Episodes:
        """Play the judging episodes with what is best now."""
        task.eval()
        return self.arena.judged(task.greedy(), keep)


def _undecided(task: Task) -> float | None:
    return task.undecided if isinstance(task, Acting) else None


def _acted(task: Task) -> int:
    return int(task.acted) if isinstance(task, Acting) else 0
