"""What is told of outlets at work, from what they counted."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.outlets.outlet_samples import make_release

from lingqu.cli.main import main
from lingqu.core.nouns import OutletRecord
from lingqu.flow.status import Look, traffic
from lingqu.outlets.calling.client import Client
from lingqu.outlets.server import Server
from lingqu.outlets.sight.counters import Counters
from lingqu.release.release import Release
from lingqu.workspace import Workspace

SHOP = OutletRecord("o1", "shop", "server", "open", "http://127.0.0.1:1")
GONE = OutletRecord("o2", "bank", "server", "open", "http://127.0.0.1:2")


def looked(at: float, counters: Counters, waiting: int = 0) -> Look:
    return Look(at, ((SHOP, counters.state(waiting=waiting)), (GONE, None)))


def test_rates_and_latencies_between_two_looks():
    counters = Counters("shop", since=50.0)
    for _ in range(99):
        counters.add("r1", "champion", 200, 2, 1.9)
    counters.add("r1", "champion", 503, 1, 900.0)
    first = looked(10.0, counters)
    alone = traffic(first)
    assert [(line.channel, line.alive) for line in alone] == [("bank", False), ("shop", True)]
    shop = alone[1]
    assert (shop.requests, shop.errors, shop.rows, shop.per_s) == (100, 1, 198, None)
    assert shop.p50_ms == pytest.approx(1.8, abs=0.2)

    for _ in range(30):
        counters.add("r1", "champion", 200, 1, 40.0)
    counters.add("r2", "canary", 200, 1, 3.0)
    counters.add("", "", 401, 0, 0.0)
    second = looked(12.0, counters, waiting=7)
    lines = {(line.arm, line.release): line for line in traffic(second, first)[1:]}
    assert set(lines) == {("champion", "r1"), ("canary", "r2"), ("", "")}
    now = lines["champion", "r1"]
    assert (now.requests, now.per_s, now.errors, now.waiting, now.since) == (30, 15.0, 0, 7, 50.0)
    assert now.p50_ms == pytest.approx(36, abs=5)
    assert (lines["", ""].refused, lines["", ""].p50_ms) == (1, None)


def test_an_outlet_that_was_asked_nothing():
    (shop,) = [line for line in traffic(looked(1.0, Counters("shop"))) if line.alive]
    assert (shop.requests, shop.release, shop.processes) == (0, "", 1)


@pytest.mark.slow
def test_the_command_shows_a_server_at_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    make_release(tmp_path / "prices", "prices")
    release = Release.open(tmp_path / "prices")
    root = tmp_path / "workspace"
    with Workspace(root) as workspace:
        driver = Server(channel="prices", workspace=str(root), access_log_mb=1.0)
        try:
            address = str(driver.open(str(release.folder))["address"])
            client = Client(address, "prices")
            for _ in range(20):
                client.predict([{"a": 1.0, "b": 2.0, "c": None}])
            before = workspace.look()
            client.predict(pl.DataFrame({"a": [1.0], "b": [2.0], "c": [3.0]}).to_dicts())
            (line,) = workspace.traffic(before=before)
            assert (line.channel, line.release) == ("prices", release.digest[:12])
            assert (line.requests, line.errors, line.arm) == (1, 0, "champion")
            assert line.per_s is not None and line.p50_ms is not None

            capsys.readouterr()
            assert main(["status", "-w", str(root)]) == 0
            shown = capsys.readouterr().out
            assert "Requests" in shown and release.digest[:12] in shown and "21" in shown
            words = ["status", "--watch", "--looks", "2", "--every", "0.1", "-w", str(root)]
            assert main(words) == 0
            shown = capsys.readouterr().out
            assert shown.count("UTC") == 4 and "p99 ms" in shown
        finally:
            driver.close()
        assert workspace.traffic() == []
    (log,) = (root / "access").iterdir()
    assert len(log.read_bytes().splitlines()) >= 21
