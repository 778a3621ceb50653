"""The prediction log: every answered row, written off the request path.

A server puts entries into a bounded queue in memory; one thread turns them into typed columns and
appends them to segments, Arrow IPC streams ``<log>/<channel>/<utc>-<pid>-<n>.arrow``, where `n` is
the place of the first row in the whole log. A segment is appended batch by batch, each batch in
one write, so a killed process leaves whole batches and at most one torn one, which readers skip.

Writers of one channel take turns by a file lock, and a writer begins a new segment when another
one has begun a later one: so the order of segments, then of batches, is the order of writing, and
a place in the log keeps its meaning when old segments are removed.
"""

from __future__ import annotations

import fcntl
import io
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import polars as pl

from lingqu.core.nouns import Json
from lingqu.release.profile import count
from lingqu.store.arrow_stream import message_ends, read_stream

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
SEGMENT_ROWS = 100_000
"""Rows after which a new segment begins."""
SIGNAL = "x."


def read(folder: Path, after: int = 0) -> pl.DataFrame:
    """Return the rows of a log in the order they were written.

    Args:
        folder: The log of one channel; it may not exist yet.
        after: Rows at the beginning to leave out.

    Returns:
        The columns of `BASE` and ``x.<signal>``; no rows where there are none.
    """
    segments = [(_first(path), path) for path in _segments(folder)]
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


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Hold the log of a channel: writers, in whatever process, wait until it is released."""
    with (folder / ".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
        segments = _segments(folder)
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


def _segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.arrow")) if folder.is_dir() else []


def _first(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])


class Segments:
    """Appends frames to the segments of one channel.

    Args:
        folder: The log of the channel; made when missing.
        now: Clock, for names.
        rows: Rows after which a new segment begins.
    """

    def __init__(
        self,
        folder: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        rows: int = SEGMENT_ROWS,
    ) -> None:
        self._folder = folder
        self._now = now
        self._most = rows
        self._path: Path | None = None
        self._file: IO[bytes] | None = None
        self._schema: pl.Schema | None = None
        self._rows = 0
        self._written: tuple[Path, os.stat_result, int] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def append(self, frame: pl.DataFrame) -> None:
        """Append rows; when it returns, they survive the death of this process.

        Raises:
            OSError: The disk is full, or the folder is gone.
        """
        if self._schema is not None:
            frame = _widened(frame, self._schema)
        with turn(self._folder):
            if not self._continues(frame.schema):
                self.close()
                self._begin()
            schema, batch = _messages(frame)
            if self._schema is None:
                self._schema, batch = frame.schema, schema + batch
            self._write(batch)
            self._rows += frame.height

    def close(self) -> None:
        """Bring the segment to the disk; the next row begins another one."""
        if self._file is not None:
            os.fsync(self._file.fileno())
            if self._path is not None:
                self._written = (self._path, os.fstat(self._file.fileno()), self._rows)
            self._file.close()
        self._file = self._path = self._schema = None

    def _continues(self, schema: pl.Schema) -> bool:
        """Tell whether the open segment is still the last one, of this form, and not full."""
        if self._file is None or self._path is None:
            return False
        if self._schema != schema or self._rows >= self._most:
            return False
        # Erasing a person's rows replaces a segment: what is open is then no longer in the log.
        replaced = not self._path.exists() or not os.path.samestat(
            os.fstat(self._file.fileno()), self._path.stat()
        )
        return not replaced and _segments(self._folder)[-1] == self._path

    def _begin(self) -> None:
        before = _segments(self._folder)
        first = _first(before[-1]) + self._height(before[-1]) if before else 0
        stamp = self._now().strftime("%Y%m%dT%H%M%S%f")
        if before:
            stamp = max(stamp, before[-1].name.partition("-")[0] + "0")
        self._path = self._folder / f"{stamp}-{os.getpid()}-{first:012d}.arrow"
        self._file = self._path.open("ab", buffering=0)
        self._schema, self._rows = None, 0

    def _height(self, path: Path) -> int:
        """Return the rows of a segment; one that was written here need not be read for it."""
        if self._written is not None and self._written[0] == path:
            _, known, rows = self._written
            now = path.stat()
            if os.path.samestat(known, now) and known.st_size == now.st_size:
                return rows
        return read_segment(path).height

    def _write(self, data: bytes) -> None:
        """Write all or nothing: a part of a batch would hide every batch after it."""
        assert self._file is not None
        size = os.fstat(self._file.fileno()).st_size
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError:
            os.ftruncate(self._file.fileno(), size)
            self.close()
            raise


def _widened(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """Give a frame the columns of the open segment, so that two releases can share it."""
    own = frame.schema
    if any(own.get(name, kind) != kind for name, kind in schema.items()):
        return frame
    lacking = [pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in own]
    extra = [name for name in own if name not in schema]
    return frame.with_columns(lacking).select(*schema, *extra)


def _messages(frame: pl.DataFrame) -> tuple[bytes, bytes]:
    """Return the schema message and the batch message of a frame."""
    sink = io.BytesIO()
    frame.rechunk().write_ipc_stream(sink, compat_level=pl.CompatLevel.oldest())
    data = sink.getvalue()
    ends = list(message_ends(data))
    return data[: ends[0]], data[ends[0] : ends[-1]]


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
        flush_s: float = 0.2,
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
