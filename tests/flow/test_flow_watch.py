"""The monitor loop on a log as a server writes it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
from tests.walked import CHANNEL, channel, people

from lingqu.core.spec import Channel
from lingqu.outlets.sight.segments import Segments
from lingqu.release.profile import signals
from lingqu.workspace import Workspace

RULES = [
    {"when": "drift.alarm > 0", "do": "fallback"},
    {"when": "drift.alarm > 0", "do": "retrain"},
]


def watched(**more: Any) -> Channel:
    """Return the channel with a small window and rules."""
    return channel(monitor={"window": 100}, **more)


def log(workspace: Workspace, frame: pl.DataFrame, release: str = "") -> None:
    """Append answered rows to the log, as the server of the channel does."""
    served = workspace.release(release or "churn")
    answers = served.predict(frame)
    seen = signals(frame.select([c.name for c in served.schema.inputs]), served.schema)
    rows = pl.DataFrame(
        {
            "prediction_id": [f"p{n}" for n in range(frame.height)],
            "at": pl.Series(["2026-11-21T08:00:00"] * frame.height).str.to_datetime(time_unit="us"),
            "release": [served.digest] * frame.height,
            "arm": ["champion"] * frame.height,
            "key": ["app"] * frame.height,
            "status": [200] * frame.height,
            "latency_ms": [1.5] * frame.height,
            "prediction": answers["prediction"].cast(pl.String),
            "confidence": answers["confidence"].cast(pl.Float64),
        }
    )
    named = seen.select(pl.all().name.prefix("x."))
    segments = Segments(workspace.home.logs / "churn")
    segments.append(pl.concat([rows, named], how="horizontal"))
    segments.close()


def usual(rows: int, seed: int = 50) -> pl.DataFrame:
    return people(rows, seed=seed)


def drifted(rows: int, seed: int = 60) -> pl.DataFrame:
    """The same people, thirty years older and all paying little."""
    return people(rows, seed=seed).with_columns(age=pl.col("age") + 40, paid=pl.col("paid") / 10)


class TestWindows:
    def test_full_windows_are_closed_once_and_the_rest_waits(self, workspace: Workspace) -> None:
        log(workspace, usual(250))
        windows = workspace.watch(watched())
        assert [(w.id, w.rows) for w in windows] == [("churn/0-100", 100), ("churn/100-200", 100)]
        assert workspace.watch(watched()) == []
        log(workspace, usual(60, seed=51))
        (third,) = workspace.watch(watched())
        assert (third.id, third.rows) == ("churn/200-300", 100)

    def test_an_unfinished_window_is_looked_at_if_asked(self, workspace: Workspace) -> None:
        log(workspace, usual(130))
        assert [w.rows for w in workspace.watch(watched(), partial=True)] == [100, 30]
        assert workspace.watch(watched(), partial=True) == []

    def test_without_a_log_nothing_has_closed(self, workspace: Workspace) -> None:
        assert workspace.watch(watched(), partial=True) == []

    def test_findings_are_kept_under_the_window(self, workspace: Workspace) -> None:
        log(workspace, usual(100))
        (window,) = workspace.watch(watched())
        kept = workspace.home.ledger.findings.list(run_id=window.id)
        assert [f.subject for f in kept] == [f.subject for f in window.findings]
        assert {"drift.psi", "latency.p99_ms"} <= {f.measure for f in kept}
        assert workspace.events("watch.window")[-1].detail["last"] == 100

    def test_the_place_is_found_after_very_many_windows(self, workspace: Workspace) -> None:
        ledger, at = workspace.home.ledger, workspace.home.clock()
        log(workspace, usual(100))
        with ledger.transaction():
            for number in range(1001):
                ledger.events.append("watch.window", "churn", {"last": number // 100}, at)
        (window,) = workspace.watch(watched(), partial=True)
        assert window.id == "churn/10-100"


class TestRules:
    def test_usual_traffic_fires_nothing(self, workspace: Workspace) -> None:
        log(workspace, usual(200))
        for window in workspace.watch(watched(respond=RULES)):
            assert window.actions == ()
        assert workspace.actions() == []

    def test_drift_fires_the_rules_and_asks_for_one_retrain(self, workspace: Workspace) -> None:
        log(workspace, drifted(200))
        first, second = workspace.watch(watched(respond=RULES))
        assert any(f.subject == "drift.alarm" and f.value == 1 for f in first.findings)
        assert [(a.name, a.state) for a in first.actions] == [
            ("fallback", "failed"),
            ("retrain", "requested"),
        ]
        assert "lingqu deploy churn" in first.actions[0].detail["why"]
        assert second.actions[1].id == first.actions[1].id
        assert len(workspace.actions("churn", "requested")) == 1
        assert workspace.events("watch.window")[-1].detail["alarms"]
        assert workspace.audit().ok

    def test_the_request_is_carried_out_once(self, workspace: Workspace) -> None:
        log(workspace, drifted(100))
        declared = watched(respond=RULES[1:])
        workspace.watch(declared)
        (done,) = workspace.respond(declared, people())
        assert (done.name, done.state) == ("retrain", "done")
        run = workspace.show(done.detail["run"])
        assert run.state == "done" and run.release == done.detail["release"]
        assert workspace.respond(declared, people()) == []
        assert workspace.events("action.done")[-1].detail["run"] == run.id

    def test_a_request_that_fails_says_why(self, workspace: Workspace) -> None:
        log(workspace, drifted(100))
        declared = watched(respond=RULES[1:])
        workspace.watch(declared)
        (failed,) = workspace.respond(declared, people().drop("churned"))
        assert failed.state == "failed" and "churned" in failed.detail["why"]
        assert workspace.actions("churn", "requested") == []


def test_a_watch_that_was_killed_takes_up_the_window_it_was_in(
    folder: Path, workspace: Workspace
) -> None:
    """Kill −9 while an action is carried out: the rule must not be forgotten."""
    log(workspace, drifted(100))
    with socket.create_server(("127.0.0.1", 0)) as hook:
        url = f"http://127.0.0.1:{hook.getsockname()[1]}/"
        rule = f"respond: [{{when: drift.alarm > 0, do: {{notify: '{url}'}}}}]\n"
        text = f"{CHANNEL}monitor: {{window: 100}}\n{rule}"
        (folder / "channel.yaml").write_text(text, encoding="utf-8")
        script = Path(sys.executable).with_name("lingqu")
        child = subprocess.Popen([script, "watch"], cwd=folder, stdout=subprocess.DEVNULL)
        hook.settimeout(60)
        heard, _ = hook.accept()
        with heard:
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
    assert workspace.actions() == []
    (window,) = workspace.watch(folder / "channel.yaml")
    assert window.id == "churn/0-100"
    assert [a.name for a in window.actions] == ["notify"]
    assert workspace.audit().ok
