"""The near end of the process that workers are forked from."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys

from lingqu.engine.start import start

FORKS = sys.platform == "linux"
"""Elsewhere a fork may break what system libraries hold: there each worker starts by itself."""


class Forked:
    """A process that a template has forked, as far as an engine needs to know it.

    Args:
        template: Its parent, which alone can be told how it ended.
    """

    def __init__(self, template: Template) -> None:
        self._template = template
        self.pid: int | None = None
        """Known once it has said it."""
        self.returncode: int | None = None

    def wait(self) -> int:
        """Return the exit code, negative for a signal, as `subprocess.Popen.wait` does."""
        if self.returncode is None:
            self.returncode = self._template.exit_code(self.pid) if self.pid is not None else 0
        return self.returncode


class Template:
    """One process that imports what workers share and then only forks them.

    A fork takes milliseconds where imports take seconds, and memory that nobody writes to lies
    there once for all: two workers with the same libraries hold little more than one.

    Args:
        modules: What it imports, in this order.
        threads: Threads of numeric libraries in workers.
        niceness: Added to the scheduling niceness of workers.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(self, modules: tuple[str, ...], threads: int, niceness: int) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        words = [str(niceness), *modules]
        with theirs:
            try:
                self._process = start(
                    "lingqu.engine.forks", theirs.fileno(), words, threads, subprocess.DEVNULL
                )
            except OSError:
                self._control.close()
                raise

    def fork(self, modules: tuple[str, ...], connection: int, log: int) -> Forked:
        """Ask for a worker; it comes as soon as all that it shares with others is imported.

        Args:
            modules: What it needs: it imports what the template does not.
            connection: Its end of a pipe.
            log: Where what it writes goes.

        Raises:
            OSError: The template is dead.
        """
        wish = json.dumps({"modules": modules}).encode()
        socket.send_fds(self._control, [wish], [connection, log])
        return Forked(self)

    def exit_code(self, pid: int) -> int:
        """Wait for the end of a worker that is dead or dying; say how it ended.

        Of a template that is dead itself nobody can learn it any more: zero then.
        """
        with contextlib.suppress(OSError):
            self._control.send(json.dumps({"wait": pid}).encode())
            if answer := self._control.recv(64):
                return int(answer)
        return 0

    def end(self) -> None:
        """Kill it; the workers live on."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._control.close()
