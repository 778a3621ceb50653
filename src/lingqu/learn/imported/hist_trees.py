"""scikit-learn's histogram gradient boosting as a graph: `skl2onnx` cannot write it."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from lingqu.learn.imported.boosted import Link, link_graph
from lingqu.learn.tabular.trees import AT_MOST, LEAF, Tree

_LINKS: dict[str, Link] = {"poisson": "exp", "gamma": "exp"}


def hist_link(model: Any) -> Link:
    """Return how the sums of a histogram booster become its answers."""
    if isinstance(model, HistGradientBoostingClassifier):
        return "sigmoid" if model.n_trees_per_iteration_ == 1 else "softmax"
    return _LINKS.get(model.loss, "identity")


def hist_graph(model: Any) -> bytes | None:
    """Return the graph of a histogram booster, or None where it reads categories of its own.

    Example:
        >>> from sklearn.ensemble import HistGradientBoostingRegressor
        >>> x = np.arange(60.0)[:, None]
        >>> model = HistGradientBoostingRegressor(max_iter=2).fit(x, x[:, 0])
        >>> from lingqu.learn.tabular.graph import answers
        >>> bool(np.allclose(answers(hist_graph(model), x)[:, 0], model.predict(x)))
        True

    Source: Ke et al., "LightGBM", NeurIPS 2017, after which scikit-learn's own is modelled.
    """
    told = [(one.nodes, output) for turn in model._predictors for output, one in enumerate(turn)]
    if model._preprocessor is not None or any(nodes["is_categorical"].any() for nodes, _ in told):
        return None
    trees = [_tree(nodes, output) for nodes, output in told]
    start = np.asarray(model._baseline_prediction, dtype=np.float64).ravel()
    return link_graph(trees, int(model.n_features_in_), start, hist_link(model))


def _tree(nodes: Any, output: int) -> Tree:
    leaf = nodes["is_leaf"].astype(bool)
    return Tree(
        np.where(leaf, LEAF, AT_MOST),
        nodes["feature_idx"].astype(np.int64),
        np.where(leaf, 0.0, nodes["num_threshold"]),
        nodes["left"].astype(np.int64),
        nodes["right"].astype(np.int64),
        ~leaf & nodes["missing_go_to_left"].astype(bool),
        np.where(leaf, nodes["value"], 0.0),
        output,
    )
