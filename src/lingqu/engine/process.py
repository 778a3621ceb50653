"""The near end of one worker process: its pipe, its log, its use of time and memory."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Pipe
from typing import Literal

import psutil

from lingqu.core.i18n import Message, Phrase
from lingqu.core.ports import Outcome
from lingqu.engine.template import Forked
from lingqu.engine.waiting import Waiting

TAIL_BYTES = 2000

Start = Callable[[int, int], "subprocess.Popen[bytes] | Forked"]
"""Starts a worker, given the descriptors of its end of the pipe and of its log."""


class Process:
    """One process and the job it holds.

    Args:
        place: Which of the engine's places it takes.
        tag: The kind of jobs it is for.
        start: Starts it.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(self, place: int, tag: str, start: Start) -> None:
        self.place, self.tag = place, tag
        self.known: set[str] = set()
        """Modules it has imported, of those that some tag promises."""
        self.ready = False
        self.begun = False
        self.held: Waiting | None = None
        self.warms_up = False
        """Whether what it holds is a wait for its imports only."""
        self.started = self.cpu_before = self.cpu = self.peak_mb = self._fresh_mb = 0.0
        self.log = tempfile.TemporaryFile(mode="ab+", prefix="lingqu-worker-")  # noqa: SIM115 (end closes it)
        self.connection, theirs = Pipe()
        self.born = self.idle_since = self.wanted_at = time.perf_counter()
        try:
            self.process = start(theirs.fileno(), self.log.fileno())
        except OSError:
            self.connection.close()
            self.log.close()
            raise
        finally:
            theirs.close()
        self.usage: psutil.Process | None = None

    def is_born(self, pid: int) -> None:
        """Note under which number it can be watched and ended."""
        self.process.pid = pid
        with contextlib.suppress(psutil.Error):
            self.usage = psutil.Process(pid)

    def is_ready(self) -> None:
        """Note that its imports are over, and what it holds by them."""
        self.ready, self._fresh_mb = True, self._own_mb()
        self.idle_since = self.wanted_at = time.perf_counter()

    @property
    def is_free(self) -> bool:
        """Whether it can begin a job at once."""
        return self.ready and self.held is None

    def give(self, held: Waiting, data: bytes, warms_up: bool = False) -> None:
        """Start a job. A worker reads at once, so this does not wait for it."""
        self.held, self.begun, self.peak_mb, self.warms_up = held, False, 0.0, warms_up
        self.log.truncate(0)
        self.measure()
        self.started, self.cpu_before = time.perf_counter(), self.cpu
        with contextlib.suppress(OSError):
            self.connection.send_bytes(data)

    def measure(self) -> float:
        """Return the resident memory now, MB; keep the peak and the CPU time for the outcome."""
        if self.usage is None:
            return 0.0
        with contextlib.suppress(psutil.Error):
            with self.usage.oneshot():
                used = float(self.usage.memory_info().rss) / 2**20
                times = self.usage.cpu_times()
            self.cpu = times.user + times.system + times.children_user + times.children_system
            self.peak_mb = max(self.peak_mb, used)
            return used
        return 0.0

    def grown_mb(self) -> float:
        """Return by how much more memory it holds than when it was ready, MB."""
        return self._own_mb() - self._fresh_mb

    def _own_mb(self) -> float:
        """Return the memory now that no file stands behind, MB."""
        with contextlib.suppress(psutil.Error):
            if self.usage is not None:
                used = self.usage.memory_info()
                return float(used.rss - getattr(used, "shared", 0)) / 2**20
        return 0.0

    def over_limit(self) -> Outcome | None:
        """Return the outcome of a job that is past a limit, or None."""
        if self.held is None:
            return None
        used, limit_mb = self.measure(), self.held.job.memory_mb
        now = time.perf_counter()
        if now > self.held.due:
            return self.ended("timeout", Phrase("engine.timeout", {"seconds": now - self.started}))
        if limit_mb is not None and used > limit_mb:
            facts = {"used_mb": used, "limit_mb": limit_mb}
            return self.ended("memory", Phrase("engine.memory", facts))
        return None

    def ended(self, state: Literal["crash", "timeout", "memory"], reason: Message) -> Outcome:
        """Return the outcome of a job that did not end by itself."""
        index = self.held.index if self.held else -1
        seconds = time.perf_counter() - self.started
        cpu = self.cpu - self.cpu_before
        return Outcome(index, state, None, reason, seconds, cpu, self.peak_mb)

    def let_go(self) -> None:
        """Wait for its imports no longer, but let it finish them: it is starting again."""
        self.held, self.ready = None, False

    def tail(self) -> str:
        """Return the last line that the process wrote, with a separator, or nothing."""
        size = os.fstat(self.log.fileno()).st_size
        data = os.pread(self.log.fileno(), TAIL_BYTES, max(0, size - TAIL_BYTES))
        lines = [line for line in data.decode(errors="replace").splitlines() if line.strip()]
        return f": {lines[-1].strip()[:300]}" if lines else ""

    def last_words(self) -> Phrase:
        """Say how the process ended."""
        code = self.process.wait()
        if code < 0:
            name = signal.Signals(-code).name
            return Phrase("engine.signal", {"signal": name, "tail": self.tail()})
        return Phrase("engine.exit", {"code": code, "tail": self.tail()})

    def end(self) -> None:
        """Kill the process and what it started, and give everything back."""
        if self.process.returncode is None:
            self.kill()
            self.process.wait()
        self.connection.close()
        self.log.close()

    def kill(self) -> None:
        """Kill the process and what it started; a dead one too, for what it left behind.

        One that has not yet said its number ends by itself when the connection does.
        """
        if self.process.pid is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
