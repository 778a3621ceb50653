from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from lingqu.outlets.sight.counters import MOST_KEYS, MOST_SERIES, OTHER, Counters
from lingqu.outlets.sight.tallies import Tallies
from lingqu.outlets.sight.tally import joined_buckets, merged, page, quantile, requests, since


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample of a page, as Prometheus' own client reads it."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def counted(name: str = "churn", *adds: tuple[Any, ...]) -> Counters:
    counters = Counters(name, since=100.0)
    for add in adds:
        counters.add(*add)
    return counters


def test_the_page_is_read_by_the_client_of_prometheus():
    odd = 'a"b\\c\nd'
    counters = counted(odd, ("ab", "champion", 200, 3, 0.7, "k1"), ("", "", 401, 0, 0.0))
    found = samples(counters.page(waiting=2, logged=123_456_789, dropped=0))
    whose = {("channel", odd), ("release", "ab"), ("arm", "champion")}
    assert found["lingqu_requests_total", frozenset({*whose, ("status", "200")})] == 1
    assert found["lingqu_rows_total", frozenset(whose)] == 3
    assert found["lingqu_log_written_total", frozenset({("channel", odd)})] == 123_456_789
    assert found["lingqu_key_requests_total", frozenset({("channel", odd), ("key", "k1")})] == 1
    for end, seen in (("0.5", 0), ("1.0", 1), ("+Inf", 1)):
        labels = frozenset({*whose, ("le", end)})
        assert found["lingqu_latency_milliseconds_bucket", labels] == seen
    kinds = {f.name: f.type for f in text_string_to_metric_families(counters.page())}
    assert kinds["lingqu_latency_milliseconds"] == "histogram"
    assert kinds["lingqu_requests"] == "counter"


def test_nothing_makes_the_page_grow():
    """Releases, arms and keys come and go for years; what was counted is still there."""
    counters = Counters("churn")
    for number in range(1000):
        counters.add(f"{number:012x}", "canary", 200, 1, 1.0, f"key{number:05d}")
    (state,) = merged([counters.state()])
    assert len(state["series"]) <= MOST_SERIES + 1
    assert len(state["keys"]) <= MOST_KEYS + 1
    assert sum(map(requests, state["series"])) == sum(state["keys"].values()) == 1000
    assert state["series"][0]["arm"] == OTHER
    newest = {one["release"] for one in state["series"]}
    assert f"{999:012x}" in newest
    assert len(counters.page().splitlines()) < 1000


@given(st.lists(st.floats(0.011, 50_000), min_size=1, max_size=200), st.floats(0.01, 0.99))
def test_a_quantile_is_in_the_bucket_of_the_true_one(times: list[float], share: float):
    counters = counted("c", *[("r", "champion", 200, 1, ms) for ms in times])
    (state,) = merged([counters.state()])
    found = quantile(joined_buckets(state["series"]), share)
    assert found is not None
    true = float(np.quantile(times, share, method="inverted_cdf"))
    assert true / 1.28 <= found <= true * 1.28


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([200, 422, 503]),
                          st.integers(1, 9), st.floats(0, 100)), max_size=60),
       st.integers(1, 4))  # fmt: skip
def test_counts_of_many_processes_are_those_of_one(
    calls: list[tuple[str, int, int, float]], processes: int
):
    alone = counted("c", *[(r, "champion", s, n, ms) for r, s, n, ms in calls])
    several = [counted("c") for _ in range(processes)]
    for place, (release, status, rows, ms) in enumerate(calls):
        several[place % processes].add(release, "champion", status, rows, ms)
    (one,), (sum_,) = merged([alone.state()]), merged([c.state() for c in several])
    assert sum_["processes"] == processes
    for a, b in zip(one["series"], sum_["series"], strict=True):
        assert a["ms"] == pytest.approx(b["ms"])
        assert {**a, "ms": 0} == {**b, "ms": 0}


def test_what_was_counted_between_two_looks():
    counters = counted("c", ("r", "champion", 200, 2, 1.0), ("r", "champion", 503, 1, 1.0))
    before = counters.state()
    counters.add("r", "champion", 200, 5, 8.0)
    counters.add("new", "canary", 200, 1, 1.0)
    told = since(counters.state(), before)
    assert [(s["release"], s["statuses"], s["rows"]) for s in told["series"]] == [
        ("r", {"200": 1}, 5),
        ("new", {"200": 1}, 1),
    ]
    fresh = counted("c", ("r", "champion", 200, 1, 1.0)).state()
    assert since(fresh, before)["series"][0]["rows"] == 1  # it has begun anew
    assert since(fresh, None)["series"] == fresh["series"]


def test_a_process_that_died_still_counts(tmp_path: Path):
    first, second = Tallies(tmp_path, "o1", 0), Tallies(tmp_path, "o1", 1)
    dying, other = counted("c", ("r", "champion", 200, 1, 1.0)), counted("c")
    first.write([dying.state(waiting=3)])
    second.write([other.state()])

    reborn, anew = Tallies(tmp_path, "o1", 0), counted("c", ("r", "champion", 200, 1, 1.0))
    reborn.write([anew.state(waiting=1)])
    for told in (reborn.all([anew.state(waiting=1)]), second.all([other.state()])):
        (state,) = merged(told)
        assert state["series"][0]["statuses"] == {"200": 2}
        assert (state["processes"], state["gauges"]) == (2, {"waiting": 1})

    (tmp_path / "o1.2.counts").write_bytes(b'[{"channel"')  # cut short by a full disk
    assert len(second.others()) == 1
    second.remove()
    assert list(tmp_path.iterdir()) == []


def test_counts_that_cannot_be_written_are_not_missed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    tallies = Tallies(tmp_path / "gone", "o1", 0)
    tallies.write([counted("c").state()])
    assert "could not be written" in caplog.text
    assert tallies.all([]) == []


def test_an_empty_page_is_a_page():
    assert samples(page([])) == {}
