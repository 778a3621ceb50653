"""Start a Python process of our own that has a connection to us and nothing else of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from typing import IO, Any

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
ALLOCATOR = {
    "_RJEM_MALLOC_CONF": "background_thread:false,narenas:1,dirty_decay_ms:0,muzzy_decay_ms:0",
}
"""Polars' allocator gives back at once what it frees: by itself it keeps it for ever, and the rows
of a job are read and dropped in a moment."""


def start(
    module: str, descriptor: int, words: Iterable[str], threads: int, log: int | IO[Any]
) -> subprocess.Popen[bytes]:
    """Start a module as a command, in a session of its own.

    Args:
        module: Has ``main(arguments)``.
        descriptor: Its end of the connection: the first argument.
        words: The further arguments.
        threads: Threads of numeric libraries in it.
        log: Where what it writes goes.

    Raises:
        OSError: It cannot be started.
    """
    environment = {
        **ALLOCATOR,
        **os.environ,
        **dict.fromkeys(THREAD_VARIABLES, str(threads)),
        "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
    }
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, str(descriptor), *words],
        pass_fds=(descriptor,),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=environment,
        start_new_session=True,
    )
