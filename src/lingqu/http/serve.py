"""Serve the control API on this machine."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

import uvicorn

from lingqu.core.errors import AccessError
from lingqu.http.app import make_app
from lingqu.workspace import Workspace

log = logging.getLogger("lingqu.http")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def token_of(root: Path) -> str:
    """Return the token of a workspace's control API, made once, readable by its owner only."""
    path = root / "api.token"
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    token = f"lqa_{secrets.token_urlsafe(32)}"
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token + "\n")
    return token


def serve(workspace: str, host: str, port: int) -> None:
    """Serve until interrupted.

    Raises:
        AccessError: The address is not a loopback one: the API carries a token in the clear.
    """
    if host not in LOOPBACK:
        raise AccessError("http.public", host=host)
    with Workspace(workspace or None) as opened:
        root = opened.home.root
        app = make_app(opened, token_of(root))
        log.warning("control API on http://%s:%d/docs, token in %s", host, port, root / "api.token")
        uvicorn.run(app, host=host, port=port, log_level="warning")
