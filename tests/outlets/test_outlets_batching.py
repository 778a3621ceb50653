from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lingqu.core.errors import AccessError
from lingqu.outlets.batching import ROWS, Batcher
from lingqu.outlets.served import Served


@dataclass
class Item:
    value: int
    height: int = 1


class Runs:
    """Doubles values, remembers batches and threads; a negative value is an error."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.threads: set[int] = set()
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, items: Any) -> list[int]:
        self.gate.wait(5)
        self.sizes.append(len(items))
        self.threads.add(threading.get_ident())
        if any(item.value < 0 for item in items):
            raise ValueError("negative")
        return [item.value * 2 for item in items]


def together(batcher: Batcher, items: list[Any]) -> list[Any]:
    async def work() -> list[Any]:
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in items]
        for item, future in zip(items, futures, strict=True):
            batcher.submit(item, future.set_result)
        return list(await asyncio.gather(*futures))

    return asyncio.run(work())


def test_what_comes_together_is_run_together_in_the_loop():
    runs = Runs()
    batcher = Batcher(runs, ThreadPoolExecutor(1))
    assert together(batcher, [Item(n) for n in range(10)]) == [n * 2 for n in range(10)]
    assert runs.sizes == [10]
    assert runs.threads == {threading.get_ident()}
    assert together(batcher, [Item(n, height=ROWS // 2 + 1) for n in range(3)]) == [0, 2, 4]
    assert runs.sizes[1:] == [1, 1, 1]


@pytest.mark.parametrize("cost", [{"cost_s": 0.01}, {"row_s": 0.01}])
def test_slow_runs_leave_the_loop(cost: dict[str, float]):
    runs = Runs()
    with ThreadPoolExecutor(1) as threads:
        batcher = Batcher(runs, threads, **cost)
        assert together(batcher, [Item(1), Item(2)]) == [2, 4]
        assert runs.threads.isdisjoint({threading.get_ident()})


def test_one_bad_item_does_not_spoil_the_batch():
    answers = together(Batcher(Runs(), ThreadPoolExecutor(1)), [Item(1), Item(-1), Item(3)])
    assert answers[0] == 2
    assert isinstance(answers[1], ValueError)
    assert answers[2] == 6


def test_a_full_queue_refuses_and_late_items_are_dropped():
    runs = Runs()
    runs.gate.clear()

    async def work(threads: ThreadPoolExecutor) -> list[Any]:
        batcher = Batcher(runs, threads, queue=2, deadline_s=0.05, cost_s=1.0)
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in range(3)]
        batcher.submit(Item(1), futures[0].set_result)
        await asyncio.sleep(0.01)  # it runs now, and is held there
        batcher.submit(Item(2), futures[1].set_result)
        batcher.submit(Item(3), futures[2].set_result)
        assert batcher.waiting == 2
        with pytest.raises(AccessError) as caught:
            batcher.submit(Item(4), futures[2].set_result)
        assert caught.value.status == 429
        await asyncio.sleep(0.1)
        runs.gate.set()
        return list(await asyncio.gather(*futures))

    with ThreadPoolExecutor(1) as threads:
        answers = asyncio.run(work(threads))
    assert answers[0] == 2
    assert [error.key for error in answers[1:]] == ["outlets.too_late"] * 2
    assert runs.sizes == [1]


class Meets:
    """Ends a run only when `size` of them go on at once; remembers what each was given."""

    def __init__(self, size: int) -> None:
        self.barrier = threading.Barrier(size)
        self.batches: list[list[int]] = []

    def __call__(self, items: Any) -> list[int]:
        self.barrier.wait(5)
        self.batches.append([item.value for item in items])
        return [item.value for item in items]


def test_what_waits_is_dealt_out_among_the_lanes():
    runs = Meets(2)
    with ThreadPoolExecutor(2) as threads:
        batcher = Batcher(runs, threads, cost_s=0.001, row_s=0.001, lanes=2)
        assert together(batcher, [Item(n) for n in range(9)]) == list(range(9))
    assert sorted(runs.batches) == [[0, 1, 2, 3, 4], [5, 6, 7, 8]]


def test_one_lane_runs_one_batch_at_a_time():
    runs = Runs()
    with ThreadPoolExecutor(2) as threads:
        batcher = Batcher(runs, threads, cost_s=0.001)
        assert together(batcher, [Item(n) for n in range(9)]) == [n * 2 for n in range(9)]
    assert runs.sizes == [9]


def test_under_load_a_lane_waits_for_callers_who_have_just_been_answered():
    held, sizes = threading.Event(), []

    def run(items: Any) -> list[int]:
        if items[0].value < 0:
            held.wait(5)
        else:
            sizes.append(len(items))
        return [item.value for item in items]

    async def work(threads: ThreadPoolExecutor) -> None:
        # It would wait for fifteen seconds: what is asked for comes long before that.
        batcher = Batcher(run, threads, cost_s=0.001, row_s=0.015, lanes=2, linger=1000.0)
        loop = asyncio.get_running_loop()

        def ask(value: int) -> asyncio.Future[int]:
            future = loop.create_future()
            batcher.submit(Item(value), future.set_result)
            return future

        slow = ask(-1)
        await asyncio.sleep(0)
        await asyncio.gather(*(ask(n) for n in range(3)))
        again = [ask(0), ask(1)]
        for _ in range(5):
            await asyncio.sleep(0.001)
        assert sizes == [3]  # two of the three callers are back
        await asyncio.gather(*again, ask(2))
        assert sizes == [3, 3]
        held.set()
        await slow
        assert await ask(7) == 7  # nothing else runs: nobody is waited for
        assert sizes == [3, 3, 1]

    with ThreadPoolExecutor(2) as threads:
        asyncio.run(work(threads))


def test_a_lane_waits_no_longer_than_a_part_of_a_row():
    held = threading.Event()

    def run(items: Any) -> list[int]:
        if items[0].value < 0:
            held.wait(5)
        return [item.value for item in items]

    async def work(threads: ThreadPoolExecutor) -> None:
        batcher = Batcher(run, threads, cost_s=0.001, row_s=0.001, lanes=2)
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in range(4)]
        for value, future in zip((-1, 1, 2, 3), futures, strict=True):
            batcher.submit(Item(value), future.set_result)
            await asyncio.sleep(0)
        await asyncio.gather(*futures[1:])
        late = loop.create_future()
        batcher.submit(Item(4), late.set_result)
        assert await late == 4  # its neighbours never came back, and the other lane is held
        held.set()
        await futures[0]

    with ThreadPoolExecutor(2) as threads:
        asyncio.run(work(threads))


def test_two_lanes_answer_as_one_does(releases: dict[str, Path]):
    with ThreadPoolExecutor(2) as threads:
        served = Served.open(releases["digits"], threads, lanes=2)
        rows = [row["input"] for row in served.release.golden["rows"]]
        parts = [served.reader.rows([row]) for row in rows * 5]
        alone = [served.run([part])[0].predictions for part in parts]
        served.batcher.cost_s = 0.001  # so that it goes to the threads
        answers = together(served.batcher, parts)
    assert [answer.predictions for answer in answers] == alone
