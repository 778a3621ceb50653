"""Observations and actions as columns: what a policy reads and answers is a typed row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Json
from lingqu.core.schema import Column, because

OBSERVATION = "observation"
ALLOWED = "allowed."
"""What the names of the columns begin with that say which actions may be taken."""
ACTION, REWARD, EPISODE, STEP = "action", "reward", "episode", "step"
"""Columns beside the observation: what was done, what it brought, and where in a walk."""
WIDEST = 512
"""Numbers of an observation, at most; pictures have more."""
Floats = NDArray[np.float32]
Taken = NDArray[Any]
"""Actions of rows, (N,): their places, int64, or amounts between the bounds, float64."""


@dataclass(frozen=True)
class Part:
    """One number or code of an observation: where it lies, and as which column."""

    path: tuple[Any, ...]
    column: Column
    start: int = 0


@dataclass(frozen=True)
class Observed:
    """How observations become rows of numbers, and those become columns.

    Categories are codes, so a row is as wide as there are columns. Behind the observation lie,
    where the environment says which actions may be taken, 1 or 0 for each.

    Args:
        parts: In order.
        actions: Names of the actions; none where an action is an amount.
        first: Number of the first action in the environment.
        masked: Whether it says which actions may be taken.
        flat: Whether an observation is one array of numbers.
        span: Smallest and largest amount, where an action is a number; None where it is one of a
            few.
    """

    parts: tuple[Part, ...]
    actions: tuple[str, ...]
    first: int = 0
    masked: bool = False
    flat: bool = False
    span: tuple[float, float] | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that a policy reads."""
        closed = [
            Column(f"{ALLOWED}{name}", "boolean", levels=("false", "true"),
                   **because("control.reason_allowed", action=name))
            for name in self.actions if self.masked
        ]  # fmt: skip
        return (*(part.column for part in self.parts), *closed)

    @property
    def levels(self) -> tuple[int, ...]:
        """Of each part how many levels its category has; 0 for a number."""
        return tuple(len(part.column.levels) for part in self.parts)

    def row(self, observation: Any) -> Floats:
        """Return the numbers of an observation, (columns of the observation,) float32."""
        if self.flat:
            return np.asarray(observation, dtype=np.float32).reshape(-1)
        cells = [float(_at(observation, part.path)) - part.start for part in self.parts]
        return np.array(cells, dtype=np.float32)

    def allowed(self, rows: Floats) -> NDArray[np.bool_]:
        """Return which actions may be taken in rows, (N, actions)."""
        if not self.masked:
            return np.ones((len(rows), len(self.actions)), dtype=bool)
        open_ones: NDArray[np.bool_] = rows[:, len(self.parts) :] > 0
        return open_ones

    def said(self, actions: Taken) -> pl.Series:
        """Return actions as a column: their names, or amounts."""
        if self.span is not None:
            return pl.Series(ACTION, actions, dtype=pl.Float64)
        names = [self.actions[place] for place in actions.tolist()]
        return pl.Series(ACTION, names, dtype=pl.String)

    def frame(self, rows: Floats) -> pl.DataFrame:
        """Return rows of numbers as columns."""
        made = []
        for place, column in enumerate(self.columns):
            values = rows[:, place]
            if column.kind == "category":
                names = [column.levels[int(code)] for code in values]
                made.append(pl.Series(column.name, names, dtype=pl.String))
            elif column.kind == "boolean":
                made.append(pl.Series(column.name, values > 0))
            else:
                made.append(pl.Series(column.name, values.astype(np.float64)))
        return pl.DataFrame(made)

    def encoding(self) -> dict[str, Json]:
        """Return how a release makes the input of its graph of columns: raw numbers and codes."""
        blocks: list[dict[str, Json]] = []
        for column in self.columns:
            if column.kind == "category":
                blocks.append({"type": "ordinal", "column": column.name,
                               "levels": list(column.levels)})  # fmt: skip
            elif blocks and blocks[-1]["type"] == "numbers":
                blocks[-1]["columns"].append(column.name)
            else:
                blocks.append({"type": "numbers", "columns": [column.name]})
        return {
            "version": 1, "style": "tree", "tensor": "x", "shape": [len(self.columns)],
            "blocks": blocks, "left_out": [],
        }  # fmt: skip


def _at(observation: Any, path: Sequence[Any]) -> Any:
    for key in path:
        observation = observation[key]
    return observation


def observed_of(environment: Any, name: str, masked: bool) -> Observed:
    """Return how the observations and actions of an environment are read.

    Args:
        environment: An opened one.
        name: What it is called, for an error.
        masked: Whether it says which actions may be taken.

    Raises:
        SpecError: Its actions are neither a few to choose from nor an amount, or its observations
            no columns.
    """
    inner = environment.unwrapped if hasattr(environment, "unwrapped") else environment
    space = environment.observation_space
    span = span_of(environment.action_space, name)
    if span is not None and masked:
        raise SpecError("control.masked_amount", name=name, low=span[0], high=span[1])
    actions, first = ((), 0) if span else actions_of(environment.action_space, inner, name)
    told = _names(inner, "observation_names")
    parts = list(_parts(space, (), OBSERVATION, name))
    if len(parts) > WIDEST or not parts:
        raise SpecError("control.wide", name=name, received=str(space)[:120], expected=WIDEST)
    if told and len(told) != len(parts):
        raise SpecError("control.names", name=name, received=len(told), expected=len(parts))
    if told:
        parts = [
            Part(part.path, Column(new, part.column.kind, levels=part.column.levels,
                                   **because("control.reason_named")), part.start)
            for part, new in zip(parts, told, strict=True)
        ]  # fmt: skip
    flat = type(space).__name__ == "Box"
    return Observed(tuple(parts), actions, first, masked, flat, span)


def span_of(space: Any, name: str) -> tuple[float, float] | None:
    """Return the smallest and largest amount that is an action; None where it is one of a few.

    Args:
        space: Of the actions.
        name: What the environment is called, for an error.

    Raises:
        SpecError: An action consists of several numbers, or has no bounds.

    Example:
        >>> from gymnasium.spaces import Box, Discrete
        >>> span_of(Box(-2.0, 2.0, (1,)), "pendulum"), span_of(Discrete(3), "cart")
        ((-2.0, 2.0), None)
    """
    if type(space).__name__ != "Box":
        return None
    low, high = np.ravel(space.low), np.ravel(space.high)
    if len(low) != 1 or not np.isfinite([low[0], high[0]]).all() or not low[0] < high[0]:
        raise SpecError("control.actions", name=name, received=str(space)[:120])
    return float(low[0]), float(high[0])


def actions_of(space: Any, inner: Any, name: str) -> tuple[tuple[str, ...], int]:
    """Return the names of the actions, and the number of the first.

    Raises:
        SpecError: There are no few actions to choose from.
    """
    if type(space).__name__ != "Discrete":
        raise SpecError("control.actions", name=name, received=str(space)[:120])
    first, count = int(space.start), int(space.n)
    told = _names(inner, "action_names") or tuple(str(first + i) for i in range(count))
    if len(told) != count or len(set(told)) != count:
        raise SpecError("control.action_names", name=name, received=len(set(told)), expected=count)
    return told, first


def _names(inner: Any, attribute: str) -> tuple[str, ...]:
    found = getattr(inner, attribute, None)
    return tuple(str(one) for one in found) if found is not None else ()


def _parts(space: Any, path: tuple[Any, ...], label: str, name: str) -> Iterator[Part]:
    kind = type(space).__name__
    if kind == "Box" and len(space.shape) <= 1:
        count = int(space.shape[0]) if space.shape else 1
        for place in range(count):
            own = f"{label}.{place}" if space.shape else label
            inside = (*path, place) if space.shape else path
            yield Part(inside, Column(own, "number", **because("control.reason_number")))
    elif kind == "Discrete":
        yield _coded(path, label, int(space.n), int(space.start))
    elif kind == "MultiDiscrete" and len(space.nvec.shape) == 1:
        for place, count in enumerate(space.nvec.tolist()):
            yield _coded((*path, place), f"{label}.{place}", count, 0)
    elif kind == "MultiBinary" and isinstance(space.n, int | np.integer):
        for place in range(int(space.n)):
            column = Column(f"{label}.{place}", "number", **because("control.reason_number"))
            yield Part((*path, place), column)
    elif kind == "Tuple":
        for place, inner in enumerate(space.spaces):
            yield from _parts(inner, (*path, place), f"{label}.{place}", name)
    elif kind == "Dict":
        for key, inner in space.spaces.items():
            yield from _parts(inner, (*path, key), f"{label}.{key}", name)
    else:
        raise SpecError("control.wide", name=name, received=str(space)[:120], expected=WIDEST)


def _coded(path: tuple[Any, ...], label: str, count: int, start: int) -> Part:
    levels = tuple(str(start + code) for code in range(count))
    column = Column(label, "category", levels=levels, **because("control.reason_code", count=count))
    return Part(path, column, start)
