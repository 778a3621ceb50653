"""Jobs on processes of this machine, each in isolation: one that dies leaves the others alone."""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Pipe, wait
from types import TracebackType
from typing import Any

import psutil

from lingqu.core.errors import TrainError
from lingqu.core.i18n import text
from lingqu.core.nouns import Json
from lingqu.core.ports import Job, Outcome, Resources
from lingqu.engine.worker import one_line

TICK_S = 0.05
"""How often limits are looked at."""
TAIL_BYTES = 2000
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "POLARS_MAX_THREADS",
)

_log = logging.getLogger(__name__)


class _Worker:
    """One process, its pipe, its log, and the job it holds."""

    def __init__(self, tag: str, modules: tuple[str, ...], threads: int, niceness: int) -> None:
        self.tag = tag
        self.ready = False
        self.begun = False
        self.index = -1
        self.job: Job | None = None
        self.started = self.cpu_before = self.cpu = self.peak_mb = 0.0
        self.log = tempfile.TemporaryFile(mode="ab+", prefix="lingqu-worker-")  # noqa: SIM115 (end closes it)
        self.connection, theirs = Pipe()
        environment = {
            **os.environ,
            **dict.fromkeys(THREAD_VARIABLES, str(threads)),
            "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
        }
        command = [sys.executable, "-P", "-m", "lingqu.engine.worker", str(theirs.fileno())]
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

    def give(self, index: int, job: Job, data: bytes) -> None:
        """Start a job. A worker reads at once, so this does not wait for it."""
        self.index, self.job, self.begun, self.peak_mb = index, job, False, 0.0
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


def _end_all(workers: list[_Worker]) -> None:
    while workers:
        workers.pop().end()


class LocalEngine:
    """Run jobs on persistent worker processes (`core.ports.Engine`).

    The workers start with the engine and import `resources.preload` while the caller does
    other work. Worker i has the i-th tag, round robin; a free worker prefers jobs of its tag
    and otherwise takes any.

    Args:
        resources: How many workers, what they import, how many threads each may use.
        niceness: Added to the scheduling niceness of the workers: 0 (equal) to 19 (last).

    Example:
        >>> with LocalEngine(Resources(workers=1)) as engine:
        ...     [o.value for o in engine.map("lingqu.engine.local:echo", [Job("hello")])]
        ['hello']
    """

    def __init__(self, resources: Resources, niceness: int = 0) -> None:
        self.resources = resources
        self._niceness = niceness
        self._workers: list[_Worker] = []
        self._early_deaths = 0
        self._mapping = self._closed = False
        self._finalise = weakref.finalize(self, _end_all, self._workers)
        self._fill()

    def _fill(self) -> None:
        """Start workers until all places are taken."""
        tags = list(self.resources.preload) or [""]
        wanted = [tags[place % len(tags)] for place in range(max(1, self.resources.workers))]
        for worker in self._workers:
            wanted.remove(worker.tag)
        for tag in wanted:
            modules = () if self._early_deaths else self.resources.preload.get(tag, ())
            try:
                worker = _Worker(tag, tuple(modules), self.resources.threads, self._niceness)
            except OSError as error:
                tail = f": {one_line(error)}"
                raise TrainError("engine.no_worker", python=sys.executable, tail=tail) from error
            self._workers.append(worker)

    def map(
        self, task: str, jobs: Iterable[Job], progress: Callable[[int, Json], None] | None = None
    ) -> Iterator[Outcome]:
        """Yield outcomes as they finish; see `core.ports.Engine.map`.

        Closing the generator early ends the jobs that run; the engine stays usable.

        Raises:
            TrainError: The engine is closed, or no worker can start at all.
        """
        self._refuse_closed()
        if self._mapping:
            raise RuntimeError("an engine runs one map at a time")
        return self._map(task, jobs, progress or (lambda index, row: None))

    def _refuse_closed(self) -> None:
        if self._closed:
            raise TrainError("engine.closed")

    def _map(
        self, task: str, jobs: Iterable[Job], progress: Callable[[int, Json], None]
    ) -> Iterator[Outcome]:
        self._mapping = True
        queue = _Queue(jobs, ahead=len(self._workers))
        try:
            self._fill()
            while True:
                self._refuse_closed()
                yield from self._assign(task, queue)
                if not any(worker.job for worker in self._workers) and queue.is_empty():
                    return
                yield from self._turn(queue, progress)
        finally:
            # Replacing now would import heavy modules that perhaps nobody needs any more.
            for worker in [worker for worker in self._workers if worker.job]:
                self._drop(worker)
            self._mapping = False

    def _assign(self, task: str, queue: _Queue) -> Iterator[Outcome]:
        """Give each free worker a job; yield the outcomes of jobs that cannot be sent."""
        for worker in list(self._workers):
            # One that is idle, or still imports what a job needs, has it sooner than another.
            awaited = {w.tag for w in self._workers if w.job is None} - {worker.tag}
            while worker.ready and worker.job is None:
                chosen = queue.take(worker.tag, awaited)
                if chosen is None:
                    break
                index, job = chosen
                try:
                    data = pickle.dumps((task, job.payload), protocol=5)
                except Exception as error:
                    yield Outcome(index, "failed", reason=one_line(error))
                    continue
                worker.give(index, job, data)

    def _turn(self, queue: _Queue, progress: Callable[[int, Json], None]) -> Iterator[Outcome]:
        """Wait a moment; hand on what the workers say; keep the limits."""
        by_connection: dict[Any, _Worker] = {w.connection: w for w in self._workers}
        try:
            speaking = wait(list(by_connection), timeout=TICK_S)
        except (OSError, ValueError):  # closed by another thread while we waited
            self._refuse_closed()
            raise
        for connection in speaking:
            outcome = self._hear(by_connection[connection], queue, progress)
            if outcome is not None:
                yield outcome
        for worker in list(self._workers):
            if worker.job is not None and (outcome := _over_limit(worker, worker.job)):
                self._drop(worker)
                self._fill()
                yield outcome

    def _hear(
        self, worker: _Worker, queue: _Queue, progress: Callable[[int, Json], None]
    ) -> Outcome | None:
        """Read one message of a worker; an ended pipe is a crash."""
        try:
            kind, data = pickle.loads(worker.connection.recv_bytes())
        except (EOFError, OSError):
            self._refuse_closed()
            return self._bury(worker, queue)
        if kind == "ready":
            worker.ready = True
        elif kind == "begin":
            worker.begun = True
        elif kind == "row":
            progress(worker.index, pickle.loads(data))
        else:
            return _answer(worker, data)
        return None

    def _bury(self, worker: _Worker, queue: _Queue) -> Outcome | None:
        """Replace a worker that died; the job that it had begun, if any, is a crash."""
        outcome = None
        worker.kill()
        if worker.job is not None and not worker.begun:
            queue.put_back(worker.index, worker.job)
        elif worker.job is not None:
            reason = worker.last_words()
            seconds = time.perf_counter() - worker.started
            outcome = _ended(worker, "crash", reason, seconds)
        elif not worker.ready:
            # The first time the imports may be to blame, so the next start goes without them.
            self._early_deaths += 1
            if self._early_deaths > 1 + len(self._workers):
                tail = worker.tail()
                self.close()
                raise TrainError("engine.no_worker", python=sys.executable, tail=tail)
        self._drop(worker)
        self._fill()
        return outcome

    def _drop(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.end()

    def close(self) -> None:
        """Stop the workers, also in the middle of a job; closing twice does nothing."""
        self._closed = True
        _end_all(self._workers)

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def echo(payload: Any, progress: Callable[[Any], None]) -> Any:
    """Return the payload: the smallest task, to see whether an engine is alive."""
    progress({"echo": True})
    return payload


class _Queue:
    """Jobs that wait.

    Args:
        jobs: Drawn as late as can be: the source may decide its next job by the outcomes so far.
        ahead: How many may be drawn and wait, to match jobs with the workers that suit them.
    """

    def __init__(self, jobs: Iterable[Job], ahead: int) -> None:
        self._source = enumerate(jobs)
        self._drawn: deque[tuple[int, Job]] = deque()
        self._ahead = ahead

    def take(self, tag: str, awaited: set[str]) -> tuple[int, Job] | None:
        """Return the job that suits a worker best, or None when nothing is left for it.

        Args:
            tag: What the worker has imported.
            awaited: Tags of workers that start or idle: jobs of these tags are left to them.
        """
        own = (tag, "")
        while not any(job.tag in own for _, job in self._drawn):
            if len(self._drawn) >= self._ahead or not self._draw():
                break
        suited = (item for item in self._drawn if item[1].tag in own)
        others = (item for item in self._drawn if item[1].tag not in awaited)
        chosen = next(suited, None) or next(others, None)
        if chosen is not None:
            self._drawn.remove(chosen)
        return chosen

    def put_back(self, index: int, job: Job) -> None:
        """Take back a job that never began."""
        self._drawn.appendleft((index, job))

    def is_empty(self) -> bool:
        """Say whether no job is left, drawing one to be sure."""
        return not self._drawn and not self._draw()

    def _draw(self) -> bool:
        item = next(self._source, None)
        if item is not None:
            self._drawn.append(item)
        return item is not None


def _over_limit(worker: _Worker, job: Job) -> Outcome | None:
    """Return the outcome of a job that is past a limit, or None."""
    used = worker.measure()
    seconds = time.perf_counter() - worker.started
    if job.timeout_s is not None and seconds > job.timeout_s:
        return _ended(worker, "timeout", text("engine.timeout", seconds=job.timeout_s), seconds)
    if job.memory_mb is not None and used > job.memory_mb:
        reason = text("engine.memory", used_mb=used, limit_mb=job.memory_mb)
        return _ended(worker, "memory", reason, seconds)
    return None


def _ended(worker: _Worker, state: Any, reason: str, seconds: float) -> Outcome:
    cpu = worker.cpu - worker.cpu_before
    return Outcome(worker.index, state, None, reason, seconds, cpu, worker.peak_mb)


def _answer(worker: _Worker, data: bytes) -> Outcome:
    """Turn what a worker answered into an outcome, and set it free."""
    index, worker.job = worker.index, None
    state, value, trace, seconds, cpu, peak = pickle.loads(data)
    try:
        answer = pickle.loads(value)
    except Exception as error:
        state, answer = "failed", one_line(error)
    if state == "done":
        return Outcome(index, "done", answer, "", seconds, cpu, peak)
    _log.debug("job %d failed:\n%s", index, trace)
    return Outcome(index, "failed", None, answer, seconds, cpu, peak)
