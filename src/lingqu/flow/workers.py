"""Worker processes of a run: they import heavy libraries while the run reads and governs."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from lingqu.core.ports import Engine, Resources
from lingqu.core.spec import Channel
from lingqu.engine.local import LocalEngine
from lingqu.store.home import Home

PRELOAD = {
    "torch": ("lingqu.learn.candidate", "lingqu.learn.deep.cnn", "lingqu.learn.deep.mlp"),
    "sklearn": (
        "lingqu.learn.candidate",
        "lingqu.learn.tabular.logistic",
        "lingqu.learn.tabular.rbf_svm",
        "lingqu.learn.tabular.lightgbm",
    ),
}


TAGS = tuple(tag for tag in PRELOAD if find_spec(tag) is not None)
"""Kinds of workers that this installation can have."""


@dataclass
class Workers:
    """Workers that start when they are wanted, at most once, and are stopped together.

    Args:
        count: How many side by side.
    """

    count: int
    engine: Engine | None = None

    def warm(self) -> Engine:
        """Start the workers if they are not started; their imports go on in the background."""
        if self.engine is None:
            preload = {tag: PRELOAD[tag] for tag in TAGS}
            self.engine = LocalEngine(Resources(self.count, preload, threads=1))
        return self.engine

    def close(self) -> None:
        if self.engine is not None:
            self.engine.close()


def workers_for(home: Home, channel: Channel) -> Workers:
    """Return the workers of a run, started already unless the run will likely reuse its stages."""
    workers = Workers(channel.train.workers or 2)
    last = home.ledger.runs.list(channel.name, 1)
    if not last or last[0].version != channel.version or last[0].state not in ("done", "refused"):
        workers.warm()
    return workers
