"""Ask a channel."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from lingqu.core.errors import AccessError, DataError, GateError, OutletError
from lingqu.core.nouns import Json, ReleaseRecord
from lingqu.core.schema import Schema
from lingqu.flow.find import find_release
from lingqu.outlets.calling.client import Client
from lingqu.release.conform import to_polars
from lingqu.release.release import Release
from lingqu.store.folders import release_folder
from lingqu.store.home import Home


def call(
    home: Home, channel: str, rows: Any, key: str = "", options: Mapping[str, Json] | None = None
) -> Sequence[Mapping[str, Json]]:
    """Return one answer a row.

    A deployed channel is asked where everybody asks: through its open server, with a key if it
    has keys, so that route, block, quota and log hold. Only a channel that is not deployed, or
    a release named by its digest, answers in this process.

    Args:
        home: The workspace.
        channel: Name of the channel, or a release digest.
        rows: A list of ``{column: value}``, a pandas, Polars or Arrow frame, or the path of one
            picture or recording. A server is sent the bytes of files: it opens none of ours.
        key: Secret of a key.
        options: How texts shall be written, such as ``{"temperature": 0.7}``.

    Returns:
        Rows of ``prediction``, ``confidence`` and the probability of each class.

    Raises:
        AccessError: The channel needs a key, or refuses this one.
        OutletError: The channel is stopped.
        GateError: There is no such release, or it was blocked.
        DataError: One file was given, and the channel does not read exactly one.
    """
    if isinstance(rows, Path):
        rows = [{_column_of_file(home, channel): str(rows)}]
    frame = to_polars(rows)
    servers = home.ledger.outlets.list(channel=channel, state="open")
    if servers:
        if not key and _needs_key(home, channel):
            raise AccessError("flow.call_needs_key", 401, channel=channel)
        asked = frame.to_dicts()
        if any(_is_file(cell) for cell in (asked or [{}])[0].values()):
            media = _media_columns(home, channel)
            asked = [_sendable(row, media) for row in asked]
        address = servers[0].address
        return Client(address, channel, key, tls=_trusting(home, address)).predict(asked, options)
    record = answering(home, channel)
    if record.state == "blocked":
        raise GateError("flow.not_approved", release=record.digest[:12], state=record.state)
    release = Release.open(release_folder(home, record.digest))
    answers: list[dict[str, Json]] = release.predict(frame, options=options).to_dicts()
    return answers


def _trusting(home: Home, address: str) -> ssl.SSLContext | None:
    """Return whom to trust: the system's authorities, and that of this workspace."""
    own = home.root / "tls" / "ca.pem"
    if not address.startswith("https://") or not own.is_file():
        return None
    trusted = ssl.create_default_context()
    trusted.load_verify_locations(own)
    return trusted


_LONGEST = 4096
"""Characters of a path, at most; base64 text is longer and no name of a file."""


def _media_columns(home: Home, channel: str) -> list[str]:
    """Return the columns that hold pictures or recordings, as the answering release declares."""
    folder = release_folder(home, answering(home, channel).digest)
    schema = Schema.from_json(orjson.loads((folder / "schema.json").read_bytes()))
    return [column.name for column in schema if column.kind in ("image", "audio")]


def _column_of_file(home: Home, channel: str) -> str:
    columns = _media_columns(home, channel)
    if len(columns) != 1:
        raise DataError("flow.call_one_file", channel=channel, columns=", ".join(columns) or "—")
    return columns[0]


def _sendable(row: Mapping[str, Any], media: Sequence[str]) -> dict[str, Any]:
    return {name: _bytes(cell) if name in media else cell for name, cell in row.items()}


def _bytes(cell: Any) -> Any:
    """Return the bytes of a file that is named; anything else as it is."""
    return Path(cell).read_bytes() if _is_file(cell) else cell


def _is_file(cell: Any) -> bool:
    named = isinstance(cell, str) and 0 < len(cell) <= _LONGEST and not cell.startswith("data:")
    try:
        return named and Path(cell).is_file()
    except (OSError, ValueError):  # a part that is longer than any name, or a zero byte
        return False


def _needs_key(home: Home, channel: str) -> bool:
    callers = (key for key in home.ledger.keys.list() if not key.role)
    return any(not key.channels or channel in key.channels for key in callers)


def answering(home: Home, channel: str) -> ReleaseRecord:
    """Return the release that the route names, or the newest where there is no route.

    Raises:
        OutletError: The channel is stopped.
    """
    route = home.ledger.routes.get(channel)
    if route is None:
        return find_release(home, channel)
    if not route.backends:
        raise OutletError("flow.stopped", channel=channel, reason=route.reason)
    return home.ledger.releases.get(route.backends[0].release)
