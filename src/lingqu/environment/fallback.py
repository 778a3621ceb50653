"""What a release answers to an observation unlike all that its policy was trained on: a table.

A rule of one column or of a sum of several, as steps: below the first edge the first action, and
so on. It is data, so a release carries it and answers with it without running code of the
environment.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Json
from lingqu.environment.observed import Observed


@dataclass(frozen=True)
class Fallback:
    """A rule of a sum of columns.

    Args:
        weights: What each part of an observation counts in the sum; 0 for what is not read.
        edges: Rising; a sum at an edge or below it belongs to the step before.
        actions: One more than edges: places of the actions, or amounts.

    Example:
        >>> from lingqu.core.schema import Column
        >>> from lingqu.environment.observed import Part
        >>> parts = [Part((i,), Column(one, "number")) for i, one in enumerate(["here", "due"])]
        >>> stock = Observed(tuple(parts), ("0", "20"))
        >>> Fallback.of({"column": "here", "edges": [5], "actions": ["20", "0"]}, stock)
        Fallback(weights=(1.0, 0.0), edges=(5.0,), actions=(1, 0))
        >>> Fallback.of({"sum": {"here": 1, "due": 1}, "edges": [5], "actions": ["20", "0"]}, stock)
        Fallback(weights=(1.0, 1.0), edges=(5.0,), actions=(1, 0))
        >>> Fallback.of("0", stock)
        Fallback(weights=(0.0, 0.0), edges=(), actions=(0,))
    """

    weights: tuple[float, ...]
    edges: tuple[float, ...]
    actions: tuple[float, ...]

    @classmethod
    def of(cls, written: Json, observed: Observed) -> Fallback:
        """Read a rule: an action, ``{column, edges, actions}`` or ``{sum, edges, actions}``.

        Raises:
            SpecError: It names no column or action of the environment, or has another form.
        """
        columns = [part.column.name for part in observed.parts]
        if not isinstance(written, Mapping):
            return cls((0.0,) * len(columns), (), (_action(written, observed),))
        counts = written.get("sum", {written.get("column"): 1.0})
        edges, actions = _numbers(written.get("edges", ())), written.get("actions", ())
        weights = _numbers(counts.values()) if isinstance(counts, Mapping) else None
        if edges is None or not weights or not set(counts) <= set(columns):
            raise _refused(written, observed)
        rising = all(low < high for low, high in pairwise(edges))
        if len(actions) != len(edges) + 1 or not rising or {"sum", "column"} <= written.keys():
            raise _refused(written, observed)
        known = dict(zip(counts, weights, strict=True))
        return cls(
            tuple(known.get(name, 0.0) for name in columns),
            edges,
            tuple(_action(action, observed) for action in actions),
        )

    def told(self, observed: Observed) -> dict[str, Json]:
        """Return the rule as it is written, JSON."""
        named = zip(observed.parts, self.weights, strict=True)
        read = {part.column.name: weight for part, weight in named if weight}
        said = self.actions if observed.span else [observed.actions[int(i)] for i in self.actions]
        return {"sum": read, "edges": list(self.edges), "actions": list(said)}


def _numbers(written: Any) -> tuple[float, ...] | None:
    """Return finite numbers; None where one is none."""
    try:
        found = tuple(float(one) for one in written)
    except (TypeError, ValueError):
        return None
    return found if all(map(math.isfinite, found)) else None


def _action(written: Any, observed: Observed) -> float:
    if observed.span is not None:
        low, high = observed.span
        found = _numbers([written])
        if found is None or not low <= found[0] <= high:
            raise _refused(written, observed)
        return found[0]
    # A name that is a number is written as one in YAML.
    name = f"{written:g}" if isinstance(written, int | float) else str(written)
    if name not in observed.actions:
        raise _refused(written, observed)
    return observed.actions.index(name)


def _refused(written: Any, observed: Observed) -> SpecError:
    low, high = observed.span or (0.0, 0.0)
    few = ", ".join(observed.actions)
    return SpecError(
        "control.fallback", received=dict(written) if isinstance(written, Mapping) else written,
        columns=", ".join(part.column.name for part in observed.parts),
        actions=f"{low:g} … {high:g}" if observed.span else few,
    )  # fmt: skip
