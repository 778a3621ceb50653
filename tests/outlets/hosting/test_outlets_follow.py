from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.outlets.asking import OneApp, ask, inputs

from lingqu.core.errors import OutletError, StoreError
from lingqu.core.nouns import Backend, Route
from lingqu.outlets import serve as process
from lingqu.outlets.access import keys
from lingqu.outlets.access.guard import Guard
from lingqu.outlets.calling.client import Client
from lingqu.outlets.hosting.follow import Follower
from lingqu.outlets.hosting.tenants import Alone
from lingqu.outlets.routing.house import WARM, Tenant
from lingqu.outlets.sight import log
from lingqu.store.home import Home
from lingqu.store.quotas import Window


def begin(home: Home, release: Path | None = None) -> tuple[Follower, OneApp]:
    guard = Guard()
    tenant = Tenant("digits", str(release or ""))
    follower = Follower(home, guard, Alone(tenant))
    return follower, OneApp(guard, follower.begin())


def answering(app: OneApp, rows: list[Any]) -> str:
    reply = ask(app, "POST", "/c/digits", rows)
    return str(reply.json.get("release", reply.status))


def test_the_route_is_followed_and_what_left_it_stays_warm(
    home: Home, releases: dict[str, Path], digests: tuple[str, str]
):
    old, new = digests
    rows = inputs(releases["digits"])[:1]
    follower, app = begin(home, releases["digits"])
    assert answering(app, rows) == old
    served = app.serving
    follower.look(app)
    assert app.serving is served  # nothing changed, nothing done
    home.ledger.routes.set(Route("digits", (Backend(new, 1.0),), fallback=old))
    follower.look(app)
    assert answering(app, rows) == new
    assert set(app.serving.served) == {old, new}
    home.ledger.routes.set(Route("digits", ()))
    follower.look(app)
    assert answering(app, rows) == "503"
    assert WARM >= 2
    follower.close()


def test_a_release_that_cannot_be_opened_changes_nothing(
    home: Home, releases: dict[str, Path], digests: tuple[str, str]
):
    rows = inputs(releases["digits"])[:1]
    follower, app = begin(home, releases["digits"])
    key, secret = keys.make("app", created=home.clock())
    home.ledger.routes.set(Route("digits", (Backend("f" * 64, 1.0),)))
    home.ledger.keys.add(key)
    with pytest.raises(StoreError):
        follower.look(app)
    assert answering(app, rows) == "401"  # the key counts all the same
    reply = ask(app, "POST", "/c/digits", rows, {"X-API-Key": secret})
    assert reply.json["release"] == digests[0]
    follower.close()


def test_the_thread_takes_over_changes_and_settles_quotas(
    home: Home, releases: dict[str, Path], digests: tuple[str, str]
):
    rows = inputs(releases["digits"])[:1]
    key, secret = keys.make("app", quota="1000/d", created=home.clock())
    home.ledger.keys.add(key)
    follower, app = begin(home, releases["digits"])
    follower.follow(app)
    headers = {"X-API-Key": secret}
    for _ in range(3):
        assert ask(app, "POST", "/c/digits", rows, headers).status == 200
    home.ledger.routes.set(Route("digits", (Backend(digests[1], 1.0),)))
    deadline = time.monotonic() + 60
    while app.serving.split.releases != (digests[1],) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert ask(app, "POST", "/c/digits", rows, headers).json["release"] == digests[1]
    follower.close()
    window = Window(key.id, "requests", "d", int(time.time() // 86_400 * 86_400))
    assert home.ledger.quotas.spent(window) == 4


def settings(release: Path, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "channel": "digits",
        "outlet": "one",
        "host": "127.0.0.1",
        "port": 0,
        "processes": 1,
        "release": str(release),
        "queue": 10,
        "deadline_s": 5.0,
        "files": "",
        "probe": "probe-secret",
        "max_rows": 100,
        "max_body": 100_000,
        "certificate": "",
        "private_key": "",
    }
    return {**made, **changes}


@pytest.fixture
def handlers() -> Iterator[None]:
    """Serving sets how signals are handled; put it back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_the_process_serves_until_it_is_asked_to_end(
    home: Home, releases: dict[str, Path], handlers: None
):
    files = process.files_of(home.root, "one")
    files["settings"].parent.mkdir()
    files["settings"].write_bytes(orjson.dumps(settings(releases["digits"])))
    rows = inputs(releases["digits"])
    said: list[Any] = []

    def visit() -> None:
        try:
            while not files["ready"].is_file():
                time.sleep(0.01)
            port = orjson.loads(files["ready"].read_bytes())["port"]
            said.extend(Client(f"http://127.0.0.1:{port}", "digits").predict(rows))
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    visitor = threading.Thread(target=visit)
    visitor.start()
    assert process.main(["--workspace", str(home.root), "--outlet", "one"]) == 0
    visitor.join()
    assert len(said) == len(rows)
    assert log.read(home.logs / "digits").height == len(rows)


def test_a_process_that_cannot_serve_says_why(
    home: Home, releases: dict[str, Path], caplog: pytest.LogCaptureFixture
):
    assert process.main(["--workspace", str(home.root), "--outlet", "none"]) == 1
    assert "none.json" in caplog.text
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        given = settings(releases["digits"], port=port)
        with pytest.raises(OutletError) as caught:
            process.serve(home.root, given, home.root / "ready")
    assert caught.value.key == "outlets.port_taken"
