"""Whether open outlets have taken over what changed in the ledger.

An outlet looks at the ledger a few times a second. Who changes a route or a key is told that it is
done once the outlets here act by it: a channel that was stopped answers nobody any more, a key that
was just made is not refused.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from lingqu.core import catalog
from lingqu.core.errors import OutletError
from lingqu.core.nouns import OutletRecord
from lingqu.outlets.hosting.group import process_name
from lingqu.outlets.hosting.process import running
from lingqu.store.home import Home

log = logging.getLogger("lingqu.flow")
FOLLOW_S = 10.0
"""Longest wait for open outlets to take over a change."""
LOOK_S = 0.02
"""Seconds between two looks at an outlet."""


def driver_of(home: Home, outlet: OutletRecord) -> Any:
    """Return the driver of an outlet that is recorded in the ledger."""
    return catalog.build(
        "drivers",
        outlet.driver,
        {"channel": outlet.channel, "workspace": str(home.root), "outlet": outlet.id},
    )


def lagging(home: Home, channel: str | None = None) -> list[OutletRecord]:
    """Wait until open outlets act by the ledger as it is now; return those that still do not.

    One that does not answer while its process runs is among them: it may answer its callers as
    before. Outlets of other machines are not asked.

    Args:
        home: The workspace.
        channel: Whose outlets; those of every channel when None.
    """
    wanted = home.ledger.revision()
    deadline = time.monotonic() + FOLLOW_S
    open_now = home.ledger.outlets.list(channel=channel, state="open")
    return [outlet for outlet in open_now if not _follows(home, outlet, wanted, deadline)]


def require_followed(home: Home, channel: str | None = None) -> None:
    """Wait as `lagging` does.

    Raises:
        OutletError: An outlet does not act by the change, which stands in the ledger.
    """
    for outlet in lagging(home, channel):
        raise _not_followed(home, outlet)


def await_followed(home: Home, channel: str | None = None) -> None:
    """Wait as `lagging` does; an outlet that does not act by the change is only warned of.

    For whoever holds a secret that is told once: an error would lose it.
    """
    for outlet in lagging(home, channel):
        log.warning("%s", _not_followed(home, outlet))


def _not_followed(home: Home, outlet: OutletRecord) -> OutletError:
    return OutletError(
        "flow.not_followed",
        channel=outlet.channel,
        outlet=outlet.id,
        seconds=f"{FOLLOW_S:g}",
        log=str(home.root / "outlets" / f"{process_name(outlet)}.log"),
    )


def _follows(home: Home, outlet: OutletRecord, wanted: int, deadline: float) -> bool:
    """Tell whether an outlet acts by a revision of the ledger before the deadline."""
    driver = driver_of(home, outlet)
    while True:
        seen = driver.status()
        if seen.get("alive"):
            if seen.get("revision", wanted) >= wanted:
                return True
        elif running(outlet.pid, process_name(outlet)) is None:
            return True  # nobody is answered
        if time.monotonic() >= deadline:
            return False
        time.sleep(LOOK_S)
