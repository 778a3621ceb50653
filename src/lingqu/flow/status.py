"""What is going on at the outlets now: rates, latencies, errors and queues, between two looks."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lingqu.core.nouns import Json, OutletRecord
from lingqu.flow.followed import driver_of
from lingqu.outlets.sight.tally import quantile, requests, since
from lingqu.store.home import Home


@dataclass(frozen=True)
class Look:
    """What open outlets had counted at one moment.

    Args:
        at: Seconds of a clock that never goes back.
        outlets: Open outlets, with what each counted of its channel; None where it does not
            answer.
    """

    at: float
    outlets: tuple[tuple[OutletRecord, Mapping[str, Json] | None], ...]


@dataclass(frozen=True)
class Traffic:
    """What one release answered on one arm at one outlet.

    Args:
        channel: Name of the channel.
        outlet: Driver of the outlet.
        address: Where it answers.
        alive: Whether it answers.
        release: Twelve letters; ``""`` for requests that came to no release.
        arm: Arm of the route.
        requests: Requests since the look before, or since it counts.
        per_s: Requests a second; None at the first look.
        errors: Requests that failed by our fault.
        refused: Requests that were the caller's mistake, or over a limit.
        rows: Rows answered.
        p50_ms: Median latency of answered requests.
        p99_ms: The latency that one of a hundred passes.
        waiting: Requests of the channel that wait now.
        processes: Processes that answer.
        since: Unix seconds from which it counts.
    """

    channel: str
    outlet: str
    address: str
    alive: bool
    release: str = ""
    arm: str = ""
    requests: int = 0
    per_s: float | None = None
    errors: int = 0
    refused: int = 0
    rows: int = 0
    p50_ms: float | None = None
    p99_ms: float | None = None
    waiting: int = 0
    processes: int = 0
    since: float = 0.0


def look(home: Home) -> Look:
    """Ask every open outlet what it has counted; channels of one address are asked together."""
    asked: dict[str, Mapping[str, Mapping[str, Json]]] = {}
    found: list[tuple[OutletRecord, Mapping[str, Json] | None]] = []
    for record in home.ledger.outlets.list(state="open"):
        if record.address not in asked:
            tells = getattr(driver_of(home, record), "counters", None)
            told = tells() if tells is not None else []
            asked[record.address] = {state["channel"]: state for state in told}
        found.append((record, asked[record.address].get(record.channel)))
    return Look(time.monotonic(), tuple(found))


def traffic(now: Look, before: Look | None = None) -> list[Traffic]:
    """Return what was asked between two looks, or since the outlets count.

    Returns:
        In order of channels, a line for each release and arm; one without for an outlet that
        does not answer, or has not been asked anything.
    """
    earlier = {record.id: state for record, state in before.outlets} if before else {}
    seconds = now.at - before.at if before else 0.0
    lines = [
        line
        for record, state in now.outlets
        for line in _of_outlet(record, state, earlier.get(record.id), seconds)
    ]
    return sorted(lines, key=lambda line: (line.channel, line.outlet, line.arm, line.release))


def _of_outlet(
    record: OutletRecord,
    state: Mapping[str, Json] | None,
    earlier: Mapping[str, Json] | None,
    seconds: float,
) -> Iterator[Traffic]:
    where = (record.channel, record.driver, record.address)
    if state is None:
        yield Traffic(*where, alive=False)
        return
    told = since(state, earlier) if seconds else state
    waiting = int(state["gauges"].get("waiting", 0))
    line = Traffic(
        *where, True, waiting=waiting, processes=state["processes"], since=state["since"]
    )
    if not told["series"]:
        yield line
    for one in told["series"]:
        yield replace(line, **_figures(one, seconds))


def _figures(one: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    count = requests(one)
    return {
        "release": one["release"],
        "arm": one["arm"],
        "requests": count,
        "per_s": count / seconds if seconds else None,
        "errors": requests(one, 500),
        "refused": requests(one, 400, 500),
        "rows": one["rows"],
        "p50_ms": quantile(one["buckets"], 0.5),
        "p99_ms": quantile(one["buckets"], 0.99),
    }
