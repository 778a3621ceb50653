"""What training has seen: ranges, a joint distance, and the rule that answers elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lingqu.core.errors import SpecError
from lingqu.core.schema import Column
from lingqu.core.spec import Channel
from lingqu.environment.fallback import Fallback
from lingqu.environment.observed import Observed, Part
from lingqu.environment.place import Place
from lingqu.environment.watched import Watched
from lingqu.learn.control import graph
from lingqu.learn.control.known import SLACK, Gauge, Known
from lingqu.learn.deep.graph import all_answers

FOLDER = str(Path(__file__).parent.parent / "environment")
TWO = Observed(tuple(Part((i,), Column(n, "number")) for i, n in enumerate("ab")), ("no", "yes"))


def along(count: int, seed: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return rows whose two numbers go together: on a line, with a little noise."""
    draw = np.random.default_rng(seed)
    first = draw.normal(100.0, 10.0, count)
    return np.stack([first, 3.0 * first + draw.normal(0, 1.0, count)], axis=1).astype(np.float32)


def test_what_each_column_allows_may_be_unlike_training_together() -> None:
    known = Known.of(TWO, along(2000)).within(along(2000, seed=1))
    inside, apart = np.array([[95.0, 285.0]], np.float32), np.array([[95.0, 315.0]], np.float32)
    assert known.low[1] < 315.0 < known.high[1]
    assert known.near is not None
    assert known.near.distances(inside)[0] < known.near.most < known.near.distances(apart)[0]
    data = graph.write(TWO, graph.constant([0.0, 1.0]), known)
    rows = np.concatenate([inside, apart, np.array([[np.nan, 285.0], [95.0, 1e6]], np.float32)])
    assert all_answers(data, {"x": rows})[1].tolist() == [False, True, True, True]


def test_fresh_rows_of_the_same_kind_lie_within() -> None:
    known = Known.of(TWO, along(5000)).within(along(5000, seed=1))
    assert known.near is not None
    fresh = known.near.distances(along(5000, seed=2))
    assert (fresh > known.near.most).mean() < 0.002
    assert known.near.most == pytest.approx(
        SLACK * np.quantile(known.near.distances(along(5000, seed=1)), 0.999)
    )


def test_sums_in_parts_are_those_of_all_rows() -> None:
    rows = along(300)
    gauge = Gauge(TWO, rows[:50])
    parts = gauge.moments(rows[:120]) + gauge.moments(rows[120:])
    whole, near = gauge.near(gauge.moments(rows)), gauge.near(parts)
    assert whole is not None and near is not None
    assert near.middle == pytest.approx(rows.astype(np.float64).mean(axis=0))
    assert near.distances(rows) == pytest.approx(whole.distances(rows))


def test_without_two_numbers_that_vary_there_is_no_distance() -> None:
    rows = along(50)
    rows[:, 0] = 7.0
    assert Known.of(TWO, rows).near is None
    data = graph.write(TWO, graph.constant([0.0, 1.0]), Known.of(TWO, rows))
    told = all_answers(data, {"x": np.array([[7.0, 300.0], [9.0, 300.0]], np.float32)})[1]
    assert told.tolist() == [False, True]


class TestFallback:
    """A rule (s, S): below 10 in stock and due, order up to 14."""

    WRITTEN = {  # noqa: RUF012
        "sum": {"stock": 1, "due": 1}, "edges": [4, 9],
        "actions": ["order 10", "order 5", "order 0"],
    }  # fmt: skip

    def stock(self) -> Observed:
        levels = tuple(str(count) for count in range(3, 20))
        parts = (
            Part((0,), Column("stock", "category", levels=levels), start=3),
            Part((1,), Column("due", "number")),
        )
        return Observed(parts, ("order 0", "order 5", "order 10"))

    def test_it_reads_a_sum_of_columns_in_their_own_numbers(self) -> None:
        observed = self.stock()
        rule = Fallback.of(self.WRITTEN, observed)
        assert rule.told(observed) == {**self.WRITTEN, "sum": {"stock": 1.0, "due": 1.0}}
        known = Known(np.array([0.0, 0.0]), np.array([1.0, 1.0]))
        data = graph.write(observed, graph.constant([1.0, 0.0, 0.0]), known, rule)
        # Codes of the stock: 0 stands for 3.
        rows = np.array([[0, 0.5], [0, -9], [0, 5], [6, 0.0], [7, 0.0]], np.float32)
        said, outside, ruled = all_answers(data, {"x": rows})
        assert ruled.tolist() == outside.tolist() == [False, True, True, True, True]
        names = [observed.actions[int(place)] for place in said.argmax(axis=1)[1:]]
        assert names == ["order 10", "order 5", "order 5", "order 0"]

    @pytest.mark.parametrize(
        "written",
        [
            {"sum": {"nothing": 1}, "edges": [1], "actions": ["order 0", "order 5"]},
            {"sum": {}, "edges": [1], "actions": ["order 0", "order 5"]},
            {"sum": {"due": "much"}, "edges": [1], "actions": ["order 0", "order 5"]},
            {"sum": {"due": 1}, "edges": [2, 1], "actions": ["order 0", "order 5", "order 0"]},
            {"sum": {"due": 1}, "edges": [1], "actions": ["order 0"]},
            {"sum": {"due": 1}, "column": "due", "edges": [1], "actions": ["order 0", "order 5"]},
            {"sum": ["due"], "edges": [1], "actions": ["order 0", "order 5"]},
            {"column": "due", "edges": ["low"], "actions": ["order 0", "order 5"]},
            "order 7",
        ],
    )
    def test_one_that_names_nothing_known_is_refused(self, written: object) -> None:
        with pytest.raises(SpecError, match="`fallback` is"):
            Fallback.of(written, self.stock())

    def test_a_name_that_is_a_number_may_be_written_as_one(self) -> None:
        text = (
            "channel: c\ndata: {{environment: 'gym:CartPole-v1'}}\ntrain: {{task: control, {}}}\n"
        )
        observed = Watched(Place("gym:CartPole-v1")).observed
        for written in ("fallback: 1", "fallback: '1'"):
            declared = Channel.parse(text.format(written)).train.fallback
            assert Fallback.of(declared, observed).actions == (1,)
        told = "fallback: {sum: {observation.0: 1, observation.2: 3}, edges: [0], actions: [0, 1]}"
        rule = Fallback.of(Channel.parse(text.format(told)).train.fallback, observed)
        assert rule.weights == (1.0, 0.0, 3.0, 0.0) and rule.actions == (0, 1)

    def test_amounts_lie_between_the_bounds(self) -> None:
        observed = Watched(Place("worlds:Aim", folder=FOLDER)).observed
        assert Fallback.of(2.5, observed).actions == (2.5,)
        for written in (9.0, "much", {"column": "shown", "edges": [0], "actions": [0, 4]}):
            with pytest.raises(SpecError, match=r"-1 … 3"):
                Fallback.of(written, observed)
