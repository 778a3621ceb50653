"""Work that goes on after the reply; its outcome, also a failure, is in the ledger."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Callable

from lingqu.core.errors import AccessError, LingquError

log = logging.getLogger("lingqu.http")


class Background:
    """Threads by name: one thing is not begun twice at a time."""

    def __init__(self) -> None:
        self._threads: dict[str, threading.Thread] = {}
        self._turn = threading.Lock()

    def start(self, name: str, work: Callable[[], object]) -> threading.Thread:
        """Begin in a thread.

        Raises:
            AccessError: What is so named is under way.
        """

        def quietly() -> None:
            try:
                work()
            except LingquError as error:
                log.warning("%s: %s", name, error)

        with self._turn:
            self._threads = {n: t for n, t in self._threads.items() if t.is_alive()}
            if name in self._threads:
                raise AccessError("http.under_way", 409, name=name)
            # Events say who asked, also those that come later.
            context = contextvars.copy_context()
            thread = threading.Thread(target=context.run, args=(quietly,), name=name, daemon=True)
            self._threads[name] = thread
            thread.start()
        return thread
