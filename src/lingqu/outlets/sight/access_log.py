"""The access log: one line of JSON a request, never a body, off the request path.

The event loop only puts a few facts into a bounded queue; one thread turns them into lines and
appends them to a file, which is moved aside when it is full. What the queue or the disk refuses is
dropped and counted: a full disk costs lines, not answers.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson

from lingqu.outlets.request import Request

log = logging.getLogger("lingqu.outlets")
OLDER = 4
"""Files kept beside the one that is written."""
CAPACITY = 50_000
"""Lines that may wait."""
CHUNK = 500
"""Lines written at a time."""
FLUSH_S = 0.5
"""Longest time that a line waits."""
_LONGEST = 200
"""Characters of a path that are told: the rest is a stranger's."""

Fact = tuple[float, str, str, str, str, str, str, int, float, int]


class AccessLog:
    """Lines of one process.

    Args:
        path: The file; older ones are ``.1`` (the newest) to ``.4`` behind its name.
        most_mb: Megabytes of all files together.
        clock: Unix seconds.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     access = AccessLog(Path(folder) / "access.jsonl", 1.0, clock=lambda: 0.0)
        ...     access.told(Request("GET", "/health"), 200, 17)
        ...     access.close()
        ...     line = orjson.loads((Path(folder) / "access.jsonl").read_bytes())
        >>> line["at"], line["method"], line["path"], line["status"], line["bytes"]
        ('1970-01-01T00:00:00.000Z', 'GET', '/health', 200, 17)
    """

    def __init__(self, path: Path, most_mb: float, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._most = int(most_mb * 1e6 / (OLDER + 1))
        self._clock = clock
        self._waiting: deque[Fact] = deque()
        self._refused = self._lost = 0
        self.written = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="lingqu-access", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Lines that are in no file: the queue was full, or the disk refused."""
        return self._refused + self._lost

    def told(self, request: Request, status: int, size: int) -> None:
        """Note that a reply was sent; called by the event loop.

        Args:
            request: What was asked.
            status: HTTP status.
            size: Bytes of the body of the reply.
        """
        if len(self._waiting) >= CAPACITY:
            self._refused += 1
            return
        room = request.room
        passed_ms = (time.perf_counter() - request.began) * 1000 if request.began else 0.0
        self._waiting.append(
            (
                self._clock(),
                request.id,
                request.method,
                request.path,
                request.key,
                "" if room is None else room.channel,
                request.release,
                status,
                passed_ms,
                size,
            )
        )

    def close(self, timeout_s: float = 3.0) -> None:
        """Write what waits, and stop."""
        self._stop.set()
        self._thread.join(timeout_s)

    def _work(self) -> None:
        while not self._stop.wait(FLUSH_S):
            self._drain()
        self._drain()

    def _drain(self) -> None:
        """Write what waits now, some lines at a time: files stay near their size."""
        left = len(self._waiting)
        while left:
            facts = [self._waiting.popleft() for _ in range(min(left, CHUNK))]
            left -= len(facts)
            try:
                self._write(b"".join(map(_line, facts)))
                self.written += len(facts)
            except Exception as error:
                # Whatever is wrong with some lines, the next ones must still be written.
                self._lost += len(facts)
                log.warning("%d lines of the access log are lost: %s", len(facts), error)

    def _write(self, data: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._turn()
        with open(self._path, "ab", buffering=0, opener=_private) as file:
            before = file.tell()
            if (file.write(data) or 0) < len(data):
                file.truncate(before)
                raise OSError("the disk is full")

    def _turn(self) -> None:
        """Move the file aside when it is full; the oldest goes."""
        if not self._path.exists() or self._path.stat().st_size < self._most:
            return
        for number in range(OLDER, 0, -1):
            older = self._older(number - 1) if number > 1 else self._path
            if older.exists():
                older.replace(self._older(number))

    def _older(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


def prune(folder: Path, before: datetime, dry_run: bool = False) -> tuple[int, int]:
    """Remove files that nobody has written to since a time; return how many, and their bytes."""
    files = removed = 0
    for path in sorted(folder.glob("*.jsonl*")):
        stat = path.stat()
        if stat.st_mtime < before.timestamp():
            files, removed = files + 1, removed + stat.st_size
            if not dry_run:
                path.unlink()
    return files, removed


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _line(fact: Fact) -> bytes:
    at, request, method, path, key, channel, release, status, passed_ms, size = fact
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return orjson.dumps(
        {
            "at": moment.replace("+00:00", "Z"),
            "request": request,
            "method": method[:_LONGEST],
            "path": path[:_LONGEST],
            "key": key,
            "channel": channel,
            "release": release,
            "status": status,
            "ms": round(passed_ms, 3),
            "bytes": size,
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )
