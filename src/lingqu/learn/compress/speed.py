"""How long graphs take to answer, in CPU seconds of one thread, told so that noise does not count.

Graphs are asked in turns, so that a busy moment of the machine meets all of them, and the least of
many turns counts: other work can only ever add to it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.learn.candidate import MANY
from lingqu.learn.compress.made import Speed
from lingqu.release.session import open_session

_TURNS = 12
_CALLS = 20
"""Calls with one row that are timed together: a single one is at the edge of the clock."""
_ROWS = 256


def speeds(graphs: Mapping[str, bytes], tensor: str, rows: NDArray[np.float32]) -> dict[str, Speed]:
    """Return how long each graph takes.

    Args:
        graphs: ONNX bytes by name.
        tensor: Name of their input.
        rows: Rows to answer, (N, …); they are repeated where there are few.
    """
    one, many = rows[:1], np.resize(rows, (_ROWS, *rows.shape[1:]))
    sessions = {name: open_session(graph, 1) for name, graph in graphs.items()}
    singles = {name: float("inf") for name in sessions}
    several = dict(singles)
    for _ in range(_TURNS):
        for name, session in sessions.items():
            singles[name] = min(singles[name], _timed(session, tensor, one, _CALLS))
            several[name] = min(several[name], _timed(session, tensor, many, 1))
    return {name: Speed(singles[name], several[name] * MANY / _ROWS) for name in sessions}


def _timed(session: Any, tensor: str, rows: NDArray[np.float32], calls: int) -> float:
    """Return the CPU seconds of a call; this thread does all of the work."""
    begun = time.thread_time()
    for _ in range(calls):
        session.run(None, {tensor: rows})
    return (time.thread_time() - begun) / calls
