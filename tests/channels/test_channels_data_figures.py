"""The data document through a whole process: the gate asks it, the watch of a server is set
beside it, and a rule on it acts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from tests.cli.terminal import Terminal
from tests.walked import CHANNEL, people, write_channel

from lingqu.outlets.calling.client import Client
from lingqu.outlets.sight import log
from lingqu.workspace import Workspace

pytestmark = pytest.mark.slow
GOVERN = "govern: [{contract: [{range: {column: age, min: 18, max: 90}}]}, dedupe, impute]\n"
ASKED = """\
release:
  require:
    - data.completeness >= 0.95
    - data.uniqueness >= 0.95
    - data.broken_rules == 0
    - data.overlap == 0
outlets: [server]
monitor: {window: 100}
respond:
  - {when: "data.validity < 0.98", do: notify}
  - {when: "data.broken_rules > 0", do: notify}
access: {keys: [app], quota: 100000/min}
"""


@pytest.fixture
def lingqu(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Terminal]:
    folder = tmp_path / "here"
    text = CHANNEL.replace("train:", f"{GOVERN}train:") + ASKED
    half = pl.when(pl.int_range(160) % 2 == 0).then(None).otherwise("paid").alias("paid")
    write_channel(folder, text, people().with_columns(half))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "200")
    yield Terminal(capsys, folder)
    with Workspace(folder / ".lingqu") as workspace:
        workspace.undeploy("churn")


def send(address: str, secret: str, frame: pl.DataFrame) -> None:
    """Send rows and wait until the log has them: it is written off the path."""
    with Workspace(".lingqu") as workspace:
        folder = workspace.home.logs / "churn"
    wanted = log.read(folder).height + frame.height
    rows = frame.drop("churned", "person", "sex").to_dicts()
    Client(address, "churn", secret).predict(rows)
    deadline = time.monotonic() + 60
    while log.read(folder).height < wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    assert log.read(folder).height == wanted


def test_gate_watch_and_response_read_one_document(lingqu: Terminal) -> None:
    refused = lingqu("run")
    assert lingqu.code == 1
    assert "FAIL  data.completeness >= 0.95   (data.completeness = 0.9" in refused
    assert "pass  data.broken_rules == 0   (data.broken_rules = 0)" in refused

    people().write_csv("people.csv")
    assert "FAIL" not in lingqu("run") and lingqu.code == 0
    document = lingqu.json("data", "report", "churn")
    told = {m["measure"]: m["value"] for m in document["measures"] if m["check"] == "data"}
    assert told["data.completeness"] == 1.0 and told["data.label_errors"] is None

    deployed = lingqu.json("deploy")
    address, secret = deployed["outlets"][0]["address"], deployed["secrets"]["app"]
    send(address, secret, people(100, seed=50))
    (quiet,) = lingqu.json("watch")
    assert quiet["actions"] == []
    strange = pl.when(pl.int_range(100) < 30).then(pl.lit("Oslo")).otherwise("city")
    send(address, secret, people(100, seed=51).with_columns(strange.alias("city")))
    (odd,) = lingqu.json("watch")
    seen = {f["measure"]: f["value"] for f in odd["findings"] if not f["argument"]}
    drops = {f["argument"]: f["value"] for f in odd["findings"] if f["measure"] == "data.drop"}
    assert seen["data.validity"] == pytest.approx(0.7) and seen["data.broken_rules"] == 0
    assert drops["validity"] == pytest.approx(0.3)
    assert drops["completeness"] == document["served"]["completeness"]["value"] - 1.0
    assert [(a["name"], a["rule"]) for a in odd["actions"]] == [("notify", "data.validity < 0.98")]
