"""The driver ``server``: a release behind HTTP, in a process of its own.

``open`` replays the golden answers in this process, starts the server detached from it, and
replays them again over real HTTP before anybody is told the address.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import ClassVar

import orjson
import polars as pl
import psutil

from lingqu.core.errors import LingquError, OutletError
from lingqu.core.nouns import Json, OutletRecord
from lingqu.outlets.calling.client import Client
from lingqu.outlets.hosting.group import OF_PROCESS, group_name, others, process_name, turn
from lingqu.outlets.hosting.own_client import own_address, own_client
from lingqu.outlets.hosting.preflight import check_port, check_public, check_settings
from lingqu.outlets.hosting.process import (
    CLOSE_S,
    MODULE,
    end,
    ended,
    last_line,
    running,
    spawn,
)
from lingqu.outlets.hosting.size import refuse_large
from lingqu.outlets.serve import files_of
from lingqu.outlets.sight.tallies import Tallies
from lingqu.release.release import Release
from lingqu.store.home import Home, open_home

_PATHS = ("certificate", "private_key", "client_ca", "files")
LOOK_S = 2.0
"""Seconds that a server gets to tell its figures."""


@dataclass
class Server:
    """Serve a channel over HTTP.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 takes any free one.
        grpc_port: Port for the Open Inference Protocol over gRPC (extra ``grpc``); 0 for none.
        certificate: PEM certificate chain; with `private_key` it makes the server speak HTTPS.
        private_key: PEM private key.
        client_ca: PEM certificates of who signs client certificates; every caller must show one.
        proxies: Networks of proxies whose word about a caller's address is taken.
        away_s: Seconds that keys hold while the ledger cannot be reached.
        price: What a row and a token cost, for quotas in money.
        oidc: Identity provider whose tokens are taken as keys; `access.oidc` declares it.
        max_rows: Most rows in one request.
        max_body: Largest request body, bytes.
        queue: Requests that may wait; more get 429.
        deadline_s: Longest a request may wait; longer gets 504.
        public: Listen outside this machine even without keys or TLS.
        files: Folder whose files image columns may name; none when empty.
        start_s: Longest time to start.
        processes: Processes that answer at one address; 0 for one a core (at most 4), and for a
            single one where the graph is larger than 32 MB.
        group: Channels that name the same group are served by the same process, at one address;
            each by itself when empty.
        max_mb: Largest graph that it opens, megabytes; the choice and its smaller forms keep it
            too. 0 for any.
        access_log_mb: Megabytes of access log that each process keeps (`access/` in the
            workspace); 0 for none.
        traces: Address of an OpenTelemetry collector, such as ``http://127.0.0.1:4318``.
        trace_share: Part of the requests that are traced, where the caller's trace does not say.
        channel: Name of the channel.
        workspace: Folder of the workspace.
        outlet: Id of the outlet in the ledger; empty for a new one.
    """

    name: ClassVar[str] = "server"
    opens_process: ClassVar[bool] = True

    host: str = "127.0.0.1"
    port: int = 0
    grpc_port: int = 0
    certificate: str = ""
    private_key: str = ""
    client_ca: str = ""
    proxies: Sequence[str] = ()
    away_s: float = 300.0
    price: Mapping[str, float] = field(default_factory=dict)
    oidc: Mapping[str, Json] = field(default_factory=dict)
    max_rows: int = 10_000
    max_body: int = 10_000_000
    queue: int = 1000
    deadline_s: float = 10.0
    public: bool = False
    files: str = ""
    processes: int = 1
    group: str = ""
    start_s: float = 30.0
    max_mb: float = 0.0
    access_log_mb: float = 0.0
    traces: str = ""
    trace_share: float = 1.0
    channel: str = ""
    workspace: str = ""
    outlet: str = ""

    def open(self, release: str) -> Mapping[str, Json]:
        """Replay, start, replay over HTTP, and record the outlet as open.

        Args:
            release: Folder of the release that answers while the ledger knows no route.

        Returns:
            What `status` returns.

        Raises:
            GateError: The release is not intact, or does not give its golden answers.
            OutletError: The server cannot be opened as declared, or answers otherwise than the
                release.
        """
        check_settings(self)
        opened = Release.open(release)
        refuse_large(opened, self.max_mb)
        opened.require_replay()
        with self._home() as home, turn(self._root, self.group):
            check_public(self, home)
            before = self._forget_dead(home)
            joined = self._join()
            if joined is None and self.port:
                check_port(self)
            self.outlet = self.outlet or home.new_id()
            detail = {"release": opened.digest, "host": self.host, **self._shared(release)}
            record = OutletRecord(
                self.outlet, self.channel, self.name, "opening", opened=home.clock(), detail=detail
            )
            home.ledger.outlets.put(record)
            pid = 0
            try:
                pid, address = joined or self._start(release)
                self._await_channel(home, address)
                self._replay(opened, address)
            except LingquError:
                if not self.group:
                    self._end(pid)
                home.ledger.outlets.update(self.outlet, state="failed", pid=pid)
                raise
            home.ledger.outlets.update(self.outlet, state="open", address=address, pid=pid)
            for outlet in before if self.group else ():  # this one has taken its place
                home.ledger.outlets.update(outlet, state="closed")
        return self.status()

    def status(self) -> Mapping[str, Json]:
        """Return whether the server lives, where, and what it counted."""
        with self._home() as home:
            record = self._record(home)
        if record is None:
            return {"alive": False, "state": "closed", "address": "", "pid": 0}
        known: dict[str, Json] = {
            "alive": False,
            "state": record.state,
            "address": record.address,
            "pid": record.pid,
        }
        if record.state != "open" or self._process(record.pid) is None:
            return known
        try:
            health = self._client(record.address).request("GET", "/health")
        except LingquError:
            return known
        mine = not self.group or health.get("channel") == self.channel
        return {**known, **health, "alive": bool(health.get("live")) and mine}

    def counters(self) -> list[Mapping[str, Json]]:
        """Return what was counted of each channel at its address; nothing where none answers."""
        with self._home() as home:
            record = self._record(home)
        if record is None or record.state != "open":
            return []
        try:
            told = self._client(record.address, LOOK_S).request("GET", "/counters")
        except LingquError:
            return []
        return list(told["channels"])

    def close(self) -> None:
        """Let requests end, at most 5 seconds, and stop the process; twice is fine."""
        with self._home() as home:
            record = self._record(home)
            if record is None or record.state in ("closed", "failed"):
                return
            with turn(self._root, self.group):
                if self.group and others(home, self.group, record):
                    home.ledger.outlets.update(record.id, state="closed")
                    self._await_leave(record.address)
                    return
                self._end(record.pid)
                home.ledger.outlets.update(record.id, state="closed")
                for name in ("settings", "ready", "shown"):
                    self._files[name].unlink(missing_ok=True)
                Tallies(self._root / "outlets", self._process_name, 0).remove()

    # Before anything is started

    def _forget_dead(self, home: Home) -> list[str]:
        """A killed server leaves a line that says it is open: correct it.

        Returns:
            Ids of outlets of the channel that are open.
        """
        alive = []
        for record in home.ledger.outlets.list(channel=self.channel, state="open"):
            if record.driver != self.name:
                continue
            if running(record.pid, process_name(record)) is None:
                home.ledger.outlets.update(record.id, state="failed")
            else:
                alive.append(record.id)
        return alive

    # The group

    def _shared(self, release: str) -> dict[str, Json]:
        """Return what a process that serves a group must know of this channel."""
        return {"group": self.group, "settings": self._settings(release)} if self.group else {}

    def _join(self) -> tuple[int, str] | None:
        """Return process and address of the group; None where none runs.

        Raises:
            OutletError: It runs with other settings than this channel wants.
        """
        if not self.group or not self._files["ready"].is_file():
            return None
        told = orjson.loads(self._files["ready"].read_bytes())
        if self._process(told["pid"]) is None:
            return None
        running = orjson.loads(self._files["settings"].read_bytes()) | {"port": told["port"]}
        for option in fields(self):
            wanted = self._absolute.get(option.name, getattr(self, option.name))
            wanted = orjson.loads(orjson.dumps(wanted))  # as the file says it
            plain = "" if option.name in self._absolute else getattr(Server(), option.name)
            said = option.name in OF_PROCESS and wanted != orjson.loads(orjson.dumps(plain))
            if said and running[option.name] != wanted:
                raise OutletError(
                    "outlets.group_differs",
                    group=self.group,
                    name=option.name,
                    running=running[option.name],
                    received=wanted,
                )
        self.host, self.certificate = running["host"], running["certificate"]
        return told["pid"], own_address(self.host, told["port"], bool(self.certificate))

    def _await_channel(self, home: Home, address: str) -> None:
        """Return when every process of the group answers for this channel."""
        if not self.group:
            return
        client, wanted = self._client(address), home.ledger.revision()
        deadline = time.monotonic() + self.start_s
        while time.monotonic() < deadline:
            health = client.request("GET", "/health")
            if health.get("channel") == self.channel and health["revision"] >= wanted:
                return
            record = home.ledger.outlets.get(self.outlet)
            if record.state == "failed":
                raise OutletError(
                    "outlets.did_not_start",
                    channel=self.channel,
                    problem=record.detail.get("problem", "-"),
                    log=str(self._files["log"]),
                )
            time.sleep(0.02)
        raise self._too_slow()

    def _await_leave(self, address: str) -> None:
        """Return when the process of the group answers for this channel no longer."""
        deadline = time.monotonic() + CLOSE_S
        while time.monotonic() < deadline:
            try:
                if "channel" not in self._client(address).request("GET", "/health"):
                    return
            except LingquError:
                return
            time.sleep(0.02)

    # The process

    def _settings(self, release: str) -> dict[str, Json]:
        return {**asdict(self), **self._absolute, "release": str(Path(release).absolute())}

    @property
    def _absolute(self) -> dict[str, str]:
        """Paths as another process must be told them."""
        named = {name: getattr(self, name) for name in _PATHS}
        return {n: str(Path(path).absolute()) if path else "" for n, path in named.items()}

    def _start(self, release: str) -> tuple[int, str]:
        """Start the process and wait until it answers; return its pid and address."""
        files = self._files
        files["settings"].parent.mkdir(parents=True, exist_ok=True)
        settings = {**self._settings(release), "probe": secrets.token_urlsafe(32)}
        files["settings"].unlink(missing_ok=True)
        files["ready"].unlink(missing_ok=True)
        files["shown"].unlink(missing_ok=True)
        descriptor = os.open(files["settings"], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps(settings))
        arguments = ["--workspace", str(self._root), "--outlet", self._process_name]
        pid = spawn(
            [sys.executable, "-P", "-m", MODULE, *arguments],
            files["log"],
        )
        deadline = time.monotonic() + self.start_s
        while time.monotonic() < deadline:
            if ended(pid):
                problem = last_line(files["log"])
                raise OutletError(
                    "outlets.did_not_start",
                    channel=self.channel,
                    problem=problem,
                    log=str(files["log"]),
                )
            if files["ready"].is_file():
                port = orjson.loads(files["ready"].read_bytes())["port"]
                address = own_address(self.host, port, bool(self.certificate))
                if self._answers(address):
                    return pid, address
            time.sleep(0.01)
        self._end(pid)
        raise self._too_slow()

    def _too_slow(self) -> OutletError:
        return OutletError(
            "outlets.too_slow",
            channel=self.channel,
            seconds=f"{self.start_s:g}",
            log=str(self._files["log"]),
        )

    def _answers(self, address: str) -> bool:
        try:
            return bool(self._client(address, 2.0).request("GET", "/health")["live"])
        except OutletError:
            return False

    def _replay(self, release: Release, address: str) -> None:
        """Ask the golden rows over HTTP."""
        client = self._client(address, headers={"x-release": release.digest})
        found = release.replay(
            lambda rows: pl.DataFrame(_plain(client.predict(rows)), infer_schema_length=None)
        )
        if found:
            raise OutletError(
                "outlets.replay_differs",
                channel=self.channel,
                release=release.digest[:12],
                count=len({difference.row for difference in found}),
                total=len(release.golden["rows"]),
                first=str(found[0]),
            )

    def _client(
        self, address: str, timeout_s: float = 10.0, headers: Mapping[str, str] | None = None
    ) -> Client:
        return own_client(self._files, address, self.channel, timeout_s, headers)

    def _end(self, pid: int) -> None:
        process = self._process(pid)
        if process is not None:
            end(process)

    def _process(self, pid: int) -> psutil.Process | None:
        return running(pid, self._process_name)

    # What is kept

    def _record(self, home: Home) -> OutletRecord | None:
        if not self.outlet:
            return None
        found = [o for o in home.ledger.outlets.list() if o.id == self.outlet]
        if not found:
            return None
        self.group = str(found[0].detail.get("group", ""))
        return found[0]

    @property
    def _root(self) -> Path:
        return Path(self.workspace).absolute()

    @property
    def _files(self) -> Mapping[str, Path]:
        return files_of(self._root, self._process_name)

    @property
    def _process_name(self) -> str:
        return group_name(self.group) if self.group else self.outlet

    @contextmanager
    def _home(self) -> Iterator[Home]:
        home = open_home(self._root)
        try:
            yield home
        finally:
            home.close()


def _plain(answers: Sequence[Mapping[str, Json]]) -> list[dict[str, Json]]:
    """Return answers without the reasons of flags, which are told but not replayed."""
    return [{k: v for k, v in answer.items() if k != "reasons"} for answer in answers]
