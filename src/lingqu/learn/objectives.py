"""Which loss a learner minimises when the score that decides is of a kind of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lingqu.core.metric_table import metric_of, subject_of
from lingqu.core.nouns import Json

Wish = tuple[str, Mapping[str, Json], float]
"""Algorithm, options, expected gain."""
GAIN = 0.2
"""What the loss of the score itself is expected to add to the usual ones."""
_RANK: Mapping[str, Json] = {"objective": "rank"}


def own_options(algorithm: str, metric: str) -> Mapping[str, Json]:
    """Return the options by which a learner minimises the loss of a score itself, or none.

    Example:
        >>> own_options("lightgbm", "pinball(0.9)"), own_options("ridge", "ndcg@5")
        ({'objective': 'quantile', 'alpha': 0.9}, {})
    """
    if not metric or ":" in metric:
        return {}
    name, share = subject_of(metric_of(metric).name)
    if metric_of(metric).form == "ranking":
        return _RANK if algorithm == "lightgbm" else {}
    if name == "pinball" and float(share) != 0.5:
        return {"objective": "quantile", "alpha": float(share)} if algorithm == "lightgbm" else {}
    return {}


def fitting(wishes: Sequence[Wish], metric: str) -> list[Wish]:
    """Return the usual wishes with, first of all learners, those that minimise the score's loss.

    A learner of values ranks as well, and often not much worse: the usual ones stay, behind.

    Args:
        wishes: The usual wishes, in order.
        metric: Score that decides.
    """
    first: list[Wish] = []
    for algorithm, options, gain in wishes:
        own = own_options(algorithm, metric)
        if own:
            first.append((algorithm, {**options, **own}, max(gain, GAIN)))
    return [*wishes[:1], *first, *wishes[1:]]  # the first one is there to be usable early
