"""A change is called done once the open outlets act by it."""

from __future__ import annotations

import orjson
import psutil
import pytest
from tests.flow.routed import NAME, rows

from lingqu.core.errors import AccessError, OutletError
from lingqu.flow import followed, routing
from lingqu.outlets.calling.client import Client
from lingqu.outlets.server import Server
from lingqu.store.folders import release_folder
from lingqu.store.home import Home
from lingqu.workspace import Workspace

TIMES = 8
"""An outlet looks at the ledger some five times a second: chance alone is not that lucky."""


def answers(server: Server, secret: str = "") -> str:
    """Return which release answers a new connection, or ``""`` where none does."""
    try:
        client = Client(str(server.status()["address"]), NAME, secret)
        body = orjson.dumps({"rows": rows(1)[0]})
        return str(client.request("POST", f"/c/{NAME}", body)["release"])
    except (OutletError, AccessError):
        return ""


@pytest.mark.slow
def test_routes_and_keys_hold_as_soon_as_they_are_made(
    home: Home, digests: list[str], server: Server
):
    with Workspace(home.root) as workspace:
        for _ in range(TIMES):
            workspace.stop(NAME)
            assert [answers(server) for _ in range(4)] == [""] * 4
            workspace.resume(NAME)
            assert [answers(server) for _ in range(4)] == [digests[0]] * 4
        for number in range(TIMES):
            key, secret = workspace.make_key(f"app{number}", [NAME])
            assert [answers(server, secret) for _ in range(4)] == [digests[0]] * 4
            workspace.disable_key(key.id)
            assert [answers(server, secret) for _ in range(4)] == [""] * 4
    assert followed.lagging(home) == []


@pytest.mark.slow
def test_an_outlet_that_cannot_act_by_a_change_is_told(
    home: Home, digests: list[str], server: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(followed, "FOLLOW_S", 1.0)
    (release_folder(home, digests[1]) / "model.onnx").unlink()
    with Workspace(home.root) as workspace:
        with pytest.raises(OutletError, match="did not act by it") as told:
            workspace.switch(NAME, digests[1])
        assert server.outlet in str(told.value)
        # The change stands, who answered goes on, and whoever makes a key still gets its secret.
        assert routing.champion_of(workspace.route(NAME)) == digests[1]
        assert answers(server) == digests[0]
        _, secret = workspace.make_key("app", [NAME])
        assert secret
        workspace.switch(NAME, digests[0])
    assert answers(server, secret) == digests[0]


@pytest.mark.slow
def test_an_outlet_that_runs_and_does_not_answer_is_not_taken_for_stopped(
    home: Home, digests: list[str], server: Server, caplog: pytest.LogCaptureFixture
):
    parent = psutil.Process(server.status()["pid"])
    held = [parent, *parent.children()]
    with Workspace(home.root) as workspace:
        for process in held:
            process.suspend()
        try:
            with pytest.raises(OutletError, match="did not act by it"):
                workspace.stop(NAME)
            assert workspace.make_key("app", [NAME])[1]
            assert "did not act by it" in caplog.text
        finally:
            for process in held:
                process.resume()
        workspace.resume(NAME)
    assert followed.lagging(home) == []


def test_outlets_that_do_not_run_are_not_waited_for(home: Home, digests: list[str]):
    driver = Server(channel=NAME, workspace=str(home.root))
    try:
        driver.open(str(release_folder(home, digests[0])))
        record = home.ledger.outlets.list(channel=NAME, state="open")[0]
    finally:
        driver.close()
    home.ledger.outlets.update(record.id, state="open")  # as a killed server leaves it
    with Workspace(home.root) as workspace:
        assert workspace.stop(NAME).stopped
    assert followed.lagging(home, NAME) == []
