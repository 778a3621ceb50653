"""The driver ``server``: a release behind HTTP, in a process of its own.

``open`` replays the golden answers in this process, starts the server detached from it, and
replays them again over real HTTP before anybody is told the address.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import ssl
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import orjson
import polars as pl
import psutil

from lingqu.core.errors import LingquError, OutletError
from lingqu.core.i18n import text
from lingqu.core.nouns import Json, OutletRecord
from lingqu.outlets.client import Client
from lingqu.outlets.guard import is_loopback
from lingqu.outlets.process import ended, last_line, spawn
from lingqu.outlets.serve import files_of
from lingqu.outlets.size import refuse_large
from lingqu.release.release import Release
from lingqu.store.home import Home, open_home

MODULE = "lingqu.outlets.serve"
CLOSE_S = 5.0
"""Seconds a server gets to end by itself."""
FREED_S = 1.0
"""Seconds within which the port of a server that was killed becomes free."""


@dataclass
class Server:
    """Serve a channel over HTTP.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 takes any free one.
        certificate: PEM certificate chain; with `private_key` it makes the server speak HTTPS.
        private_key: PEM private key.
        max_rows: Most rows in one request.
        max_body: Largest request body, bytes.
        queue: Requests that may wait; more get 429.
        deadline_s: Longest a request may wait; longer gets 504.
        public: Listen outside this machine even without keys or TLS.
        files: Folder whose files image columns may name; none when empty.
        start_s: Longest time to start.
        max_mb: Largest graph that it opens, megabytes; the choice and its smaller forms keep it
            too. 0 for any.
        channel: Name of the channel.
        workspace: Folder of the workspace.
        outlet: Id of the outlet in the ledger; empty for a new one.
    """

    name: ClassVar[str] = "server"
    opens_process: ClassVar[bool] = True

    host: str = "127.0.0.1"
    port: int = 0
    certificate: str = ""
    private_key: str = ""
    max_rows: int = 10_000
    max_body: int = 10_000_000
    queue: int = 1000
    deadline_s: float = 10.0
    public: bool = False
    files: str = ""
    start_s: float = 30.0
    max_mb: float = 0.0
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
        self._check()
        opened = Release.open(release)
        refuse_large(opened, self.max_mb)
        opened.require_replay()
        with self._home() as home:
            self._check_public(home)
            self._forget_dead(home)
            self.outlet = self.outlet or home.new_id()
            record = OutletRecord(
                self.outlet, self.channel, self.name, "opening", opened=home.clock()
            )
            home.ledger.outlets.put(record)
            try:
                pid, address = self._start(release)
            except LingquError:
                home.ledger.outlets.update(self.outlet, state="failed")
                raise
            try:
                self._replay(opened, address)
            except LingquError:
                self._end(pid)
                home.ledger.outlets.update(self.outlet, state="failed", pid=pid)
                raise
            detail = {"release": opened.digest, "host": self.host}
            home.ledger.outlets.update(
                self.outlet, state="open", address=address, pid=pid, detail=detail
            )
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
        return {**known, **health, "alive": bool(health.get("live"))}

    def close(self) -> None:
        """Let requests end, at most 5 seconds, and stop the process; twice is fine."""
        with self._home() as home:
            record = self._record(home)
            if record is None or record.state in ("closed", "failed"):
                return
            self._end(record.pid)
            home.ledger.outlets.update(record.id, state="closed")
        for name in ("settings", "ready"):
            self._files[name].unlink(missing_ok=True)

    # Checks before anything is started

    def _check(self) -> None:
        settings = (
            ("port", 0 <= self.port <= 65535, "0 … 65535"),
            ("max_rows", self.max_rows >= 1, "≥ 1"),
            ("max_body", self.max_body >= 1, "≥ 1 B"),
            ("queue", self.queue >= 1, "≥ 1"),
            ("deadline_s", self.deadline_s > 0, "> 0 s"),
            ("channel", bool(self.channel) and "/" not in self.channel, "a name"),
            ("workspace", bool(self.workspace), "a folder"),
            ("max_mb", self.max_mb >= 0, "≥ 0 MB"),
            ("files", not self.files or Path(self.files).is_dir(), "a folder"),
        )
        for name, good, expected in settings:
            if not good:
                received = getattr(self, name)
                raise OutletError(
                    "outlets.bad_setting", name=name, received=received, expected=expected
                )
        if self.certificate or self.private_key:
            self._check_tls()
        if self.port:
            self._check_port()

    def _check_tls(self) -> None:
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate, self.private_key)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise OutletError(
                "outlets.bad_tls",
                certificate=self.certificate,
                private_key=self.private_key,
                problem=getattr(error, "strerror", None) or str(error),
            ) from error

    def _check_port(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        deadline = time.monotonic() + FREED_S
        while True:
            try:
                socket.create_server((self.host, self.port), family=family).close()
                return
            except OSError as error:
                if time.monotonic() < deadline:
                    time.sleep(0.05)
                    continue
                problem = error.strerror or str(error)
                raise OutletError(
                    "outlets.port_taken", host=self.host, port=self.port, problem=problem
                ) from error

    def _check_public(self, home: Home) -> None:
        if is_loopback(self.host) or self.public:
            return
        keys = home.ledger.keys.list()
        keyed = any(not key.channels or self.channel in key.channels for key in keys)
        lacking = [] if keyed else [text("outlets.lacks_keys")]
        if not self.certificate:
            lacking.append(text("outlets.lacks_tls"))
        if lacking:
            raise OutletError("outlets.public", host=self.host, lacking=" / ".join(lacking))

    def _forget_dead(self, home: Home) -> None:
        """A killed server leaves a line that says it is open: correct it."""
        for record in home.ledger.outlets.list(channel=self.channel, state="open"):
            if record.driver == self.name and not self._owns(record):
                home.ledger.outlets.update(record.id, state="failed")

    # The process

    def _start(self, release: str) -> tuple[int, str]:
        """Start the process and wait until it answers; return its pid and address."""
        files = self._files
        files["settings"].parent.mkdir(parents=True, exist_ok=True)
        settings = {
            **asdict(self),
            "release": str(Path(release).absolute()),
            "certificate": str(Path(self.certificate).absolute()) if self.certificate else "",
            "private_key": str(Path(self.private_key).absolute()) if self.private_key else "",
            "files": str(Path(self.files).absolute()) if self.files else "",
            "probe": secrets.token_urlsafe(32),
        }
        files["settings"].unlink(missing_ok=True)
        files["ready"].unlink(missing_ok=True)
        descriptor = os.open(files["settings"], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps(settings))
        arguments = ["--workspace", str(self._root), "--outlet", self.outlet]
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
                address = self._address(orjson.loads(files["ready"].read_bytes())["port"])
                if self._answers(address):
                    return pid, address
            time.sleep(0.01)
        self._end(pid)
        raise OutletError(
            "outlets.too_slow",
            channel=self.channel,
            seconds=f"{self.start_s:g}",
            log=str(files["log"]),
        )

    def _address(self, port: int) -> str:
        wild = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}
        host = wild.get(self.host, self.host)
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

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
        """Return a client that asks as the outlet itself and trusts its own certificate."""
        settings: dict[str, Any] = {}
        if self._files["settings"].is_file():
            settings = orjson.loads(self._files["settings"].read_bytes())
        tls = None
        if settings.get("certificate"):
            tls = ssl.create_default_context(cafile=settings["certificate"])
            tls.check_hostname = False
            tls.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return Client(
            address,
            self.channel,
            settings.get("probe", ""),
            timeout_s=timeout_s,
            tls=tls,
            headers=headers,
        )

    def _end(self, pid: int) -> None:
        process = self._process(pid)
        if process is None:
            return
        try:
            process.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + CLOSE_S
            while time.monotonic() < deadline and not ended(pid):
                time.sleep(0.02)
            if not ended(pid):
                process.kill()
                while not ended(pid):
                    time.sleep(0.02)
        except psutil.NoSuchProcess:
            return

    def _process(self, pid: int) -> psutil.Process | None:
        """Return the process of this outlet; another one that got its pid is left alone."""
        if pid <= 0 or ended(pid):
            return None
        try:
            process = psutil.Process(pid)
            line = process.cmdline()
        except psutil.Error:
            return None
        return process if MODULE in line and self.outlet in line else None

    def _owns(self, record: OutletRecord) -> bool:
        mine, self.outlet = self.outlet, record.id
        alive = self._process(record.pid) is not None
        self.outlet = mine
        return alive

    # What is kept

    def _record(self, home: Home) -> OutletRecord | None:
        if not self.outlet:
            return None
        found = [o for o in home.ledger.outlets.list() if o.id == self.outlet]
        return found[0] if found else None

    @property
    def _root(self) -> Path:
        return Path(self.workspace).absolute()

    @property
    def _files(self) -> Mapping[str, Path]:
        return files_of(self._root, self.outlet)

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
