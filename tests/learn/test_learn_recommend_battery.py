"""The battery of the task recommend: what every learner of lists keeps."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import onnx
import polars as pl
import pytest
from tests.learn.basket_tables import ITEMS, KNOWN, shop

from lingqu.core import catalog
from lingqu.core.errors import DataError, LingquError, SpecError, TrainError
from lingqu.core.list_metrics import gains, places
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Algorithm, Budget
from lingqu.core.predictions import Lists
from lingqu.core.schema import Column, Schema
from lingqu.learn import ALGORITHMS
from lingqu.learn.portfolio import FACTS
from lingqu.learn.recommend import USUAL
from lingqu.learn.recommend.als import STEPS, placed, whitened
from lingqu.learn.recommend.ease import Ease, item_weights
from lingqu.learn.recommend.features import item_features
from lingqu.learn.recommend.graph import LEAST, chances
from lingqu.learn.recommend.item_knn import similar
from lingqu.learn.recommend.parts import held_out
from lingqu.learn.recommend.reading import read
from lingqu.learn.recommend.sharpness import fit_sharpness
from lingqu.learn.tabular.graph import answers
from lingqu.release.baskets.block import BasketsBlock, carried
from lingqu.release.baskets.rows import taken
from lingqu.release.merge import merge
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.runner import Runner

NAMES = [name for name in ALGORITHMS if "recommend" in FACTS.get(name, FACTS["constant"]).tasks]
QUICK: dict[str, dict[str, Any]] = {
    "item_knn": {"neighbours": 10, "shrinkage": 2.0},
    "ease": {"penalty": 20.0},
    "als": {"factors": 8, "penalty": 1.0},
    "bpr": {"factors": 8, "iterations": 60},
    "two_tower": {"factors": 12, "steps": 150},
}
SHOP = shop()
PARTS = held_out(taken(SHOP), 0, 1)
FIT, VALID = (replace(SHOP, frame=SHOP.frame[rows]) for rows in PARTS.pairs[0])


def fit(
    name: str, train: Dataset = FIT, valid: Dataset = VALID, seconds: float = 60.0, **options: Any
) -> Model:
    learner = catalog.build("algorithms", name, {**QUICK.get(name, {}), **options})
    model: Model = learner.fit(train, valid, Budget(seconds, seed=3), lambda row: None)
    return model


@cache
def fitted(name: str) -> Model:
    return fit(name)


def lists(model: Model, frame: pl.DataFrame, count: int = 10) -> Lists:
    said = Runner.of(model).recommend(frame, count).lists
    assert said is not None
    return said


def asked(*users: str | None, **more: Any) -> pl.DataFrame:
    return pl.DataFrame({"user": list(users), **more}, schema_overrides={"user": pl.String})


def test_every_learner_is_here() -> None:
    assert sorted(NAMES) == sorted(USUAL)
    for name in NAMES:
        kind = catalog.load("algorithms", name)
        assert kind.tasks == {"recommend"} and FACTS[name].engine == kind.engine
        assert isinstance(catalog.build("algorithms", name, {}), Algorithm)
        text = inspect.getdoc(kind) or ""
        assert "Source:" in text and ">>>" in text
        shared = ("top", "sharpness", "prior", "stranger")
        for option in [n for n in inspect.signature(kind).parameters if n not in shared]:
            assert f"    {option}:" in text, (name, option)
        assert 0 < kind.cost(1000, 1, 100) < kind.cost(1_000_000, 1, 5000)
        with pytest.raises(LingquError, match="no_such_option"):
            catalog.build("algorithms", name, {"no_such_option": 1})


@pytest.mark.parametrize("name", NAMES)
class TestEveryRecommender:
    def test_it_is_one_member_that_survives_being_stored_and_fitted_again(self, name: str) -> None:
        model = fitted(name)
        assert (model.task, model.classes) == ("recommend", KNOWN)
        assert [(m.algorithm, m.weight) for m in model.members] == [(name, 1.0)]
        json.dumps(model.members[0].notes, allow_nan=False)
        onnx.checker.check_model(onnx.load_from_string(model.members[0].graph))
        one, two = lists(from_bytes(to_bytes(model)), VALID.frame), lists(model, VALID.frame)
        assert (one.items == two.items).all() and (one.scores == two.scores).all()
        assert to_bytes(fit(name)) == to_bytes(model)

    def test_nothing_that_was_taken_is_listed_unless_asked_for(self, name: str) -> None:
        model = fitted(name)
        had = dict(FIT.frame.group_by("user").agg("item").iter_rows())
        told = lists(model, VALID.frame, ITEMS)
        for row, user in enumerate(VALID.frame["user"]):
            listed = {KNOWN[code] for code in told.items[row] if code >= 0}
            assert not listed & set(had[user]) and len(listed) == ITEMS - len(set(had[user]))
        everything = lists(model, asked("u000", exclude_seen=[False]), ITEMS)
        assert sorted(everything.items[0].tolist()) == list(range(ITEMS))

    def test_one_row_is_answered_as_many_are(self, name: str) -> None:
        model = fitted(name)
        whole = lists(model, VALID.frame)
        for row in (0, 7, 100):
            one = lists(model, VALID.frame[row])
            assert one.items[0].tolist() == whole.items[row].tolist()
            assert np.allclose(one.scores[0], whole.scores[row], atol=1e-6)

    def test_a_list_of_items_is_answered_as_the_user_who_took_them(self, name: str) -> None:
        model = fitted(name)
        took = FIT.frame.filter(pl.col("user") == "u004")["item"].to_list()
        known, nameless = (
            lists(model, asked("u004")),
            lists(model, asked(None, history=[took])),
        )
        assert known.items.tolist() == nameless.items.tolist()
        assert known.based.all() and nameless.based.all()

    def test_whom_nobody_knows_gets_what_is_popular(self, name: str) -> None:
        told = lists(fitted(name), asked("nobody", None, history=[None, ["never seen"]]))
        often = FIT.frame["item"].value_counts()
        most = often.sort("count", descending=True)["count"].to_list()[:10]
        counts = dict(often.iter_rows())
        for row in range(2):
            assert [counts[KNOWN[code]] for code in told.items[row]] == most
        assert not told.based.any()
        assert told.unknown == (("nobody",), ("never seen",))

    def test_a_user_alone_is_learned_from(self, name: str) -> None:
        rows = replace(FIT, frame=FIT.frame.filter(pl.col("user") == "u000"))
        told = lists(fit(name, rows, VALID.__class__(VALID.frame.head(0), VALID.schema)),
                     asked("u000", "u001"), ITEMS)  # fmt: skip
        assert np.isfinite(told.scores).all() and told.based.tolist() == [True, False]

    def test_chances_are_shared_out_and_fall_along_the_list(self, name: str) -> None:
        told = lists(fitted(name), VALID.frame, ITEMS)
        assert np.allclose(told.scores.sum(1), 1.0, atol=1e-5)
        assert (np.diff(told.scores, axis=1) <= 1e-4 * told.scores[:, :-1]).all()

    def test_rows_of_weight_zero_are_taken_but_teach_nothing_of_likes(self, name: str) -> None:
        rows = shop(weight=True)
        odd = pl.DataFrame({"user": ["u000"], "item": ["i44"], "moment": [99.0], "stars": [0.0]})
        more = replace(rows, frame=pl.concat([rows.frame, odd]))
        told = lists(fit(name, more, VALID), asked("u000"), ITEMS)
        assert KNOWN.index("i44") not in told.items[0]

    def test_no_rows_and_no_users_are_refused(self, name: str) -> None:
        with pytest.raises(DataError, match="no rows"):
            fit(name, Dataset(FIT.frame.head(0), FIT.schema))
        with pytest.raises(SpecError, match="group"):
            fit(name, Dataset(FIT.frame, FIT.schema.updated("user", role="ignored")))
        gap = FIT.frame.with_columns(pl.lit(None, dtype=pl.String).alias("user"))
        with pytest.raises(DataError, match="Row 1"):
            fit(name, Dataset(gap, FIT.schema))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "popularity"])
class TestWhoReadsTastes:
    def test_it_is_better_than_what_is_popular(self, name: str) -> None:
        wanted = taken(VALID).item

        def score(model: Model) -> float:
            return float(gains("ndcg", places(lists(model, VALID.frame).items, wanted), 10).mean())

        assert score(fitted(name)) > 1.5 * score(fitted("popularity"))

    def test_an_option_that_cannot_be_is_refused(self, name: str) -> None:
        option: str = {"item_knn": "neighbours", "ease": "penalty"}.get(name, "factors")
        with pytest.raises(SpecError, match=option):
            catalog.build("algorithms", name, {option: -1}).fit(
                FIT, VALID, Budget(5.0), lambda row: None
            )


class TestPopularity:
    def test_what_is_new_counts_more_where_rows_grow_old(self) -> None:
        late = pl.DataFrame(
            {"user": ["x", "y", "z"], "item": ["i44"] * 3, "moment": [500.0] * 3,
             "stars": [1.0] * 3}
        )  # fmt: skip
        rows = replace(FIT, frame=pl.concat([FIT.frame, late]))
        last = KNOWN.index("i44")
        old, new = (
            lists(fit("popularity", rows, half_life=life), asked("nobody"), ITEMS).items[0].tolist()
            for life in (0.0, 0.01)
        )
        assert new.index(last) == 0 < old.index(last)


class TestParts:
    def test_ease_never_tells_an_item_by_itself_and_keeps_to_its_size(self) -> None:
        weights = item_weights(np.array([[4.0, 1, 0], [1, 4, 2], [0, 2, 4]]), 1.0)
        assert np.diag(weights).tolist() == [0, 0, 0] and weights[1, 0] > 0
        big = Ease()
        rows = read(FIT, 10)
        wide = replace(rows, rows=replace(rows.rows, items=tuple(map(str, range(6000)))))
        with pytest.raises(TrainError, match="6000"):
            big.learn(wide, FIT, Budget(1.0), lambda row: None)

    def test_neighbours_are_those_of_the_same_people_and_shrink(self) -> None:
        x = read(FIT, 10).plain
        weights, nearest = similar(x, 5, 0.0)
        dense = x.toarray()
        norm = np.linalg.norm(dense, axis=0)
        cosine = (dense.T @ dense) / np.outer(norm, norm).clip(1e-12)
        np.fill_diagonal(cosine, 0)
        assert np.allclose(np.sort(weights, 1), np.sort(cosine, 1)[:, -5:], atol=1e-6)
        assert (nearest != np.arange(ITEMS)[:, None]).all()
        assert similar(x, 5, 50.0)[0].max() < weights.max()

    def test_users_are_placed_as_the_equation_says(self) -> None:
        random = np.random.default_rng(0)
        items, took = random.normal(size=(30, 6)), (random.random((5, 30)) < 0.2) * 2.0
        near = whitened(items, 0.5)
        found = placed(near, took, 3.0) @ near.T
        for row in range(5):
            extra = 3.0 * took[row]
            whole = items.T @ items + 0.5 * np.eye(6) + (items.T * extra) @ items
            exact = np.linalg.solve(whole, items.T @ ((took[row] > 0) + extra))
            assert np.allclose(found[row], items @ exact, atol=1e-6)
        assert STEPS > 6

    def test_sharpness_finds_the_chances_that_made_the_rows(self) -> None:
        random = np.random.default_rng(1)
        told, popular = random.normal(size=(4000, 8)), np.log(np.arange(1, 9) / 36)
        taken_ = np.zeros((4000, 8))
        exact = chances(told, np.hstack([taken_[:, :0], taken_ + 0]), popular, (1.0, 0.0))
        assert np.allclose(exact[0], np.exp(popular) + LEAST)  # who took nothing: popularity
        taken_[:, 0] = 1
        shares = chances(told, taken_, popular, (2.0, 0.5))
        wanted = np.array([random.choice(8, p=row / row.sum()) for row in shares])
        sharpness, prior = fit_sharpness(told, taken_, popular, wanted)
        assert abs(sharpness - 2.0) < 0.15 and abs(prior - 0.5) < 0.15

    def test_the_graph_gives_what_the_learner_says_on_every_user(self) -> None:
        model = fitted("ease")
        block = BasketsBlock(model.members[0].encoding["blocks"][0])
        tensor = np.empty((VALID.frame.height, block.width), dtype=np.float32)
        block.write(VALID.frame, tensor)
        notes, reading = model.members[0].notes, read(FIT, 10)
        weights = item_weights((reading.plain.T @ reading.plain).toarray(), 20.0)
        told = (tensor[:, :-1] > 0) @ weights
        expected = chances(told, tensor[:, :-1], reading.popular(),
                           (notes["sharpness"], notes["prior"]))  # fmt: skip
        assert np.abs(answers(model.members[0].graph, tensor) - expected).max() < 1e-5

    def test_members_share_one_input_and_their_chances_are_averaged(self) -> None:
        one, two = fitted("ease"), fitted("item_knn")
        members = tuple(
            replace(m.members[0], name=name, weight=0.5) for name, m in (("a", one), ("b", two))
        )
        both = replace(one, members=members)
        assert len(merge(both).inputs) == 1
        x = np.zeros((1, ITEMS + 1), dtype=np.float32)
        x[0, [1, 2, -1]] = 1
        mean = sum(answers(m.graph, x) for m in members) / 2
        assert np.allclose(answers_of(both, x), mean, atol=1e-6)

    def test_histories_go_on_with_newer_rows_and_users(self) -> None:
        block = fitted("ease").members[0].encoding["blocks"][0]
        newer = pl.DataFrame({"user": ["u000", "new"], "item": ["i44", "i43"],
                              "moment": [9.0, 9.0], "stars": [1.0, 1.0]})  # fmt: skip
        longer = BasketsBlock(carried(block, taken(Dataset(newer, FIT.schema))))
        old = BasketsBlock(block)
        before, after = (np.empty((3, ITEMS + 1), dtype=np.float32) for _ in range(2))
        frame = asked("u000", "u001", "new")
        old.write(frame, before)
        longer.write(frame, after)
        assert (after - before).sum(1).tolist() == [1, 0, 1] and after[0, 44] == after[2, 43] == 1
        assert longer.unknown(frame) == ((), (), ()) and old.unknown(frame)[2] == ("new",)


def answers_of(model: Model, x: np.ndarray) -> np.ndarray:
    runner = Runner.of(model)
    return runner.answered({"x": x})


def test_a_net_learns_from_what_is_known_of_items_and_keeps_its_time() -> None:
    group = pl.col("item").str.slice(1).cast(pl.Int64) // 15
    frame = FIT.frame.with_columns(pl.format("all|t{}", group).alias("kind"))
    known = Dataset(frame, Schema((*FIT.schema.columns, Column("kind", "category"))))
    found = item_features(known, KNOWN)
    assert found.shape == (ITEMS, 4) and found[:, 0].all() and found[:15, 1:].sum() == 15
    model = fit("two_tower", known, seconds=0.5, steps=10**6, factors=4)
    notes = model.members[0].notes
    assert notes["features"] == 4 and notes["cut_short"] is True
