"""One ONNX Runtime session, set up for a process that also serves."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from lingqu.core.errors import GateError

SMALL = 2_000_000
"""Bytes of a graph up to which one thread is faster than waking a second one."""
MOST_THREADS = 4


@dataclass
class _Share:
    most: int = 0


_shared = _Share()
SETS = "sets"
"""Output of a graph that says which classes are in the set of each row, bool (N, K)."""
FALLBACK = "fallback"
"""Output of a graph that says which rows a rule answered in place of the policy, bool (N,)."""


def open_session(graph: bytes, threads: int | None = None) -> Any:
    """Return a session of this graph.

    Threads do not spin while they wait: a server shares its cores with the HTTP loop.

    Args:
        graph: ONNX bytes.
        threads: Threads within one operator; by the graph when omitted.

    Raises:
        GateError: The graph cannot be loaded.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or _threads(graph)
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the classes of ONNX Runtime share no base but this
        problem = str(error).splitlines()[0][:300]
        raise GateError("release.cannot_merge", member="-", problem=problem) from error


def _threads(graph: bytes) -> int:
    """Return how many threads share an operator: trees are walked as fast by one."""
    alone = len(graph) <= SMALL or b"TreeEnsemble" in graph
    return 1 if alone else cores()


def lanes(graph: bytes) -> int:
    """Return how many threads may ask a session at once: one, where it uses all of them itself."""
    return cores() if _threads(graph) == 1 else 1


def cores() -> int:
    """Return how many cores this process may keep busy."""
    return _shared.most or min(MOST_THREADS, len(os.sched_getaffinity(0)))


def share_cores(processes: int) -> None:
    """Let the sessions of this process take their part of the cores only: others want theirs."""
    _shared.most = max(1, cores() // processes)


def probe(shape: Sequence[int], rows: int = 8, seed: int = 0) -> NDArray[np.float32]:
    """Return random rows of a tensor, to compare two graphs.

    Example:
        >>> probe([3]).shape
        (8, 3)
    """
    random = np.random.default_rng(seed)
    return random.standard_normal((rows, *shape), dtype=np.float32)
