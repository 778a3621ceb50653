"""Which channels a process serves: the one of its outlet, or those of its group in the ledger."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from lingqu.core.errors import LingquError, OutletError
from lingqu.core.nouns import Json
from lingqu.outlets.routing.house import Tenant
from lingqu.store.home import Home

log = logging.getLogger("lingqu.outlets")


class Tenants(Protocol):
    """The channels that a process shall serve."""

    def list(self) -> Sequence[Tenant]:
        """Return them, as they are declared now."""
        ...

    def refuse(self, tenant: Tenant, error: LingquError) -> None:
        """Note that one cannot be opened, or raise why."""
        ...


class Alone:
    """One channel, declared once and for all.

    Args:
        tenant: It.
    """

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def list(self) -> Sequence[Tenant]:
        return [self._tenant]

    def refuse(self, tenant: Tenant, error: LingquError) -> None:
        raise error


class Group:
    """The channels whose outlets name a group; they come and go while the process runs.

    Args:
        home: The workspace.
        name: Of the group.
    """

    def __init__(self, home: Home, name: str) -> None:
        self._home = home
        self._name = name

    def list(self) -> Sequence[Tenant]:
        found: dict[str, Tenant] = {}
        for record in self._home.ledger.outlets.list():
            if record.state in ("opening", "open") and record.detail.get("group") == self._name:
                # The last opened first: an outlet that was opened anew takes over.
                settings = record.detail["settings"]
                found.setdefault(record.channel, Tenant.of(settings, record.id))
        return list(found.values())

    def refuse(self, tenant: Tenant, error: LingquError) -> None:
        """Tell whoever waits for the channel: the others go on."""
        log.error("channel %s cannot be opened: %s", tenant.channel, error)
        outlets = self._home.ledger.outlets
        detail = {**outlets.get(tenant.outlet).detail, "problem": str(error)}
        outlets.update(tenant.outlet, state="failed", detail=detail)


def tenants_of(home: Home, settings: Mapping[str, Json]) -> Tenants:
    """Return the channels of a process.

    Args:
        home: The workspace.
        settings: What the driver wrote for the process.
    """
    if settings.get("group"):
        return Group(home, settings["group"])
    return Alone(Tenant.of(settings))


def require_any(channels: int, settings: Mapping[str, Json]) -> None:
    """Refuse to go on without a channel.

    Raises:
        OutletError: There is none.
    """
    if not channels:
        raise OutletError("outlets.empty_group", group=settings.get("group", ""))
