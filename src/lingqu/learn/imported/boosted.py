"""The trees of a boosted model that was brought, as a graph: sums of leaves, then a link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lingqu.learn.imported.original import Output
from lingqu.learn.tabular.graph import Large, Step, graph
from lingqu.learn.tabular.trees import Tree, ensemble

Link = Literal["identity", "exp", "square", "sigmoid", "sigmoids", "softmax"]
"""How sums become answers; ``sigmoids`` are those of several classes, each against the rest."""


def link_graph(
    trees: Sequence[Tree], columns: int, start: NDArray[np.float64], link: Link, slope: float = 1.0
) -> bytes:
    """Return the graph of boosted trees: (N, columns) → values (N, 1) or probabilities (N, K).

    Args:
        trees: At least one, see `tabular.trees`.
        columns: Width of a row.
        start: Added to the sums, (K,).
        link: What the sums become; a ``sigmoid`` says the probability of the second class.
        slope: What sums are multiplied with before a sigmoid.

    Example:
        >>> from lingqu.learn.tabular.graph import answers
        >>> from lingqu.learn.tabular.trees import alone
        >>> data = link_graph([alone(np.array([2.0]))], 1, np.array([1.0]), "identity")
        >>> answers(data, np.zeros((2, 1))).tolist()
        [[3.0], [3.0]]

    Source: Friedman, "Greedy function approximation", 2001, doi:10.1214/aos/1013203451.
    """
    constants: dict[str, NDArray[np.float64]] = {}
    steps: list[Step | Large] = [ensemble(trees, len(start), "sums")]
    at = "sums"
    if start.any():
        constants["start"] = start
        steps.append(("Add", [at, "start"], ["raw"], {}))
        at = "raw"
    if slope != 1.0:
        constants["slope"] = np.array([slope])
        steps.append(("Mul", [at, "slope"], ["steep"], {}))
        at = "steep"
    output = meant(link)
    if link == "square":  # of a root, with its sign
        steps += [("Abs", [at], ["size"], {}), ("Mul", [at, "size"], [output], {})]
    elif link == "sigmoids":
        constants["axis"] = np.array([1])
        steps += [("Sigmoid", [at], ["each"], {}),
                  ("ReduceSum", ["each", "axis"], ["whole"], {"keepdims": 1}),
                  ("Div", ["each", "whole"], [output], {})]  # fmt: skip
    else:
        operator, more = _OPERATORS[link]
        steps.append((operator, [at], [output], more))
    return graph(steps, constants, columns, output)


def meant(link: Link) -> Output:
    """Return what answers behind a link are."""
    return "values" if link in ("identity", "exp", "square") else "probabilities"


_OPERATORS = {
    "identity": ("Identity", {}),
    "exp": ("Exp", {}),
    "sigmoid": ("Sigmoid", {}),
    "softmax": ("Softmax", {"axis": 1}),
}
