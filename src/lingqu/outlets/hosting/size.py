"""How large a model an outlet bears, and how many processes answer with it."""

from __future__ import annotations

from lingqu.core.errors import OutletError
from lingqu.release.release import Release
from lingqu.release.session import cores

SMALL_MB = 32.0
"""A graph up to this size is opened by one process a core. Of a larger one a copy in each process
costs more than it gives: nearly all of its time is spent in the graph, where the threads of one
process keep every core busy."""


def processes(wanted: int, size_mb: float) -> int:
    """Return how many processes answer.

    Args:
        wanted: As declared; 0 leaves it to the size of the graph.
        size_mb: Megabytes of the graph.

    Example:
        >>> processes(3, 500.0), processes(0, 500.0), processes(0, 0.1) == cores()
        (3, 1, True)
    """
    return wanted or (cores() if size_mb <= SMALL_MB else 1)


def refuse_large(release: Release, max_mb: float) -> None:
    """Refuse a release whose graph is larger than an outlet may hold.

    A channel that declares the limit chooses by it (`lingqu.core.model_limits.limits_of`). A
    release that was made before, brought from elsewhere, or of a task without limits comes here.

    Args:
        release: What is to be opened.
        max_mb: Megabytes of its graph at most; 0 for any.

    Raises:
        OutletError: It is larger.
    """
    size_mb = release.size_mb
    if max_mb and size_mb > max_mb:
        raise OutletError(
            "outlets.too_large", digest=release.digest[:12], size_mb=size_mb, max_mb=max_mb
        )
