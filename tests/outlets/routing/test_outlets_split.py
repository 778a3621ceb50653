from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from lingqu.core.errors import AccessError, OutletError
from lingqu.core.nouns import Backend, Route
from lingqu.outlets.batching import ROWS, Batcher
from lingqu.outlets.routing.route import Asked, Split


def test_a_canary_gets_its_share_exactly():
    split = Split(Route("c", (Backend("old", 0.9), Backend("new", 0.1, "canary"))))
    arms = [split.choose(Asked(number=n)).arm for n in range(1000)]
    assert abs(arms.count("canary") - 100) <= 1
    assert abs(arms[:50].count("canary") - 5) <= 1


def test_a_session_stays_with_its_release():
    split = Split(Route("c", (Backend("old", 0.7), Backend("new", 0.3, "canary"))))
    chosen = {i: split.choose(Asked(b"session-%d" % i)).release for i in range(2000)}
    again = {i: split.choose(Asked(b"session-%d" % i, number=9)).release for i in chosen}
    assert again == chosen
    assert 0.25 < sum(r == "new" for r in chosen.values()) / 2000 < 0.35


def test_shadows_do_not_answer_and_a_stopped_channel_says_so():
    split = Split(Route("c", (Backend("a", 1.0), Backend("b", 0.5, "shadow"))))
    assert split.releases == ("a",)
    with pytest.raises(OutletError) as caught:
        Split(Route("c", ())).choose(Asked())
    assert caught.value.key == "outlets.stopped"


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


def together(batcher: Batcher, items: list[Item]) -> list[Any]:
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
