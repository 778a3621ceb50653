"""What the path of logged decisions does otherwise: its chooser and its checks."""

from __future__ import annotations

from typing import Any

from lingqu.core.nouns import Dataset
from lingqu.core.train_section import TrainSection
from lingqu.learn.assemble import Choice

CHECKS = ("off_policy", "efficiency")
"""What judges a policy from a log; the other checks are of answers that are right or wrong."""
_NOT_OURS = frozenset({"optimise", "augment", "workers"})


def choose_log(section: TrainSection) -> Any:
    """Return the chooser of policies from a log with the arguments of that of tables."""
    from lingqu.learn.control.choose_logged import choose_logged  # other tasks start without it

    def chosen(train: Dataset, task: str, **given: Any) -> Choice:
        ours = {name: value for name, value in given.items() if name not in _NOT_OURS}
        return choose_logged(train, task, **ours)

    return chosen
