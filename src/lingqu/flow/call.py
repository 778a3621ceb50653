"""Ask a channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.core.nouns import Json
from lingqu.flow.find import find_release
from lingqu.outlets.client import Client
from lingqu.release.conform import to_polars
from lingqu.release.release import Release
from lingqu.store.folders import release_folder
from lingqu.store.home import Home


def call(home: Home, channel: str, rows: Any, key: str = "") -> Sequence[Mapping[str, Json]]:
    """Return one answer a row.

    Args:
        home: The workspace.
        channel: Name of the channel; without an open server also a release digest.
        rows: A list of ``{column: value}``, or a pandas, Polars or Arrow frame.
        key: Secret of a key. With an open server the call goes through it, like anybody's.

    Returns:
        Rows of ``prediction``, ``confidence`` and the probability of each class.
    """
    servers = home.ledger.outlets.list(channel=channel, state="open")
    frame = to_polars(rows)
    if servers and (key or not home.ledger.keys.list()):
        return Client(servers[0].address, channel, key).predict(frame.to_dicts())
    release = Release.open(release_folder(home, find_release(home, channel).digest))
    answers: list[dict[str, Json]] = release.predict(frame).to_dicts()
    return answers
