"""Micro-batches without a timer: what arrived while the last batch ran is the next batch.

An idle server answers at once, a loaded one answers many requests with one run of the graph, and
nobody waits for a clock. A model whose run is shorter than handing it to a thread runs in the
event loop itself; a slower one runs in one thread, where ONNX Runtime frees the interpreter.

Source: Own; measured against timer-based batches of other servers, which lose their whole wait
when the server is idle.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any

from lingqu.core.errors import AccessError, OutletError

Run = Callable[[Sequence[Any]], Sequence[Any]]
Done = Callable[[Any], None]
Batch = list[tuple[Any, Done]]
INLINE_S = 0.0003
"""A run of one row shorter than this is not worth a thread."""
HELD_S = 0.001
"""No batch may hold the event loop longer than this."""
ROWS = 64
"""Most rows of one batch; a larger request is a batch of its own."""


class Batcher:
    """Answers items in batches; each item has a `height` in rows.

    Args:
        run: Items → answers, one each, in order.
        threads: Where slow runs go; one thread each.
        queue: Items that may wait; more are refused with 429.
        deadline_s: An item that waited longer is refused with 504 instead of being computed.
        cost_s: Seconds of a run of one row, measured when the release was opened.
        row_s: Seconds that each further row adds.
    """

    def __init__(
        self,
        run: Run,
        threads: Executor,
        *,
        queue: int = 1000,
        deadline_s: float = 10.0,
        cost_s: float = 0.0,
        row_s: float = 0.0,
    ) -> None:
        self._run = run
        self._threads = threads
        self._queue = queue
        self._deadline_s = deadline_s
        self.cost_s = cost_s
        self.row_s = row_s
        self._waiting: deque[tuple[Any, Done, float]] = deque()
        self._busy = False

    @property
    def waiting(self) -> int:
        """Items that wait now."""
        return len(self._waiting)

    def submit(self, item: Any, done: Done) -> None:
        """Queue an item.

        Args:
            item: It.
            done: Called once, in the event loop, with the answer or with what went wrong.

        Raises:
            AccessError: Too many wait already (429).
        """
        if len(self._waiting) >= self._queue:
            raise AccessError("outlets.busy", 429, waiting=len(self._waiting), seconds=1)
        self._waiting.append((item, done, time.monotonic()))
        if not self._busy:
            self._busy = True
            # After everything else that this turn of the loop has read: those come along.
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        batch = self._take()
        if not batch:
            self._busy = False
            return
        loop = asyncio.get_running_loop()
        items = [item for item, _ in batch]
        if not self._is_short(sum(item.height for item in items)):
            work = loop.run_in_executor(self._threads, self._answers, items)
            work.add_done_callback(lambda finished: self._finish(batch, finished))
            return
        _tell(batch, self._answers(items))
        if self._waiting:
            loop.call_soon(self._next)
        else:
            self._busy = False

    def _is_short(self, rows: int) -> bool:
        return self.cost_s < INLINE_S and self.cost_s + self.row_s * (rows - 1) < HELD_S

    def _finish(self, batch: Batch, finished: asyncio.Future[Sequence[Any]]) -> None:
        _tell(batch, finished.result())
        self._next()

    def _take(self) -> Batch:
        """Return the next batch; who waited too long is told so and not computed."""
        batch: Batch = []
        rows, oldest = 0, time.monotonic() - self._deadline_s
        while self._waiting:
            item, done, since = self._waiting[0]
            if batch and rows + item.height > ROWS:
                break
            self._waiting.popleft()
            if since < oldest:
                done(OutletError("outlets.too_late", seconds=f"{self._deadline_s:g}"))
                continue
            batch.append((item, done))
            rows += item.height
        return batch

    def _answers(self, items: Sequence[Any]) -> Sequence[Any]:
        """Run; where a batch fails, each item alone, so that one cannot spoil the others."""
        try:
            return self._run(items)
        except Exception as error:
            if len(items) == 1:
                return [error]
            return [answer for item in items for answer in self._answers([item])]


def _tell(batch: Batch, answers: Sequence[Any]) -> None:
    for (_, done), answer in zip(batch, answers, strict=True):
        done(answer)
