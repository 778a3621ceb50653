"""What is looked at before a server is started: options, files, port, and who could reach it."""

from __future__ import annotations

import socket
import ssl
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from lingqu.core.errors import OutletError, SpecError
from lingqu.core.i18n import text
from lingqu.outlets.access.place import is_loopback
from lingqu.outlets.hosting.group import is_name
from lingqu.store.home import Home

if TYPE_CHECKING:
    from lingqu.outlets.server import Server

FREED_S = 1.0
"""Seconds within which the port of a server that was killed becomes free."""


def check_settings(server: Server) -> None:
    """Refuse options that cannot be meant, files that cannot be read, and extras that lack.

    Raises:
        OutletError: An option is out of its range, or the server could not speak TLS.
        SpecError: A package is missing.
    """
    settings = (
        ("port", 0 <= server.port <= 65535, "0 … 65535"),
        ("grpc_port", 0 <= server.grpc_port <= 65535, "0 … 65535"),
        ("max_rows", server.max_rows >= 1, "≥ 1"),
        ("max_body", server.max_body >= 1, "≥ 1 B"),
        ("queue", server.queue >= 1, "≥ 1"),
        ("deadline_s", server.deadline_s > 0, "> 0 s"),
        ("channel", bool(server.channel) and "/" not in server.channel, "a name"),
        ("workspace", bool(server.workspace), "a folder"),
        ("max_mb", server.max_mb >= 0, "≥ 0 MB"),
        ("access_log_mb", server.access_log_mb >= 0, "≥ 0 MB"),
        ("traces", server.traces[:4] in ("", "http"), "http://…"),
        ("trace_share", 0 <= server.trace_share <= 1, "0 … 1"),
        ("processes", 0 <= server.processes <= 256, "0 … 256"),
        ("group", is_name(server.group), "letters, digits, - and _"),
        ("files", not server.files or Path(server.files).is_dir(), "a folder"),
    )
    for name, good, expected in settings:
        if not good:
            received = getattr(server, name)
            raise OutletError(
                "outlets.bad_setting", name=name, received=received, expected=expected
            )
    if server.certificate or server.private_key or server.client_ca:
        _check_tls(server)
    if server.grpc_port and find_spec("grpc") is None:
        raise SpecError("core.missing_extra", name="grpc_port", package="grpcio", extra="grpc")


def _check_tls(server: Server) -> None:
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(server.certificate, server.private_key)
        if server.client_ca:
            context.load_verify_locations(server.client_ca)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise OutletError(
            "outlets.bad_tls",
            certificate=server.certificate,
            private_key=server.private_key,
            problem=getattr(error, "strerror", None) or str(error),
        ) from error


def check_port(server: Server) -> None:
    """Refuse a port that is taken; that of a server which has just been killed becomes free.

    Raises:
        OutletError: It is taken.
    """
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    deadline = time.monotonic() + FREED_S
    while True:
        try:
            socket.create_server((server.host, server.port), family=family).close()
            return
        except OSError as error:
            if time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            problem = error.strerror or str(error)
            raise OutletError(
                "outlets.port_taken", host=server.host, port=server.port, problem=problem
            ) from error


def check_public(server: Server, home: Home) -> None:
    """Refuse to be reached from outside this machine without keys and TLS, unless that is meant.

    Raises:
        OutletError: One of them lacks.
    """
    if is_loopback(server.host) or server.public:
        return
    keys = home.ledger.keys.list()
    keyed = any(
        not key.role and (not key.channels or server.channel in key.channels) for key in keys
    )
    lacking = [] if keyed or server.oidc else [text("outlets.lacks_keys")]
    if not server.certificate:
        lacking.append(text("outlets.lacks_tls"))
    if lacking:
        raise OutletError("outlets.public", host=server.host, lacking=" / ".join(lacking))
