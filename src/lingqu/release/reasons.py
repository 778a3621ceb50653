"""Why a row was flagged: the columns without which it would look usual.

The question is put to the released graph itself: one column after another takes its usual value,
and what the row loses of its oddness is what the column had to do with it. Where several columns
are so odd that no single one makes a difference, each is put into a row that is else usual.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.release.runner import Runner

MOST = 3
"""Columns that are told."""
LEAST = 0.15
"""Share of the oddness that a column must explain to be told."""
_CELLS = 4_000_000
"""Numbers of the tensors that are asked at a time."""


@dataclass(frozen=True)
class Reason:
    """One column that makes a row odd.

    Args:
        column: Name.
        share: Share of the row's oddness, −ln of how rare it is, that is gone without it, or that
            it has alone.
        value: What the row has.
        usual: What is usual, where it can be told: a number, or the name of a level.
    """

    column: str
    share: float
    value: Json
    usual: Json

    def to_json(self) -> dict[str, Json]:
        return asdict(self)


@dataclass(frozen=True)
class _Part:
    """One column of the tensor's blocks: where it lies, and what is usual there."""

    column: str
    start: int
    end: int
    levels: tuple[str, ...] = ()


def explains(runner: Runner) -> bool:
    """Say whether a model can be asked: one that flags, and knows what is usual."""
    return runner.task == "flag" and len(runner.encodings) == 1 and "usual" in runner.encodings[0]


def reasons(runner: Runner, frame: pl.DataFrame, most: int = MOST) -> list[tuple[Reason, ...]]:
    """Return for each row the columns that make it odd, the strongest first.

    Args:
        runner: A model of the task flag.
        frame: Governed rows.
        most: Columns per row, at most.

    Returns:
        One tuple per row; empty where no single column explains it, or nothing does.

    Source: Own, from the definition: the drop of the score when one column is at its usual value
        (cf. Zintgraf et al., "Visualizing deep neural network decisions", 2017, arXiv:1702.04595).
    """
    if not explains(runner):
        return [() for _ in range(frame.height)]
    encoding = runner.encodings[0]
    usual = np.array([np.nan if v is None else v for v in encoding["usual"]], dtype=np.float32)
    parts = _parts(encoding)
    ((name, x),) = runner.tensors(frame).items()
    step = max(1, _CELLS // (x.shape[1] * (len(parts) + 1)))
    drops = [_drops(runner, name, x[at : at + step], usual, parts) for at in range(0, len(x), step)]
    shares = np.concatenate(drops) if drops else np.zeros((0, len(parts)))
    return [_told(share, parts, frame, row, usual, most) for row, share in enumerate(shares)]


def _drops(
    runner: Runner,
    name: str,
    x: NDArray[np.float32],
    usual: NDArray[np.float32],
    parts: Sequence[_Part],
) -> NDArray[np.float64]:
    """Return the share of each row's oddness that is gone without each column, (N, C)."""
    changed = np.repeat(x[:, None, :], len(parts) + 1, axis=1)  # (N, C + 1, W)
    for index, part in enumerate(parts):
        changed[:, index + 1, part.start : part.end] = usual[part.start : part.end]
    odd = _oddness(runner, name, changed)
    shares: NDArray[np.float64] = (odd[:, :1] - odd[:, 1:]) / np.maximum(odd[:, :1], 1e-9)
    unclear = np.flatnonzero(shares.max(axis=1, initial=0.0) < LEAST)
    if len(unclear):
        alone = np.tile(usual, (len(unclear), len(parts), 1))  # (M, C, W)
        for index, part in enumerate(parts):
            alone[:, index, part.start : part.end] = x[unclear, part.start : part.end]
        shares[unclear] = _oddness(runner, name, alone) / np.maximum(odd[unclear, :1], 1e-9)
    return shares


def _oddness(runner: Runner, name: str, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return −ln of how rare each row is, (N, C) for (N, C, W)."""
    normal = runner.answered({name: rows.reshape(-1, rows.shape[2])})[:, 0]
    odd: NDArray[np.float64] = -np.log(np.maximum(normal.astype(np.float64), 1e-30))
    return odd.reshape(rows.shape[:2])


def _told(
    shares: NDArray[np.float64],
    parts: Sequence[_Part],
    frame: pl.DataFrame,
    row: int,
    usual: NDArray[np.float32],
    most: int,
) -> tuple[Reason, ...]:
    order = np.argsort(-shares, kind="stable")[:most]
    return tuple(
        Reason(
            parts[at].column,
            round(float(shares[at]), 4),
            _plain(frame.get_column(parts[at].column)[row]),
            _usual(parts[at], usual),
        )
        for at in order.tolist()
        if shares[at] >= LEAST
    )


def _parts(encoding: Mapping[str, Json]) -> list[_Part]:
    found: list[_Part] = []
    start = 0
    for block, width in zip(encoding["blocks"], encoding["widths"], strict=True):
        if "columns" in block:
            found += [_Part(n, start + i, start + i + 1) for i, n in enumerate(block["columns"])]
        else:
            levels = tuple(block.get("levels", ()))
            found.append(_Part(block["column"], start, start + width, levels))
        start += width
    return found


def _usual(part: _Part, usual: NDArray[np.float32]) -> Json:
    value = usual[part.start]
    if part.end - part.start != 1 or np.isnan(value):
        return None
    if part.levels:
        return part.levels[int(value)]
    return float(f"{float(value):.6g}")


def _plain(value: Any) -> Json:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    return str(value)[:60]
