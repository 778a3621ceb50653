"""An app on a real socket of this machine, for clients that know nothing of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from lingqu.outlets.app import App
from lingqu.outlets.listener import Listener


@contextmanager
def live(app: App) -> Iterator[str]:
    """Serve an app in a thread of its own, and give its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    state = SimpleNamespace(connections=set(), tasks=set(), total_requests=0, default_headers=[])
    config = SimpleNamespace(loaded_app=app)

    async def begin() -> asyncio.Server:
        return await loop.create_server(lambda: Listener(config, state, {}), "127.0.0.1", 0)

    async def end(server: asyncio.Server) -> None:
        server.close()
        for connection in list(state.connections):
            connection._transport.abort()
        await server.wait_closed()
        await asyncio.sleep(0.01)

    server = asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
