"""Texts that are written step by step: each step in the thread of its release, told in the loop.

Between two steps the thread answers others, so that a long text holds nobody up, and whoever has
hung up costs at most the step that is being computed. A caller who reads slowly is waited for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from typing import Any

from lingqu.core.errors import AccessError, OutletError
from lingqu.release.replies.progress import Progress

PACE_S = 0.02
"""Seconds of writing between two looks at others, where nobody reads along."""
Steps = Iterator[list[Progress]]
Told = Callable[[Sequence[Progress], bool], bool]
"""Gets what is new, and whether that is all; returns whether to go on now."""


class Pen:
    """The texts that a release is writing.

    Args:
        threads: Where steps are computed; one thread.
        queue: Texts that may be written at a time; more are refused with 429.
        deadline_s: Longest that a text may wait for its first step.
    """

    def __init__(self, threads: Executor, queue: int, deadline_s: float) -> None:
        self.threads = threads
        self._queue = queue
        self._deadline_s = deadline_s
        self.busy = 0

    def write(
        self, steps: Steps, told: Told, failed: Callable[[Exception], None], *, paced: bool
    ) -> Writing:
        """Begin a text.

        Args:
            steps: Computes it.
            told: Called in the event loop with what is new.
            failed: Called in the event loop with what went wrong; nothing is told after it.
            paced: Whether each step is told, or many together.

        Raises:
            AccessError: Too many are being written already (429).
        """
        if self.busy >= self._queue:
            raise AccessError("outlets.busy", 429, waiting=self.busy, seconds=1)
        self.busy += 1
        return Writing(self, steps, told, failed, 0.0 if paced else PACE_S)


class Writing:
    """One text while it is written; `go` computes the next of it."""

    def __init__(
        self, pen: Pen, steps: Steps, told: Told, failed: Callable[[Exception], None], pace_s: float
    ) -> None:
        self._pen = pen
        self._steps = steps
        self._told = told
        self._failed = failed
        self._pace_s = pace_s
        self._since: float | None = time.monotonic()
        self._runs = self._stopped = self._over = False

    def go(self) -> None:
        """Compute the next steps; nothing happens while some are being computed, or after."""
        if self._runs or self._over:
            return
        self._runs = True
        loop = asyncio.get_running_loop()
        work: asyncio.Future[Any] = loop.run_in_executor(self._pen.threads, self._some)
        work.add_done_callback(self._was_written)

    def stop(self) -> None:
        """Write nothing more; what is being computed is not told."""
        self._stopped = True
        if not self._runs:
            self._end()

    def _some(self) -> tuple[list[Progress], bool]:
        """Compute until it is time to tell; called in the thread."""
        begun = time.perf_counter()
        if self._since is not None:
            if time.monotonic() - self._since > self._pen._deadline_s:
                raise OutletError("outlets.too_late", seconds=f"{self._pen._deadline_s:g}")
            self._since = None
        newest: dict[int, Progress] = {}
        for added in self._steps:
            newest |= {one.row: one for one in added}
            if self._stopped or time.perf_counter() - begun >= self._pace_s:
                return list(newest.values()), False
        return list(newest.values()), True

    def _was_written(self, work: asyncio.Future[Any]) -> None:
        self._runs = False
        try:
            if self._stopped:
                self._end()
                return
            newest, over = work.result()
            if over:
                self._end()
            if self._told(newest, over):
                self.go()
        except Exception as error:
            self._end()
            self._failed(error)

    def _end(self) -> None:
        if not self._over:
            self._over = True
            self._pen.busy -= 1
            close = getattr(self._steps, "close", None)
            if close is not None:
                close()
