"""Live progress of a run: stages as they pass, one line per candidate, budget left.

No score is shown on the way: the leader may change, and as it is compared on more folds its score
may fall. The one it ends with is printed when the stage is over.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live as RichLive
from rich.table import Table
from rich.text import Text

from lingqu.cli.shown import shown_score, stage_name
from lingqu.core.i18n import text

ALL = -1
"""The fold number of a refit on every row, as `lingqu.learn.candidate` tells it."""


class Live:
    """Shows what a run tells; on a pipe it prints plain lines instead of moving ones.

    Args:
        quiet: Show nothing (for ``--json``).
        budget_s: Budget of the algorithm stage in seconds.
        metric: Score that decides; it says whether a smaller one is better.
    """

    def __init__(
        self, quiet: bool = False, budget_s: float = 0.0, metric: str = "accuracy"
    ) -> None:
        self.quiet = quiet
        self.budget_s = budget_s
        self.metric = metric
        self.console = Console(file=sys.stderr)
        self.moving = self.console.is_terminal and not quiet
        self.stages: dict[str, tuple[str, float]] = {}
        self.candidates: dict[str, Mapping[str, Any]] = {}
        self.doing = ""
        self.best: float | None = None
        self.training_since = 0.0
        self.live = RichLive(console=self.console, refresh_per_second=8, transient=True)

    def __enter__(self) -> Live:
        if self.moving:
            self.live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.moving:
            self.live.stop()

    def hear(self, row: Mapping[str, Any]) -> None:
        """Take one row that a run tells."""
        if self.quiet:
            return
        if "candidate" in row:
            self._candidate(row)
        elif row.get("event") == "stage":
            self._stage(row)
        elif row.get("event") in ("operator", "check"):
            self.doing = str(row["name"])
        if self.moving:
            self.live.update(self._picture())

    def _stage(self, row: Mapping[str, Any]) -> None:
        name, state = str(row["name"]), str(row["state"])
        self.stages[name] = (state, float(row["seconds"]))
        self.doing = ""
        if name.startswith("train") and state == "running":
            self.training_since = time.monotonic()
        if not self.moving and state != "running":
            self._print(f"{stage_name(name)}: {text(f'cli.state_{state}')} {row['seconds']:.2f} s")
        if name.startswith("train") and state == "done" and self.best is not None:
            score = shown_score(self.metric, self.best)
            self._print("  " + text("cli.validation_score", score=score))
            self.best = None

    def _candidate(self, row: Mapping[str, Any]) -> None:
        """Take what a fit reports while it runs, or how it ended."""
        name = str(row["candidate"])
        known = {} if "state" in self.candidates.get(name, {}) else self.candidates.get(name, {})
        self.candidates[name] = {**known, **row}
        if "state" not in row:
            return
        self.best = row.get("best", self.best)
        fold = int(row.get("fold", 0))
        # What is worth a line in a log: it was tried, it was refitted, it went wrong.
        if not self.moving and (fold in (0, ALL) or row["state"] != "done"):
            line = self._line(name, self.candidates[name])
            if "left_s" in row:
                line += "  " + text("cli.budget_left", left=f"{max(0.0, row['left_s']):.0f}")
            self._print("  " + line)

    def _print(self, line: str) -> None:
        self.console.print(line, markup=False, highlight=False)

    def _line(self, name: str, row: Mapping[str, Any]) -> str:
        state = text(f"cli.state_{row.get('state', 'running')}")
        fold = int(row.get("fold", 0))
        where = text("cli.refit") if fold == ALL else text("cli.fold", fold=fold + 1)
        parts = [f"{name:<14}", f"{state:<8}", where]
        if "epoch" in row and "state" not in row:
            parts.append(text("cli.epoch", epoch=int(row["epoch"])))
        return "  ".join(parts)

    def _picture(self) -> Group:
        table = Table(show_header=False, box=None, padding=(0, 2))
        for name, (state, seconds) in self.stages.items():
            mark = {"done": "✓", "reused": "↺", "running": "…", "failed": "✗"}[state]
            note = self.doing if state == "running" else f"{seconds:.2f} s"
            table.add_row(mark, stage_name(name), note)
        parts: list[Any] = [table]
        if self.training_since and self.stages.get("train", ("",))[0] == "running":
            left = max(0.0, self.budget_s - (time.monotonic() - self.training_since))
            parts.append(Text(text("cli.budget_left", left=f"{left:.0f}")))
        parts += [Text("  " + self._line(name, row)) for name, row in self.candidates.items()]
        return Group(*parts)
