"""Ask until the answer is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

TOKEN = "lqa_test"


def until(ask: Callable[[], Any], name: str, wanted: tuple[str, ...], seconds: float = 60) -> Any:
    """Ask until an answer has what is wanted."""
    deadline = time.monotonic() + seconds
    while True:
        told = ask()
        if told.get(name) in wanted or time.monotonic() > deadline:
            assert told.get(name) in wanted, told
            return told
        time.sleep(0.05)


def until_status(ask: Callable[[], httpx.Response], wanted: int) -> httpx.Response:
    """Ask until the status is the wanted one: a report is written after the run is done."""
    deadline = time.monotonic() + 60
    while (reply := ask()).status_code != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    assert reply.status_code == wanted
    return reply
