"""How an outlet is asked by its own driver: with its probe, trusting the certificate it shows."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from lingqu.outlets.calling.client import Client


def own_client(
    files: Mapping[str, Path],
    address: str,
    channel: str,
    timeout_s: float = 10.0,
    headers: Mapping[str, str] | None = None,
) -> Client:
    """Return a client that asks as the outlet itself and trusts its own certificate.

    Args:
        files: Of the outlet, as `lingqu.outlets.serve.files_of` names them.
        address: Where it answers.
        channel: Which channel is meant.
        timeout_s: Wall seconds to wait for one reply.
        headers: More headers to send.
    """
    settings: dict[str, Any] = {}
    if files["settings"].is_file():
        settings = orjson.loads(files["settings"].read_bytes())
    return Client(
        address,
        channel,
        settings.get("probe", ""),
        timeout_s=timeout_s,
        tls=_trusting(settings.get("certificate", ""), files["shown"]),
        headers={"x-channel": channel, **(headers or {})},
    )


def own_address(host: str, port: int, secure: bool) -> str:
    """Return where this machine reaches a server that listens on a host.

    Example:
        >>> own_address("0.0.0.0", 8080, False), own_address("::1", 8443, True)
        ('http://127.0.0.1:8080', 'https://[::1]:8443')
    """
    wild = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}
    near, scheme = wild.get(host, host), "https" if secure else "http"
    return f"{scheme}://[{near}]:{port}" if ":" in near else f"{scheme}://{near}:{port}"


def _trusting(certificate: str, shown: Path) -> ssl.SSLContext | None:
    if not certificate:
        return None
    # What it shows may be newer than what it opened with, or older than what lies there.
    tls = ssl.create_default_context(cafile=shown if shown.is_file() else certificate)
    tls.check_hostname = False
    tls.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return tls
