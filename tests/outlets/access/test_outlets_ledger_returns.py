"""A Postgres that stops under a server and comes back: nobody with a key notices."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.outlets.asking import until
from tests.postgres import postgres_server

from lingqu.core.errors import AccessError, LingquError, OutletError
from lingqu.outlets.access import keys
from lingqu.outlets.calling.client import Client
from lingqu.outlets.server import Server
from lingqu.outlets.sight.log import read
from lingqu.store.home import Home, open_home

pytestmark = pytest.mark.slow
ROW = {"a": 1.0, "b": 2.0, "c": 3.0}


@pytest.fixture
def postgres(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with postgres_server() as server:
        monkeypatch.setenv("LINGQU_LEDGER", server.get_uri())
        yield server


@pytest.fixture
def house(postgres: Any, tmp_path: Path) -> Iterator[Home]:
    opened = open_home(tmp_path / "workspace", postgres.get_uri())
    yield opened
    opened.close()


class Caller:
    """Asks on and on, and counts what it is told.

    Args:
        client: Asks.
    """

    def __init__(self, client: Client) -> None:
        self.told: Counter[str] = Counter()
        self._client = client
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    @property
    def answered(self) -> int:
        return self.told["answered"]

    def goes_on(self, times: int = 20) -> None:
        """Wait until so many more requests have been answered."""
        goal = self.answered + times
        until(lambda: self.answered >= goal)

    def close(self) -> None:
        self._stop.set()
        self._thread.join(20)

    def _work(self) -> None:
        while not self._stop.wait(0.01):
            try:
                self._client.predict([ROW])
                self.told["answered"] += 1
            except LingquError as error:
                self.told[str(error)] += 1


def test_a_postgres_that_stops_under_load_and_comes_back(
    postgres: Any, house: Home, releases: dict[str, Path]
):
    key, secret = keys.make("app", ("prices", "strict"), "100000/h", created=house.clock())
    house.ledger.keys.add(key)
    made = {
        "prices": Server(channel="prices", workspace=str(house.root), processes=1),
        "strict": Server(channel="strict", workspace=str(house.root), processes=1, away_s=0.8),
    }
    callers: list[Caller] = []
    try:
        clients = {}
        for name, driver in made.items():
            address = str(driver.open(str(releases["prices"]))["address"])
            clients[name] = Client(address, name, secret)
            if name == "prices":
                callers = [Caller(Client(address, name, secret)) for _ in range(2)]
        for caller in callers:
            caller.goes_on()
        until(lambda: read(house.logs / "prices").height)
        label = {read(house.logs / "prices")["prediction_id"][0]: 1.5}
        postgres.stop()
        for caller in callers:
            caller.goes_on(60)
        # Keys hold for `away_s`; a stranger has none to hold.
        until(lambda: _refused(clients["strict"]) == 503)
        assert _refused(Client(clients["prices"].address, "prices", secret[:-1] + "~")) == 401
        # What only the ledger knows has to wait for it.
        for ask in (lambda: clients["prices"].feedback(label), lambda: _own_use(clients["prices"])):
            with pytest.raises(OutletError) as refused:
                ask()
            assert refused.value.facts["code"] == 503
        postgres.ensure_postgres_running()
        until(lambda: _refused(clients["strict"]) == 0)
        assert clients["prices"].feedback(label) == ["new"]
        for caller in callers:
            caller.goes_on()
            caller.close()
        assert all(set(caller.told) == {"answered"} for caller in callers), callers[0].told
        answered = sum(caller.answered for caller in callers)

        # What was used while it was away is written down, and the log has every row.
        until(lambda: _used(house, "prices") == answered)
        until(lambda: read(house.logs / "prices").height == answered)
        health = clients["prices"].request("GET", "/health")
        assert (health["logged"], health["dropped"]) == (answered, 0)

        # And what changes is heard of again.
        house.ledger.keys.disable(key.id)
        until(lambda: _refused(clients["prices"]) == 401)
    finally:
        for caller in callers:
            caller.close()
        postgres.ensure_postgres_running()
        for driver in made.values():
            driver.close()


def _used(house: Home, channel: str) -> int:
    return sum(hour.requests for hour in house.ledger.usage.list(channel=channel))


def _own_use(client: Client) -> Any:
    return client.request("GET", "/c/prices/usage")


def _refused(client: Client) -> int:
    """Return the status of a refusal; 0 for an answer."""
    try:
        client.predict([ROW])
    except AccessError as error:
        return error.status
    except OutletError as error:
        return int(str(error.facts["code"]))
    return 0
