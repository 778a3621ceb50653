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
INLINE_S = 0.0003
"""A run shorter than this is not worth a thread."""
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
    """

    def __init__(
        self,
        run: Run,
        threads: Executor,
        *,
        queue: int = 1000,
        deadline_s: float = 10.0,
        cost_s: float = 0.0,
    ) -> None:
        self._run = run
        self._threads = threads
        self._queue = queue
        self._deadline_s = deadline_s
        self.cost_s = cost_s
        self._waiting: deque[tuple[Any, asyncio.Future[Any], float]] = deque()
        self._busy = False

    @property
    def waiting(self) -> int:
        """Items that wait now."""
        return len(self._waiting)

    def submit(self, item: Any) -> asyncio.Future[Any]:
        """Queue an item and return where its answer will be.

        Raises:
            AccessError: Too many wait already (429).
        """
        if len(self._waiting) >= self._queue:
            raise AccessError("outlets.busy", 429, waiting=len(self._waiting), seconds=1)
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._waiting.append((item, future, time.monotonic()))
        if not self._busy:
            self._busy = True
            # After everything else that this turn of the loop has read: those come along.
            loop.call_soon(self._next)
        return future

    def _next(self) -> None:
        batch = self._take()
        if not batch:
            self._busy = False
            return
        loop = asyncio.get_running_loop()
        items = [item for item, _ in batch]
        futures = [future for _, future in batch]
        if self.cost_s < INLINE_S and sum(item.height for item in items) <= ROWS:
            begun = time.perf_counter()
            done = self._answers(items)
            # A slow run now and then is noise; slow runs one after the other go to the thread.
            self.cost_s += 0.05 * (time.perf_counter() - begun - self.cost_s)
            _resolve(futures, done)
            if self._waiting:
                loop.call_soon(self._next)
            else:
                self._busy = False
            return
        task = loop.run_in_executor(self._threads, self._answers, items)
        task.add_done_callback(lambda finished: self._finish(futures, finished))

    def _finish(self, futures: list[asyncio.Future[Any]], finished: asyncio.Future[Any]) -> None:
        _resolve(futures, finished.result())
        self._next()

    def _take(self) -> list[tuple[Any, asyncio.Future[Any]]]:
        """Return the next batch; whoever waited too long, or went away, is not computed."""
        batch: list[tuple[Any, asyncio.Future[Any]]] = []
        rows, oldest = 0, time.monotonic() - self._deadline_s
        while self._waiting:
            item, future, since = self._waiting[0]
            if batch and rows + item.height > ROWS:
                break
            self._waiting.popleft()
            if future.done():
                continue
            if since < oldest:
                late = OutletError("outlets.too_late", seconds=f"{self._deadline_s:g}")
                future.set_exception(late)
                continue
            batch.append((item, future))
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


def _resolve(futures: Sequence[asyncio.Future[Any]], answers: Sequence[Any]) -> None:
    for future, answer in zip(futures, answers, strict=True):
        if future.done():
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
