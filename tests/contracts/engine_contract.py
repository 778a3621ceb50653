"""What every engine must keep. An adapter passes this class unchanged, with an `engine` fixture.

The fixture makes an engine from `Resources` and closes it after the test:
``engine(Resources(workers=2)) -> Engine``.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lingqu.core.errors import DataError, LingquError
from lingqu.core.i18n import each
from lingqu.core.ports import Engine, Job, Resources

Make = Callable[[Resources], Engine]
Report = Callable[[Any], None]
HERE = "tests.contracts.engine_contract"


def square(payload: int, progress: Report) -> int:
    return payload * payload


def misbehave(payload: str, progress: Report) -> str:
    """Do what the payload says; a word without a meaning is returned."""
    if payload == "raise":
        raise ValueError("first line\nsecond line")
    if payload == "refuse":
        raise DataError("core.bad_unit", value="5 mins", expected="s, min, h, d")
    if payload == "exit":
        print("I leave", file=sys.stderr, flush=True)
        os._exit(7)
    if payload == "leave":
        sys.exit("I leave politely")
    if payload == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if payload == "hang":
        time.sleep(600)
    if payload == "hog":
        hoard = [bytearray(os.urandom(1) * 2**20 * 16) for _ in range(64)]
        time.sleep(600)
        return str(len(hoard))
    if payload == "secret":
        return lambda: None  # type: ignore[return-value]
    if payload == "slow":
        time.sleep(0.3)
    return payload


def count(payload: int, progress: Report) -> int:
    for step in range(payload):
        progress({"step": step})
    return payload


def grow(payload: bytes, progress: Report) -> bytes:
    progress({"big": payload})
    return payload + b"!"


def has_module(payload: str, progress: Report) -> tuple[bool, int]:
    time.sleep(0.05)
    return payload in sys.modules, os.getpid()


def burn(payload: float, progress: Report) -> int:
    end = time.process_time() + payload
    block = bytearray(os.urandom(1) * 2**20 * 80)
    while time.process_time() < end:
        pass
    return len(block)


def threads(payload: None, progress: Report) -> str:
    return os.environ["OMP_NUM_THREADS"]


class EngineContract:
    """Results, isolation, limits, cancelling, transport, progress and tags."""

    @pytest.fixture
    def engine(self) -> Iterator[Make]:
        raise NotImplementedError

    def test_results_carry_the_index_of_their_job(self, engine: Make) -> None:
        jobs = [Job(number) for number in range(50)]
        outcomes = list(engine(Resources(workers=2)).map(f"{HERE}:square", jobs))
        assert sorted((o.index, o.value) for o in outcomes) == [(n, n * n) for n in range(50)]
        assert {o.state for o in outcomes} == {"done"}
        assert all(o.reason == "" and o.peak_mb > 1 for o in outcomes)

    def test_outcomes_come_in_the_order_of_completion(self, engine: Make) -> None:
        made = engine(Resources(workers=2))
        list(made.map(f"{HERE}:misbehave", [Job("warm"), Job("warm")]))
        outcomes = list(made.map(f"{HERE}:misbehave", [Job("slow"), Job("fast")]))
        assert [o.value for o in outcomes] in (["fast", "slow"], ["slow", "fast"])
        assert {o.index: o.value for o in outcomes} == {0: "slow", 1: "fast"}

    def test_an_exception_is_one_line_and_hurts_nobody_else(self, engine: Make) -> None:
        jobs = [Job("raise"), Job("fine"), Job("refuse"), Job("leave"), Job("secret")]
        outcomes = list(engine(Resources(workers=1)).map(f"{HERE}:misbehave", jobs))
        assert [o.state for o in outcomes] == ["failed", "done", "failed", "failed", "failed"]
        assert outcomes[0].reason == "ValueError: first line second line"
        expected = str(DataError("core.bad_unit", value="5 mins", expected="s, min, h, d"))
        assert str(outcomes[2].reason) == expected
        said = each(outcomes[2].reason)
        assert "Expected" in said["en"] and "应为" in said["zh"]
        assert outcomes[3].reason == "SystemExit: I leave politely"
        assert all("\n" not in str(o.reason) for o in outcomes)

    def test_a_task_that_does_not_exist_fails(self, engine: Make) -> None:
        made = engine(Resources())
        (outcome,) = made.map("lingqu.nowhere:nothing", [Job(1)])
        assert outcome.state == "failed" and "lingqu.nowhere" in str(outcome.reason)

    def test_a_payload_that_cannot_travel_fails(self, engine: Make) -> None:
        outcomes = list(engine(Resources()).map(f"{HERE}:square", [Job(lambda: 1), Job(3)]))
        assert [(o.index, o.state) for o in outcomes] == [(0, "failed"), (1, "done")]

    @pytest.mark.parametrize(("how", "word"), [("exit", "7"), ("kill", "SIGKILL")])
    def test_a_dead_process_is_a_crash_and_is_replaced(
        self, engine: Make, how: str, word: str
    ) -> None:
        jobs = [Job(how), Job("fine"), Job("also fine")]
        outcomes = list(engine(Resources(workers=1)).map(f"{HERE}:misbehave", jobs))
        assert [o.state for o in outcomes] == ["crash", "done", "done"]
        assert word in str(outcomes[0].reason)
        assert how != "exit" or "I leave" in str(outcomes[0].reason)

    def test_a_job_that_hangs_is_stopped_in_time(self, engine: Make) -> None:
        made = engine(Resources(workers=1))
        list(made.map(f"{HERE}:square", [Job(1)]))
        jobs = [Job("hang", timeout_s=0.4), Job("fine")]
        outcomes = list(made.map(f"{HERE}:misbehave", jobs))
        assert [o.state for o in outcomes] == ["timeout", "done"]
        assert 0.3 <= outcomes[0].seconds < 60

    def test_a_limit_is_kept_by_a_job_that_only_waits(self, engine: Make) -> None:
        jobs = [Job("late", timeout_s=-1.0), Job("fine")]
        outcomes = {o.index: o for o in engine(Resources()).map(f"{HERE}:misbehave", jobs)}
        assert outcomes[0].state == "timeout" and outcomes[0].value is None and outcomes[0].reason
        assert outcomes[1].value == "fine"

    def test_a_job_that_eats_memory_is_stopped(self, engine: Make) -> None:
        jobs = [Job("hog", memory_mb=200, timeout_s=60), Job("fine", memory_mb=200)]
        outcomes = list(engine(Resources(workers=1)).map(f"{HERE}:misbehave", jobs))
        assert [o.state for o in outcomes] == ["memory", "done"]
        assert outcomes[0].peak_mb > 200

    def test_closing_early_ends_what_runs_and_leaves_the_engine_usable(self, engine: Make) -> None:
        made = engine(Resources(workers=2))
        stream = made.map(f"{HERE}:misbehave", [Job("hang"), Job("first"), Job("never")])
        assert next(stream).value == "first"
        stream.close()  # type: ignore[attr-defined]
        assert [o.value for o in made.map(f"{HERE}:square", [Job(4)])] == [16]

    def test_jobs_are_drawn_lazily(self, engine: Make) -> None:
        drawn: list[int] = []

        def source() -> Iterator[Job]:
            for number in range(20):
                drawn.append(number)
                yield Job(number)

        stream = engine(Resources(workers=1)).map(f"{HERE}:square", source())
        next(stream)
        assert len(drawn) <= 3
        assert len(list(stream)) == 19

    def test_a_source_that_fails_ends_the_map(self, engine: Make) -> None:
        def source() -> Iterator[Job]:
            yield Job(1)
            raise OSError("no more")

        made = engine(Resources())
        with pytest.raises(OSError, match="no more"):
            list(made.map(f"{HERE}:square", source()))
        assert [o.value for o in made.map(f"{HERE}:square", [Job(2)])] == [4]

    def test_megabytes_travel_both_ways(self, engine: Make) -> None:
        payload = os.urandom(8 * 2**20)
        seen: list[bytes] = []
        outcomes = engine(Resources(workers=2)).map(
            f"{HERE}:grow", [Job(payload)] * 3, lambda index, row: seen.append(row["big"])
        )
        assert [o.value == payload + b"!" for o in outcomes] == [True] * 3
        assert seen == [payload] * 3

    def test_progress_arrives_in_order_with_the_index(self, engine: Make) -> None:
        rows: list[tuple[int, int]] = []
        made = engine(Resources(workers=2))
        outcomes = list(
            made.map(
                f"{HERE}:count", [Job(30), Job(20)], lambda i, row: rows.append((i, row["step"]))
            )
        )
        assert {o.value for o in outcomes} == {20, 30}
        assert [step for index, step in rows if index == 0] == list(range(30))
        assert [step for index, step in rows if index == 1] == list(range(20))

    def test_a_worker_that_has_the_modules_takes_the_job(self, engine: Make) -> None:
        made = engine(Resources(workers=2, preload={"a": ("sndhdr_free",), "b": ("colorsys",)}))
        jobs = [Job("colorsys", tag="b"), Job("colorsys", tag="a"), Job("colorsys", tag="b")]
        outcomes = {o.index: o.value for o in made.map(f"{HERE}:has_module", jobs)}
        assert outcomes[0][0] is True

    def test_cpu_time_and_memory_are_measured_per_job(self, engine: Make) -> None:
        first, second = engine(Resources()).map(f"{HERE}:burn", [Job(0.2), Job(0.0)])
        assert 0.19 <= first.cpu_seconds <= 5 and second.cpu_seconds < first.cpu_seconds
        assert first.peak_mb > 80

    def test_workers_have_the_threads_they_were_given(self, engine: Make) -> None:
        (outcome,) = engine(Resources(threads=3)).map(f"{HERE}:threads", [Job(None)])
        assert outcome.value == "3"

    def test_a_closed_engine_refuses(self, engine: Make) -> None:
        made = engine(Resources())
        made.close()
        made.close()
        with pytest.raises(LingquError):
            list(made.map(f"{HERE}:square", [Job(1)]))
