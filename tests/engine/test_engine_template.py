"""Workers are forks of one process; what is heavy lies in one of them, as long as it must."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.contracts.engine_contract import HERE, EngineContract, Make

from lingqu.core.ports import Job, Resources
from lingqu.engine.local import GROWN_MB, LocalEngine
from lingqu.engine.ready import wait_until_ready
from lingqu.engine.template import FORKS, Template
from lingqu.flow.workers import engine_of

OWN = "tests.engine.test_engine_template"
Module = Callable[[str, float], Path]
KEPT: list[bytes] = []


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Module:
    """Make a module that takes its time, and notes in a file who imported it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(name: str, seconds: float) -> Path:
        (tmp_path / f"{name}.py").write_text(
            "import os, pathlib, time\n"
            f"time.sleep({seconds})\n"
            f"with pathlib.Path({str(tmp_path / name)!r}).open('a') as file:\n"
            "    file.write(f'{os.getpid()}\\n')\n"
        )
        return tmp_path / name

    return make


def importers(note: Path) -> list[int]:
    return [int(line) for line in note.read_text().split()]


def hoard(payload: int, progress: Any) -> int:
    """Keep so many MB."""
    KEPT.append(os.urandom(1) * payload * 2**20)
    return os.getpid()


def has(payload: str, progress: Any) -> tuple[bool, int, int]:
    """Tell whether a module is imported here, in which process, and what lies about here."""
    return payload in sys.modules, os.getpid(), len(KEPT)


def nap(payload: tuple[float, int], progress: Any) -> bool:
    """Work long where a process is, a moment elsewhere; tell whether that process lives yet."""
    seconds, pid = payload
    time.sleep(10 * seconds if os.getpid() == pid else seconds)
    return bool(psutil.pid_exists(pid))


class TestEngineWithoutForks(EngineContract):
    """Where a system cannot fork safely, each worker starts and imports by itself."""

    @pytest.fixture
    def engine(self) -> Iterator[Make]:
        made: list[LocalEngine] = []

        def make(resources: Resources) -> LocalEngine:
            made.append(LocalEngine(resources, forks=False))
            return made[-1]

        yield make
        for one in made:
            one.close()

    def test_it_has_no_template(self, engine: Make) -> None:
        assert not engine(Resources())._templates  # type: ignore[attr-defined]


@pytest.mark.parametrize("forks", [True, False])
def test_what_workers_share_is_imported_once(forks: bool, module: Module) -> None:
    note = module("shared_by_all", 0.1)
    with LocalEngine(Resources(2, {"x": ("shared_by_all",)}), forks=forks and FORKS) as engine:
        wait_until_ready(engine, ["x"])
        list(engine.map(f"{HERE}:misbehave", [Job("kill", "x"), Job("slow", "x")]))
        jobs = [Job("shared_by_all", "x")] * 4
        outcomes = list(engine.map(f"{OWN}:has", jobs))
        template = {t._process.pid for t in engine._templates}
    assert all(outcome.value[0] for outcome in outcomes)
    assert set(importers(note)) == template if template else len(importers(note)) >= 2
    assert len(importers(note)) == 1 or not template


def test_a_worker_that_needs_little_does_not_wait_for_what_others_need(module: Module) -> None:
    module("slow_to_come", 1.0)
    resources = Resources(2, {"light": (), "slow": ("slow_to_come",)})
    with LocalEngine(resources) as engine:
        jobs = [Job("slow_to_come", "slow"), Job("slow_to_come", "light")]
        outcomes = list(engine.map(f"{OWN}:has", jobs))
    assert [(o.index, o.value[0]) for o in outcomes] == [(1, False), (0, True)]


def test_a_worker_that_has_grown_makes_way_for_a_new_one() -> None:
    for forks, renewed in ((FORKS, FORKS), (False, False)):
        with LocalEngine(Resources(), forks=forks) as engine:
            few, many = 1, int(GROWN_MB) + 20
            small, big = [o.value for o in engine.map(f"{OWN}:hoard", [Job(few), Job(many)])]
            (after,) = engine.map(f"{OWN}:has", [Job("os")])
        assert small == big
        assert after.value[1:] == ((after.value[1], 0) if renewed else (big, 2))
        assert (after.value[1] != big) is renewed


@pytest.mark.parametrize("forks", [True, False])
def test_a_late_kind_lies_in_one_worker_while_the_other_has_work(
    forks: bool, module: Module
) -> None:
    note = module("bulky", 0.3)
    preload = {"bulky": ("bulky",), "plain": ("colorsys",)}
    resources = Resources(2, preload, late=frozenset({"bulky"}))
    with LocalEngine(resources, forks=forks and FORKS) as engine:
        tags = ["plain", "bulky", "plain", "plain", "plain", "plain"] * 4
        outcomes = list(engine.map(f"{HERE}:has_module", [Job("bulky", tag) for tag in tags]))
    bulky = {o.value for o in outcomes if tags[o.index] == "bulky"}
    assert len(outcomes) == len(tags) and {o.state for o in outcomes} == {"done"}
    assert {has_it for has_it, _ in bulky} == {True} and len({pid for _, pid in bulky}) == 1
    assert importers(note) == [pid for _, pid in bulky]
    assert len({o.value[1] for o in outcomes}) > 1  # the other one worked, too


def test_a_job_of_a_late_kind_has_its_turn_however_many_others_there_are(module: Module) -> None:
    module("ungainly", 0.2)
    preload = {"ungainly": ("ungainly",), "plain": ()}
    resources = Resources(2, preload, late=frozenset({"ungainly"}))
    came: list[int] = []

    def jobs() -> Iterator[Job]:
        yield from (Job("plain", "plain"), Job("ungainly", "ungainly"))
        while not came and len(drawn) < 2000:
            drawn.append(1)
            yield Job("plain", "plain")

    drawn: list[int] = []
    with LocalEngine(resources) as engine:
        for outcome in engine.map(f"{HERE}:misbehave", jobs()):
            if outcome.index == 1:
                came.append(outcome.value == "ungainly")
    assert came == [True] and len(drawn) < 2000


def test_a_worker_of_a_late_kind_becomes_an_ordinary_one_again(module: Module) -> None:
    module("passing", 0.1)
    preload = {"passing": ("passing",), "plain": ()}
    resources = Resources(1, preload, late=frozenset({"passing"}))
    with LocalEngine(resources) as engine:
        jobs = [Job("passing", "passing"), *[Job("passing", "plain")] * 40]
        found = [o.value[0] for o in engine.map(f"{HERE}:has_module", jobs)]
    # It waits a while for another such job, does what comes meanwhile, and then makes way.
    assert found[:2] == [True, True] and found[-1] is not FORKS
    assert found == sorted(found, reverse=True)


def test_a_worker_of_a_late_kind_makes_way_when_other_jobs_made_it_grow(module: Module) -> None:
    module("cumbersome", 2.0)  # so long would it wait for a further job of its kind
    preload = {"cumbersome": ("cumbersome",), "plain": ()}
    resources = Resources(1, preload, late=frozenset({"cumbersome"}))
    many = int(GROWN_MB) + 20
    with LocalEngine(resources) as engine:
        own, again, plain, last = [
            o.value
            for tag in ("cumbersome", "cumbersome", "plain", "plain")
            for o in engine.map(f"{OWN}:hoard", [Job(many, tag)])
        ]
    assert own == again == plain
    assert (last != plain) is FORKS


def test_a_late_kind_makes_way_for_a_large_job(module: Module) -> None:
    note = module("weighty", 2.0)  # so long would it wait for a further job of its kind
    preload = {"weighty": ("weighty",), "plain": ()}
    resources = Resources(2, preload, late=frozenset({"weighty"}))

    def ask(large: bool, tag: str = "plain") -> bool:
        (outcome,) = engine.map(f"{HERE}:has_module", [Job("weighty", tag, large=large)])
        return bool(outcome.value[0])

    def kinds() -> list[str]:
        return sorted(worker.tag for worker in engine._workers)

    with LocalEngine(resources) as engine:
        assert ask(False, "weighty")
        ask(False)
        assert kinds() == ["plain", "weighty"]
        assert not ask(True)
        assert kinds() == ["plain", "plain" if FORKS else "weighty"]
        ask(True, "weighty")  # of its own kind it may be as large as it likes
        assert kinds() == ["plain", "weighty"]
    assert len(importers(note)) == 1 + FORKS


def test_a_large_job_waits_until_a_worker_of_a_late_kind_has_ended_another(module: Module) -> None:
    module("burden", 1.0)
    preload = {"burden": ("burden",), "plain": ()}
    resources = Resources(2, preload, late=frozenset({"burden"}))
    with LocalEngine(resources) as engine:
        late, *_ = engine.map(f"{HERE}:has_module", [Job("burden", "burden")])
        # Both are at work; the plain one is free first, and leaves the large job where it is.
        jobs = [Job((0.1, late.value[1]), "plain"), Job((0.1, late.value[1]), "plain")]
        large = Job((0.5, late.value[1]), "plain", large=True)
        outcomes = list(engine.map(f"{OWN}:nap", [*jobs, large]))
    at_last = next(o.value for o in outcomes if o.index == 2)
    assert at_last is not FORKS


def test_a_late_kind_that_is_wanted_soon_starts_with_the_others(module: Module) -> None:
    module("early_bird", 0.0)
    preload = {"early": ("early_bird",), "plain": ("colorsys",)}
    late = frozenset({"early"})
    with LocalEngine(Resources(2, preload, late=late, soon=late)) as engine:
        assert sorted(worker.tag for worker in engine._workers) == ["early", "plain"]
        (outcome,) = engine.map(f"{HERE}:has_module", [Job("early_bird", "early")])
    assert outcome.value[0] is True


def test_the_work_goes_on_when_the_template_has_died(module: Module) -> None:
    module("still_there", 0.0)
    with LocalEngine(Resources(1, {"x": ("still_there",)})) as engine:
        wait_until_ready(engine, ["x"])
        for template in engine._templates:
            os.kill(template._process.pid, 9)
            template._process.wait()
        jobs = [Job("kill", "x"), Job("fine", "x")]
        outcomes = list(engine.map(f"{HERE}:misbehave", jobs))
        (after,) = engine.map(f"{OWN}:has", [Job("still_there", "x")])
    assert [o.state for o in outcomes] == ["crash", "done"] and after.value[0] is True


def test_a_worker_ends_that_nobody_waits_for_any_more(tmp_path: Path) -> None:
    heavy = ("lingqu.learn.candidate",)  # among what it brings is what would not end in a fork
    template = Template(heavy, 1, 0)
    ours, theirs = Pipe()
    ours.close()  # as when the engine was killed just after it had asked
    with theirs, (tmp_path / "log").open("w") as log:
        template.fork(heavy, theirs.fileno(), log.fileno())
    own, end = psutil.Process(template._process.pid), time.monotonic() + 20
    states: list[str] = []
    while psutil.STATUS_ZOMBIE not in states and time.monotonic() < end:
        states = [child.status() for child in own.children()]
        time.sleep(0.05)
    try:
        assert states == [psutil.STATUS_ZOMBIE]  # dead; its parent, the template, was not asked
        assert "BrokenPipeError" in (tmp_path / "log").read_text()
    finally:
        for child in own.children():
            child.kill()
        template.end()


def test_nobody_learns_how_a_strange_process_ended() -> None:
    template = Template((), 1, 0)
    try:
        assert template.exit_code(1) == 0
    finally:
        template.end()
        template.end()
    assert template.exit_code(1) == 0


@pytest.mark.slow
def test_torch_lies_in_one_worker_of_a_run_and_the_others_never_see_it() -> None:
    tags = ["sklearn", "torch", *["sklearn"] * 6] * 3
    with engine_of(2) as engine:
        wait_until_ready(engine, ["sklearn"])
        outcomes = list(engine.map(f"{HERE}:has_module", [Job("torch", tag) for tag in tags]))
    nets = {o.value for o in outcomes if tags[o.index] == "torch"}
    assert len(nets) == 1 and next(iter(nets))[0] is True
    assert {o.value for o in outcomes if o.value[0]} == nets
    assert len({o.value[1] for o in outcomes}) > 1
