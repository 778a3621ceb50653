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
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import uvicorn

from lingqu.core.errors import LingquError, OutletError
from lingqu.core.nouns import Json
from lingqu.outlets.app import App, Limits
from lingqu.outlets.follow import Follower, House
from lingqu.outlets.guard import Guard
from lingqu.outlets.listener import Listener
from lingqu.outlets.log import Log, Segments
from lingqu.outlets.served import frames
from lingqu.store.home import open_home

log = logging.getLogger("lingqu.outlets")
DRAIN_S = 3
"""Seconds that requests get to end after the process was asked to."""
SWITCH_S = 0.0005
"""How long the log's thread may keep the interpreter while a request waits."""


def files_of(root: Path, outlet: str) -> Mapping[str, Path]:
    """Return the files of an outlet: its settings, its log, and where it tells its address."""
    folder = root / "outlets"
    return {
        "settings": folder / f"{outlet}.json",
        "log": folder / f"{outlet}.log",
        "ready": folder / f"{outlet}.ready",
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
        serve(given.workspace, orjson.loads(files["settings"].read_bytes()), files["ready"])
    except (LingquError, OSError, ValueError) as error:
        log.error("%s", error)
        return 1
    return 0


def serve(root: Path, settings: Mapping[str, Json], ready: Path) -> None:
    """Open a channel and serve it.

    Args:
        root: Folder of the workspace.
        settings: What the driver wrote: channel, host, port, limits, TLS files.
        ready: File to write the address to, as soon as connections are taken.
    """
    channel = settings["channel"]
    listener = _listener(settings["host"], settings["port"])
    home = open_home(root)
    house = House(
        home,
        channel,
        settings["release"],
        queue=settings["queue"],
        deadline_s=settings["deadline_s"],
        folder=settings["files"],
    )
    guard = Guard(channel, settings["probe"])
    follower = Follower(home, house, guard)
    serving = follower.begin()
    records = Log(Segments(home.logs / channel), frames)
    limits = Limits(settings["max_rows"], settings["max_body"])
    app = App(channel, guard, serving, records, limits)
    follower.follow(app)
    sys.setswitchinterval(SWITCH_S)
    # What was made while opening lives as long as the process: no collection need look at it.
    gc.collect()
    gc.freeze()
    _tell(ready, {"pid": os.getpid(), "port": listener.getsockname()[1]})
    try:
        _run(app, listener, settings)
    finally:
        follower.close()
        records.close()
        house.close()
        home.close()


def _run(app: Any, listener: socket.socket, settings: Mapping[str, Json]) -> None:
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
    )
    # uvicorn raises the signal again after it has shut down; by then there is work left to do.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    uvicorn.Server(config).run(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        problem = error.strerror or str(error)
        raise OutletError("outlets.port_taken", host=host, port=port, problem=problem) from error


def _tell(path: Path, facts: Mapping[str, Json]) -> None:
    partial = path.with_suffix(".part")
    partial.write_bytes(orjson.dumps(facts))
    partial.replace(path)


if __name__ == "__main__":
    sys.exit(main())
