"""Keeps a running server in step with the ledger: channels, keys, routes, releases, settled quotas.

The ledger counts its changes, so asking whether anything changed is one small read. A new release
is opened and replayed here, beside the traffic, and takes over with one assignment; releases that
left the route stay open for a while, so that going back is as quick. A channel that joins the
group of a server is opened in the same way, and one that leaves it is closed when its requests
have ended.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lingqu.core.errors import LingquError
from lingqu.outlets.access.guard import SETTLE_S, Guard
from lingqu.outlets.app import App
from lingqu.outlets.hosting.muster import Muster
from lingqu.outlets.hosting.tenants import Tenants
from lingqu.outlets.room import Room
from lingqu.outlets.routing.house import House, Tenant
from lingqu.outlets.sight.frames import frames
from lingqu.outlets.sight.log import Log
from lingqu.outlets.sight.segments import Segments
from lingqu.outlets.sight.tallies import Tallies
from lingqu.store.home import Home

log = logging.getLogger("lingqu.outlets")
COUNTS_S = 0.5
"""Seconds after which the processes of an outlet hear of each other's counts."""
REST_S = 0.02
"""Seconds that the ledger is left alone at least."""
LEAVING_S = 3.0
"""Seconds that a channel which left is kept at least, for the requests that have begun."""


@dataclass(frozen=True)
class Post:
    """The place of a process, where an outlet has several.

    Args:
        number: Of the process, from 0.
        muster: What each of them has taken over.
        tallies: What each of them counted.
        parent: Id of the process that watches them.
    """

    number: int
    muster: Muster
    tallies: Tallies
    parent: int


@dataclass
class Lodger:
    """A channel in the process, and what must be closed after it.

    Args:
        tenant: What its outlet declared.
        room: Where it answers.
        house: Its releases.
        left: When it left, by `time.monotonic`; 0 while it is here.
    """

    tenant: Tenant
    room: Room
    house: House
    left: float = 0.0

    def close(self, *, now: bool = True) -> None:
        """Bring the log to the disk, and let the threads go."""
        self.house.close(now=now)
        self.room.records.close()


class Follower:
    """A thread that looks at the ledger several times a second.

    Args:
        home: The workspace.
        guard: Whose keys are kept fresh and whose counts are settled.
        tenants: The channels that shall be served.
        clock: Unix seconds.
        post: The place of this process, where the outlet has several.
    """

    def __init__(
        self,
        home: Home,
        guard: Guard,
        tenants: Tenants,
        clock: Callable[[], float] = time.time,
        post: Post | None = None,
    ) -> None:
        self._home = home
        self._guard = guard
        self._tenants = tenants
        self._clock = clock
        self._post = post
        self._written = 0.0
        self._lodgers: dict[str, Lodger] = {}
        self._leaving: list[Lodger] = []
        self._revision = -1
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> list[Room]:
        """Read keys and routes once, and return the channels with who answers for them."""
        revision = self._home.ledger.revision()
        names = self._load_keys()
        for tenant in self._tenants.list():
            self._open(tenant, names, revision)
        self._revision = revision
        return self._rooms

    @property
    def _rooms(self) -> list[Room]:
        return [lodger.room for lodger in self._lodgers.values()]

    def follow(self, app: App) -> None:
        """Keep `app` in step until `close`."""
        if self._post is not None:
            app.tallies = self._post.tallies
            app.muster = self._post.muster
            self._tell(self._post)
        self._thread = threading.Thread(
            target=self._work, args=(app,), name="lingqu-follow", daemon=True
        )
        self._thread.start()

    def look(self, app: App) -> None:
        """Settle what keys used, and take over what changed.

        Raises:
            LingquError: A route or a release could not be taken over; everything else was.
        """
        self._guard.settle(self._home.ledger.quotas, self._home.ledger.usage)
        self._close_left()
        revision = self._home.ledger.revision()
        if revision == self._revision:
            return
        # Keys first: a key that was disabled must not wait for a release to open.
        names = self._load_keys()
        self._revision = revision
        problems = self._take_over(app, names, revision)
        if self._post is not None:
            self._tell(self._post)
        if problems:
            raise problems[0]

    def close(self) -> None:
        """Stop, and settle the rest."""
        self._stop.set()
        self._guard.due.set()
        if self._thread is not None:
            self._thread.join(2.0)
        try:
            ledger = self._home.ledger
            self._guard.settle(ledger.quotas, ledger.usage, last=True)
        except LingquError:
            log.exception("the use of keys could not be settled")
        for lodger in [*self._lodgers.values(), *self._leaving]:
            lodger.close()

    def _load_keys(self) -> Mapping[str, str]:
        keys = self._home.ledger.keys.list()
        self._guard.load(keys, self._home.ledger.quotas, self._clock())
        self._guard.book = self._home.ledger.usage
        return {key.id: key.name for key in keys}

    def _take_over(self, app: App, names: Mapping[str, str], revision: int) -> list[LingquError]:
        wanted = {tenant.channel: tenant for tenant in self._tenants.list()}
        before = list(self._lodgers.values())
        for lodger in before:
            if wanted.get(lodger.tenant.channel) != lodger.tenant:
                del self._lodgers[lodger.tenant.channel]
                lodger.left = time.monotonic()
                self._leaving.append(lodger)
        problems = []
        for tenant in wanted.values():
            try:
                lodged = self._lodgers.get(tenant.channel)
                if lodged is None:
                    self._open(tenant, names, revision)
                else:
                    lodged.room.serving = lodged.house.serving(names)
                    lodged.room.revision = revision
            except LingquError as error:
                problems.append(error)
        if list(self._lodgers.values()) != before:
            app.house(self._rooms)
        return problems

    def _open(self, tenant: Tenant, names: Mapping[str, str], revision: int) -> None:
        try:
            house = House(self._home, tenant)
            serving = house.serving(names)
        except LingquError as error:
            self._tenants.refuse(tenant, error)
            return
        self._guard.tariffs[tenant.channel] = tenant.tariff
        records = Log(Segments(self._home.logs / tenant.channel), frames)
        room = Room(tenant.channel, serving, records, tenant.limits)
        room.revision = revision
        self._lodgers[tenant.channel] = Lodger(tenant, room, house)

    def _close_left(self) -> None:
        for lodger in list(self._leaving):
            if time.monotonic() - lodger.left > LEAVING_S and not lodger.room.waiting:
                self._leaving.remove(lodger)
                lodger.close(now=False)

    # Where the outlet has several processes

    def _tell(self, post: Post) -> None:
        """Tell the others what this process has taken over."""
        post.muster.write(post.number, {room.channel: room.revision for room in self._rooms})

    def _stand_by(self, app: App, post: Post) -> None:
        """Tell the others what was counted; end where nobody watches any more."""
        now = time.monotonic()
        if now - self._written > COUNTS_S:
            self._written = now
            post.tallies.write([room.state() for room in app.rooms.values()])
        if os.getppid() != post.parent:
            self._stop.set()
            os.kill(os.getpid(), signal.SIGTERM)

    def _work(self, app: App) -> None:
        while not self._stop.wait(REST_S):
            self._guard.due.wait(SETTLE_S - REST_S)  # sooner, where a quota was leased out
            if self._stop.is_set():
                return
            try:
                if self._post is not None:
                    self._stand_by(app, self._post)
                self.look(app)
            except Exception:
                # The ledger may be away, or a release broken: what answered goes on answering.
                log.exception("the change could not be taken over")
