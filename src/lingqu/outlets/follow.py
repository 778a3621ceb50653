"""Keeps a running server in step with the ledger: keys, route and releases, and settled quotas.

The ledger counts its changes, so asking whether anything changed is one small read. A new release
is opened and replayed here, beside the traffic, and takes over with one assignment; releases that
left the route stay open for a while, so that going back is as quick.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from lingqu.core.errors import LingquError
from lingqu.core.nouns import Backend, Route
from lingqu.outlets.app import App, Serving
from lingqu.outlets.guard import SETTLE_S, Guard
from lingqu.outlets.route import Split
from lingqu.outlets.served import Served
from lingqu.store.folders import release_folder
from lingqu.store.home import Home

log = logging.getLogger("lingqu.outlets")
WARM = 4
"""Releases kept open at most, beside those of the route."""


class House:
    """The releases of a channel, opened as the route asks for them.

    Args:
        home: The workspace.
        channel: Name of the channel.
        release: Folder of a release that answers while the ledger knows no route.
        options: Options of `Served`.
    """

    def __init__(self, home: Home, channel: str, release: str = "", **options: Any) -> None:
        self._home = home
        self._channel = channel
        self._options = options
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="lingqu-run")
        self._opened: dict[str, Served] = {}
        self._alone: Served | None = None
        if release:
            self._alone = self._keep(Served.open(Path(release), self._threads, **options))

    def serving(self) -> Serving:
        """Return who answers now, with every release of the route opened and replayed.

        Raises:
            GateError: A release is not intact or does not give its golden answers.
            StoreError: A release cannot be found.
        """
        route = self._home.ledger.routes.get(self._channel)
        if route is None:
            alone = () if self._alone is None else (Backend(self._alone.digest, 1.0),)
            route = Route(self._channel, alone)
        split = Split(route)
        for digest in split.releases:
            if digest not in self._opened:
                folder = release_folder(self._home, digest)
                self._keep(Served.open(folder, self._threads, **self._options))
        wanted = {*split.releases, route.fallback}
        spare = [digest for digest in self._opened if digest not in wanted]
        for digest in spare[: max(0, len(spare) - WARM)]:
            del self._opened[digest]
        return Serving(split, dict(self._opened))

    def _keep(self, served: Served) -> Served:
        self._opened[served.digest] = served
        return served

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class Follower:
    """A thread that looks at the ledger several times a second.

    Args:
        home: The workspace.
        house: Opens releases.
        guard: Whose keys are kept fresh and whose counts are settled.
        clock: Unix seconds.
    """

    def __init__(
        self, home: Home, house: House, guard: Guard, clock: Callable[[], float] = time.time
    ) -> None:
        self._home = home
        self._house = house
        self._guard = guard
        self._clock = clock
        self._revision = -1
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> Serving:
        """Read keys and route once, and return who answers."""
        revision = self._home.ledger.revision()
        self._guard.load(self._home.ledger.keys.list(), self._home.ledger.usage, self._clock())
        serving = self._house.serving()
        self._revision = revision
        return serving

    def follow(self, app: App) -> None:
        """Keep `app` in step until `close`."""
        app.revision = self._revision
        self._thread = threading.Thread(
            target=self._work, args=(app,), name="lingqu-follow", daemon=True
        )
        self._thread.start()

    def look(self, app: App) -> None:
        """Settle what keys used, and take over what changed."""
        self._guard.settle(self._home.ledger.usage)
        revision = self._home.ledger.revision()
        if revision == self._revision:
            return
        # Keys first: a key that was disabled must not wait for a release to open.
        self._guard.load(self._home.ledger.keys.list(), self._home.ledger.usage, self._clock())
        self._revision = revision
        app.serving = self._house.serving()
        app.revision = revision

    def close(self) -> None:
        """Stop, and settle the rest."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(2.0)
        try:
            self._guard.settle(self._home.ledger.usage)
        except LingquError:
            log.exception("the use of keys could not be settled")

    def _work(self, app: App) -> None:
        while not self._stop.wait(SETTLE_S):
            try:
                self.look(app)
            except Exception:
                # The ledger may be away, or a release broken: what answered goes on answering.
                log.exception("the change could not be taken over")
