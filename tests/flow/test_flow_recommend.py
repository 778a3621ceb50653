"""A channel that recommends: from a file to lists, the same at every door."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest
from tests.learn.basket_tables import shop

from lingqu.core.errors import DataError, LingquError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Schema
from lingqu.core.spec import Channel
from lingqu.data.infer import typed
from lingqu.data.split import split
from lingqu.flow.data_stage import typed as with_roles
from lingqu.flow.plan import plan
from lingqu.flow.recommends import USERS, some_users
from lingqu.flow.validate import validate
from lingqu.outlets.reading.baskets import BasketReader
from lingqu.outlets.served import Served
from lingqu.outlets.telling.row_schema import row_schema
from lingqu.release.release import Release
from lingqu.store.folders import release_folder
from lingqu.workspace import Workspace

DATA = "{source: shop.csv, group: user, time: moment, weight: stars}"


def channel(
    train: str = "task: recommend, target: item", data: str = DATA, more: str = ""
) -> Channel:
    return Channel.parse(f"channel: shop\ndata: {data}\ntrain: {{{train}}}\n{more}")


def rows(frame: pl.DataFrame | None = None) -> Dataset:
    return typed(shop().frame if frame is None else frame, name="shop")


def test_of_many_users_some_are_judged_with_all_their_rows() -> None:
    user = pl.Series("user", [f"u{n // 3}" for n in range(300)])
    test = Dataset(pl.DataFrame({"user": user, "item": range(300)}), Schema(()))
    read = Dataset(pl.DataFrame({"user": user, "raw": range(300)}), Schema(()))
    some, as_read = some_users([test, read], "user", seed=4, most=20)
    assert some.frame["item"].to_list() == as_read.frame["raw"].to_list()
    assert some.frame["user"].value_counts()["count"].to_list() == [3] * 20
    again = some_users([test, read], "user", seed=4, most=20)[0]
    other = some_users([test, read], "user", seed=5, most=20)[0]
    assert again.frame.equals(some.frame) and not other.frame.equals(some.frame)
    assert some_users([test], "user", seed=4, most=100) == [test] and USERS == 20_000


class TestTheSection:
    @pytest.mark.parametrize(
        ("train", "word"),
        [
            ("task: recommend", "target"),
            ("task: classify, target: item, top: 5", "top"),
            ("task: recommend, target: item, top: 0", "top"),
            ("task: recommend, target: item, top: 5, metric: ndcg@10", "ndcg@5"),
            ("task: recommend, target: item, optimise: [calibrate]", "optimise"),
            ("task: recommend, target: item, horizon: 3", "horizon"),
        ],
    )
    def test_what_has_no_meaning_is_refused(self, train: str, word: str) -> None:
        with pytest.raises(SpecError, match=word):
            channel(train)

    def test_metrics_and_rules_are_those_of_lists(self) -> None:
        wanted = 'release: {require: ["ndcg@20 >= 0.1", "catalogue_coverage > 5%"]}\n'
        validate(channel("task: recommend, target: item, top: 20, metric: mrr@20", more=wanted))
        with pytest.raises(SpecError, match="accuracy"):
            validate(channel("task: recommend, target: item, metric: accuracy"))
        with pytest.raises(SpecError, match="ndcg@20"):
            validate(channel(more=wanted))


class TestThePlan:
    def test_it_tells_what_is_held_out_and_who_learns(self) -> None:
        settings = {s.name: s for s in plan(channel(), rows()).settings}
        assert settings["split"].value == "last" and "moment" in settings["split"].why["en"]
        assert (settings["top"].value, settings["metric"].value) == (10, "ndcg@10")
        assert settings["algorithm"].value[0] == "popularity"
        assert settings["judge"].value[-2:] == ["metrics", "efficiency"]
        assert not any(s.value == "dedupe" for s in settings.values())

    def test_callers_send_a_user_or_items_and_nothing_else(self) -> None:
        frame = shop().frame.with_columns(colour=pl.lit("red"))
        ready = with_roles(channel(), rows(frame.with_columns(pl.int_range(pl.len()).alias("n"))))
        assert [c.name for c in ready.schema.inputs] == ["user"]
        basket = ready.schema.basket
        assert basket is not None and basket.name == "item" and ready.schema.history is None

    @pytest.mark.parametrize(
        ("data", "error", "word"),
        [
            ("shop.csv", SpecError, "group"),
            ("{source: shop.csv, group: [user, stars]}", SpecError, "one column"),
            ("{source: shop.csv, group: nobody}", DataError, "nobody"),
        ],
    )
    def test_a_channel_that_names_no_users_is_refused(
        self, data: str, error: type[LingquError], word: str
    ) -> None:
        with pytest.raises(error, match=word):
            plan(channel(data=data), rows())

    def test_rows_that_cannot_be_judged_are_refused(self) -> None:
        frame = shop().frame
        once = frame.unique("user", keep="first", maintain_order=True)
        with pytest.raises(DataError, match="two different items"):
            plan(channel(), rows(once))
        with pytest.raises(DataError, match="i00"):
            plan(channel(), rows(frame.with_columns(pl.lit("i00").alias("item"))))
        with pytest.raises(DataError, match="history"):
            plan(channel(), rows(frame.with_columns(history=pl.lit("x"))))
        gap = frame.with_columns(pl.when(pl.int_range(pl.len()) != 4).then("user").alias("user"))
        with pytest.raises(DataError, match="Row 5"):
            plan(channel(), rows(gap))


class TestTheSplit:
    def test_the_last_of_each_user_or_a_share(self) -> None:
        data = shop()
        one, share = split(data, "recommend"), split(data, "recommend", last=0.3)
        assert len(one.test) == 150 < len(share.test) and one.how == "last"
        assert "30%" in share.reason and "30%" in share.reason_zh
        for cut in (one, share):
            assert set(data.frame[cut.train]["user"]) == set(data.frame["user"])

    def test_other_ways_are_refused_and_a_draw_is_said(self) -> None:
        with pytest.raises(DataError, match="stratified"):
            split(shop(), "recommend", how="stratified")
        with pytest.raises(DataError, match="time"):
            split(shop(time=False), "recommend", how="time")
        assert "drawn by seed 42" in split(shop(time=False), "recommend").reason


class TestRequests:
    reader = BasketReader(shop().schema)

    def test_names_may_be_numbers_and_a_list_may_be_one_item(self) -> None:
        read = self.reader.rows([{"user": 7}, {"history": "i01"}, {"history": ["i02", 3, None]}])
        frame = self.reader.frame([read, read])
        assert frame["user"].to_list() == ["7", None, None] * 2
        assert frame["history"].to_list()[:3] == [None, ["i01"], ["i02", "3"]]

    @pytest.mark.parametrize(
        ("row", "word"),
        [
            ({}, "user"),
            ({"histroy": ["i01"]}, "user"),
            ({"user": ["a"]}, "user"),
            ({"history": {"i01": 1}}, "history"),
            ({"history": [["i01"]]}, "history"),
            ({"user": "a", "exclude_seen": "yes"}, "exclude_seen"),
            ("u000", "row 1"),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, row: Any, word: str) -> None:
        with pytest.raises(DataError, match=word):
            self.reader.rows([row])

    def test_columns_are_read_as_rows_are(self) -> None:
        read = self.reader.table({"user": ["a", None], "history": [None, ["i01"]]})
        assert read.height == 2 and read.cells["exclude_seen"] == [None, None]
        with pytest.raises(DataError, match="history"):
            self.reader.table({"user": ["a", "b"], "history": [None]})
        with pytest.raises(DataError, match="user"):
            self.reader.table({"colour": ["red"]})

    def test_the_document_says_both_ways(self) -> None:
        schema = shop().schema
        told = row_schema(Schema(schema.inputs), schema.history, schema.basket)
        assert told["anyOf"] == [{"required": ["user"]}, {"required": ["history"]}]
        assert "exclude_seen" in told["properties"] and "item" not in told["properties"]


@pytest.mark.slow
def test_from_a_file_to_lists_that_are_the_same_at_every_door(tmp_path: Path) -> None:
    shop(users=120).frame.write_csv(tmp_path / "shop.csv")
    (tmp_path / "shop.yaml").write_text(
        f"channel: shop\ndata: {DATA}\n"
        "train: {task: recommend, target: item, top: 5, budget: 8 s, "
        "algorithm: [{ease: {penalty: 20}}, {item_knn: {neighbours: 10}}]}\n"
        'release: {require: ["recall@5 >= 0.15"]}\n'
    )
    asked = [
        {"user": "u004"},
        {"history": ["i00", "i01", "i99"]},
        {"user": "nobody"},
        {"user": "u004", "exclude_seen": False},
    ]
    with Workspace(tmp_path / ".lingqu") as opened:
        done = opened.run(tmp_path / "shop.yaml")
        assert done.state == "done"
        seen = {f.subject: f for f in opened.findings(done.id)}
        ours = seen["ndcg@5"]
        assert ours.value is not None and ours.value > 1.2 * ours.evidence["popularity"]
        assert ours.n == 120 and ours.low is not None and ours.low < ours.value
        assert {"catalogue_coverage", "diversity", "novelty", "recall@5"} <= set(seen)
        assert seen["ndcg@5(unknown user)"].value is not None
        assert seen["leakage.exact"].value == 0
        page = Path(opened.report(done.id)).read_text(encoding="utf-8")
        assert 'id="lists"' in page and "Took next" in page and "热门物品" in page
        told = opened.call("shop", asked)
        folder = release_folder(opened.home, done.release)
    release = Release.open(folder)
    assert release.predict(asked) == told
    with ThreadPoolExecutor(1) as threads:
        served = Served.open(folder, threads)
        read = [served.reader.rows([msgspec.json.decode(msgspec.json.encode(r))]) for r in asked]
        for answer, row in zip(served.run(read), told, strict=True):
            assert answer.predictions == [row["prediction"]] and answer.lists is not None
            assert answer.lists["scores"][0] == pytest.approx(row["scores"], rel=1e-5)
            assert answer.lists["based_on"] == [row["based_on"]]
            assert answer.lists["unknown"] == [row["unknown"]]
    # The release knows what the test rows held: nothing of u004 is listed again.
    had = set(shop(users=120).frame.filter(pl.col("user") == "u004")["item"])
    assert not had & set(told[0]["prediction"]) and had & set(told[3]["prediction"])
    assert [row["based_on"] for row in told] == ["history", "history", "popularity", "history"]
    assert [row["unknown"] for row in told] == [[], ["i99"], ["nobody"], []]
