"""The direct method: learn what each action earns by context, and take what promises most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.reward_model import fit_rewards
from lingqu.core.schema import Kind
from lingqu.learn.control.logs import read_log


@dataclass
class RewardRegression:
    """Fit a linear model of rewards, and take the action that it promises most of.

    It reads no propensity: where the log took an action only in contexts that suit it, the model
    must be right about the others. `doubly_robust` corrects for that.

    Args:
        penalty: Strength of the ridge that draws actions together, in rows; compared on held-out
            rows when omitted.
        temperature: Of a softmax over what actions promise, in units of the reward; 0 takes the
            best one always. What is drawn by chance can be learned from later.

    Example:
        >>> RewardRegression(penalty=30.0).penalty
        30.0

    Source: Beygelzimer and Langford, "The offset tree for learning with partial labels", KDD 2009,
        arXiv:0812.4044 (the regression approach).
    """

    name: ClassVar[str] = "reward_regression"
    tasks: ClassVar[frozenset[str]] = frozenset({"control"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"number", "category", "boolean", "text", "datetime", "image", "vector"}
    )
    engine: ClassVar[str] = "numpy"

    penalty: float | None = None
    temperature: float = 0.0

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; `valid` is not needed."""
        log = read_log(train)
        found = fit_rewards(log.x, log.taken, log.reward, len(log.actions), self.penalty)
        notes = {"penalty": found.penalty, "settled": {"penalty": found.penalty}}
        return log.model(self.name, found.weight, found.offset, self.temperature, notes)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return 0.1 + 5e-9 * (rows + 100 * classes) * (columns + 5) ** 2
