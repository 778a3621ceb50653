"""The process at the far end: ``python -m lingqu.engine.worker <descriptor> <niceness> modules…``.

It is started as a command, not forked and not by `multiprocessing`: the caller's ``__main__``
is not imported again, so scripts without a main guard and notebooks work, and no lock of the
caller is inherited. Pickle is used here only between two processes of this machine, for bytes
that are never stored.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import pickle
import queue
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from lingqu.core.errors import LingquError
from lingqu.core.i18n import Message, Phrase

LONGEST_REASON = 500
_C = ctypes.CDLL(None)
_TRIM = getattr(_C, "malloc_trim", None)
"""Gives free memory back to the machine; only glibc has it, and only glibc keeps so much."""
_INFO = getattr(_C, "mallinfo2", None)
TRIM_S = 1.0
TRIM_BYTES = 64 * 2**20
"""So much free memory may lie about while a job runs: it will mostly be wanted again at once."""


class _Info(ctypes.Structure):
    """What glibc tells of its heaps (``struct mallinfo2``); `fordblks` are the free bytes."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks",
                     "uordblks", "fordblks", "keepcost")
    )  # fmt: skip


if _INFO is not None:
    _INFO.restype = _Info


def vanish() -> None:
    """End this process and everything that it started."""
    os.killpg(os.getpgid(0), signal.SIGKILL)


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and of its children that have ended."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def peak_mb() -> float:
    """Return the peak resident memory since `forget_peak`, or since the start, in MB."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (2**20 if sys.platform == "darwin" else 2**10)


def forget_peak() -> None:
    """Set the peak back to the present, where the kernel can: one worker runs many jobs."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def one_line(error: BaseException) -> Message:
    """Say in one line what an exception means to a user; our own words in both languages."""
    if isinstance(error, LingquError):
        said = {"english": _line(error.told("en")), "chinese": _line(error.told("zh"))}
        return Phrase("core.either", said)
    return _line(f"{type(error).__name__}: {error}")


def _line(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"


def find(task: str) -> Callable[[Any, Callable[[Any], None]], Any]:
    """Return the function behind ``"package.module:function"``."""
    module, _, name = task.partition(":")
    function: Callable[[Any, Callable[[Any], None]], Any] = getattr(import_module(module), name)
    return function


def load(modules: Iterable[str]) -> dict[str, float]:
    """Import modules, and return the seconds that each of them took.

    A module that cannot be imported is no failure here: the job that needs it will say so.
    """
    taken = {}
    with _uncollected():
        for module in modules:
            start = time.perf_counter()
            try:
                import_module(module)
            except Exception:
                traceback.print_exc()
            taken[module] = time.perf_counter() - start
    return taken


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile: modules stay, and looking at them is a fifth of their time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def run(data: bytes, report: Callable[[Any], None]) -> bytes:
    """Do one job and return the answer as bytes, whatever happens.

    Args:
        data: Pickled ``(modules, task, payload)``. The modules are what such jobs need and this
            worker lacks; they are imported first, so that they do not count as the job's time.
        report: Sends a progress row.

    Returns:
        Pickled ``(state, value or reason, traceback, imported, seconds, cpu_seconds, peak_mb)``.
    """
    forget_peak()
    wall, cpu = time.perf_counter(), cpu_seconds()
    trace, imported = "", {}
    try:
        modules, task, payload = pickle.loads(data)
        if modules:
            imported = load(modules)
            wall, cpu = time.perf_counter(), cpu_seconds()
        state, value = "done", pickle.dumps(find(task)(payload, report), protocol=5)
    except BaseException as error:
        state, value = "failed", pickle.dumps(one_line(error))
        trace = traceback.format_exc()
    used = time.perf_counter() - wall, cpu_seconds() - cpu, peak_mb()
    return pickle.dumps((state, value, trace, imported, *used), protocol=5)


def listen(
    connection: Connection, inbox: queue.SimpleQueue[bytes | None], lost: Callable[[], None]
) -> None:
    """Read jobs at once, so that the engine never waits in a send; notice when it is gone.

    A parent-death signal would not do: it fires when the *thread* that started us ends.
    """
    with contextlib.suppress(EOFError, OSError):
        while True:
            inbox.put(connection.recv_bytes())
    inbox.put(None)
    lost()


def serve(
    connection: Connection,
    modules: Iterable[str],
    lost: Callable[[], None] = vanish,
    known: Mapping[str, float] | None = None,
) -> None:
    """Say ``born``, import `modules`, say ``ready``, then do jobs until the connection ends.

    Args:
        connection: To the engine.
        modules: What this worker is for.
        lost: Called when the connection has ended.
        known: Modules that are imported already, and the seconds that each of them took.
    """
    lock = threading.Lock()

    def send(kind: str, data: bytes) -> None:
        with lock:
            connection.send_bytes(pickle.dumps((kind, data), protocol=5))

    send("born", pickle.dumps(os.getpid()))
    inbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    threading.Thread(target=listen, args=(connection, inbox, lost), daemon=True).start()
    threading.Thread(target=give_back, daemon=True).start()
    taken = dict(known or {})
    taken |= load([name for name in modules if name not in taken])
    send("ready", pickle.dumps(taken))
    _tidy()
    while (data := inbox.get()) is not None:
        send("begin", b"")
        answer = run(data, lambda row: send("row", pickle.dumps(row)))
        _tidy()  # before the answer: the engine looks at what is left
        send("end", answer)


def give_back() -> None:
    """Give free memory back while a job runs: what it freed at its start may lie there to its end.

    Binning a table or growing a forest frees hundreds of megabytes in small pieces.
    """
    known = 0
    while _INFO is not None:
        time.sleep(TRIM_S)
        free = int(_INFO().fordblks)  # counts what was given back, too
        if free > known + TRIM_BYTES:
            _trim()
            known = free
        known = min(known, free)


def _trim() -> None:
    if _TRIM is not None:
        _TRIM(0)


def _tidy() -> None:
    """Free what a job left in circles; what stays (modules) is not looked at again."""
    gc.collect()
    gc.freeze()
    _trim()


def settle(niceness: int) -> None:
    """Be as nice as asked, and look for garbage seldom: what imports make stays."""
    if niceness:
        os.nice(niceness)
    gc.set_threshold(100_000, 50, 100)


def main(arguments: list[str]) -> None:
    """Serve the engine at the other end of an inherited descriptor."""
    descriptor, niceness, *modules = arguments
    settle(int(niceness))
    with Connection(int(descriptor)) as connection:
        serve(connection, modules)


if __name__ == "__main__":
    main(sys.argv[1:])
