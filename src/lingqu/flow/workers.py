"""Worker processes of a run: they import heavy libraries while the run reads and governs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from lingqu.core.ports import Engine, Resources
from lingqu.engine.local import LocalEngine
from lingqu.learn.portfolio import facts_of

if TYPE_CHECKING:
    from lingqu.core.spec import Channel
    from lingqu.store.home import Home

PRELOAD = {
    "torch": ("lingqu.learn.candidate", "lingqu.learn.deep.cnn", "lingqu.learn.deep.mlp"),
    "sklearn": ("lingqu.learn.candidate", "lingqu.learn.lean"),
}
LATE = frozenset({"torch"})
"""Kinds of workers that take much memory: one becomes so when the first job asks for it."""
SHORT_S = 20.0
"""A budget below this many seconds cannot wait for an import of two: all kinds start at once."""

TAGS = tuple(tag for tag in PRELOAD if find_spec(tag) is not None)
"""Kinds of workers that this installation can have."""


def engine_of(count: int, now: Collection[str] = ()) -> LocalEngine:
    """Return an engine whose workers are starting.

    Args:
        count: How many side by side.
        now: Kinds that are surely wanted, also if they take much memory.
    """
    preload = {tag: PRELOAD[tag] for tag in TAGS}
    return LocalEngine(Resources(count, preload, 1, LATE, LATE & set(now)))


@dataclass
class Workers:
    """Workers that start when they are wanted, at most once, and are stopped together.

    Args:
        count: How many side by side.
        now: Kinds of workers that are surely wanted.
    """

    count: int
    now: Collection[str] = ()
    engine: Engine | None = None

    def warm(self) -> Engine:
        """Start the workers if they are not started; their imports go on in the background."""
        if self.engine is None:
            self.engine = engine_of(self.count, self.now)
        return self.engine

    def close(self) -> None:
        if self.engine is not None:
            self.engine.close()


def workers_for(home: Home, channel: Channel) -> Workers:
    """Return the workers of a run, started already unless the run will likely reuse its stages."""
    if channel.train.model is not None:
        return Workers(0)  # nothing is fitted
    named = {facts_of(name).engine for name, _ in channel.train.algorithms}
    if not named and channel.train.task in ("classify", "regress"):
        named = set(LATE) if channel.train.budget_s < SHORT_S else named
    if not named and channel.train.task == "verify":
        named = set(LATE)  # what leads there is a net
    workers = Workers(channel.train.workers or 2, tuple(named & LATE))
    last = home.ledger.runs.list(channel.name, 1)
    if not last or last[0].version != channel.version or last[0].state not in ("done", "refused"):
        workers.warm()
    return workers
