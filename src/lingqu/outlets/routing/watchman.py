"""Watches the arms of a route in its own process, and sends a canary back that breaks a rail."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from lingqu.core.i18n import Phrase, keepable
from lingqu.core.nouns import Backend, Route
from lingqu.outlets.call import Call
from lingqu.outlets.routing.rails import Arm, Breach, breach
from lingqu.outlets.served import Answer
from lingqu.store.home import Home
from lingqu.store.reroute import reroute

log = logging.getLogger("lingqu.outlets")
LOOK_S = 0.2
"""Seconds between two looks at the rails, while a canary answers."""
BY = "guard rail"
"""Who changed the route, in the trail."""


class Watchman:
    """Counts what canaries and the champions beside them do.

    Args:
        back: Called with the route and the rail that was broken, in a thread of its own.
    """

    def __init__(self, back: Callable[[Route, Breach], object]) -> None:
        self._back = back
        self._arms: dict[str, tuple[Route, dict[str, Arm]]] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def after(self, call: Call, answer: Answer | None) -> None:
        """Count a request of a channel that has a canary; mistakes of callers do not count."""
        split = call.room.serving.split
        if split.alone is not None or call.entry.arm not in ("champion", "canary"):
            return
        known = self._arms.get(split.channel)
        if known is None or known[0] is not split.route:
            known = self._arms[split.channel] = (split.route, {})
            self._begin()
        status = call.entry.status
        if status >= 500 or answer is not None:
            arm = known[1].setdefault(call.entry.arm, Arm())
            arm.add(status >= 500, call.entry.latency_ms)

    def look(self) -> None:
        """Look at every canary once."""
        for channel, (route, arms) in list(self._arms.items()):
            found = breach(arms.get("champion", Arm()), arms.get("canary", Arm()))
            if found is not None:
                self._arms.pop(channel, None)
                self._back(route, found)

    def close(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(1.0)

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="lingqu-rails", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while not self._stop.wait(LOOK_S):
            try:
                self.look()
            except Exception:
                # The ledger may be away: the canary is looked at again with its next requests.
                log.exception("a canary could not be sent back")


def send_back(home: Home, route: Route, found: Breach) -> bool:
    """Let the champion answer alone, unless somebody has changed the route meanwhile.

    Returns:
        Whether the route was changed.
    """
    champion = next((b for b in route.backends if b.arm == "champion" and not b.when), None)
    with home.ledger.transaction():
        now = home.ledger.routes.get(route.channel)
        if champion is None or now != route:
            return False
        reason = Phrase(
            f"route.rail_{found.rail}",
            {
                "seen": f"{found.seen:.1%}",
                "allowed": f"{found.allowed:.1%}",
                "requests": found.requests,
            },
        )
        kept = route.fallback if route.fallback != champion.release else ""
        after = replace(
            route,
            backends=(Backend(champion.release, 1.0),),
            fallback=kept,
            changed=home.clock(),
            reason=keepable(reason),
            by=BY,
        )
        reroute(home.ledger, after)
    log.warning("canary of channel %s sent back: %s", route.channel, reason)
    return True
