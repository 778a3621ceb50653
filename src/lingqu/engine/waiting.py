"""Jobs that wait, and which worker has each of them the soonest."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from lingqu.core.i18n import Phrase
from lingqu.core.ports import Job, Outcome

GRACE_S = 0.3
"""So much earlier must another worker be through, or a job stays with the worker of its tag:
estimates are not better than this, and what is imported twice lies in memory twice."""


@dataclass(frozen=True)
class Waiting:
    """A job that was drawn, and when."""

    index: int
    job: Job
    drawn: float

    @property
    def due(self) -> float:
        """When its limit is reached: waiting for a worker counts."""
        return self.drawn + (math.inf if self.job.timeout_s is None else self.job.timeout_s)


@dataclass
class Pace:
    """How long starts and imports take on this machine, as last measured.

    Args:
        starts: Tag → seconds from the start of its worker until that was ready.
        imports: Module → seconds.

    Example:
        >>> pace = Pace({"torch": 2.0}, {"torch": 1.8})
        >>> pace.is_sooner_elsewhere("torch", 0.1, pace.lacking(["torch"], set()))
        False
        >>> pace.is_sooner_elsewhere("torch", 0.1, pace.lacking(["torch"], {"torch"}))
        True
    """

    starts: dict[str, float] = field(default_factory=dict)
    imports: dict[str, float] = field(default_factory=dict)

    def lacking(self, modules: Iterable[str], known: Collection[str]) -> float:
        """Return the seconds that importing what is not yet known will take.

        Args:
            modules: What jobs of a tag need.
            known: What a worker has imported.
        """
        return sum(self.imports.get(name, math.inf) for name in modules if name not in known)

    def is_sooner_elsewhere(self, tag: str, age: float, lacking: float) -> bool:
        """Say whether an idle worker ends a job sooner than the one that still starts for it.

        Importing torch costs the same in either, so nearly always the one that began first is
        ready first. Not so when what the idle one lacks is little: it has run such jobs
        before, or shares most modules, or the starting one replaces one that was killed.

        Args:
            tag: Tag of the job and of the starting worker.
            age: Seconds since that worker was started.
            lacking: Seconds of imports that the idle worker needs first.
        """
        # What is late by a second may well need another: so a start that hangs is noticed.
        waiting = abs(self.starts.get(tag, math.inf) - age)
        # Where neither was ever measured both are infinite, and the job is left where it is.
        return lacking + GRACE_S < waiting


class Queue:
    """Jobs that wait.

    Args:
        jobs: Drawn as late as can be: the source may decide its next job by the outcomes so far.
        ahead: How many may be drawn and wait, to match jobs with the workers that suit them.
        clock: Seconds that only rise.
    """

    def __init__(
        self, jobs: Iterable[Job], ahead: int, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._source = enumerate(jobs)
        self._drawn: deque[Waiting] = deque()
        self._ahead = ahead
        self._clock = clock

    def take(
        self, tag: str, is_awaited: Callable[[Waiting], bool], also: Collection[str] = ()
    ) -> Waiting | None:
        """Return the job that suits a worker best, or None when nothing is left for it.

        Args:
            tag: What the worker has imported.
            is_awaited: Says of a job of another tag whether it is left to another worker, and of
                a large one whether it waits until another worker has ended.
            also: Tags that suit it as well as its own.
        """
        own = (tag, "", *also)

        def suits(item: Waiting) -> bool:
            return item.job.tag in own and not (item.job.large and is_awaited(item))

        while not any(suits(item) for item in self._drawn):
            if len(self._drawn) >= self._ahead or not self._draw():
                break
        suited = (item for item in self._drawn if suits(item))
        others = (item for item in self._drawn if not is_awaited(item))
        chosen = next(suited, None) or next(others, None)
        if chosen is not None:
            self._drawn.remove(chosen)
        return chosen

    def put_back(self, item: Waiting) -> None:
        """Take back a job that never began."""
        self._drawn.appendleft(item)

    def overdue(self) -> list[Outcome]:
        """Give up the jobs whose limit was reached while they waited."""
        now = self._clock()
        late = [item for item in self._drawn if now > item.due]
        for item in late:
            self._drawn.remove(item)
        return [
            Outcome(
                item.index,
                "timeout",
                reason=Phrase("engine.waited", {"seconds": item.job.timeout_s}),
                seconds=now - item.drawn,
            )
            for item in late
        ]

    def is_empty(self) -> bool:
        """Say whether no job is left, drawing one to be sure."""
        return not self._drawn and not self._draw()

    def _draw(self) -> bool:
        found = next(self._source, None)
        if found is not None:
            self._drawn.append(Waiting(*found, self._clock()))
        return found is not None
