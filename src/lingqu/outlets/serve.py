"""The process of a server outlet: ``python -m lingqu.outlets.serve --workspace … --outlet …``.

It reads its settings from the outlet's file in the workspace, opens what the route names, tells
its address in another file, and serves until it is asked to end; then it finishes what it has
begun, settles quotas and brings the log to the disk.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import signal
import socket
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import uvicorn

from lingqu.core.errors import LingquError, OutletError
from lingqu.core.nouns import Json
from lingqu.outlets.access.believed import believed
from lingqu.outlets.access.guard import Guard
from lingqu.outlets.app import App
from lingqu.outlets.hosting.crew import Crew, reserve
from lingqu.outlets.hosting.follow import Follower, Post
from lingqu.outlets.hosting.muster import Muster
from lingqu.outlets.hosting.size import processes
from lingqu.outlets.hosting.tenants import require_any, tenants_of
from lingqu.outlets.listener import Listener
from lingqu.outlets.routing.companions import Companions
from lingqu.outlets.sight.labels import Labels
from lingqu.outlets.sight.onlookers import look_on
from lingqu.outlets.sight.tallies import Tallies
from lingqu.release.session import share_cores
from lingqu.store.home import open_home

if TYPE_CHECKING:
    from lingqu.outlets.access.certificates import Certificates

log = logging.getLogger("lingqu.outlets")
DRAIN_S = 3
"""Seconds that requests get to end after the process was asked to."""
SWITCH_S = 0.0005
"""How long the log's thread may keep the interpreter while a request waits."""


def files_of(root: Path, outlet: str) -> Mapping[str, Path]:
    """Return the files of an outlet: settings, log, its address, the certificate it shows."""
    folder = root / "outlets"
    return {
        "settings": folder / f"{outlet}.json",
        "log": folder / f"{outlet}.log",
        "ready": folder / f"{outlet}.ready",
        "shown": folder / f"{outlet}.pem",
    }


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    parser = argparse.ArgumentParser(prog="lingqu.outlets.serve")
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--outlet", required=True)
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    files = files_of(given.workspace, given.outlet)
    try:
        settings = {**orjson.loads(files["settings"].read_bytes()), "shown": str(files["shown"])}
        graph = Path(settings["release"]) / "model.onnx"
        size = processes(settings["processes"], graph.stat().st_size / 1e6)
        if size == 1:
            serve(given.workspace, settings, files["ready"])
            return 0
        return _serve_by_many(size, given.workspace, given.outlet, settings, files["ready"])
    except (LingquError, OSError, ValueError) as error:
        log.error("%s", error)
        return 1


def _serve_by_many(
    size: int, root: Path, outlet: str, settings: Mapping[str, Json], ready: Path
) -> int:
    kept = reserve(settings["host"], settings["port"])
    port, parent = kept.getsockname()[1], os.getpid()
    settings = {**settings, "port": port}

    def work(number: int, muster: Muster) -> None:
        kept.close()
        tallies = Tallies(root / "outlets", outlet, number)
        serve(root, settings, None, Post(number, muster, tallies, parent))

    return Crew(size, work, lambda: _tell(ready, {"pid": parent, "port": port})).run()


def serve(
    root: Path, settings: Mapping[str, Json], ready: Path | None, post: Post | None = None
) -> None:
    """Open channels and serve them.

    Args:
        root: Folder of the workspace.
        settings: What the driver wrote: channel or group, host, port, limits, TLS files.
        ready: File to write the address to, as soon as connections are taken.
        post: The place of this process, where the outlet has several.
    """
    # An address that is taken is told before a release is opened, if it is ours alone.
    listener = _listener(settings) if post is None else None
    if post is not None:
        share_cores(post.muster.size)
    home = open_home(root)
    guard = Guard(settings["probe"], *believed(settings))
    follower = Follower(home, guard, tenants_of(home, settings), post=post)
    rooms = follower.begin()
    require_any(len(rooms), settings)
    app = App(guard, rooms)
    app.labels = Labels(home)
    app.shown = _shown(settings)
    companions = Companions(home, app)
    number = 0 if post is None else post.number
    look_away = look_on(app, root, settings["outlet"], settings, number)
    sys.setswitchinterval(SWITCH_S)
    # What was made while opening lives as long as the process: no collection need look at it.
    gc.collect()
    gc.freeze()
    listener = listener or _listener(settings, shared=True)
    follower.follow(app)
    if ready is not None:
        _tell(ready, {"pid": os.getpid(), "port": listener.getsockname()[1]})
    try:
        _run(app, listener, settings)
    finally:
        companions.close()
        follower.close()
        if app.shown is not None:
            app.shown.close()
        look_away()
        home.close()


def _shown(settings: Mapping[str, Json]) -> Certificates | None:
    """Return the certificate that callers are shown, followed on the disk; None for none."""
    if not settings["certificate"]:
        return None
    from lingqu.outlets.access.certificates import Certificates  # who has none does not wait

    files = settings["certificate"], settings["private_key"], settings.get("client_ca", "")
    shown = Certificates(*files, told=Path(settings["shown"]))
    shown.follow()
    return shown


def _run(app: App, listener: socket.socket, settings: Mapping[str, Json]) -> None:
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=Listener,
        interface="asgi3",
        proxy_headers=False,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_S,
        ssl_certfile=settings["certificate"] or None,
        ssl_keyfile=settings["private_key"] or None,
        ssl_ca_certs=settings.get("client_ca") or None,
        # Asked for in the handshake, demanded by the guard: so a refusal is told in words.
        ssl_cert_reqs=ssl.CERT_OPTIONAL if settings.get("client_ca") else ssl.CERT_NONE,
    )
    # uvicorn raises the signal again after it has shut down; by then there is work left to do.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    config.load()
    if app.shown is not None and config.ssl is not None:
        config.ssl.sni_callback = app.shown.choose  # called of every handshake, named or not
    _server(config, app, settings).run(sockets=[listener])


def _server(config: uvicorn.Config, app: App, settings: Mapping[str, Json]) -> uvicorn.Server:
    if not settings.get("grpc_port"):
        return uvicorn.Server(config)
    from lingqu.outlets.protocols.grpc_beside import Beside  # an extra

    return Beside(config, app, settings, app.shown)


def _listener(settings: Mapping[str, Json], shared: bool = False) -> socket.socket:
    host, port = settings["host"], settings["port"]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048, reuse_port=shared)
    except OSError as error:
        problem = error.strerror or str(error)
        raise OutletError("outlets.port_taken", host=host, port=port, problem=problem) from error


def _tell(path: Path, facts: Mapping[str, Json]) -> None:
    partial = path.with_suffix(".part")
    partial.write_bytes(orjson.dumps(facts))
    partial.replace(path)


if __name__ == "__main__":
    sys.exit(main())
