"""Segments of the prediction log: Arrow streams to which several processes append in turn.

Writers of one channel take turns by a file lock. Beside the segments lies ``.tail``: which one is
the last, how long it is and how many rows it holds, so that a writer goes on with what another one
has begun without reading it. Where the tail does not fit the file (a writer was killed in the
middle, rows were erased), the segment is read once and another one is begun.
"""

from __future__ import annotations

import fcntl
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import polars as pl

from lingqu.store.arrow_stream import message_ends, read_stream, stream_schema

SEGMENT_ROWS = 100_000
"""Rows after which a new segment begins."""
TAIL = ".tail"
_WIDTH = 256
"""Bytes of the tail: it is written over in place."""


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Hold the log of a channel: writers, in whatever process, wait until it is released."""
    with (folder / ".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def segments_of(folder: Path) -> list[Path]:
    """Return the segments of a log in the order of writing."""
    return sorted(folder.glob("*.arrow")) if folder.is_dir() else []


def first_row(path: Path) -> int:
    """Return the place of the first row of a segment in the whole log."""
    return int(path.stem.rpartition("-")[2])


@dataclass(frozen=True)
class Tail:
    """The end of a log.

    Args:
        name: The last segment.
        inode: The file of that name, which another one may replace.
        size: Its bytes.
        rows: Its rows.
    """

    name: str
    inode: int
    size: int
    rows: int

    def fits(self, path: Path, now: os.stat_result) -> bool:
        """Tell whether a file is the one that is meant, and nothing has been added or lost."""
        return (self.name, self.inode, self.size) == (path.name, now.st_ino, now.st_size)


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
        folder.mkdir(parents=True, exist_ok=True)

    def append(self, frame: pl.DataFrame) -> None:
        """Append rows; when it returns, they survive the death of this process.

        Raises:
            OSError: The disk is full, or the folder is gone.
        """
        fitted = self._fitted(frame)
        messages = _messages(fitted)  # before the turn: others wait meanwhile
        with turn(self._folder):
            if not self._is_last():
                self._leave()
                self._go_on()
            again = self._fitted(frame)
            if self._schema not in (None, again.schema) or self._rows >= self._most:
                self.close()
                again = frame
            if self._file is None:
                self._begin()
            if again.schema != fitted.schema:
                messages = _messages(again)
            schema, batch = messages
            self._write(batch if self._schema is not None else schema + batch)
            self._schema = again.schema
            self._rows += frame.height
            self._tell()

    def close(self) -> None:
        """Bring the segment to the disk; the next row goes on with it where it is not full."""
        if self._file is not None:
            os.fsync(self._file.fileno())
        self._leave()

    def _leave(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = self._path = self._schema = None
        self._rows = 0

    def _fitted(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Give a frame the columns of the open segment, so that two releases can share it."""
        schema, own = self._schema, frame.schema
        if schema is None or own == schema:
            return frame
        if any(own.get(name, kind) != kind for name, kind in schema.items()):
            return frame
        lacking = [pl.lit(None, k).alias(name) for name, k in schema.items() if name not in own]
        extra = [name for name in own if name not in schema]
        return frame.with_columns(lacking).select(*schema, *extra)

    # The last segment

    def _is_last(self) -> bool:
        """Tell whether the open segment is the last one and whole, and learn how full it is."""
        tail = self._tail()
        if self._file is None or self._path is None or tail is None:
            return False
        try:
            now = self._path.stat()
        except FileNotFoundError:
            return False
        # Erasing a person's rows replaces a segment: what is open is then no longer in the log.
        if not (tail.fits(self._path, now) and os.fstat(self._file.fileno()).st_ino == tail.inode):
            return False
        self._rows = tail.rows
        return True

    def _go_on(self) -> None:
        """Open the last segment if it is whole and not full, whoever has begun it."""
        tail = self._tail()
        if tail is None or tail.rows >= self._most:
            return
        path = self._folder / tail.name
        if segments_of(self._folder)[-1:] != [path] or not tail.fits(path, path.stat()):
            return
        schema = stream_schema(path)
        if schema is not None:
            self._path, self._file = path, path.open("ab", buffering=0)
            self._schema, self._rows = schema, tail.rows

    def _begin(self) -> None:
        before = segments_of(self._folder)
        first = first_row(before[-1]) + self._height(before[-1]) if before else 0
        stamp = self._now().strftime("%Y%m%dT%H%M%S%f")
        if before:
            stamp = max(stamp, before[-1].name.partition("-")[0] + "0")
        # Whoever is killed from here on leaves no tail: the next writer then looks for itself.
        (self._folder / TAIL).unlink(missing_ok=True)
        self._path = self._folder / f"{stamp}-{os.getpid()}-{first:012d}.arrow"
        self._file = self._path.open("ab", buffering=0)

    def _height(self, path: Path) -> int:
        """Return the rows of a segment; one that the tail tells of need not be read for it."""
        tail = self._tail()
        if tail is not None and tail.fits(path, path.stat()):
            return tail.rows
        frame = read_stream(path)
        return 0 if frame is None else frame.height

    def _tail(self) -> Tail | None:
        try:
            name, *numbers = (self._folder / TAIL).read_text("ascii").split()
            inode, size, rows = map(int, numbers)
        except (FileNotFoundError, ValueError):
            return None
        return Tail(name, inode, size, rows)

    def _tell(self) -> None:
        assert self._file is not None and self._path is not None
        now = os.fstat(self._file.fileno())
        line = f"{self._path.name} {now.st_ino} {now.st_size} {self._rows}".ljust(_WIDTH - 1) + "\n"
        with suppress(OSError):  # a tail that cannot be told does not fit: the next writer sees it
            file = os.open(self._folder / TAIL, os.O_WRONLY | os.O_CREAT, 0o644)
            try:
                os.pwrite(file, line.encode("ascii"), 0)
            finally:
                os.close(file)

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


def _messages(frame: pl.DataFrame) -> tuple[bytes, bytes]:
    """Return the schema message and the batch message of a frame."""
    sink = io.BytesIO()
    frame.rechunk().write_ipc_stream(sink, compat_level=pl.CompatLevel.oldest())
    data = sink.getvalue()
    ends = list(message_ends(data))
    return data[: ends[0]], data[ends[0] : ends[-1]]
