"""The process that workers are forked from: ``python -m lingqu.engine.forks <descriptor> …``.

It does no work itself, so that no thread pool of a library ever starts in it: a fork would take
over its locks but not its threads.
"""

from __future__ import annotations

import gc
import json
import os
import select
import socket
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from lingqu.engine import worker

_LONGEST = 2**16


@dataclass
class Wish:
    """A worker that is asked for, and its two descriptors.

    Args:
        modules: What it needs.
        connection: Its end of a pipe.
        log: Where what it writes goes.
    """

    modules: list[str]
    connection: int
    log: int

    def close(self) -> None:
        """Give up the descriptors: a pipe ends when its last holder has closed it."""
        os.close(self.connection)
        os.close(self.log)


@dataclass
class Forks:
    """Imports modules and forks workers between them.

    Args:
        control: Brings wishes.
        left: Modules that are not imported yet.
    """

    control: socket.socket
    left: list[str]
    taken: dict[str, float] = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)

    def serve(self) -> Callable[[], None] | None:
        """Go on until the control ends; return, in a worker only, what that has to do."""
        while True:
            while select.select([self.control], [], [], 0 if self.left else None)[0]:
                if not self._hear():
                    return None
                if (child := self._fork()) is not None:
                    return child
                if self.left:
                    break
            if self.left:
                name = self.left.pop(0)
                self.taken |= worker.load([name])
                if (child := self._fork()) is not None:
                    return child

    def _hear(self) -> bool:
        """Read one message; return whether there was one."""
        data, descriptors, _, _ = socket.recv_fds(self.control, _LONGEST, 2)
        if not data:
            return False
        message = json.loads(data)
        if "wait" in message:
            self.control.send(str(_exit_code(message["wait"])).encode())
        else:
            self.wishes.append(Wish(message["modules"], *descriptors))
        return True

    def _fork(self) -> Callable[[], None] | None:
        """Fork the workers that need nothing of what is still to be imported."""
        due = [wish for wish in self.wishes if not set(wish.modules) & set(self.left)]
        for wish in due:
            gc.collect()
            gc.freeze()  # a collection in a worker would write to every object, and so copy it
            if os.fork() == 0:
                self.wishes.remove(wish)
                return lambda: self._become(wish)
            self.wishes.remove(wish)
            wish.close()
        return None

    def _become(self, wish: Wish) -> None:
        """Be a worker, and hold nothing of the others."""
        os.setsid()
        os.dup2(wish.log, 1)
        os.dup2(wish.log, 2)
        os.close(wish.log)
        self.control.close()
        for other in self.wishes:
            other.close()
        with Connection(wish.connection) as connection:
            worker.serve(connection, wish.modules, known=self.taken)


def _exit_code(pid: int) -> int:
    """Return how a worker ended; 0 for one that is not ours."""
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except ChildProcessError:
        return 0


def main(arguments: list[str]) -> None:
    """Serve the engine at the other end of an inherited descriptor."""
    descriptor, niceness, *modules = arguments
    worker.settle(int(niceness))
    child = Forks(socket.socket(fileno=int(descriptor)), modules).serve()
    code = 0
    try:
        if child is not None:
            child()
    except Exception:  # such as that whoever asked for this worker has died meanwhile
        traceback.print_exc()
        code = 1
    sys.stderr.flush()
    os._exit(code)  # what libraries do at exit is not made for a fork, and may never end there


if __name__ == "__main__":
    main(sys.argv[1:])
