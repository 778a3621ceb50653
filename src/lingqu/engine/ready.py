"""Wait until workers have imported what they need."""

from __future__ import annotations

from collections.abc import Iterable

from lingqu.core.nouns import Json
from lingqu.core.ports import Engine, Job, Progress


def nothing(payload: Json, progress: Progress) -> None:
    """Do nothing: a job that ends when its worker is ready for work."""


LONGEST_S = 60.0
"""A start that hangs holds nobody up for longer."""


def wait_until_ready(engine: Engine, tags: Iterable[str]) -> None:
    """Return when for each tag a worker has finished the imports that jobs of it need.

    A budget is time for trying models; the start of Python and its libraries is not that. A
    worker that cannot start makes its job fail here and again, with the reason, in the work
    itself, so nothing is raised.

    Args:
        engine: The workers.
        tags: Tags of the workers waited for.
    """
    jobs = [Job(None, tag, timeout_s=LONGEST_S) for tag in tags]
    for _ in engine.map("lingqu.engine.ready:nothing", jobs):
        continue
