"""The wait before a budget begins: for each kind of worker once, and never for ever."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.contracts.engine_contract import HERE

from lingqu.core.ports import Job, Resources
from lingqu.engine.local import LocalEngine
from lingqu.engine.ready import wait_until_ready


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_afterwards_jobs_of_each_tag_find_their_modules(
    workers: int, tmp_path: Path, monkeypatch: Any
) -> None:
    for name in ("iron", "stone"):
        (tmp_path / f"{name}.py").write_text("import time\ntime.sleep(0.5)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    preload = {"iron": ("iron",), "stone": ("stone",)}
    with LocalEngine(Resources(workers=workers, preload=preload)) as engine:
        wait_until_ready(engine, preload)
        assert {name for each in engine._workers for name in each.known} == set(preload)
        jobs = [Job("iron", tag="iron"), Job("stone", tag="stone")]
        outcomes = list(engine.map(f"{HERE}:has_module", jobs))
    assert all(outcome.value[0] for outcome in outcomes)


def test_a_worker_that_cannot_import_is_no_error_here() -> None:
    preload = {"odd": ("no_such_module_here",)}
    with LocalEngine(Resources(preload=preload)) as engine:
        wait_until_ready(engine, preload)
        assert [o.value for o in engine.map(f"{HERE}:square", [Job(3, tag="odd")])] == [9]


def test_waiting_for_nobody_ends_at_once() -> None:
    with LocalEngine(Resources()) as engine:
        wait_until_ready(engine, [])
        assert not engine._workers[0].ready


@pytest.mark.parametrize("workers", [1, 2])
def test_when_the_time_is_over_workers_go_on_importing(
    workers: int, tmp_path: Path, monkeypatch: Any
) -> None:
    gate = tmp_path / "gate"
    (tmp_path / "quick.py").write_text("")
    (tmp_path / "gated.py").write_text(
        "import pathlib, time\n"
        f"gate = pathlib.Path({str(gate)!r})\n"
        "while not gate.exists():\n    time.sleep(0.02)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    preload = {"quick": ("quick",), "gated": ("gated",)}
    with LocalEngine(Resources(workers=workers, preload=preload)) as engine:
        wait_until_ready(engine, ["quick"])
        before = list(engine._workers)
        wait_until_ready(engine, preload, seconds=0.3)
        assert not any("gated" in worker.known for worker in engine._workers)
        assert not all(worker.ready for worker in engine._workers)
        gate.touch()
        jobs = [Job("gated", tag="gated"), Job("quick", tag="quick")]
        outcomes = list(engine.map(f"{HERE}:has_module", jobs))
        assert all(outcome.state == "done" and outcome.value[0] for outcome in outcomes)
        assert engine._workers == before


def test_no_time_is_no_wait() -> None:
    with LocalEngine(Resources(preload={"torch": ("torch",)})) as engine:
        wait_until_ready(engine, ["torch"], seconds=0.0)
        assert not engine._workers[0].ready  # torch takes longer than no time to import
