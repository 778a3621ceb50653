"""What goes on beside the answers of a process: shadows, guard rails, and who answers failures."""

from __future__ import annotations

from lingqu.outlets.app import App
from lingqu.outlets.routing.chain import Chain
from lingqu.outlets.routing.shadow import Shadows
from lingqu.outlets.routing.watchman import Watchman, send_back
from lingqu.store.home import Home


class Companions:
    """Hangs on the hooks of an app, and does nothing for a channel whose route asks for nothing.

    Args:
        home: The workspace.
        app: The app.
    """

    def __init__(self, home: Home, app: App) -> None:
        self.shadows = Shadows(home.ledger.pairs.add)
        self.watchman = Watchman(lambda route, found: send_back(home, route, found))
        app.chain = Chain(home)
        app.after = (*app.after, self.shadows.after, self.watchman.after)

    def close(self) -> None:
        """Let the threads end."""
        self.shadows.close()
        self.watchman.close()
