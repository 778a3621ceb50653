"""What a caller used of a channel, told to himself."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from lingqu.core.nouns import Json
from lingqu.outlets.app import App
from lingqu.outlets.request import Request, Send
from lingqu.outlets.room import one_room
from lingqu.outlets.telling.pages import as_json
from lingqu.store.usage import COUNTS, Used

DAYS = 31
"""Days that are told."""


class OwnUse:
    """Requests, rows, tokens and cost by day, and what is left of each quota: of this key only."""

    @classmethod
    def answer(cls, app: App, request: Request, body: bytes | bytearray, send: Send) -> None:
        """Read the ledger in a thread, and send."""
        channel, guard = one_room(request).channel, app.guard
        book, now = guard.book, app.clock()
        keys, quotas = guard.account(request.key), guard.left(request.key, now)
        since = int(now // 86_400 - DAYS + 1) * 86_400
        loop = asyncio.get_running_loop()
        if book is None:  # an app without a ledger writes nothing down
            send(*as_json(200, {"channel": channel, "days": [], "quotas": quotas}))
            return
        work = loop.run_in_executor(
            None, lambda: book.list(since=since, channel=channel, keys=keys)
        )

        def told(done: asyncio.Future[list[Used]]) -> None:
            try:
                days = _by_day(done.result())
            except Exception as error:
                send(*app.failed(request, error))
                return
            send(*as_json(200, {"channel": channel, "days": days, "quotas": quotas}))

        work.add_done_callback(told)


def _by_day(found: list[Used]) -> list[dict[str, Json]]:
    days: dict[str, dict[str, Any]] = {}
    for used in found:
        day = datetime.fromtimestamp(used.hour, UTC).isoformat()[:10]
        sums = days.setdefault(day, {"day": day, **dict.fromkeys(COUNTS, 0)})
        for name in COUNTS:
            sums[name] += getattr(used, name)
    return list(days.values())
