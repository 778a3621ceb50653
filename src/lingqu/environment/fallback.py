"""What a release answers to an observation unlike all that its policy was trained on: a table.

A rule of one column, as steps: below the first edge the first action, and so on. It is data, so a
release carries it and answers with it without running code of the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Json
from lingqu.environment.observed import Observed


@dataclass(frozen=True)
class Fallback:
    """A rule of one column.

    Args:
        column: Place of the column it reads.
        edges: Rising; a value at an edge or below it belongs to the step before.
        actions: One more than edges: places of the actions.

    Example:
        >>> from lingqu.core.schema import Column
        >>> from lingqu.environment.observed import Part
        >>> stock = Observed((Part((0,), Column("stock", "number")),), ("0", "20"))
        >>> Fallback.of({"column": "stock", "edges": [5], "actions": ["20", "0"]}, stock)
        Fallback(column=0, edges=(5.0,), actions=(1, 0))
        >>> Fallback.of("0", stock)
        Fallback(column=0, edges=(), actions=(0,))
    """

    column: int
    edges: tuple[float, ...]
    actions: tuple[int, ...]

    @classmethod
    def of(cls, written: Json, observed: Observed) -> Fallback:
        """Read a rule: the name of an action, or ``{column, edges, actions}``.

        Raises:
            SpecError: It names no column or action of the environment, or has another form.
        """
        if not isinstance(written, Mapping):
            return cls(0, (), (_action(written, observed),))
        columns = [part.column.name for part in observed.parts]
        column, actions = written.get("column"), written.get("actions", ())
        edges = tuple(float(edge) for edge in written.get("edges", ()))
        rising = all(low < high for low, high in pairwise(edges))
        if column not in columns or len(actions) != len(edges) + 1 or not rising:
            raise SpecError(
                "control.fallback", received=dict(written), columns=", ".join(columns),
                actions=", ".join(observed.actions),
            )  # fmt: skip
        places = tuple(_action(action, observed) for action in actions)
        return cls(columns.index(str(column)), edges, places)


def _action(written: Any, observed: Observed) -> int:
    if str(written) not in observed.actions:
        raise SpecError(
            "control.fallback", received=written, actions=", ".join(observed.actions),
            columns=", ".join(part.column.name for part in observed.parts),
        )  # fmt: skip
    return observed.actions.index(str(written))
