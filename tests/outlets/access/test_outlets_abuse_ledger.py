"""A ledger that is away while an outlet serves: keys hold as they were, and nobody new comes in."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from tests.outlets.asking import until
from tests.postgres import running_postgres

from lingqu.core.errors import AccessError
from lingqu.outlets.access import keys
from lingqu.outlets.calling.client import Client
from lingqu.outlets.hosting.process import ended
from lingqu.outlets.server import Server
from lingqu.store.home import Home, open_home

pytestmark = pytest.mark.slow
ROW = {"a": 1.0, "b": 2.0, "c": 3.0}


@pytest.fixture
def server(home: Home, releases: dict[str, Path]) -> Iterator[tuple[str, str]]:
    """Address of an open outlet, and the secret of a key."""
    key, secret = keys.make("app", ("prices",), "100000/h", created=home.clock())
    home.ledger.keys.add(key)
    driver = Server(channel="prices", workspace=str(home.root))
    try:
        yield str(driver.open(str(releases["prices"]))["address"]), secret
    finally:
        driver.close()


def refused(client: Client) -> bool:
    try:
        client.predict([ROW])
    except AccessError:
        return True
    return False


def test_a_ledger_that_was_moved_away(home: Home, server: tuple[str, str]):
    address, secret = server
    client, stranger = Client(address, "prices", secret), Client(address, "prices")
    assert not refused(client)
    files = sorted(home.root.glob("ledger.db*"))
    assert files
    aside = home.root / "aside"
    aside.mkdir()
    for file in files:
        file.rename(aside / file.name)
    (home.root / "ledger.db").mkdir()  # whoever opens it anew finds no ledger
    begun = time.monotonic()
    while time.monotonic() - begun < 1.5:
        assert not refused(client)
        assert refused(stranger)
        assert refused(Client(address, "prices", secret[:-1] + "~"))
    (home.root / "ledger.db").rmdir()
    for file in files:
        (aside / file.name).rename(file)
    (key,) = home.ledger.keys.list()
    home.ledger.keys.disable(key.id)
    until(lambda: refused(client))
    assert client.request("GET", "/health")["live"]


def test_a_postgres_that_stops(
    tmp_path: Path, releases: dict[str, Path], monkeypatch: pytest.MonkeyPatch
):
    """The outlet goes on, and ends when it is asked to, though nothing can be settled."""
    with running_postgres() as url:
        monkeypatch.setenv("LINGQU_LEDGER", url)
        with closing(open_home(tmp_path / "workspace", url)) as home:
            key, secret = keys.make("app", ("prices",), "100000/h", created=home.clock())
            home.ledger.keys.add(key)
            driver = Server(channel="prices", workspace=str(home.root))
            status = driver.open(str(releases["prices"]))
            client = Client(str(status["address"]), "prices", secret)
            assert not refused(client)
    process = psutil.Process(int(status["pid"]))
    try:
        begun = time.monotonic()
        while time.monotonic() - begun < 1.5:
            assert not refused(client)
            assert refused(Client(str(status["address"]), "prices"))
        process.send_signal(signal.SIGTERM)
        until(lambda: ended(process.pid), 10)
    finally:
        if not ended(process.pid):
            process.kill()
