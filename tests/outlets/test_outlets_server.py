"""Server outlets as they are used: processes of their own, on this machine."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.contracts.driver_contract import DriverContract
from tests.outlets.asking import inputs, until

from lingqu.core import catalog
from lingqu.core.errors import AccessError, DataError, OutletError
from lingqu.core.nouns import Backend, OutletRecord, Route
from lingqu.core.ports import Driver
from lingqu.outlets.access import keys
from lingqu.outlets.calling.client import Client
from lingqu.outlets.local import Local
from lingqu.outlets.server import Server
from lingqu.outlets.sight import log
from lingqu.release.release import Release
from lingqu.store.home import Home
from lingqu.store.quotas import Window

pytestmark = pytest.mark.slow


class TestServer(DriverContract):
    @pytest.fixture
    def driver(self, serve: Callable[..., Server]) -> Driver:
        return serve()

    @pytest.fixture
    def release(self, releases: dict[str, Path]) -> Path:
        return releases["digits"]


class TestLocal(DriverContract):
    @pytest.fixture
    def driver(self) -> Driver:
        return Local()

    @pytest.fixture
    def release(self, releases: dict[str, Path]) -> Path:
        return releases["digits"]


def test_the_local_driver_answers(releases: dict[str, Path]):
    local = Local(channel="digits")
    with pytest.raises(OutletError):
        local.predict([])
    local.open(str(releases["digits"]))
    rows = inputs(releases["digits"])
    assert local.predict(rows) == Release.open(releases["digits"]).predict(rows)
    assert local.status()["rows"] == len(rows)


def test_a_larger_graph_than_declared_is_not_opened(
    serve: Callable[..., Server], releases: dict[str, Path]
):
    folder = releases["digits"]
    size_mb = Release.open(folder).size_mb
    for driver in (Local(max_mb=size_mb / 2), serve(max_mb=size_mb / 2)):
        with pytest.raises(OutletError, match=r"takes `max_mb: .*compress"):
            driver.open(str(folder))
        assert not driver.status()["alive"]
    assert Local(max_mb=size_mb).open(str(folder))["alive"]


def test_a_server_answers_with_a_key_logs_and_ends(
    home: Home, serve: Callable[..., Server], releases: dict[str, Path]
):
    key, secret = keys.make("app", ("people",), "100/h", created=home.clock())
    home.ledger.keys.add(key)
    driver = serve("people")
    status = driver.open(str(releases["people"]))
    assert status["address"].startswith("http://127.0.0.1:")
    (record,) = home.ledger.outlets.list(channel="people")
    assert (record.state, record.pid, record.address) == ("open", status["pid"], status["address"])
    settings = home.root / "outlets" / f"{driver.outlet}.json"
    assert settings.stat().st_mode & 0o077 == 0

    release = Release.open(releases["people"])
    rows = inputs(releases["people"])
    answers = Client(status["address"], "people", secret).predict(rows)
    expected = release.predict(rows)
    assert [set(a) for a in answers] == [set(e) for e in expected]
    assert [a["prediction"] for a in answers] == [e["prediction"] for e in expected]
    many = Client(status["address"], "people", secret).predict(rows * 40)
    assert len(many) == len(rows) * 40
    with pytest.raises(AccessError) as refused:
        Client(status["address"], "people").predict(rows)
    assert refused.value.status == 401
    assert "needs a key" in str(refused.value)
    with pytest.raises(DataError, match="old"):
        Client(status["address"], "people", secret).predict([{**rows[0], "age": "old"}])

    counted = driver.status()
    assert (counted["alive"], counted["errors"]) == (True, 0)
    assert counted["rows"] == len(rows) * 41
    folder = home.root / "log" / "people"
    until(lambda: log.read(folder).height == len(rows) * 41)
    found = log.read(folder)
    assert set(found["key"]) == {key.id}
    assert log.profile(release.profile, found)["rows"] == len(rows) * 41
    driver.close()
    assert not psutil.pid_exists(status["pid"])
    assert home.ledger.outlets.get(driver.outlet).state == "closed"
    window = Window(key.id, "requests", "h", int(time.time() // 3600 * 3600))
    assert home.ledger.quotas.spent(window) in (4, 5)
    assert not settings.exists()


def test_a_driver_made_from_the_ledger_is_the_same_outlet(
    home: Home, serve: Callable[..., Server], releases: dict[str, Path]
):
    opened = serve().open(str(releases["digits"]))
    (record,) = home.ledger.outlets.list(state="open")
    options = {"channel": "digits", "workspace": str(home.root), "outlet": record.id}
    again = catalog.build("drivers", "server", options)
    assert again.status()["pid"] == opened["pid"]
    again.close()
    assert not psutil.pid_exists(opened["pid"])


def test_a_route_change_is_followed_without_a_failed_request(
    home: Home, serve: Callable[..., Server], releases: dict[str, Path], digests: tuple[str, str]
):
    old, new = digests
    home.ledger.routes.set(Route("digits", (Backend(old, 1.0),)))
    status = serve().open(str(releases["digits"]))
    rows = inputs(releases["digits"])[:1]
    body = json.dumps({"rows": rows}).encode()
    seen: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        client = Client(status["address"], "digits")
        while not stop.is_set():
            try:
                seen.append(client.request("POST", "/c/digits", body)["release"])
            except Exception as error:
                seen.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    until(lambda: len(seen) > 20)
    home.ledger.routes.set(Route("digits", (Backend(new, 1.0),), fallback=old))
    until(lambda: seen[-1] == new, 10)
    home.ledger.routes.set(Route("digits", (Backend(old, 1.0),), fallback=new))
    back = time.monotonic()
    until(lambda: seen[-1] == old, 10)
    took = time.monotonic() - back
    stop.set()
    for thread in threads:
        thread.join()
    assert set(seen) == {old, new}
    assert took < 5  # the release was kept open; within a second on a quiet machine
    client = Client(status["address"], "digits")
    home.ledger.routes.set(Route("digits", (), fallback=old))
    until(lambda: client.request("GET", "/health")["status"] == "stopped")
    with pytest.raises(OutletError, match="stopped"):
        client.predict(rows)


def test_a_broken_release_in_the_route_leaves_the_old_one_answering(
    home: Home, serve: Callable[..., Server], releases: dict[str, Path], digests: tuple[str, str]
):
    old, new = digests
    (home.root / "blobs" / "releases" / new / "model.onnx").write_bytes(b"broken")
    home.ledger.routes.set(Route("digits", (Backend(old, 1.0),)))
    driver = serve()
    status = driver.open(str(releases["digits"]))
    home.ledger.routes.set(Route("digits", (Backend(new, 1.0),)))
    written = home.root / "outlets" / f"{driver.outlet}.log"
    until(lambda: "could not be taken over" in written.read_text())
    rows = inputs(releases["digits"])
    assert Client(status["address"], "digits").predict(rows)


def test_a_key_that_is_disabled_is_refused_soon(
    home: Home, serve: Callable[..., Server], releases: dict[str, Path]
):
    key, secret = keys.make("app", created=home.clock())
    home.ledger.keys.add(key)
    client = Client(serve().open(str(releases["digits"]))["address"], "digits", secret)
    rows = inputs(releases["digits"])
    client.predict(rows)
    home.ledger.keys.disable(key.id)

    def refused() -> bool:
        try:
            client.predict(rows)
        except AccessError as error:
            return error.status == 401
        return False

    assert until(refused)


def test_a_killed_server_is_noticed_and_opened_again(
    home: Home, serve: Callable[..., Server], releases: dict[str, Path]
):
    first = serve()
    status = first.open(str(releases["digits"]))
    rows = inputs(releases["digits"])
    client = Client(status["address"], "digits")
    folder = home.root / "log" / "digits"
    client.predict(rows)
    until(lambda: log.read(folder).height == len(rows))
    os.kill(status["pid"], signal.SIGKILL)
    until(lambda: not first.status()["alive"])
    (segment,) = folder.glob("*.arrow")
    with segment.open("ab") as file:
        file.write(b"\xff\xff\xff\xff\x10\x00")  # as if it had been writing
    again = serve(port=int(status["address"].rpartition(":")[2])).open(str(releases["digits"]))
    assert again["alive"] and again["address"] == status["address"]
    assert home.ledger.outlets.get(first.outlet).state == "failed"
    client.predict(rows)
    until(lambda: log.read(folder).height == 2 * len(rows))
    first.close()  # its pid may be another's by now: nothing happens
    assert again["pid"] in psutil.pids()


def test_closing_leaves_a_stranger_with_the_same_pid_alone(home: Home):
    record = OutletRecord(
        "old", "digits", "server", "open", "http://127.0.0.1:9", os.getpid(), home.clock()
    )
    home.ledger.outlets.put(record)
    driver = Server(channel="digits", workspace=str(home.root), outlet="old")
    assert driver.status()["alive"] is False
    driver.close()
    assert home.ledger.outlets.get("old").state == "closed"


def test_sigterm_lets_a_request_end(
    home: Home, serve: Callable[..., Server], releases: dict[str, Path]
):
    driver = serve()
    status = driver.open(str(releases["digits"]))
    port = int(status["address"].rpartition(":")[2])
    body = json.dumps({"rows": inputs(releases["digits"])}).encode()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        head = f"POST /c/digits HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body[:50])
        time.sleep(0.2)
        closing = threading.Thread(target=driver.close)
        closing.start()
        time.sleep(0.5)
        connection.sendall(body[50:])
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    closing.join()
    assert log.read(home.root / "log" / "digits").height == 16


def certificate(folder: Path) -> tuple[str, str]:
    """Make a self-signed certificate for this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(files[0]), str(files[1])


def test_tls_by_two_settings(
    serve: Callable[..., Server], releases: dict[str, Path], tmp_path: Path
):
    chain, private = certificate(tmp_path)
    driver = serve(certificate=chain, private_key=private)
    status = driver.open(str(releases["digits"]))
    assert status["address"].startswith("https://")
    rows = inputs(releases["digits"])
    trusting = Client(status["address"], "digits", tls=ssl.create_default_context(cafile=chain))
    assert len(trusting.predict(rows)) == len(rows)
    with pytest.raises(OutletError, match="certificate"):
        Client(status["address"], "digits").predict(rows)
    assert driver.status()["alive"]
    with pytest.raises(OutletError) as caught:
        serve(certificate=chain, private_key=chain).open(str(releases["digits"]))
    assert caught.value.key == "outlets.bad_tls"
    with pytest.raises(OutletError, match=r"no\.pem"):
        serve(certificate="no.pem", private_key=private).open(str(releases["digits"]))


def test_settings_that_cannot_be_are_refused_at_once(
    home: Home, serve: Callable[..., Server], releases: dict[str, Path]
):
    for options in (
        {"port": 70_000},
        {"max_rows": 0},
        {"max_body": 0},
        {"queue": 0},
        {"deadline_s": 0.0},
        {"files": "/no/such/folder"},
        {"channel": "a/b"},
    ):
        with pytest.raises(OutletError) as caught:
            serve(**options).open(str(releases["digits"]))
        assert caught.value.key == "outlets.bad_setting"
        assert next(iter(options)) in str(caught.value)
    assert home.ledger.outlets.list() == []


def test_a_port_that_is_taken(serve: Callable[..., Server], releases: dict[str, Path]):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OutletError) as caught:
            serve(port=port).open(str(releases["digits"]))
    assert caught.value.key == "outlets.port_taken"
    assert str(port) in str(caught.value)


def test_a_public_server_needs_keys_and_tls(
    home: Home, serve: Callable[..., Server], releases: dict[str, Path], tmp_path: Path
):
    with pytest.raises(OutletError, match="keys / TLS"):
        serve(host="0.0.0.0").open(str(releases["digits"]))
    key, secret = keys.make("app", created=home.clock())
    home.ledger.keys.add(key)
    with pytest.raises(OutletError, match="without TLS"):
        serve(host="0.0.0.0").open(str(releases["digits"]))
    status = serve(host="0.0.0.0", public=True).open(str(releases["digits"]))
    assert Client(status["address"], "digits", secret).predict(inputs(releases["digits"]))
    chain, private = certificate(tmp_path)
    both = serve(host="0.0.0.0", certificate=chain, private_key=private)
    assert both.open(str(releases["digits"]))["alive"]


def test_a_server_that_dies_at_once_says_why(
    home: Home, serve: Callable[..., Server], releases: dict[str, Path]
):
    home.ledger.routes.set(Route("digits", (Backend("f" * 64, 1.0),)))
    driver = serve()
    with pytest.raises(OutletError) as caught:
        driver.open(str(releases["digits"]))
    assert caught.value.key == "outlets.did_not_start"
    assert "f" * 12 in str(caught.value)
    assert home.ledger.outlets.get(driver.outlet).state == "failed"


def test_a_server_that_takes_too_long_is_ended(
    home: Home, serve: Callable[..., Server], releases: dict[str, Path]
):
    driver = serve(start_s=0.05)
    with pytest.raises(OutletError) as caught:
        driver.open(str(releases["digits"]))
    assert caught.value.key == "outlets.too_slow"
    assert home.ledger.outlets.get(driver.outlet).state == "failed"


def test_a_server_that_answers_otherwise_is_closed_again(
    home: Home, serve: Callable[..., Server], releases: dict[str, Path], digests: tuple[str, str]
):
    _, other = digests
    home.ledger.routes.set(Route("digits", (Backend(other, 1.0),)))
    driver = serve()
    asked = driver._client

    def misled(address: str, timeout_s: float = 10.0, headers: Any = None) -> Client:
        return asked(address, timeout_s, {"x-release": other} if headers else None)

    driver._client = misled  # type: ignore[method-assign]
    with pytest.raises(OutletError) as caught:
        driver.open(str(releases["digits"]))
    assert caught.value.key == "outlets.replay_differs"
    record = home.ledger.outlets.get(driver.outlet)
    assert record.state == "failed"
    assert not psutil.pid_exists(record.pid)


def test_nobody_answers_where_no_server_is():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(OutletError) as caught:
        Client(f"http://127.0.0.1:{port}", "digits").predict([{"a": 1}])
    assert caught.value.key == "outlets.unreachable"
