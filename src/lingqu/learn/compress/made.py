"""What a worker sends back of one form of a fit; light, since who chooses reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from lingqu.core.predictions import Predictions


class Speed(NamedTuple):
    """CPU seconds of one row, and of `lingqu.learn.candidate.MANY` rows, in the graph alone."""

    row_s: float
    many_s: float


@dataclass(frozen=True)
class Made:
    """One form of a fit.

    Args:
        graph: ONNX bytes.
        said: Its answers on the held-out rows; None where there are none.
        speed: Of the graph.
        effort_s: What its form says that many rows take, see `lingqu.learn.effort`.
    """

    graph: bytes
    said: Predictions | None
    speed: Speed
    effort_s: float
