"""Wait until workers have imported what they need."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from lingqu.core.nouns import Json
from lingqu.core.ports import Engine, Job, Progress

WARM_UP = "lingqu.engine.ready:nothing"
"""The task of a job that only waits for imports: its worker is not stopped when time is over."""
LONGEST_S = 60.0
"""A start that hangs holds nobody up for longer."""


def nothing(payload: Json, progress: Progress) -> None:
    """Do nothing: a job that ends when its worker is ready for work."""


def wait_until_ready(engine: Engine, tags: Iterable[str], seconds: float | None = None) -> None:
    """Return when for each tag a worker has finished the imports that jobs of it need.

    The first models of a short budget should not meet workers that are still importing. A
    worker that cannot start makes its job fail here and again, with the reason, in the work
    itself, so nothing is raised.

    Args:
        engine: The workers.
        tags: Tags of the workers waited for.
        seconds: Wait no longer than this. Workers that are not ready then go on importing, and
            jobs that are given meanwhile wait for them as always.
    """
    end = time.monotonic() + (LONGEST_S if seconds is None else min(seconds, LONGEST_S))

    def jobs() -> Iterator[Job]:
        for tag in tags:
            yield Job(None, tag, timeout_s=max(0.0, end - time.monotonic()))

    for _ in engine.map(WARM_UP, jobs()):
        continue
