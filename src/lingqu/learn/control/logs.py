"""Logged decisions as arrays, and the graph of a policy that is linear in its context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import DataError, TrainError
from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.schema import Role
from lingqu.learn.tabular.graph import Step, graph, verify
from lingqu.release.encode import encode, fit_encoding, targets

Floats = NDArray[np.float64]
_SAMPLE = 512


@dataclass(frozen=True)
class Log:
    """Decisions that were taken, by whatever took them.

    Args:
        encoding: How contexts became numbers; travels with the model.
        x: Contexts, (N, D).
        taken: The action of each row, (N,).
        reward: What came of it, (N,).
        propensity: How probable it was, (N,).
        actions: Names of the actions.
    """

    encoding: Mapping[str, Json]
    x: NDArray[np.float32]
    taken: NDArray[np.int64]
    reward: Floats
    propensity: Floats
    actions: tuple[str, ...]

    def model(
        self, algorithm: str, weight: Floats, offset: Floats, temperature: float,
        notes: Mapping[str, Json],
    ) -> Model:  # fmt: skip
        """Return the policy that takes what promises most, as a model of one member.

        Args:
            algorithm: Its name.
            weight: What an action promises by the context, (D, K).
            offset: What it promises anyhow, (K,).
            temperature: Of a softmax of the promises, in their unit; 0 takes the best one.
            notes: For the report.
        """
        sharp = 1.0 if temperature <= 0 else 1 / temperature
        steps: list[Step] = [("Gemm", ["x", "weight", "offset"], ["promise"], {})]
        constants = {"weight": weight * sharp, "offset": offset * sharp}
        if temperature > 0:
            steps.append(("Softmax", ["promise"], ["probabilities"], {"axis": 1}))
        else:
            steps += _GREEDY
            constants |= {"depth": np.array(len(self.actions), dtype=np.int64),
                          "off_on": np.array([0.0, 1.0])}  # fmt: skip
        data = graph(steps, constants, self.x.shape[1], "probabilities")
        few = self.x[:_SAMPLE]
        verify(algorithm, data, few, _chances(few, constants, temperature))
        member = Member(algorithm, algorithm, 1.0, self.encoding, data, notes)
        return Model("control", self.actions, (member,))


_GREEDY: list[Step] = [
    ("ArgMax", ["promise"], ["best"], {"axis": 1, "keepdims": 0}),  # the first of equals
    ("OneHot", ["best", "depth", "off_on"], ["probabilities"], {"axis": -1}),
]


def _chances(
    x: NDArray[np.float32], constants: Mapping[str, NDArray[Any]], temperature: float
) -> Floats:
    """Return what the graph of a policy must answer, computed as it computes."""
    narrow = {name: array.astype(np.float32) for name, array in constants.items()}
    promise = (x @ narrow["weight"] + narrow["offset"]).astype(np.float64)
    if temperature <= 0:
        chosen: Floats = np.eye(promise.shape[1])[promise.argmax(axis=1)]
        return chosen
    sharp = np.exp(promise - promise.max(axis=1, keepdims=True))
    return np.asarray(sharp / sharp.sum(axis=1, keepdims=True))


def read_log(train: Dataset) -> Log:
    """Read logged decisions; how contexts become numbers is learned from them.

    Args:
        train: Rows with the action as target, and columns of the roles ``reward`` and
            ``propensity``.

    Raises:
        TrainError: The rows are no logged decisions.
        DataError: A reward is missing or not finite, or a propensity is not above 0 and at most 1.
    """
    if not train.schema.having("reward") or not train.schema.having("propensity"):
        raise TrainError("tables.needs_log", name=train.name)
    encoding = fit_encoding(train, "linear")
    x = encode(train.frame, encoding)[encoding["tensor"]]
    taken, actions = targets(train, "control")
    reward, propensity = outcomes(train)
    return Log(encoding, x, taken.astype(np.int64), reward, propensity, actions)


def outcomes(rows: Dataset) -> tuple[Floats, Floats]:
    """Return rewards and propensities, each (N,).

    Raises:
        DataError: One is missing or out of range; the row is named, counted from 1.
    """
    reward, propensity = _column(rows, "reward"), _column(rows, "propensity")
    _refuse(rows, "reward", ~np.isfinite(reward))
    _refuse(rows, "propensity", ~((propensity > 0) & (propensity <= 1)))
    return reward, propensity


def _column(rows: Dataset, role: Role) -> Floats:
    name = rows.schema.having(role)[0].name
    values = rows.frame.get_column(name).cast(pl.Float64, strict=False)
    return values.to_numpy().astype(np.float64, copy=False)


def _refuse(rows: Dataset, role: Role, bad: NDArray[np.bool_]) -> None:
    if bad.any():
        row, name = int(bad.argmax()), rows.schema.having(role)[0].name
        raise DataError(f"tables.bad_{role}", row=row + 1, column=name,
                        received=rows.frame.get_column(name)[row])  # fmt: skip
