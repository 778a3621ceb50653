"""Row weights that make rare classes count as much as frequent ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lingqu.learn.tabular.rows import Rows


def balanced(fold: Rows) -> Rows:
    """Return the fold with weights under which every class has the same sum.

    The probabilities that are learned are then those of a world with equal classes: good for
    finding the rare one, wrong as frequencies. A regression stays as it is.

    Source: King and Zeng, "Logistic regression in rare events data", 2001,
        doi:10.1093/oxfordjournals.pan.a004868 (weighting by class).
    """
    if not fold.classes:
        return fold
    weight = np.ones(len(fold.y)) if fold.weight is None else fold.weight
    sums = np.bincount(fold.y, weights=weight, minlength=len(fold.classes))
    share = weight.sum() / max(1, int((sums > 0).sum()))
    factor = np.divide(share, sums, out=np.zeros_like(sums), where=sums > 0)
    return replace(fold, weight=weight * factor[fold.y])
