"""Jobs on processes of this machine, each in isolation: one that dies leaves the others alone."""

from __future__ import annotations

import logging
import pickle
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Json
from lingqu.core.ports import Job, Outcome, Resources
from lingqu.engine.process import Process
from lingqu.engine.ready import WARM_UP
from lingqu.engine.start import start
from lingqu.engine.template import FORKS, Forked, Template
from lingqu.engine.waiting import Pace, Queue, Waiting
from lingqu.engine.worker import one_line

TICK_S = 0.05
"""How often limits are looked at."""

GROWN_MB = 32.0
"""A worker that holds so much more after a job than when it was fresh makes way for a new one, if
that is only a fork: what libraries keep, and what they imported for the job, goes with it."""
PATIENCE = 3.0
"""Multiple of the time of its imports for which a worker of a late kind waits for a further job of
its kind. Then it makes way as soon as another kind of job wants it."""

_log = logging.getLogger(__name__)


def _end_all(workers: list[Process], templates: list[Template]) -> None:
    if any(worker.process.pid is None for worker in workers):  # it imports, and hears nobody
        _end_templates(templates)
    while workers:
        workers.pop().end()
    _end_templates(templates)


def _end_templates(templates: list[Template]) -> None:
    while templates:
        templates.pop().end()


class LocalEngine:
    """Run jobs on persistent worker processes (`core.ports.Engine`).

    The workers start with the engine and import `resources.preload` while the caller does
    other work. Worker i has the i-th tag, round robin; a free worker prefers jobs of its tag
    and otherwise takes any.

    Args:
        resources: How many workers, what they import, how many threads each may use.
        niceness: Added to the scheduling niceness of the workers: 0 (equal) to 19 (last).
        forks: Whether workers are forked from a template, see `lingqu.engine.template`; else each
            starts and imports by itself.

    Example:
        >>> with LocalEngine(Resources(workers=1)) as engine:
        ...     [o.value for o in engine.map("lingqu.engine.local:echo", [Job("hello")])]
        ['hello']
    """

    def __init__(self, resources: Resources, niceness: int = 0, forks: bool = FORKS) -> None:
        self.resources = resources
        self._niceness = niceness
        self._pace = Pace()
        self._workers: list[Process] = []
        self._templates: list[Template] = []
        """The template, as long as it lives."""
        self._early_deaths = 0
        self._mapping = self._closed = False
        self._finalise = weakref.finalize(self, _end_all, self._workers, self._templates)
        with self._starting():
            if forks:
                shared = [tag for tag in resources.preload if tag not in resources.late]
                modules = dict.fromkeys(name for tag in shared for name in self._modules(tag))
                self._templates.append(Template(tuple(modules), resources.threads, niceness))
            self._fill()

    @contextmanager
    def _starting(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            tail = f": {one_line(error)}"
            raise TrainError("engine.no_worker", python=sys.executable, tail=tail) from error

    def _fill(self) -> None:
        """Start workers until all places are taken."""
        taken = {worker.place for worker in self._workers}
        for place in range(max(1, self.resources.workers)):
            if place not in taken:
                self._start(place, self._usual(place))

    def _usual(self, place: int) -> str:
        """Return the tag of a place."""
        resources = self.resources
        apart = resources.late - resources.soon
        tags = [tag for tag in resources.preload if tag not in apart] or [""]
        return tags[place % len(tags)]

    def _start(self, place: int, tag: str) -> None:
        """Start a worker: a fork of the template, where there is one."""
        modules = self._modules(tag)

        def begin(connection: int, log: int) -> subprocess.Popen[bytes] | Forked:
            with suppress(OSError):
                for template in self._templates:
                    return template.fork(modules, connection, log)
            words = [str(self._niceness), *modules]
            return start("lingqu.engine.worker", connection, words, self.resources.threads, log)

        with self._starting():
            self._workers.append(Process(place, tag, begin))

    def _modules(self, tag: str) -> tuple[str, ...]:
        """Return what jobs of a tag need; nothing once a worker has died of its imports."""
        return () if self._early_deaths else tuple(self.resources.preload.get(tag, ()))

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
        queue = Queue(jobs, ahead=len(self._workers))
        try:
            self._fill()
            while True:
                self._refuse_closed()
                yield from self._assign(task, queue)
                if not any(worker.held for worker in self._workers) and queue.is_empty():
                    return
                yield from self._turn(queue, progress)
        finally:
            # Replacing now would import heavy modules that perhaps nobody needs any more.
            for worker in [worker for worker in self._workers if worker.held]:
                self._stop(worker)
            self._mapping = False

    def _assign(self, task: str, queue: Queue) -> Iterator[Outcome]:
        """Give each free worker a job; yield the outcomes of jobs that cannot be sent."""
        for worker in list(self._workers):
            while worker.is_free:
                awaited = partial(self._is_awaited, worker)
                chosen = queue.take(worker.tag, awaited, self._unclaimed())
                if chosen is None:
                    break
                tag = self._becoming(worker, chosen.job)
                if tag != worker.tag:
                    queue.put_back(chosen)
                    self._replace(worker, tag)
                    break
                modules = [m for m in self._modules(chosen.job.tag) if m not in worker.known]
                try:
                    data = pickle.dumps((modules, task, chosen.job.payload), protocol=5)
                except Exception as error:
                    yield Outcome(chosen.index, "failed", reason=one_line(error))
                    continue
                worker.give(chosen, data, task == WARM_UP)
        self._make_room()

    def _unclaimed(self) -> list[str]:
        """Return the late tags that no worker has: the first free one becomes theirs."""
        taken = {other.tag for other in self._workers}
        return [tag for tag in self.resources.late if tag not in taken]

    def _becoming(self, worker: Process, job: Job) -> str:
        """Return of which kind a worker should be for a job: mostly of the kind that it is.

        Late modules lie only in workers that began as theirs, so that they end with them.
        """
        late, tag = self.resources.late, job.tag
        if tag in late and not set(self._modules(tag)) <= worker.known:
            return tag
        if tag != worker.tag and self._is_late(worker):
            usual = self._usual(worker.place)
            if job.large or self._runs_large(worker.tag):
                return usual
            lacking = self._pace.lacking(self._modules(worker.tag), self._modules(usual))
            if tag and time.perf_counter() - worker.wanted_at > PATIENCE * lacking:
                return usual
        return worker.tag

    def _is_late(self, worker: Process) -> bool:
        """Say whether a worker is of a late kind, and can become an ordinary one by a fork."""
        usual = self._usual(worker.place)
        return bool(self._templates) and worker.tag in self.resources.late - {usual}

    def _strays(self, worker: Process) -> bool:
        """Say whether a worker of a late kind runs a job of another kind."""
        held = worker.held
        return held is not None and held.job.tag != worker.tag and self._is_late(worker)

    def _runs_large(self, tag: str) -> bool:
        """Say whether a large job of another kind runs: no memory is left for late modules."""
        held = [worker.held.job for worker in self._workers if worker.held is not None]
        return any(job.large and job.tag != tag for job in held)

    def _make_room(self) -> None:
        """Let free workers of late kinds become ordinary ones while a large job runs."""
        for worker in list(self._workers):
            if worker.is_free and self._is_late(worker) and self._runs_large(worker.tag):
                self._replace(worker, self._usual(worker.place))

    def _is_awaited(self, worker: Process, item: Waiting) -> bool:
        """Say whether a free worker leaves a job to another worker, or until that has ended."""
        tag, now = item.job.tag, time.perf_counter()
        strays = {other.tag for other in self._workers if self._strays(other)}
        if tag in strays or (item.job.large and strays):
            return True  # that one ends soon: late modules neither lie twice nor beside much else
        if tag in ("", worker.tag):
            return False
        lacking = self._pace.lacking(self._modules(tag), worker.known)
        others = [other for other in self._workers if other.tag == tag]
        free = [other for other in others if other.held is None]
        if any(
            other.ready or not self._pace.is_sooner_elsewhere(tag, now - other.born, lacking)
            for other in free
        ):
            return True
        # They are busy, nobody knows for how long. What an import costs is worth paying after as
        # long an idle time, and only if the job then still has as long to run.
        needless = now - worker.idle_since < lacking or now + 2 * lacking > item.due
        return len(others) > len(free) and lacking > 0 and needless

    def _turn(self, queue: Queue, progress: Callable[[int, Json], None]) -> Iterator[Outcome]:
        """Wait a moment; hand on what the workers say; keep the limits."""
        by_connection: dict[Any, Process] = {w.connection: w for w in self._workers}
        try:
            speaking = wait(list(by_connection), timeout=TICK_S)
        except (OSError, ValueError):  # closed by another thread while we waited
            self._refuse_closed()
            raise
        for connection in speaking:
            worker = by_connection[connection]
            outcome = self._hear(worker, queue, progress)
            if outcome is not None:
                self._renew(worker)
                yield outcome
        yield from queue.overdue()
        for worker in list(self._workers):
            if outcome := worker.over_limit():
                self._stop(worker)
                self._fill()  # at once: the next one imports while the others work
                yield outcome

    def _hear(
        self, worker: Process, queue: Queue, progress: Callable[[int, Json], None]
    ) -> Outcome | None:
        """Read one message of a worker; an ended pipe is a crash."""
        try:
            kind, data = pickle.loads(worker.connection.recv_bytes())
        except (EOFError, OSError):
            self._refuse_closed()
            return self._bury(worker, queue)
        if kind == "born":
            worker.is_born(pickle.loads(data))
        elif kind == "ready":
            worker.is_ready()
            self._pace.starts[worker.tag] = worker.idle_since - worker.born
            self._learn(worker, pickle.loads(data))
        elif kind == "begin":
            worker.begun = True
        elif kind == "row":
            assert worker.held is not None  # only a job reports rows
            progress(worker.held.index, pickle.loads(data))
        elif worker.held is None:  # it was let go, and its imports are over now
            self._answer(worker, data)
            worker.ready = True
        else:
            return self._answer(worker, data)
        return None

    def _answer(self, worker: Process, data: bytes) -> Outcome:
        """Turn what a worker answered into an outcome, and set it free."""
        index, now = -1, time.perf_counter()
        if worker.held is not None:
            index = worker.held.index
            worker.wanted_at = now if worker.held.job.tag == worker.tag else worker.wanted_at
        worker.held, worker.idle_since = None, now
        state, value, trace, imported, *used = pickle.loads(data)
        self._learn(worker, imported)
        try:
            answer = pickle.loads(value)
        except Exception as error:
            state, answer = "failed", one_line(error)
        if state == "done":
            return Outcome(index, "done", answer, "", *used)
        _log.debug("job %d failed:\n%s", index, trace)
        return Outcome(index, "failed", None, answer, *used)

    def _learn(self, worker: Process, imported: Mapping[str, float]) -> None:
        """Note what a worker has imported, and how long that took."""
        worker.known.update(imported)
        self._pace.imports.update(imported)

    def _bury(self, worker: Process, queue: Queue) -> Outcome | None:
        """Replace a worker that died; the job that it had begun, if any, is a crash."""
        outcome = None
        worker.kill()
        if worker.held is not None and not worker.begun:
            queue.put_back(worker.held)
        elif worker.held is not None:
            outcome = worker.ended("crash", worker.last_words())
        elif not worker.ready:
            if worker.process.pid is None:  # what should have forked it is dead
                _end_templates(self._templates)
            # The first time the imports may be to blame, so the next start goes without them.
            self._early_deaths += 1
            if self._early_deaths > 1 + len(self._workers):
                tail = worker.tail()
                self.close()
                raise TrainError("engine.no_worker", python=sys.executable, tail=tail)
        self._drop(worker)
        self._fill()
        return outcome

    def _renew(self, worker: Process) -> None:
        """Replace a free worker that has grown, if that is quick.

        One of a late kind stays as long as jobs of its kind made it grow.
        """
        usual = self._usual(worker.place)
        stays = worker.tag != usual and worker.wanted_at == worker.idle_since
        if self._templates and worker.is_free and not stays and worker.grown_mb() > GROWN_MB:
            self._replace(worker, usual)

    def _replace(self, worker: Process, tag: str) -> None:
        """Let a worker of some kind take the place of a free one."""
        self._drop(worker)
        self._start(worker.place, tag)

    def _stop(self, worker: Process) -> None:
        """End the job of a worker; mere imports go on, since the next jobs need them too."""
        if worker.warms_up:
            worker.let_go()
        else:
            self._drop(worker)

    def _drop(self, worker: Process) -> None:
        self._workers.remove(worker)
        worker.end()

    def close(self) -> None:
        """Stop the workers, also in the middle of a job; closing twice does nothing."""
        self._closed = True
        _end_all(self._workers, self._templates)

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
