"""The near end of one worker process: its pipe, its log, its use of time and memory."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Pipe
from typing import Literal

import psutil

from lingqu.core.i18n import text
from lingqu.core.ports import Outcome
from lingqu.engine.waiting import Waiting

TAIL_BYTES = 2000
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
ALLOCATOR = {
    "_RJEM_MALLOC_CONF": "background_thread:false,narenas:1,dirty_decay_ms:0,muzzy_decay_ms:0",
}
"""Polars' allocator gives back at once what it frees: by itself it keeps it for ever, and the rows
of a job are read and dropped in a moment."""


class Process:
    """One process and the job it holds.

    Args:
        tag: The kind of jobs it is for.
        modules: What it imports before it is ready.
        threads: Threads of numeric libraries in it.
        niceness: Added to its scheduling niceness.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(self, tag: str, modules: tuple[str, ...], threads: int, niceness: int) -> None:
        self.tag = tag
        self.known: set[str] = set()
        """Modules it has imported, of those that some tag promises."""
        self.ready = False
        self.begun = False
        self.held: Waiting | None = None
        self.warms_up = False
        """Whether what it holds is a wait for its imports only."""
        self.started = self.idle_since = self.cpu_before = self.cpu = self.peak_mb = 0.0
        self.log = tempfile.TemporaryFile(mode="ab+", prefix="lingqu-worker-")  # noqa: SIM115 (end closes it)
        self.connection, theirs = Pipe()
        environment = {
            **ALLOCATOR,
            **os.environ,
            **dict.fromkeys(THREAD_VARIABLES, str(threads)),
            "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
        }
        command = [sys.executable, "-P", "-m", "lingqu.engine.worker", str(theirs.fileno())]
        self.born = time.perf_counter()
        try:
            self.process = subprocess.Popen(
                [*command, str(niceness), *modules],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=self.log,
                stderr=self.log,
                env=environment,
                start_new_session=True,
            )
        except OSError:
            self.connection.close()
            self.log.close()
            raise
        finally:
            theirs.close()
        self.usage = psutil.Process(self.process.pid)

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
        with contextlib.suppress(psutil.Error):
            with self.usage.oneshot():
                used = float(self.usage.memory_info().rss) / 2**20
                times = self.usage.cpu_times()
            self.cpu = times.user + times.system + times.children_user + times.children_system
            self.peak_mb = max(self.peak_mb, used)
            return used
        return 0.0

    def over_limit(self) -> Outcome | None:
        """Return the outcome of a job that is past a limit, or None."""
        if self.held is None:
            return None
        used, limit_mb = self.measure(), self.held.job.memory_mb
        now = time.perf_counter()
        if now > self.held.due:
            return self.ended("timeout", text("engine.timeout", seconds=now - self.started))
        if limit_mb is not None and used > limit_mb:
            return self.ended("memory", text("engine.memory", used_mb=used, limit_mb=limit_mb))
        return None

    def ended(self, state: Literal["crash", "timeout", "memory"], reason: str) -> Outcome:
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

    def last_words(self) -> str:
        """Say how the process ended."""
        code = self.process.wait()
        if code < 0:
            return text("engine.signal", signal=signal.Signals(-code).name, tail=self.tail())
        return text("engine.exit", code=code, tail=self.tail())

    def end(self) -> None:
        """Kill the process and what it started, and give everything back."""
        if self.process.returncode is None:
            self.kill()
            self.process.wait()
        self.connection.close()
        self.log.close()

    def kill(self) -> None:
        """Kill the process and what it started; a dead one too, for what it left behind."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
