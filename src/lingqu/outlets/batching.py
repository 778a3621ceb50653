"""Micro-batches without a timer: what arrived while the last batch ran is the next batch.

An idle server answers at once, a loaded one answers many requests with one run of the graph, and
nobody waits for a clock. A model whose run is shorter than handing it to a thread runs in the
event loop itself; a slower one runs in threads, where ONNX Runtime frees the interpreter.

Where several threads may ask a model at once, what waits is dealt out among those that are free. A
batch that could begin while others still run is small only because its callers are on their way:
they have just been answered. It waits for them, by a small part of what one row costs.

How many rows make a batch follows from what a run costs: measured when the release is opened, and
again with every batch that a thread runs.

Source: Own; measured against timer-based batches of other servers, which lose their whole wait
when the server is idle.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, Protocol

from lingqu.core.errors import AccessError, LingquError, OutletError
from lingqu.outlets.fair import FairQueue

Run = Callable[[Sequence[Any]], Sequence[Any]]
Done = Callable[[Any], None]
Batch = list[tuple[Any, Done]]
Timed = tuple[Sequence[Any], tuple[float, float]]
"""Answers, and when their run began and ended."""
INLINE_S = 0.0003
"""A run of one row shorter than this is not worth a thread."""
HELD_S = 0.001
"""No batch may hold the event loop longer than this."""
BATCH_S = 0.05
"""No batch should take longer than this, so that who comes next need not wait for it."""
ROWS = 256
"""Most rows of one batch; a larger request is a batch of its own."""
LOOK_S = 0.05
"""How often who waits is looked after while a batch runs."""
LINGER = 0.25
"""Part of what a row costs that a batch waits for callers who have just been answered."""
_LEARNT = 0.1
"""Weight of the newest batch in what a run costs."""


class Asker(Protocol):
    """Who waits for an answer: the part of a request that is needed here."""

    key: str
    gone: bool
    within_s: float


Entry = tuple[Any, Done, float, Asker | None]
"""An item, whom to tell, until when it may wait, and who waits."""


class Batcher:
    """Answers items in batches; each item has a `height` in rows.

    Args:
        run: Items → answers, one each, in order.
        threads: Where slow runs go.
        queue: Items that may wait; more are refused with 429, those of whoever holds most first.
        deadline_s: An item that waited longer is refused with 504 instead of being computed.
        cost_s: Seconds of a run of one row, measured when the release was opened.
        row_s: Seconds that each further row adds.
        lanes: Slow runs that may go on at once; `threads` has as many.
        linger: Part of what a row costs that a batch waits, while another one runs, for callers who
            have just been answered.

    Attributes:
        ran: When the last batch began and ended, by `time.perf_counter`.
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
        lanes: int = 1,
        linger: float = LINGER,
    ) -> None:
        self._run = run
        self._threads = threads
        self._deadline_s = deadline_s
        self.cost_s = cost_s
        self.row_s = row_s
        self._lanes = lanes
        self._linger = linger
        self.ran = (0.0, 0.0)
        self._waiting: FairQueue[Entry] = FairQueue(queue)
        self._called = False
        self._flying = 0
        self._awaited, self._until = 0, 0.0
        self._timed_look = False
        self._looking = False

    @property
    def waiting(self) -> int:
        """Items that wait now."""
        return len(self._waiting)

    @property
    def rows(self) -> int:
        """How many rows make a batch, by what they cost.

        Example:
            >>> Batcher(list, None, cost_s=0.01, row_s=0.004).rows
            11
        """
        spare = BATCH_S - self.cost_s
        if spare <= 0:
            return 1
        return ROWS if self.row_s * ROWS <= spare else 1 + int(spare / self.row_s)

    def submit(self, item: Any, done: Done, asker: Asker | None = None) -> None:
        """Queue an item.

        Args:
            item: It.
            done: Called once, in the event loop, with the answer or with what went wrong.
            asker: Who waits for it: not computed where they have hung up, or will wait no longer.

        Raises:
            AccessError: Too many wait already (429).
        """
        within = self._deadline_s
        if asker is not None and 0 < asker.within_s < within:
            within = asker.within_s
        entry = (item, done, time.monotonic() + within, asker)
        gone = self._waiting.add("" if asker is None else asker.key, entry, item.height)
        if gone is not None:
            busy = AccessError("outlets.busy", 429, waiting=len(self._waiting), seconds=1)
            if gone is entry:
                raise busy
            gone[1](busy)  # of whoever holds most places
        if self._flying < self._lanes:
            self._call()

    def _call(self) -> None:
        if not self._called:
            # After everything else that this turn of the loop has read: it comes along.
            self._called = True
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        self._called = False
        while self._waiting and self._flying < self._lanes and not self._lingers():
            batch = self._take()
            if not batch:
                return
            items = [item for item, _ in batch]
            if not self._is_short(sum(item.height for item in items)):
                self._fly(batch, items)
                continue
            answers, self.ran = self._timed(items)
            _tell(batch, answers)
            if self._waiting:
                self._call()  # after what the loop has read meanwhile
            return

    def _fly(self, batch: Batch, items: Sequence[Any]) -> None:
        """Let a thread run a batch."""
        self._flying += 1
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._threads, self._timed, items)
        work.add_done_callback(lambda finished: self._finish(batch, finished))
        if not self._looking:
            self._looking = True
            loop.call_later(LOOK_S, self._look)

    def _lingers(self) -> bool:
        """Tell whether to wait for callers who have just been answered, and look again then."""
        if not self._flying or len(self._waiting) >= self._awaited:
            return False
        loop = asyncio.get_running_loop()
        if loop.time() >= self._until:
            return False
        if not self._timed_look:
            self._timed_look = True
            loop.call_at(self._until, self._look_again)
        return True

    def _look_again(self) -> None:
        self._timed_look = False
        self._next()

    def _is_short(self, rows: int) -> bool:
        return self.cost_s < INLINE_S and self.cost_s + self.row_s * (rows - 1) < HELD_S

    def _finish(self, batch: Batch, finished: asyncio.Future[Timed]) -> None:
        self._flying -= 1
        answers, self.ran = finished.result()
        self._learn(sum(item.height for item, _ in batch), self.ran[1] - self.ran[0])
        _tell(batch, answers)
        self._awaited = len(batch) if self._lanes > 1 else 0
        self._until = asyncio.get_running_loop().time() + self._linger * self.row_s
        if self._waiting and not self._called:
            self._next()

    def _learn(self, rows: int, seconds: float) -> None:
        """Take in what a batch cost; one that something else held up counts for little."""
        if rows == 1:
            self.cost_s += _LEARNT * (min(seconds, 2 * self.cost_s) - self.cost_s)
        else:
            row_s = max(0.0, seconds - self.cost_s) / (rows - 1)
            self.row_s += _LEARNT * (min(row_s, 2 * self.row_s + 1e-6) - self.row_s)

    def _take(self) -> Batch:
        """Return the next batch; who waits no longer is told so and not computed."""
        batch: Batch = []
        rows, most, now = 0, self.rows, time.monotonic()
        # What waits is dealt out among the lanes that are free.
        share = -(-len(self._waiting) // max(1, self._lanes - self._flying))
        while self._waiting and len(batch) < share:
            item, done, until, asker = self._waiting.head
            if batch and rows + item.height > most:
                break
            self._waiting.take()
            refusal = self._refusal(now, until, asker)
            if refusal is not None:
                done(refusal)
                continue
            batch.append((item, done))
            rows += item.height
        return batch

    def _look(self) -> None:
        """While a batch runs, tell those who wait too long at once."""
        if not self._flying:
            self._looking = False
            return
        now = time.monotonic()
        told: list[tuple[Done, LingquError]] = []

        def stays(entry: Entry) -> bool:
            refusal = self._refusal(now, entry[2], entry[3])
            if refusal is not None:
                told.append((entry[1], refusal))
            return refusal is None

        self._waiting.sift(stays)
        for done, refusal in told:
            done(refusal)
        asyncio.get_running_loop().call_later(LOOK_S, self._look)

    def _refusal(self, now: float, until: float, asker: Asker | None) -> LingquError | None:
        if asker is not None and asker.gone:
            return OutletError("outlets.gone")
        if until >= now:
            return None
        within = self._deadline_s
        if asker is not None and 0 < asker.within_s < within:
            within = asker.within_s
        return OutletError("outlets.too_late", seconds=f"{within:g}")

    def _timed(self, items: Sequence[Any]) -> Timed:
        begun = time.perf_counter()
        answers = self._answers(items)
        return answers, (begun, time.perf_counter())

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
