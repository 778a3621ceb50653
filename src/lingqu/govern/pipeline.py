"""Walk the declared operators: learn from training rows, change both parts, keep the reasons."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.ports import Operator, Progress
from lingqu.govern.contract.operator import without_samples
from lingqu.govern.marks import commit, keeping, kept, unmark
from lingqu.govern.near import without_texts
from lingqu.govern.step import refuse
from lingqu.release.prepare import (
    PROTECTS,
    apply_all,
    hidden_columns,
    restore_operators,
    save_operators,
)

__all__ = ["Governed", "govern", "restore", "save_state"]


@dataclass(frozen=True)
class Governed:
    """What came out of governance.

    Args:
        train: Changed training rows; marked rows have left.
        test: Changed test rows, as many as came in, or None.
        operators: The fitted operators, in order.
        reports: Per operator ``{"operator", "name", "rows_before", "rows_after", "seconds",
            "travels", "report"}``; rows are training rows not marked so far.
        kept_rows: Original numbers of the training rows that stayed.
        removed: ``{"row", "reason", "operator"}`` for each training row that left.
    """

    train: Dataset
    test: Dataset | None
    operators: tuple[Operator, ...]
    reports: tuple[Mapping[str, Json], ...]
    kept_rows: list[int]
    removed: list[dict[str, Json]]


def govern(
    train: Dataset,
    test: Dataset | None,
    operators: Sequence[Operator],
    names: Sequence[str] = (),
    progress: Progress | None = None,
    spared: NDArray[np.bool_] | None = None,
) -> Governed:
    """Fit each operator on training rows and apply it; test rows only see what travels.

    What hides personal data goes before the first operator that travels, wherever it was named:
    what an operator learns is kept in the release, and must not hold a value that was hidden.

    Args:
        train: Rows to learn from.
        test: Rows held out; none is ever dropped or learnt from.
        operators: Not fitted yet.
        names: What the user calls each step; the operators' own names when omitted.
        spared: Training rows that no operator may remove, because a person said so, shape (N,).
        progress: Told ``{"event": "operator", "name"}`` before each, and
            ``{"operator", "name", "index", "of", "seconds", "rows"}`` after it.

    Raises:
        DataError: There is nothing to learn from, or the operators marked every row.

    Example:
        >>> import polars as pl
        >>> from lingqu.core.schema import Column, Schema
        >>> from lingqu.govern.dedupe import Dedupe
        >>> data = Dataset(pl.DataFrame({"x": [1, 1, 2]}), Schema((Column("x", "number"),)))
        >>> done = govern(data, None, [Dedupe()])
        >>> done.kept_rows, [row["row"] for row in done.removed]
        ([0, 2], [1])
    """
    refuse("govern", train)
    called = list(names) or [operator.name for operator in operators]
    operators, called = _protecting_first(operators, called)
    blamed: dict[int, str] = {}
    reports: list[Mapping[str, Json]] = []
    for index, operator in enumerate(operators):
        before = keeping(train.frame)
        if progress is not None:
            progress({"event": "operator", "name": called[index]})
        train, test, report = _walk(operator, called[index], train, test, spared)
        after = keeping(train.frame)
        blamed |= {int(row): called[index] for row in np.flatnonzero(before & ~after)}
        reports.append(report)
        if progress is not None:
            _tell(progress, report, index, len(operators))
    private = hidden_columns(save_operators(operators))
    reports = [_concealed(report, private) for report in reports]
    train, numbers, removed = commit(train)
    return Governed(
        train,
        test,
        tuple(operators),
        tuple(reports),
        numbers,
        [{**row, "operator": blamed[row["row"]]} for row in removed],
    )


def _protecting_first(
    operators: Sequence[Operator], names: Sequence[str]
) -> tuple[list[Operator], list[str]]:
    """Move what hides personal data in front of the first operator that travels."""
    travelling = [index for index, operator in enumerate(operators) if operator.travels]
    first = travelling[0] if travelling else 0
    moved = [i for i in travelling if operators[i].name in PROTECTS]
    order = [*range(first), *moved, *(i for i in range(first, len(names)) if i not in moved)]
    return [operators[i] for i in order], [names[i] for i in order]


def _concealed(report: Mapping[str, Json], private: set[str]) -> Mapping[str, Json]:
    if report["operator"] == "contract" and private:
        return {**report, "report": without_samples(report["report"], private)}
    if report["operator"] in ("dedupe", "conflicts") and private:
        return {**report, "report": without_texts(report["report"], private)}
    return report


def _walk(
    operator: Operator,
    name: str,
    train: Dataset,
    test: Dataset | None,
    spared: NDArray[np.bool_] | None = None,
) -> tuple[Dataset, Dataset | None, Mapping[str, Json]]:
    """Fit one operator on the rows not marked so far, apply it to both parts, report."""
    started = time.perf_counter()
    before = int(keeping(train.frame).sum())
    operator.fit(kept(train))
    if test is not None and operator.travels:
        test = apply_all(test, [operator])
    # Training rows last: `report` tells of the last `apply`.
    train = operator.apply(train)
    if spared is not None:
        train = replace(train, frame=unmark(train.frame, spared))
    after = int(keeping(train.frame).sum())
    if not after:
        raise DataError("govern.all_marked", operator=name, rows=before)
    report = {
        "operator": operator.name,
        "name": name,
        "rows_before": before,
        "rows_after": after,
        "travels": operator.travels,
        "report": dict(operator.report()),
        "seconds": time.perf_counter() - started,
    }
    return train, test, report


def _tell(progress: Progress, row: Mapping[str, Json], index: int, count: int) -> None:
    progress(
        {
            "operator": row["operator"],
            "name": row["name"],
            "index": index,
            "of": count,
            "seconds": row["seconds"],
            "rows": row["rows_after"],
        }
    )


def save_state(operators: Sequence[Operator]) -> list[dict[str, Json]]:
    """Return the travelling operators as JSON rows (see `release/prepare.py`)."""
    return save_operators(operators)


def restore(rows: Sequence[Mapping[str, Json]]) -> list[Operator]:
    """Return fitted operators from `save_state`'s rows."""
    return restore_operators(rows)
