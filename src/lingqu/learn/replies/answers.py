"""Questions and answers in tokens → rows to learn from: the loss is on the answers alone."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lingqu.learn.loop import SIZE

LEFT_OUT = -100
"""Truth of the places that tell no token of an answer."""


def rows_of(
    asked: Sequence[Sequence[int]], told: Sequence[Sequence[int]], context: int
) -> tuple[dict[str, Tensor], int]:
    """Return tokens (N, T + 1), which places tell an answer (N, T), lengths; and rows cut short.

    Args:
        asked: Tokens of what is asked; of those that do not fit, the beginning is left out.
        told: Tokens of the answers; one longer than half the context may be cut.
        context: Most tokens that a decoder looks back at.

    Example:
        >>> data, cut = rows_of([[5, 6], [7]], [[1, 2], [3]], context=3)
        >>> data["x"].tolist(), data["truth"].tolist(), cut
        ([[5, 6, 1, 2], [7, 3, 0, 0]], [[-100, 1, 2], [3, -100, -100]], 0)
    """
    rows, begins, cut = [], [], 0
    for begun, answer in zip(asked, told, strict=True):
        kept = list(answer[: max(context // 2, context + 1 - len(begun))])
        room = context + 1 - len(kept)
        cut += len(begun) > room or len(answer) > len(kept)
        begins.append(min(len(begun), room))
        rows.append([*begun[-room:], *kept])
    lengths = torch.tensor([len(row) for row in rows])
    x = torch.zeros(len(rows), int(lengths.max()), dtype=torch.int64)
    for number, row in enumerate(rows):
        x[number, : len(row)] = torch.tensor(row)
    place = torch.arange(1, x.shape[1])
    there = (place >= torch.tensor(begins)[:, None]) & (place < lengths[:, None])
    return {"x": x, "truth": torch.where(there, x[:, 1:], LEFT_OUT), SIZE: lengths}, cut
