"""The releases of a channel in a server: opened as the route asks for them, kept warm a while."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lingqu.core.nouns import Backend, Json, Route
from lingqu.outlets.access.guard import Tariff
from lingqu.outlets.room import Limits, Serving
from lingqu.outlets.routing.route import Split
from lingqu.outlets.served import Served
from lingqu.release.session import cores
from lingqu.store.folders import release_folder
from lingqu.store.home import Home

WARM = 4
"""Releases kept open at most, beside those of the route."""


@dataclass(frozen=True)
class Tenant:
    """What an outlet declares of its channel.

    Args:
        channel: Name of the channel.
        release: Folder of the release that answers while the ledger knows no route.
        queue: Requests that may wait.
        deadline_s: Longest wait.
        files: Folder whose files media columns may name; none when empty.
        limits: Size of one request.
        outlet: Id of the outlet in the ledger, where its process serves a group.
        tariff: What use of it costs.
    """

    channel: str
    release: str = ""
    queue: int = 1000
    deadline_s: float = 10.0
    files: str = ""
    limits: Limits = field(default_factory=Limits)
    outlet: str = ""
    tariff: Tariff = field(default_factory=Tariff)

    @classmethod
    def of(cls, settings: Mapping[str, Json], outlet: str = "") -> Tenant:
        """Read what the driver wrote."""
        return cls(
            settings["channel"],
            settings["release"],
            settings["queue"],
            settings["deadline_s"],
            settings["files"],
            Limits(settings["max_rows"], settings["max_body"]),
            outlet,
            Tariff(**settings.get("price", {})),
        )


class House:
    """The releases of a channel.

    Args:
        home: The workspace.
        tenant: The channel, and how its releases are opened.
    """

    def __init__(self, home: Home, tenant: Tenant) -> None:
        self._home = home
        self._channel = tenant.channel
        self._options: dict[str, Any] = {
            "queue": tenant.queue, "deadline_s": tenant.deadline_s, "folder": tenant.files,
        }  # fmt: skip
        self._threads = ThreadPoolExecutor(cores(), thread_name_prefix="lingqu-run")
        self._opened: dict[str, Served] = {}
        self._alone: Served | None = None
        if tenant.release:
            self._alone = self._open(Path(tenant.release))

    def serving(self, names: Mapping[str, str] | None = None) -> Serving:
        """Return who answers now, with every release of the route opened and replayed.

        Args:
            names: Id of a key → its name, as conditions of routes call it.

        Raises:
            GateError: A release is not intact or does not give its golden answers.
            StoreError: A release cannot be found.
        """
        route = self._home.ledger.routes.get(self._channel)
        if route is None:
            alone = () if self._alone is None else (Backend(self._alone.digest, 1.0),)
            route = Route(self._channel, alone)
        split = Split(route, names)
        for digest in split.needed:
            if digest not in self._opened:
                self._open(release_folder(self._home, digest))
        wanted = {*split.needed, route.fallback}
        spare = [digest for digest in self._opened if digest not in wanted]
        for digest in spare[: max(0, len(spare) - WARM)]:
            del self._opened[digest]
        return Serving(split, dict(self._opened))

    def _open(self, folder: Path) -> Served:
        served = Served.open(folder, self._threads, lanes=cores(), **self._options)
        self._opened[served.digest] = served
        return served

    def close(self, *, now: bool = True) -> None:
        """Let the threads go.

        Args:
            now: Forget what waits for them; otherwise it is finished first.
        """
        self._threads.shutdown(wait=False, cancel_futures=now)
