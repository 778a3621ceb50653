"""Fits in rounds: in their order, within the time, and never a second time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.learn.basket_tables import shop
from tests.learn.flag_tables import machines
from tests.learn.inline_engine import Clock, InlineEngine

from lingqu.core.errors import SpecError, TrainError
from lingqu.core.ports import Job, Outcome
from lingqu.learn.assemble import Choice
from lingqu.learn.candidate import ALL, Fit, from_store, to_store
from lingqu.learn.contender import Contender, contenders, fit_here, refuse_failed
from lingqu.learn.flag.choose import choose_flag
from lingqu.learn.portfolio import Entry
from lingqu.learn.recommend.choose import choose_recommend
from lingqu.release.model import to_bytes

MACHINES, SHOP = machines(rows=200), shop(users=30)


class Killed(BaseException):
    """Nothing of ours catches it."""


class Mortal(InlineEngine):
    """Dies when it has sent back so many outcomes."""

    def __init__(self, outcomes: int) -> None:
        super().__init__()
        self.left = outcomes

    def map(
        self, task: str, jobs: Iterable[Job], progress: Callable[[int, Any], None] | None = None
    ) -> Iterator[Outcome]:
        for outcome in super().map(task, jobs, progress):
            if not self.left:
                raise Killed
            self.left -= 1
            yield outcome


def flags(folder: Path, engine: InlineEngine, **given: Any) -> Choice:
    few = (("mahalanobis", {}), ("lof", {}))
    return choose_flag(
        MACHINES, budget_s=100.0, algorithms=few, engine=engine, scratch=folder,
        clock=engine.clock, **given,
    )  # fmt: skip


def lists(folder: Path, engine: InlineEngine, **given: Any) -> Choice:
    few = (("item_knn", {"neighbours": 10}), ("ease", {"penalty": 20.0}))
    return choose_recommend(
        SHOP, budget_s=100.0, top=10, algorithms=few, engine=engine, scratch=folder,
        clock=engine.clock, **given,
    )  # fmt: skip


@pytest.mark.parametrize("chosen", [flags, lists])
def test_what_a_killed_run_has_fitted_is_not_fitted_again(
    chosen: Callable[..., Choice], tmp_path: Path
) -> None:
    blobs: dict[str, bytes] = {}
    dead, again, whole = Mortal(4), InlineEngine(), InlineEngine()
    kept = {"recall": blobs.get, "remember": blobs.__setitem__}
    with pytest.raises(Killed):
        chosen(tmp_path / "dead", dead, **kept)
    assert len(blobs) == 4 and len(dead.ran) == 5
    found = chosen(tmp_path / "again", again, **kept)
    assert not set(dead.ran[:4]) & set(again.ran) and dead.ran[4] in again.ran
    straight = chosen(tmp_path / "whole", whole)
    assert set(dead.ran) | set(again.ran) == set(whole.ran)
    assert to_bytes(found.model) == to_bytes(straight.model)
    assert [(c.name, c.score) for c in found.candidates] == [
        (c.name, c.score) for c in straight.candidates
    ]
    third = InlineEngine()
    chosen(tmp_path / "third", third, **kept)
    assert third.ran == []


def test_other_rows_and_another_seed_are_other_fits(tmp_path: Path) -> None:
    blobs: dict[str, bytes] = {}
    kept = {"recall": blobs.get, "remember": blobs.__setitem__}
    first, other = InlineEngine(), InlineEngine()
    lists(tmp_path / "one", first, **kept)
    lists(tmp_path / "two", other, seed=1, **kept)
    assert other.ran == first.ran


def test_lists_are_kept_as_they_were_told(tmp_path: Path) -> None:
    blobs: dict[str, bytes] = {}
    lists(tmp_path, InlineEngine(), recall=blobs.get, remember=blobs.__setitem__)
    fits = [fit for fit in map(from_store, blobs.values()) if fit is not None]
    told = [fit.predictions for fit in fits if fit.predictions is not None]
    assert len(fits) == len(blobs) and told
    for said in told:
        assert said.probabilities is not None and said.labels.shape == said.probabilities.shape
        assert said.labels.dtype == np.int64 and (said.labels < len(said.classes)).all()
    again = from_store(to_store(fits[0]))
    assert isinstance(again, Fit) and to_store(again) == to_store(fits[0])


class TestContenders:
    def test_names_are_told_apart_and_what_cannot_be_is_refused(self) -> None:
        those = contenders([("ease", {}), ("ease", {"penalty": 9.0})], "recommend", (), (9, 1, 9))
        assert [one.name for one in those] == ["ease", "ease#2"]
        with pytest.raises(SpecError, match="lof"):
            contenders([("lof", {})], "recommend", ("ease",), (9, 1, 9))

    def test_what_cannot_be_tried_here_says_why(self) -> None:
        line = Contender(Entry("als", "als", skip="no"), reason="no").line("ndcg@10", 0.0, 5.0)
        assert (line.state, line.reason) == ("skipped", "no")

    def test_what_only_waited_lost_nothing(self) -> None:
        one = Contender(Entry("ease", "ease"))
        one.lose(Outcome(0, "timeout", reason="late"))
        one.lose(Outcome(1, "done", {"model": None}, peak_mb=1.0))
        assert (one.state, one.reason) == ("skipped", "")
        line = one.line("ndcg@10", 0.0, 5.0)
        assert "5 s" in line.reason and "未启动" in line.reason_zh
        refuse_failed([one], 5.0)
        one.lose(Outcome(2, "crash", reason="it died", seconds=1.0, peak_mb=9.0))
        assert (one.state, one.reason, one.seconds, one.peak_mb) == ("failed", "it died", 1.0, 9.0)
        with pytest.raises(TrainError, match="it died"):
            refuse_failed([one], 5.0)

    def test_what_is_fitted_here_joins_those_that_are_there(self, tmp_path: Path) -> None:
        model = lists(tmp_path, InlineEngine(Clock())).model
        those = [Contender(Entry("ease", "ease"), state="timeout", reason="late")]
        assert fit_here(those, "ease", lambda one: model) is those[0]
        assert (those[0].state, those[0].reason) == ("done", "") and ALL in those[0].fits
        other = fit_here(those, "popularity", lambda one: model)
        assert those[-1] is other and other.name == "popularity"
