"""A channel in use, as commands: served with a key, canaried, watched, defended, closed."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.cli.terminal import Terminal
from tests.walked import CHANNEL, people, walked

from lingqu.outlets.calling.client import Client
from lingqu.workspace import Workspace

pytestmark = pytest.mark.slow
USED = """\
outlets: [server]
monitor: {window: 100}
respond:
  - {when: "drift.alarm > 0", do: fallback}
  - {when: "drift.alarm > 0", do: retrain}
access: {keys: [app], quota: 100000/min}
"""


@pytest.fixture
def lingqu(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Terminal]:
    """A terminal beside a walked channel with an outlet and rules; what it opens is closed."""
    folder = walked(tmp_path / "here")
    (folder / "channel.yaml").write_text(CHANNEL + USED, encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    terminal = Terminal(capsys, folder)
    yield terminal
    with Workspace(folder / ".lingqu") as workspace:
        workspace.undeploy("churn")


def second_release(folder: Path) -> str:
    """Walk the channel with another seed and return the new release."""
    with Workspace(folder / ".lingqu") as workspace:
        declared = workspace.channel(folder / "channel.yaml")
        return workspace.run(declared.updated("train", seed=1)).release


def rows(count: int, seed: int = 50, **changes: pl.Expr) -> list[dict[str, Any]]:
    frame = people(count, seed=seed).with_columns(**changes)
    return frame.drop("churned", "person", "sex").to_dicts()


def answered_by(address: str, secret: str, count: int) -> set[str]:
    """Return the releases that answered single requests of as many sessions."""
    body = json.dumps({"rows": rows(1)}).encode()
    clients = [
        Client(address, "churn", secret, headers={"x-session": f"s{n}"}) for n in range(count)
    ]
    return {client.request("POST", "/c/churn", body)["release"] for client in clients}


def until_answered_by(address: str, secret: str, wanted: set[str], count: int = 1) -> None:
    """Servers follow a new route within a second."""
    deadline = time.monotonic() + 60
    while (seen := answered_by(address, secret, count)) != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    assert seen == wanted


def test_deploy_call_canary_drift_fallback_retrain_undeploy(lingqu: Terminal) -> None:
    first = lingqu.json("list", "releases")[0]["digest"]

    deployed = lingqu.json("deploy")
    assert lingqu.code == 0
    address, secret = deployed["outlets"][0]["address"], deployed["secrets"]["app"]
    assert lingqu.json("deploy")["secrets"] == {}
    assert lingqu.json("list", "releases")[0]["state"] == "live"

    written = json.dumps(rows(3), ensure_ascii=False)
    said = lingqu.json("call", "churn", written, "--key", secret)
    with Workspace(".lingqu") as workspace:
        alone = workspace.release(first).predict(pl.DataFrame(rows(3)))
    assert [answer["prediction"] for answer in said] == alone["prediction"].to_list()
    lingqu("call", "churn", written, "--key", secret[:-1] + "x")
    assert lingqu.code == 1 and lingqu.err.startswith("Error:")

    client = Client(address, "churn", secret)
    second = second_release(lingqu.folder)
    assert second != first
    shown = lingqu("deploy", "--release", second, "--canary", "30%")
    assert "canary" in shown and "30%" in shown and "70%" in shown
    until_answered_by(address, secret, {first, second}, count=40)
    lingqu("deploy", "--release", second, "--canary", "100%")
    until_answered_by(address, secret, {second})
    route = lingqu.json("route", "churn")
    assert route["backends"][0]["release"] == second and route["fallback"] == first

    with Workspace(".lingqu") as workspace:
        logged = waited(workspace, 0)
        start = 100 - logged % 100
        client.predict(rows(start + 100, seed=70))
        waited(workspace, logged + start + 100)
    quiet = lingqu.json("watch")
    assert quiet[-1]["actions"] == [] and quiet[-1]["rows"] == 100

    with Workspace(".lingqu") as workspace:
        before = waited(workspace, 0)
        odd = rows(100, seed=71, age=pl.col("age") + 40, paid=pl.col("paid") / 10)
        client.predict(odd)
        waited(workspace, before + 100)
    (window,) = lingqu.json("watch")
    assert [(a["name"], a["state"]) for a in window["actions"]] == [
        ("fallback", "done"),
        ("retrain", "requested"),
    ]
    until_answered_by(address, secret, {first})

    (carried,) = lingqu.json("respond")
    assert (carried["name"], carried["state"]) == ("retrain", "done")
    assert "whole" in lingqu("audit", "verify")
    assert "Closed 1" in lingqu("undeploy", "churn")
    lingqu("call", "churn", written, "--key", secret)
    assert {o["state"] for o in lingqu.json("status")["outlets"]} == {"closed"}


def waited(workspace: Workspace, wanted: int) -> int:
    """Wait until so many rows are logged (the log is written off the path); return how many."""
    from lingqu.outlets.sight import log

    folder = workspace.home.logs / "churn"
    deadline = time.monotonic() + 60
    count = log.read(folder).height
    while count < wanted and time.monotonic() < deadline:
        time.sleep(0.05)
        count = log.read(folder).height
    if not wanted:
        time.sleep(1.0)
        count = log.read(folder).height
    assert count >= wanted
    return count


def test_a_killed_server_is_found_and_opened_again(lingqu: Terminal) -> None:
    deployed = lingqu.json("deploy")
    outlet, secret = deployed["outlets"][0], deployed["secrets"]["app"]
    os.kill(outlet["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 60
    while lingqu("doctor") and lingqu.code == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert lingqu.code == 1
    assert "lingqu deploy churn" in lingqu.out

    again = lingqu.json("deploy", "churn")
    assert lingqu.code == 0
    (opened,) = [o for o in again["outlets"] if o["state"] == "open"]
    assert opened["pid"] != outlet["pid"]
    assert len(Client(opened["address"], "churn", secret).predict(rows(2))) == 2
    lingqu("doctor")
    assert lingqu.code == 0
    assert lingqu.json("audit", "verify")["ok"] is True


def test_a_blocked_channel_stops_and_says_so(lingqu: Terminal) -> None:
    deployed = lingqu.json("deploy")
    secret = deployed["secrets"]["app"]
    client = Client(deployed["outlets"][0]["address"], "churn", secret)
    assert len(client.predict(rows(1))) == 1
    assert "block: done" in lingqu("act", "churn", "block")
    written = json.dumps(rows(1))
    deadline = time.monotonic() + 60
    while lingqu("call", "churn", written, "--key", secret) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert lingqu.code == 1
    assert "stopped" in lingqu.err
    lingqu("deploy", "churn")
    assert lingqu.code == 1 and "blocked" in lingqu.err


def test_a_disabled_key_is_refused_at_once(lingqu: Terminal) -> None:
    deployed = lingqu.json("deploy")
    secret = deployed["secrets"]["app"]
    written = json.dumps(rows(1))
    lingqu("call", "churn", written, "--key", secret)
    assert lingqu.code == 0
    lingqu("keys", "disable", "app")
    deadline = time.monotonic() + 60
    while lingqu("call", "churn", written, "--key", secret) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert lingqu.code == 1
