"""What a run survives: a kill, a second run beside it, another ledger, other blobs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.store.conftest import postgres_server, postgres_url, s3_server
from tests.walked import CHANNEL, people, prune_in_a_year, states, write_channel

import lingqu
from lingqu.workspace import Workspace

__all__ = ["postgres_server", "postgres_url", "s3_server"]
pytestmark = pytest.mark.slow
TWO = CHANNEL.replace("algorithm: logistic", "algorithm: [logistic, k_neighbours, lightgbm]")


def start(folder: Path, *more: str) -> subprocess.Popen[str]:
    """Start `lingqu run` as a process of its own."""
    script = Path(sys.executable).with_name("lingqu")
    return subprocess.Popen(
        [script, "run", "--json", *more],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill −9 once the first fits are kept; they are not made again."""
    folder = write_channel(tmp_path / "here", TWO, people(3000)).parent
    monkeypatch.chdir(folder)
    killed = start(folder)
    fits = folder / ".lingqu" / "blobs" / "candidates"
    deadline = time.monotonic() + 60
    while not (fits.is_dir() and len(list(fits.iterdir())) > 1) and time.monotonic() < deadline:
        assert killed.poll() is None, killed.stderr.read() if killed.stderr else ""
        time.sleep(0.01)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    kept = {path.name: path.stat().st_mtime_ns for path in fits.iterdir()}
    assert len(kept) > 1
    with lingqu.open(folder / ".lingqu") as workspace:
        (before,) = workspace.runs()
        assert states(before)["govern"] == "done" and states(before)["train"] == "running"
        assert workspace.audit().ok
        done = workspace.run("channel.yaml")
        assert done.state == "done"
        assert states(done) == {
            "data": "reused",
            "govern": "reused",
            "train": "done",
            "check": "done",
            "release": "done",
        }
        still = {path.name: path.stat().st_mtime_ns for path in fits.iterdir()}
        assert {name: still[name] for name in kept} == kept
        first = workspace.show(before.id)
        assert first.state == "failed" and states(first)["train"] == "failed"
        assert "lingqu run" in first.summary["error"]
        assert workspace.audit().ok
        assert workspace.release("churn").replay() == []


def test_two_runs_at_once_both_finish_and_the_trail_is_whole(tmp_path: Path) -> None:
    folder = write_channel(tmp_path / "here").parent
    both = [start(folder), start(folder)]
    for process in both:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, out + err
    with lingqu.open(folder / ".lingqu") as workspace:
        runs = workspace.runs()
        assert [run.state for run in runs] == ["done", "done"]
        assert len({run.release for run in runs}) == 1
        assert len(workspace.releases()) == 1
        result = workspace.audit()
        assert result.ok and result.count >= 6
        assert workspace.verify("churn") == []


def walk_and_use(workspace: Workspace, path: Path) -> None:
    """Walk a channel twice and use what comes out."""
    done = workspace.run(path)
    assert done.state == "done"
    again = workspace.run(path)
    assert set(states(again).values()) == {"reused"} and again.release == done.release
    answers = workspace.call("churn", people(5, seed=2))
    assert len(answers) == 5
    assert "churn" in workspace.report(again.id).read_text(encoding="utf-8")
    assert workspace.verify("churn") == []
    assert workspace.audit().ok
    assert prune_in_a_year(workspace).runs == 1
    assert workspace.release("churn").replay() == []
    report = workspace.erase("person", "P0001")
    assert report.rows == 1 and workspace.audit().ok


def test_postgres_keeps_the_ledger(tmp_path: Path, postgres_url: str) -> None:
    path = write_channel(tmp_path / "here")
    with lingqu.open(tmp_path / "ws", ledger=postgres_url) as workspace:
        walk_and_use(workspace, path)
        assert "postgresql" in workspace.home.ledger.where
        assert not (tmp_path / "ws" / "ledger.db").exists()


def test_s3_keeps_the_blobs(tmp_path: Path, s3_server: str) -> None:
    path = write_channel(tmp_path / "here")
    url = f"s3://lingqu/{tmp_path.name}?endpoint_url={s3_server}"
    with lingqu.open(tmp_path / "ws", blobs=url) as workspace:
        walk_and_use(workspace, path)
        assert not (tmp_path / "ws" / "blobs").exists()


def test_memory_keeps_the_blobs(tmp_path: Path) -> None:
    path = write_channel(tmp_path / "here")
    with lingqu.open(tmp_path / "ws", blobs=f"memory://{tmp_path.name}") as workspace:
        walk_and_use(workspace, path)
