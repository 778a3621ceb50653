"""Shadows: copies of requests, answered by a release whose answers nobody gets.

A copy is made after the reply was sent, waits in a small queue of its own, and is computed by one
thread that the machine runs last. Copies are what is dropped first: when the queue is full, and
when requests themselves must wait. What goes wrong with a copy is a pair that did not agree.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from lingqu.core.errors import LingquError
from lingqu.core.nouns import CLASSES, VALUES, Json
from lingqu.outlets.call import Call
from lingqu.outlets.served import Answer, Served
from lingqu.store.shadow_pairs import ShadowPair

log = logging.getLogger("lingqu.outlets")
COPIES = 64
COPIED = 16_000_000
"""Copies that may wait, and bytes of them."""
BUSY = 32
"""Requests that may wait for the champion before copies are dropped."""
CLOSE = 0.01
"""Values agree when they differ by less than this part of the champion's."""
NICE = 10
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Copy:
    """A request that was answered, and who shall answer it again."""

    call: Call
    answer: Answer
    shadow: Served


class Shadows:
    """The shadows of the channels of a process.

    Args:
        keep: Takes pairs; called in the thread of the shadows.
        copies: Copies that may wait.

    Attributes:
        dropped: Copies that were not computed.
    """

    def __init__(self, keep: Callable[[Sequence[ShadowPair]], None], copies: int = COPIES) -> None:
        self._keep = keep
        self._copies = copies
        self._waiting: deque[Copy] = deque()
        self._number = 0
        # Each is written by one thread only, so neither needs a lock.
        self._added = self._taken = 0
        self._come = threading.Event()
        self._stop, self._until = False, math.inf
        self._thread: threading.Thread | None = None
        self.dropped = 0

    def after(self, call: Call, answer: Answer | None) -> None:
        """Copy a request that was answered, if its channel has shadows."""
        split = call.room.serving.split
        if not split.shadows or answer is None or call.entry.arm == "version":
            return
        if len(answer.predictions) != len(call.entry.ids):
            return  # a table is answered in pieces, a text word by word: neither is copied
        self._number += 1
        for backend in split.shadows:
            shadow = call.room.serving.served.get(backend.release)
            if shadow is None or (self._number * _GOLDEN) % 1.0 >= backend.share:
                continue
            if self._is_full(call):
                self.dropped += 1
                continue
            self._added += call.entry.size
            self._waiting.append(Copy(call, answer, shadow))
            self._begin()

    def close(self, timeout_s: float = 1.0) -> None:
        """Finish the copies that wait, as far as there is time, and stop."""
        self._until = time.monotonic() + timeout_s
        self._stop = True
        self._come.set()
        if self._thread is not None:
            self._thread.join(2 * timeout_s)

    def _is_full(self, call: Call) -> bool:
        bytes_waiting = self._added - self._taken + call.entry.size
        waits = len(self._waiting) >= self._copies or bytes_waiting > COPIED
        return waits or call.served.batcher.waiting > BUSY

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="lingqu-shadow", daemon=True)
            self._thread.start()
        self._come.set()

    def _work(self) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        while not self._stop:
            self._come.wait()
            self._come.clear()
            pairs: list[ShadowPair] = []
            while self._waiting and time.monotonic() < self._until:
                copy = self._waiting.popleft()
                pairs += compared(copy)
                self._taken += copy.call.entry.size
            try:
                self._keep(pairs)
            except LingquError:
                # The ledger is away: what the shadow said is lost, what callers get is not.
                log.exception("%d pairs of a shadow could not be kept", len(pairs))
                self.dropped += len(pairs)


def compared(copy: Copy) -> list[ShadowPair]:
    """Let the shadow answer, and return a pair for each row."""
    call, begun = copy.call, time.perf_counter()
    columns, served = call.columns, copy.shadow
    said: Answer | None = None
    try:
        assert columns is not None
        if served.schema != call.served.schema:
            columns = call.form.read(served, call.given, call.room.limits.rows)
        (said,) = served.run([columns])
    except Exception:
        # Whatever it is, it is the shadow's own: nobody waits for its answer.
        log.exception("shadow %s could not answer", served.label)
    took_ms = (time.perf_counter() - begun) * 1000
    entry, found = call.entry, []
    at = datetime.fromtimestamp(entry.at, UTC).isoformat()
    for row, name in enumerate(entry.ids):
        agree, distance = _distance(copy, said, row)
        found.append(
            ShadowPair(
                call.room.channel,
                at,
                name,
                call.served.digest,
                served.digest,
                _says(call.served, copy.answer, row),
                {"failed": True} if said is None else _says(served, said, row),
                agree,
                distance,
                entry.latency_ms,
                took_ms,
            )
        )
    return found


def _says(served: Served, answer: Answer, row: int) -> Mapping[str, Json]:
    """Return what an answer says in few bytes: texts and boxes are not kept."""
    task = served.release.task
    if task not in (*CLASSES, *VALUES):
        return {}
    told: dict[str, Json] = {"prediction": _plain(answer.predictions[row])}
    if answer.confidence is not None:
        told["confidence"] = answer.confidence[row]
    return told


def _distance(copy: Copy, said: Answer | None, row: int) -> tuple[bool, float | None]:
    if said is None:
        return False, None
    first, second = copy.answer, said
    one, other = first.predictions[row], second.predictions[row]
    task = copy.call.served.release.task
    if task in VALUES:
        apart = abs(float(other) - float(one))
        return apart <= CLOSE * max(abs(float(one)), 1e-12), apart
    same = bool(one == other)
    if first.probabilities is None or second.probabilities is None:
        return same, None
    mine = dict(zip(copy.call.served.release.classes, first.probabilities[row], strict=True))
    theirs = dict(zip(copy.shadow.release.classes, second.probabilities[row], strict=True))
    names = mine.keys() | theirs.keys()
    apart = sum(abs(mine.get(name, 0.0) - theirs.get(name, 0.0)) for name in names) / 2
    return same, float(apart)


def _plain(value: Any) -> Json:
    return value.item() if isinstance(value, np.generic) else value
