"""The prediction log: every answered row, written off the request path.

A server puts entries into a bounded queue in memory; one thread turns them into typed columns and
appends them to segments (`lingqu.outlets.sight.segments`), Arrow IPC streams
``<log>/<channel>/<utc>-<pid>-<n>.arrow``, where `n` is the place of the first row in the whole log.
A segment is appended batch by batch, each batch in one write, so a killed process leaves whole
batches and at most one torn one, which readers skip.

Writers of one channel take turns by a file lock, and all of them go on with the last segment: so
the order of segments, then of batches, is the order of writing, and a place in the log keeps its
meaning when old segments are removed.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from lingqu.core.nouns import Json
from lingqu.outlets.sight.segments import Segments, first_row, segments_of, turn
from lingqu.release.profile import count
from lingqu.store.arrow_stream import read_stream

log = logging.getLogger("lingqu.outlets")

BASE: dict[str, pl.DataType] = {
    "prediction_id": pl.String(),
    "at": pl.Datetime("us"),
    "release": pl.String(),
    "arm": pl.String(),
    "key": pl.String(),
    "status": pl.Int64(),
    "latency_ms": pl.Float64(),
    "prediction": pl.String(),
    "confidence": pl.Float64(),
}
"""Columns of every segment; `low` and `high`, or `set`, follow where answers have them, and the
watched inputs as ``x.<signal>``. Regression makes `prediction` a Float64."""
SIGNAL = "x."


def read(folder: Path, after: int = 0) -> pl.DataFrame:
    """Return the rows of a log in the order they were written.

    Args:
        folder: The log of one channel; it may not exist yet.
        after: Rows at the beginning to leave out.

    Returns:
        The columns of `BASE` and ``x.<signal>``; no rows where there are none.
    """
    segments = [(first_row(path), path) for path in segments_of(folder)]
    frames = [pl.DataFrame(schema=BASE)]
    for index, (first, path) in enumerate(segments):
        if index + 1 < len(segments) and segments[index + 1][0] <= after:
            continue
        frame = read_segment(path)
        frames.append(frame[max(0, after - first) :])
    full = [frame for frame in frames if frame.height]
    return pl.concat(full, how="diagonal_relaxed") if full else frames[0]


def read_segment(path: Path) -> pl.DataFrame:
    """Return the whole batches of one segment; a torn last one is skipped."""
    frame = read_stream(path)
    return pl.DataFrame(schema=BASE) if frame is None else frame


def profile(reference: Mapping[str, Json], rows: pl.DataFrame) -> dict[str, Json]:
    """Count a window of the log into the bins of a release's profile.

    Args:
        reference: `Release.profile`.
        rows: What `read` returned; rows that were not answered are left out.
    """
    rows = rows.filter(pl.col("status") < 400)
    signals = [name for name in rows.columns if name.startswith(SIGNAL)]
    inputs = rows.select(pl.col(name).alias(name.removeprefix(SIGNAL)) for name in signals)
    if not inputs.width:
        # A frame without columns would have lost how many rows there are.
        inputs = rows.select(pl.col("status").alias("lingqu.rows"))
    said = dict.fromkeys(["prediction", "confidence", *reference["outputs"]])
    return count(reference, inputs, rows.select(name for name in said if name in rows.columns))


def traffic(rows: pl.DataFrame) -> dict[str, Json]:
    """Return what the outlet counted in a window of the log.

    Returns:
        ``requests`` (rows asked), ``errors`` (rows not answered by fault of the server), and
        ``latency_p50_ms``, ``latency_p99_ms`` of the answered ones, None when there is none.

    Example:
        >>> rows = pl.DataFrame({"status": [200, 200, 503], "latency_ms": [1.0, 3.0, 9.0]})
        >>> traffic(rows)["latency_p50_ms"], traffic(rows)["errors"]
        (2.0, 1)
    """
    answered = rows.filter(pl.col("status") < 400)["latency_ms"]
    return {
        "requests": rows.height,
        "errors": int((rows["status"] >= 500).sum()),
        "latency_p50_ms": answered.quantile(0.5, "linear"),
        "latency_p99_ms": answered.quantile(0.99, "linear"),
    }


def prune(folder: Path, before: datetime, dry_run: bool = False) -> tuple[int, int]:
    """Remove the segments that ended before a time; the newest stays, numbering goes on from it.

    Args:
        folder: The log of one channel.
        before: UTC time.
        dry_run: Only count.

    Returns:
        Segments and bytes removed.
    """
    files = removed = 0
    if not folder.is_dir():
        return 0, 0
    with turn(folder):
        segments = segments_of(folder)
        for path, following in pairwise(segments):
            if _begun(following) > before:
                break
            files, removed = files + 1, removed + path.stat().st_size
            if not dry_run:
                path.unlink()
    return files, removed


def _begun(path: Path) -> datetime:
    stamp = path.name.partition("-")[0][:15]
    return datetime.strptime(stamp, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


@dataclass(slots=True)
class Entry:
    """One request that was answered, or failed by fault of the server.

    Args:
        source: Whose answer it is; it knows how to turn `columns` into rows.
        arm: Arm of the route.
        key: Id of the key, or ``""``.
        at: Unix seconds, UTC.
        latency_ms: From the last byte in to the first byte out.
        status: HTTP status.
        ids: Prediction ids, one a row.
        size: Bytes of the request body.
        columns: What was asked, as it was read; None when it failed.
        answer: What was said; None when it failed.
        caller: Salted hash of who asked, where the route tells callers apart; else 0.
    """

    source: Any
    arm: str
    key: str
    at: float
    latency_ms: float
    status: int
    ids: list[str]
    size: int
    columns: Any = None
    answer: Any = None
    caller: int = 0

    @property
    def rows(self) -> int:
        return len(self.ids)


class Log:
    """A bounded queue in memory and the thread that empties it.

    Args:
        segments: Where rows go.
        frames: Turns entries into rows, in order; called in the thread.
        capacity: Rows that may wait; more are dropped and counted.
        capacity_bytes: Bytes of request bodies that may wait.
        flush_s: Longest time that a row waits.
    """

    CHUNK = 512
    """Entries turned into rows at a time: bounds how long the thread holds the interpreter."""

    def __init__(
        self,
        segments: Segments,
        frames: Callable[[Sequence[Entry]], list[pl.DataFrame]],
        *,
        capacity: int = 100_000,
        capacity_bytes: int = 64_000_000,
        flush_s: float = 0.05,
    ) -> None:
        self._segments = segments
        self._frames = frames
        self._capacity = (capacity, capacity_bytes)
        self._flush_s = flush_s
        self._waiting: deque[Entry] = deque()
        # Each counter is written by one thread only, so none needs a lock.
        self._added = self._added_bytes = self._taken = self._taken_bytes = 0
        self._refused = self._lost = 0
        self.logged = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="lingqu-log", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Rows that are in no segment: the queue was full, or the disk refused."""
        return self._refused + self._lost

    def add(self, entry: Entry) -> None:
        """Queue an entry; it is dropped and counted when the queue is full."""
        if (
            self._added - self._taken + entry.rows > self._capacity[0]
            or self._added_bytes - self._taken_bytes + entry.size > self._capacity[1]
        ):
            self._refused += entry.rows
            return
        self._added += entry.rows
        self._added_bytes += entry.size
        self._waiting.append(entry)

    def close(self, timeout_s: float = 3.0) -> None:
        """Write what waits, bring it to the disk, and stop."""
        self._stop.set()
        self._thread.join(timeout_s)

    def _work(self) -> None:
        while not self._stop.wait(self._flush_s):
            self._drain()
        self._drain()
        try:
            self._segments.close()
        except OSError:
            log.exception("the prediction log could not be brought to the disk")

    def _drain(self) -> None:
        """Write what waits now; what comes meanwhile waits for the next time, as a whole."""
        left = len(self._waiting)
        while left:
            entries = [self._waiting.popleft() for _ in range(min(left, self.CHUNK))]
            left -= len(entries)
            rows = sum(entry.rows for entry in entries)
            try:
                for frame in self._frames(entries):
                    self._segments.append(frame)
                self.logged += rows
            except Exception:
                # Whatever is wrong with one chunk, the next ones must still be logged.
                self._lost += rows
                log.exception("%d rows could not be logged", rows)
            self._taken += rows
            self._taken_bytes += sum(entry.size for entry in entries)
