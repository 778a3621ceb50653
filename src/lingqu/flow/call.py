"""Ask a channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.core.errors import AccessError, GateError, OutletError
from lingqu.core.nouns import Json, ReleaseRecord
from lingqu.flow.find import find_release
from lingqu.outlets.client import Client
from lingqu.release.conform import to_polars
from lingqu.release.release import Release
from lingqu.store.folders import release_folder
from lingqu.store.home import Home


def call(home: Home, channel: str, rows: Any, key: str = "") -> Sequence[Mapping[str, Json]]:
    """Return one answer a row.

    A deployed channel is asked where everybody asks: through its open server, with a key if it
    has keys, so that route, block, quota and log hold. Only a channel that is not deployed, or
    a release named by its digest, answers in this process.

    Args:
        home: The workspace.
        channel: Name of the channel, or a release digest.
        rows: A list of ``{column: value}``, or a pandas, Polars or Arrow frame.
        key: Secret of a key.

    Returns:
        Rows of ``prediction``, ``confidence`` and the probability of each class.

    Raises:
        AccessError: The channel needs a key, or refuses this one.
        OutletError: The channel is stopped.
        GateError: There is no such release, or it was blocked.
    """
    frame = to_polars(rows)
    servers = home.ledger.outlets.list(channel=channel, state="open")
    if servers:
        if not key and _needs_key(home, channel):
            raise AccessError("flow.call_needs_key", 401, channel=channel)
        return Client(servers[0].address, channel, key).predict(frame.to_dicts())
    record = _answering(home, channel)
    if record.state == "blocked":
        raise GateError("flow.not_approved", release=record.digest[:12], state=record.state)
    answers: list[dict[str, Json]] = (
        Release.open(release_folder(home, record.digest)).predict(frame).to_dicts()
    )
    return answers


def _needs_key(home: Home, channel: str) -> bool:
    return any(not k.channels or channel in k.channels for k in home.ledger.keys.list())


def _answering(home: Home, channel: str) -> ReleaseRecord:
    """Return the release that the route names, or the newest where there is no route."""
    route = home.ledger.routes.get(channel)
    if route is None:
        return find_release(home, channel)
    if not route.backends:
        raise OutletError("flow.stopped", channel=channel, reason=route.reason)
    return home.ledger.releases.get(route.backends[0].release)
