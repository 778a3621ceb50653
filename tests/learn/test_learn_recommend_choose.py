"""From who took what and a budget to one recommender."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.learn.basket_tables import KNOWN, shop
from tests.learn.inline_engine import Clock, InlineEngine

from lingqu.core.errors import DataError, SpecError, TrainError
from lingqu.core.list_metrics import by_user, gains, places
from lingqu.core.nouns import Dataset
from lingqu.core.ranking_names import parse
from lingqu.learn.assemble import Choice
from lingqu.learn.recommend.choose import choose_recommend, tried
from lingqu.learn.recommend.judge import Said, blended
from lingqu.learn.recommend.parts import held_out
from lingqu.learn.recommend.wishes import wishes_of
from lingqu.release.baskets.lists import best, lists_frame
from lingqu.release.baskets.rows import Taken, depths, taken
from lingqu.release.model import to_bytes
from lingqu.release.runner import Runner

SHOP = shop()
FEW = (("item_knn", {"neighbours": 10, "shrinkage": 2.0}), ("ease", {"penalty": 20.0}))


def choice(folder: Path, train: Dataset = SHOP, **given: Any) -> Choice:
    engine = given.pop("engine", None) or InlineEngine()
    wanted: dict[str, Any] = {"budget_s": 100.0, "algorithms": FEW, "top": 10}
    return choose_recommend(
        train, **{**wanted, **given}, engine=engine, scratch=folder, clock=engine.clock
    )


class TestWhatIsHeldOut:
    def test_the_last_new_item_of_each_user_then_the_one_before(self) -> None:
        rows = taken(SHOP)
        first, second = held_out(rows, 0, 2).pairs
        for fit, valid in (first, second):
            assert not set(fit) & set(valid)
            assert sorted(rows.user[valid].tolist()) == list(range(150))
        moments = SHOP.frame["moment"].to_numpy()
        last = np.zeros(150)
        np.maximum.at(last, rows.user, moments)
        assert (moments[first[1]] == last[rows.user[first[1]]]).all()
        assert (moments[second[1]] == last[rows.user[second[1]]] - 1).all()
        assert (moments[second[0]] < last[rows.user[second[0]]] - 1).all()

    def test_what_was_taken_again_counts_where_it_was_new(self) -> None:
        user, item = np.zeros(4, dtype=np.int64), np.array([0, 1, 2, 0])
        rows = Taken(("a",), ("x", "y", "z"), user, item, np.arange(4), None)
        assert depths(rows, 0)[0].tolist() == [2, 1, 0, 2]

    def test_without_times_it_is_drawn_by_seed(self) -> None:
        rows = taken(shop(time=False))
        one, two, three = (held_out(rows, seed, 1).pairs[0][1].tolist() for seed in (1, 1, 2))
        assert one == two != three

    def test_whoever_took_one_thing_is_learned_from_and_never_judged(self) -> None:
        alone = pl.DataFrame({"user": ["z"], "item": ["i00"], "moment": [0.0], "stars": [1.0]})
        rows = taken(replace(SHOP, frame=pl.concat([SHOP.frame, alone])))
        for fit, valid in held_out(rows, 0, 3).pairs:
            assert len(rows.user) - 1 in fit and len(rows.user) - 1 not in valid

    def test_of_very_many_users_some_are_judged_and_what_is_held_out_stays_so(self) -> None:
        users = np.repeat(np.arange(1500), 2)
        names = tuple(map(str, range(40_000)))
        rows = Taken(("u",) * 1500, names, users, np.arange(3000), np.arange(3000), None)
        ((fit, valid),) = held_out(rows, 0, 1).pairs
        assert len(valid) == len(set(valid.tolist())) == 1000 and (valid % 2 == 1).all()
        assert (fit % 2 == 0).all() and len(fit) == 1500
        assert held_out(rows, 0, 1).pairs[0][1].tolist() == valid.tolist()


class TestTheChoice:
    def test_tastes_beat_what_is_popular_and_weights_sum_to_one(self, tmp_path: Path) -> None:
        found = choice(tmp_path)
        scores = {c.name: c.score or 0.0 for c in found.candidates}
        assert set(scores) == {"popularity", "item_knn", "ease"}
        assert min(scores["item_knn"], scores["ease"]) > 1.5 * scores["popularity"]
        assert abs(sum(m.weight for m in found.model.members) - 1) < 1e-9
        assert found.metric == "ndcg@10" and found.score >= max(scores.values()) - 1e-9
        assert "450 rows of 150 users" in found.notes[0]["en"]

    def test_the_model_answers_from_all_that_was_taken(self, tmp_path: Path) -> None:
        found = choice(tmp_path)
        said = Runner.of(found.model).recommend(pl.DataFrame({"user": ["u000", "?"]}))
        had = set(SHOP.frame.filter(pl.col("user") == "u000")["item"])
        told = lists_frame(said).to_dicts()
        assert len(told[0]["prediction"]) == 10 and not had & set(told[0]["prediction"])
        assert [row["based_on"] for row in told] == ["history", "popularity"]
        assert told[1]["unknown"] == ["?"]

    def test_the_same_seed_gives_the_same_bytes(self, tmp_path: Path) -> None:
        one, two = (choice(tmp_path / name) for name in ("one", "two"))
        assert to_bytes(one.model) == to_bytes(two.model)

    def test_the_metric_that_is_asked_for_decides(self, tmp_path: Path) -> None:
        found = choice(tmp_path, metric="recall@5", folds=1)
        assert found.metric == "recall@5" and {c.metric for c in found.candidates} == {"recall@5"}

    def test_a_failing_candidate_is_a_line(self, tmp_path: Path) -> None:
        engine = InlineEngine(fails={"ease": "crash"})
        found = choice(tmp_path, engine=engine)
        line = next(c for c in found.candidates if c.name == "ease")
        assert (line.state, line.weight, line.score) == ("failed", 0.0, None)
        assert "crash" in line.reason
        assert [m.name for m in found.model.members] == ["item_knn"]

    def test_a_refit_that_fails_leaves_the_fit_that_was_judged(self, tmp_path: Path) -> None:
        engine = InlineEngine(fails={("item_knn", -1): "failed", ("ease", -1): "failed"})
        found = choice(tmp_path, engine=engine)
        assert found.model.members and any("full histories" in n["en"] for n in found.notes)
        said = Runner.of(found.model).recommend(pl.DataFrame({"user": ["u000"]}), 45).lists
        assert said is not None
        had = set(SHOP.frame.filter(pl.col("user") == "u000")["item"])
        assert not {KNOWN[code] for code in said.items[0] if code >= 0} & had

    def test_without_time_for_more_what_is_popular_answers(self, tmp_path: Path) -> None:
        engine = InlineEngine(Clock(), seconds={"popularity": 9.5})
        found = choice(tmp_path, engine=engine, budget_s=10.0)
        assert [m.name for m in found.model.members] == ["popularity"]
        states = {c.name: c.state for c in found.candidates}
        assert states["ease"] == "skipped"

    def test_where_all_fail_it_is_said(self, tmp_path: Path) -> None:
        engine = InlineEngine(fails=dict.fromkeys(("popularity", "item_knn", "ease"), "crash"))
        with pytest.raises(TrainError, match="ease"):
            choice(tmp_path, engine=engine)

    def test_bad_wishes_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SpecError, match="lightgbm"):
            choice(tmp_path, algorithms=[("lightgbm", {})])
        with pytest.raises(SpecError, match="accuracy"):
            choice(tmp_path, metric="accuracy")
        with pytest.raises(SpecError, match="budget"):
            choice(tmp_path, budget_s=0)
        with pytest.raises(DataError, match="no rows"):
            choice(tmp_path, train=Dataset(SHOP.frame.head(0), SHOP.schema))

    def test_users_of_one_item_are_not_compared_but_answered(self, tmp_path: Path) -> None:
        rows = replace(SHOP, frame=SHOP.frame.unique("user", keep="first", maintain_order=True))
        found = choice(tmp_path, train=rows)
        assert [m.name for m in found.model.members] == ["popularity"]
        assert np.isnan(found.score) and "not compared" in found.notes[0]["en"]


class TestAverages:
    def test_two_that_know_different_users_are_averaged_and_one_that_knows_less_is_not(
        self,
    ) -> None:
        random = np.random.default_rng(0)
        wanted = random.integers(0, 40, 600)

        def said(knows: np.ndarray) -> Said:
            items = np.argsort(random.random((600, 40)), axis=1)[:, :20]
            items[knows, 0] = wanted[knows]
            items[~knows] = np.where(items[~knows] == wanted[~knows, None], -1, items[~knows])
            scores = np.tile(np.linspace(0.05, 0.01, 20), (600, 1))
            scores[knows, 0] = 0.5
            return Said(items, scores)

        half = np.arange(600) < 300
        weights, score = blended([said(half), said(~half)], wanted, "ndcg", 10, 40)
        assert min(weights) > 0.2 and score.mean() > 0.9
        weights, _ = blended([said(half), said(np.zeros(600, bool))], wanted, "ndcg", 10, 40)
        assert weights == [1.0, 0.0]


class TestScores:
    def test_names_say_what_is_counted_and_how_long_the_list_is(self) -> None:
        assert parse("mrr@100") == ("mrr", 100)
        assert [parse(n) for n in ("mrr@0", "mrr@101", "ndcg@x", "f1@10")] == [None] * 4

    def test_several_wanted_items_of_one_user(self) -> None:
        place, user = np.array([0, 2, -1]), np.zeros(3, dtype=np.int64)
        ideal = 1 + 1 / np.log2(3) + 1 / np.log2(4)
        assert np.isclose(by_user("ndcg", place, user, 10)[0], (1 + 1 / np.log2(4)) / ideal)
        assert np.isclose(by_user("recall", place, user, 10)[0], 2 / 3)
        assert by_user("hit_rate", place, user, 10)[0] == by_user("mrr", place, user, 10)[0] == 1

    def test_an_item_beyond_the_list_or_never_seen_is_worth_nothing(self) -> None:
        place = places(np.array([[3, 1], [2, 0]]), np.array([-1, 0]))
        assert place.tolist() == [-1, 1] and gains("recall", place, 1).tolist() == [0, 0]

    def test_equal_items_come_in_their_order_also_at_the_end_of_a_list(self) -> None:
        chances = np.array([[0.1, 0.3, 0.1, 0.1, 0.4 - 1e-8, 0.4]], dtype=np.float32)
        assert best(chances, 4)[0].tolist() == [[4, 5, 1, 0]]
        items, scores = best(np.array([[0.0, 0.7]], dtype=np.float32), 3)
        assert items.tolist() == [[1, -1, -1]] and scores[0, 1:].tolist() == [0, 0]


def test_what_is_tried_follows_size_and_time() -> None:
    assert set(tried(SHOP, 30.0)) == {"popularity", "item_knn", "ease", "als", "bpr"}
    assert tried(SHOP, 60.0)[-1] == "two_tower"
    assert "ease" not in dict(wishes_of(20_000, True, True, 60.0))
    assert "als" not in dict(wishes_of(100, True, True, 2.0))
    timed = [options for name, options in wishes_of(100, True, False, 2.0) if name == "popularity"]
    assert {"half_life": 0.1} in timed
    assert {"half_life": 0.1} not in [o for _, o in wishes_of(100, False, False, 2.0)]
