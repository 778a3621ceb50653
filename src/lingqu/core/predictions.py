"""What a model says of rows: classes, values, lists of items, or replies of many parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lingqu.core.nouns import VALUES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lingqu.core.nouns import Json, Task


OUT_OF_RANGE = "out_of_range"
"""Output of a graph, and column of an answer: which rows are unlike all of training, bool (N,)."""


def in_numbers(task: Task, classes: Sequence[str]) -> bool:
    """Say whether a model answers with numbers: values, or the amounts of a policy.

    Example:
        >>> in_numbers("regress", ()), in_numbers("control", ()), in_numbers("control", ("0", "1"))
        (True, True, False)
    """
    return task in VALUES or (task == "control" and not classes)


@dataclass(frozen=True)
class Lists:
    """What N users are recommended.

    Args:
        items: Index into the classes of the items of each list, the best first, int64, shape
            (N, K); -1 where a list is shorter.
        scores: How likely each is held to be what is taken next, float64, shape (N, K).
        based: Whether a list rests on what the user took, else on what is popular; bool, (N,).
        unknown: Of each row the names in it that nobody knows.
        profiled: Whether something is known of the user beside; bool, (N,). None for nobody.
    """

    items: NDArray[np.int64]
    scores: NDArray[np.float64]
    based: NDArray[np.bool_]
    unknown: tuple[tuple[str, ...], ...]
    profiled: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Replies:
    """What N rows are answered where an answer is a text, tags, a vector or boxes.

    Args:
        said: The answer to each row, JSON: a text; a list of tags; a list of numbers; a list of
            boxes, each a mapping.
        sure: How sure each answer is, float64, shape (N,), or None.
        beside: What else is told of each row, JSON, by name.
    """

    said: tuple[Json, ...]
    sure: NDArray[np.float64] | None = None
    beside: Mapping[str, Sequence[Json]] = field(default_factory=dict)


@dataclass(frozen=True)
class Predictions:
    """What a model says of N rows.

    Args:
        labels: Classification: index into `classes`, int64, shape (N,). Regression: the
            values, float64, shape (N,). Replies: of how many parts each consists, float64.
        probabilities: Classification: float64, shape (N, K), rows sum to 1. Regression: None.
        classes: Names of the K classes, in column order; empty for regression.
        low: Values: lower end of the interval of each row, float64, shape (N,), or None.
        high: Upper end of the interval, or None.
        units: Forecast: of each row the mean error of the seasonal naive forecast of its series,
            in which MASE is told, or None.
        quantiles: Values: float64, shape (N, Q), rising along each row, or None.
        levels: Which quantiles these are, between 0 and 1, rising.
        groups: Ranking: the list that each row belongs to, int64, shape (N,), or None.
        lists: Recommend: the lists of items, of which `labels` are the first ones.
        sets: Classes: which of them are in the prediction set of each row, bool, shape (N, K),
            or None. No set is empty: it holds at least the answer.
        replies: Texts, tags, vectors or boxes, or None.
        fallback: Control: whether a rule answered in place of the policy, bool, shape (N,), or
            None where there is no such rule.
        out_of_range: Control: whether a row is unlike all that the policy was trained on, bool,
            shape (N,), or None where nobody can tell.
    """

    labels: NDArray[np.generic]
    probabilities: NDArray[np.float64] | None = None
    classes: tuple[str, ...] = ()
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None
    units: NDArray[np.float64] | None = None
    lists: Lists | None = None
    sets: NDArray[np.bool_] | None = None
    quantiles: NDArray[np.float64] | None = None
    levels: tuple[float, ...] = ()
    groups: NDArray[np.int64] | None = None
    replies: Replies | None = None
    fallback: NDArray[np.bool_] | None = None
    out_of_range: NDArray[np.bool_] | None = None
