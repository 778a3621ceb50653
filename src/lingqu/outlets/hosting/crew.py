"""The processes of an outlet that has several: started, watched, started again, ended.

The parent imports what they need and forks; it opens nothing and answers nothing itself, so there
is nothing in it that could break. Each process listens on the same address by ``SO_REUSEPORT``; the
kernel deals connections out. One that dies takes its own requests with it and no others.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lingqu.core.errors import LingquError, OutletError
from lingqu.outlets.hosting.muster import Muster

log = logging.getLogger("lingqu.outlets")
_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
END_S = 4.5
"""Seconds that the processes get to end, before they are killed."""
LIVED_S = 5.0
"""A process that lived longer is started again at once."""
MOST_PAUSE_S = 5.0
_FIRST_PAUSE_S = 0.05


@dataclass
class Member:
    """One process of the crew.

    Args:
        pid: Its id; 0 while there is none.
        begun: When it was started.
        due: When it is to be started.
        pause_s: How long the next start waits.
        served: Whether the process of this place has ever answered.
    """

    pid: int = 0
    begun: float = 0.0
    due: float = 0.0
    pause_s: float = _FIRST_PAUSE_S
    served: bool = False


@dataclass
class Crew:
    """Keeps as many processes as were asked for.

    Args:
        size: How many.
        work: What a process does, given its number; its return is the end of the process.
        ready: Called once, when all of them answer for the first time.
    """

    size: int
    work: Callable[[int, Muster], None]
    ready: Callable[[], None]
    muster: Muster = field(init=False)

    def __post_init__(self) -> None:
        self.muster = Muster(self.size)
        self._members = [Member() for _ in range(self.size)]
        self._told = False

    def run(self) -> int:
        """Watch until SIGTERM or SIGINT; return the exit code."""
        # Shared pages stay shared where no collection writes into them.
        gc.collect()
        gc.freeze()
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        while True:
            self._start_due()
            got = signal.sigtimedwait(_SIGNALS, 0.02 if self._is_starting else 0.5)
            if got is not None and got.si_signo in (signal.SIGTERM, signal.SIGINT):
                self._end()
                return 0
            if not self._reap():
                self._end()
                return 1
            if not self._told and len(self.muster.present) == self.size:
                self._told = True
                self.ready()

    @property
    def _is_starting(self) -> bool:
        return not self._told or any(not member.pid for member in self._members)

    def _start_due(self) -> None:
        for number, member in enumerate(self._members):
            if not member.pid and member.due <= time.monotonic():
                member.begun = time.monotonic()
                member.pid = os.fork()
                if not member.pid:
                    self._be(number)

    def _be(self, number: int) -> None:
        """Be a process of the crew: never return."""
        code = 1
        try:
            for each in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
                signal.signal(each, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            self.work(number, self.muster)
            code = 0
        except BaseException as error:
            log.error("%s", error, exc_info=not isinstance(error, LingquError))
        finally:
            logging.shutdown()
            os._exit(code)

    def _reap(self) -> bool:
        """Take leave of who has ended; return False where it could not even begin."""
        good = True
        for number, member in enumerate(self._members):
            member.served = member.served or self.muster.read(number) is not None
            if not member.pid or os.waitpid(member.pid, os.WNOHANG)[0] == 0:
                continue
            self.muster.leave(number)
            good = good and (member.served or self._told)
            if good:
                log.warning("process %d (%d) of the outlet has ended", number, member.pid)
            now = time.monotonic()
            lived = now - member.begun > LIVED_S
            member.pause_s = _FIRST_PAUSE_S if lived else min(2 * member.pause_s, MOST_PAUSE_S)
            member.pid, member.due = 0, now + (0.0 if lived else member.pause_s)
        return good

    def _end(self) -> None:
        """Let all finish what they have begun, and kill who does not."""
        alive = {member.pid for member in self._members if member.pid}
        for pid in alive:
            os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + END_S
        while alive:
            alive = {pid for pid in alive if os.waitpid(pid, os.WNOHANG)[0] == 0}
            if alive and time.monotonic() > until:
                for pid in alive:
                    os.kill(pid, signal.SIGKILL)
            signal.sigtimedwait({signal.SIGCHLD}, 0.05 if alive else 0.0)


def reserve(host: str, port: int) -> socket.socket:
    """Return a socket that keeps an address for the processes of this one, and takes no callers.

    Raises:
        OutletError: The address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        problem = error.strerror or str(error)
        raise OutletError("outlets.port_taken", host=host, port=port, problem=problem) from error
    return made
