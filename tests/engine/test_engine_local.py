"""The local engine keeps the contract, leaves nothing behind, and survives its own trouble."""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.contracts.engine_contract import HERE, EngineContract, Make

from lingqu.core.errors import TrainError
from lingqu.core.ports import Job, Resources
from lingqu.engine import worker
from lingqu.engine.local import LocalEngine
from lingqu.engine.ready import wait_until_ready


def gone(pid: int, within_s: float = 20) -> bool:
    """Wait until a process has ended (a zombie that another process must reap counts)."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.02)
                continue
        return True
    return False


def pids(engine: LocalEngine) -> list[int]:
    found = (each.process.pid for each in engine._workers)
    return [pid for pid in found if pid is not None]


class TestLocalEngine(EngineContract):
    @pytest.fixture
    def engine(self) -> Iterator[Make]:
        with contextlib.ExitStack() as stack:
            yield lambda resources: stack.enter_context(LocalEngine(resources))


def test_no_process_and_no_descriptor_is_left() -> None:
    def once() -> None:
        with LocalEngine(Resources(workers=2)) as engine:
            jobs = [Job("exit"), Job("hang", timeout_s=0.2), Job("fine")]
            list(engine.map(f"{HERE}:misbehave", jobs))

    once()
    me = psutil.Process()
    before = me.num_fds()
    once()
    assert me.num_fds() == before
    assert not [child for child in me.children() if "lingqu.engine.worker" in child.cmdline()]


def test_close_ends_a_job_in_the_middle() -> None:
    engine = LocalEngine(Resources(workers=1))
    stream = engine.map(f"{HERE}:misbehave", [Job("fine"), Job("hang")])
    next(stream)
    threading.Timer(0.3, engine.close).start()
    with pytest.raises(TrainError, match=str(TrainError("engine.closed"))):
        next(stream)
    assert pids(engine) == []


def test_what_a_job_started_dies_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with LocalEngine(Resources(workers=1)) as engine:
        wait_until_ready(engine, [""])
        (outcome,) = engine.map(
            "tests.engine.test_engine_local:start_child", [Job(str(note), timeout_s=1)]
        )
    assert outcome.state == "timeout"
    assert gone(int(note.read_text()))


def start_child(payload: str, progress: Any) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(payload).write_text(str(child.pid))
    time.sleep(600)


def test_workers_end_when_their_parent_is_killed() -> None:
    script = (
        "from lingqu.engine.local import LocalEngine\n"
        "from lingqu.core.ports import Job, Resources\n"
        "engine = LocalEngine(Resources(workers=2))\n"
        "list(engine.map('lingqu.engine.local:echo', [Job(1), Job(2)]))\n"
        "print(*[w.process.pid for w in engine._workers], flush=True)\n"
        "input()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None and parent.stdin is not None
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    parent.stdin.close()
    assert len(workers) == 2 and all(gone(pid) for pid in workers)


def test_the_engine_works_from_a_script_without_a_main_guard(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from lingqu.engine.local import LocalEngine\n"
        "from lingqu.core.ports import Job, Resources\n"
        "with LocalEngine(Resources(workers=2)) as engine:\n"
        "    outcomes = engine.map('lingqu.engine.local:echo', [Job(1), Job(2)])\n"
        "    print(sorted(outcome.value for outcome in outcomes))\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert done.stdout == "[1, 2]\n" and done.stderr == ""


def test_an_idle_worker_that_dies_is_replaced() -> None:
    with LocalEngine(Resources(workers=1)) as engine:
        list(engine.map(f"{HERE}:square", [Job(1)]))
        os.kill(pids(engine)[0], 9)
        assert [o.value for o in engine.map(f"{HERE}:square", [Job(5)])] == [25]


def test_a_module_that_kills_the_worker_is_left_out(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "deadly.py").write_text("import os\nos._exit(3)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with LocalEngine(Resources(workers=1, preload={"x": ("deadly",)})) as engine:
        assert [o.value for o in engine.map(f"{HERE}:square", [Job(5, tag="x")])] == [25]


def test_a_python_that_cannot_start_workers_is_said(monkeypatch: Any) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with (
        LocalEngine(Resources(workers=1)) as engine,
        pytest.raises(TrainError, match="/bin/false"),
    ):
        list(engine.map(f"{HERE}:square", [Job(5)]))
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(TrainError, match="/nowhere/python"):
        LocalEngine(Resources(workers=1))


def test_one_map_at_a_time() -> None:
    with LocalEngine(Resources(workers=1)) as engine:
        stream = engine.map(f"{HERE}:square", [Job(1), Job(2)])
        next(stream)
        with pytest.raises(RuntimeError, match="one map"):
            engine.map(f"{HERE}:square", [Job(1)])
        list(stream)


def test_a_traceback_is_in_the_debug_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "lingqu.engine.local"), LocalEngine(Resources()) as engine:
        list(engine.map(f"{HERE}:misbehave", [Job("raise")]))
    assert "Traceback" in caplog.text and "in misbehave" in caplog.text


def test_what_a_job_has_freed_is_given_back_to_the_machine() -> None:
    with LocalEngine(Resources(workers=1)) as engine:
        list(engine.map(f"{HERE}:square", [Job(1)]))
        process = psutil.Process(pids(engine)[0])
        before = process.memory_info().rss
        (outcome,) = engine.map("tests.engine.test_engine_local:litter", [Job(None)])
        assert outcome.peak_mb * 2**20 > before + 80e6
        list(engine.map(f"{HERE}:square", [Job(1)]))
        assert process.memory_info().rss < before + 40e6


def litter(payload: None, progress: Any) -> None:
    """Take 100 MB in small pieces and keep the last: what lies below it is free, but not given."""
    KEPT.append([bytes(2000) for _ in range(50_000)][-1])


KEPT: list[bytes] = []


def test_workers_can_be_nicer_than_we_are() -> None:
    with LocalEngine(Resources(), niceness=5) as engine:
        list(engine.map(f"{HERE}:square", [Job(1)]))
        assert psutil.Process(pids(engine)[0]).nice() == psutil.Process().nice() + 5


def test_jobs_wait_for_the_worker_that_still_imports_what_they_need(
    tmp_path: Path, monkeypatch: Any
) -> None:
    (tmp_path / "heavy.py").write_text("import time\ntime.sleep(1.5)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    preload = {"light": (), "heavy": ("heavy",)}
    with LocalEngine(Resources(workers=2, preload=preload)) as engine:
        jobs = [Job("heavy", tag="heavy"), Job("heavy", tag="light"), Job("heavy", tag="light")]
        outcomes = list(engine.map(f"{HERE}:has_module", jobs))
    assert [o.index for o in outcomes] == [1, 2, 0]
    assert outcomes[-1].value[0] is True


def test_a_killed_worker_is_replaced_at_once_and_nobody_waits_for_the_new_one(
    tmp_path: Path, monkeypatch: Any
) -> None:
    (tmp_path / "weighty.py").write_text("import time\ntime.sleep(1)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    preload = {"light": (), "weighty": ("weighty",)}
    with LocalEngine(Resources(workers=2, preload=preload), forks=False) as engine:
        wait_until_ready(engine, preload)
        light, weighty = pids(engine)
        # Idle for as long as the import takes, the light one imports it and helps.
        list(engine.map(f"{HERE}:misbehave", [Job("slow", tag="weighty")] * 8))
        (outcome,) = engine.map(f"{HERE}:misbehave", [Job("hang", tag="weighty", timeout_s=0.3)])
        assert outcome.state == "timeout" and len(pids(engine)) == 2
        assert light in pids(engine) and weighty not in pids(engine)
        (outcome,) = engine.map(f"{HERE}:has_module", [Job("weighty", tag="weighty")])
        assert outcome.value == (True, light)


def test_a_short_wait_for_a_busy_worker_is_better_than_an_import(
    tmp_path: Path, monkeypatch: Any
) -> None:
    (tmp_path / "hefty.py").write_text("import time\ntime.sleep(2)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    preload = {"light": (), "hefty": ("hefty",)}
    with LocalEngine(Resources(workers=2, preload=preload)) as engine:
        wait_until_ready(engine, preload)
        list(engine.map(f"{HERE}:misbehave", [Job("light"), Job("slow", tag="hefty")]))
        jobs = [Job("hefty", tag="hefty") for _ in range(6)]
        outcomes = list(engine.map(f"{HERE}:has_module", jobs))
        assert {outcome.value for outcome in outcomes} == {(True, pids(engine)[1])}
        # Nor does an import begin that would leave the job no time.
        late = [Job("slow", tag="hefty", timeout_s=3.5)] * 11
        list(engine.map(f"{HERE}:misbehave", late))
        assert engine._workers[0].known == set()


def test_a_worker_imports_what_the_jobs_of_another_tag_need_before_their_time_counts(
    tmp_path: Path, monkeypatch: Any
) -> None:
    (tmp_path / "ponderous.py").write_text("import time\ntime.sleep(1)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    preload = {"light": (), "ponderous": ("ponderous",)}
    with LocalEngine(Resources(workers=1, preload=preload)) as engine:
        (outcome,) = engine.map(f"{HERE}:has_module", [Job("ponderous", tag="ponderous")])
    assert outcome.value[0] is True and outcome.seconds < 1


def test_the_worker_serves_until_the_connection_ends() -> None:
    ours, theirs = Pipe()
    lost = threading.Event()
    modules = ["colorsys", "no_such_module_here"]
    thread = threading.Thread(target=worker.serve, args=(theirs, modules, lost.set))
    thread.start()
    assert [pickle.loads(ours.recv_bytes())[0] for _ in range(2)] == ["born", "ready"]
    ours.send_bytes(pickle.dumps((["this_one_neither"], f"{HERE}:count", 2)))
    kinds = [pickle.loads(ours.recv_bytes()) for _ in range(4)]
    assert [kind for kind, _ in kinds] == ["begin", "row", "row", "end"]
    state, value, trace, imported, seconds, cpu, peak = pickle.loads(kinds[-1][1])
    assert (state, pickle.loads(value), trace) == ("done", 2, "")
    assert list(imported) == ["this_one_neither"]
    assert seconds >= 0 and cpu >= 0 and peak > 1
    ours.close()
    thread.join(10)
    assert lost.wait(10)
    theirs.close()


def test_a_reason_is_never_long() -> None:
    assert len(str(worker.one_line(ValueError("x" * 10_000)))) == worker.LONGEST_REASON
