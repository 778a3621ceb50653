from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.outlets.fair import MOST, QUANTUM, FairQueue

Step = tuple[str, int] | None


def test_one_key_alone_waits_in_order_and_has_every_place():
    queue: FairQueue[int] = FairQueue(5)
    assert [queue.add("a", number, 3) for number in range(7)] == [None] * 5 + [5, 6]
    assert [queue.take() for _ in range(5)] == [0, 1, 2, 3, 4]
    assert len(queue) == 0


def test_a_flood_does_not_hold_up_who_asks_little():
    queue: FairQueue[str] = FairQueue(1000)
    for number in range(900):
        queue.add("flood", f"flood {number}", 1)
    queue.add("modest", "modest", 1)
    served = [queue.take() for _ in range(QUANTUM + 2)]
    assert "modest" in served


def test_rows_are_dealt_fairly_whatever_their_requests():
    queue: FairQueue[tuple[str, int]] = FairQueue(10_000)
    sizes = {"large": 64, "small": 1, "middle": 7}
    for key, size in sizes.items():
        for _ in range(6400 // size):
            queue.add(key, (key, size), size)
    rows: Counter[str] = Counter()
    while sum(rows.values()) < 9000:
        key, size = queue.take()
        rows[key] += size
    assert max(rows.values()) - min(rows.values()) <= 2 * max(QUANTUM, 64)


def test_whoever_holds_most_gives_way():
    queue: FairQueue[str] = FairQueue(6)
    for number in range(6):
        queue.add("greedy", f"g{number}", 1)
    assert [queue.add("modest", f"m{n}", 1) for n in range(4)] == ["g5", "g4", "g3", "m3"]
    assert queue.add("third", "t0", 1) in ("g2", "m2")
    assert len(queue) == 6


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 12),
    st.lists(
        st.one_of(st.none(), st.tuples(st.sampled_from("abcd"), st.integers(0, 3 * MOST))),
        max_size=80,
    ),
)
def test_nothing_is_lost_or_served_twice(places: int, steps: list[Step]):
    queue: FairQueue[int] = FairQueue(places)
    inside: dict[int, str] = {}
    for number, step in enumerate(steps):
        if step is not None:
            inside[number] = step[0]
            gone = queue.add(step[0], number, step[1])
            if gone is not None:
                del inside[gone]
        elif inside:
            head = queue.head
            assert queue.take() == head
            del inside[head]
        assert len(queue) == len(inside) <= places
    queue.sift(lambda number: number % 2 == 0)
    left = {number for number in inside if number % 2 == 0}
    mine = [queue.take() for _ in range(len(queue))]
    assert sorted(mine) == sorted(left)
    for key in "abcd":  # within a key first come, first served
        own = [number for number in mine if inside[number] == key]
        assert own == sorted(own)
