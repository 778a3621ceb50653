"""What is known of users: read by who can, carried with the model, an answer for strangers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.learn.basket_tables import KNOWN, shop
from tests.learn.inline_engine import InlineEngine

from lingqu.check.recommend import recommend_findings
from lingqu.core import catalog
from lingqu.core.errors import DataError
from lingqu.core.list_metrics import gains, places
from lingqu.core.nouns import Dataset, Model, Subject
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.flow.recommend_rows import asked_for
from lingqu.learn.recommend.choose import choose_recommend
from lingqu.learn.recommend.features import people_of
from lingqu.learn.recommend.parts import held_out
from lingqu.outlets.reading.baskets import BasketReader
from lingqu.outlets.telling.row_schema import row_schema
from lingqu.release.baskets.block import BasketsBlock, carried
from lingqu.release.baskets.facts import Facts, learned
from lingqu.release.baskets.lists import lists_frame
from lingqu.release.baskets.rows import taken
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.predictor import Predictor
from lingqu.release.runner import Runner

NET = {"factors": 12, "steps": 120}


def people(users: int = 150) -> Dataset:
    """The shop, of whose users a town (it follows their taste) and an age are known."""
    rows = shop(users)
    number = pl.col("user").str.slice(1).cast(pl.Int64)
    frame = rows.frame.with_columns(
        town=pl.format("t{}", number % 3),
        age=pl.when(number != 7).then((20 + number % 50).cast(pl.Float64)),
        screen=pl.format("s{}", pl.int_range(pl.len()) % 4),
    )
    more = (Column("town", "category"), Column("age", "number"), Column("screen", "category"))
    whole = Dataset(frame, Schema((*rows.schema.columns, *more)), "people")
    return replace(whole, schema=asked_for(whole))


PEOPLE = people()


def fit(name: str, **options: Any) -> Model:
    first = held_out(taken(PEOPLE), 0, 1).pairs[0]
    train, valid = (replace(PEOPLE, frame=PEOPLE.frame[rows]) for rows in first)
    learner = catalog.build("algorithms", name, options)
    model: Model = learner.fit(train, valid, Budget(20.0, seed=3), lambda row: None)
    return model


@cache
def net() -> Model:
    return fit("two_tower", **NET)


def asked(**cells: Any) -> pl.DataFrame:
    frame = pl.DataFrame(cells)
    return frame if "user" in cells else frame.with_columns(user=pl.lit(None, dtype=pl.String))


def test_what_is_steady_of_a_user_may_be_sent_and_the_rest_is_not_read() -> None:
    roles = {c.name: (c.role, c.seen) for c in PEOPLE.schema}
    assert roles["town"] == roles["age"] == ("feature", True)
    assert roles["screen"] == ("ignored", False)
    assert [c.name for c in PEOPLE.schema.inputs] == ["user", "town", "age"]
    told = PEOPLE.schema["town"]
    assert "may send it" in told.reason and "可以提供" in told.reason_zh


def test_strangers_are_answered_from_what_is_known_of_them() -> None:
    model = from_bytes(to_bytes(net()))
    new = shop(60, seed=9).frame
    first = new.unique("user", keep="first", maintain_order=True)
    town = first["user"].str.slice(1).cast(pl.Int64) % 3
    wanted = np.array([KNOWN.index(name) for name in first["item"]])

    def score(frame: pl.DataFrame) -> float:
        said = Runner.of(model).recommend(frame).lists
        assert said is not None
        return float(gains("ndcg", places(said.items, wanted), 10).mean())

    plain = score(asked(user=first["user"] + "?"))
    assert score(asked(town=[f"t{code}" for code in town])) > 1.5 * plain
    said = lists_frame(Runner.of(model).recommend(asked(town=["t1", "nowhere"], age=[30.0, None])))
    assert said["based_on"].to_list() == ["features", "popularity"]
    assert sum(15 <= KNOWN.index(item) < 30 for item in said["prediction"][0]) >= 8


def test_the_graph_says_what_the_release_carries_unless_the_caller_knows_better() -> None:
    block = BasketsBlock(net().members[0].encoding["blocks"][0])
    assert net().members[0].notes["of_users"] == 4 and block.width == len(KNOWN) + 5
    tensor = np.empty((3, block.width), dtype=np.float32)
    block.write(asked(user=["u001", "u001", "u007"], town=[None, "t2", None]), tensor)
    told = tensor[:, len(KNOWN) : -1]
    words = next(f for f in net().members[0].encoding["blocks"][0]["people"]["columns"]
                 if f["name"] == "town")["words"]  # fmt: skip
    assert [words[row[:3].argmax()] for row in told] == ["t1", "t2", "t1"]
    assert told[0, 3] != 0 and told[2, 3] == 0  # the age of u007 is not known


def test_who_does_not_read_users_carries_nothing_of_them() -> None:
    model = fit("item_knn", neighbours=10)
    block = model.members[0].encoding["blocks"][0]
    assert block["people"] == {"width": 4, "columns": []} and block["columns"] == ["user"]
    told = lists_frame(Runner.of(model).recommend(asked(town=["t1"])))
    assert told["based_on"].to_list() == ["popularity"]


def test_an_average_reads_users_where_one_of_its_members_does(tmp_path: Path) -> None:
    engine = InlineEngine()
    found = choose_recommend(
        PEOPLE, top=5, budget_s=100.0, algorithms=[("two_tower", NET)], engine=engine, folds=1,
        scratch=tmp_path, clock=engine.clock,
    )  # fmt: skip
    (member,) = [m for m in found.model.members if m.name == "two_tower"]
    assert found.candidates[0].name == "two_tower" and len(member.notes["stranger"]) == 2
    answer = Predictor.of(found.model, PEOPLE.schema)
    rows = pl.DataFrame({"town": ["t0", "t2"]})
    assert lists_frame(answer.predict(rows))["based_on"].to_list() == ["features"] * 2


def test_the_list_of_a_stranger_is_judged_by_what_is_known() -> None:
    _, held = held_out(taken(PEOPLE), 0, 1).pairs[0]
    test = replace(PEOPLE, frame=PEOPLE.frame[held])
    scores = []
    for model in (net(), fit("item_knn", neighbours=10)):
        answer = Predictor.of(model, PEOPLE.schema)
        subject = Subject(
            "test", "recommend", PEOPLE.schema, train=PEOPLE, test=test,
            predictions=answer.predict(test.frame), predict=answer.predict,
        )  # fmt: skip
        seen = {f.subject: f for f in recommend_findings(subject, 20)}
        assert seen["ndcg@10(unknown user)"].n == 150
        scores.append(seen["ndcg@10(unknown user)"].value or 0.0)
    assert scores[0] > 1.5 * scores[1]


def test_users_who_come_later_are_known_by_name_alone() -> None:
    block = net().members[0].encoding["blocks"][0]
    row = {"user": ["new"], "item": ["i44"], "moment": [9.0], "stars": [1.0]}
    newer = Dataset(pl.DataFrame(row), shop().schema)
    longer = BasketsBlock(carried(block, taken(newer)))
    tensor = np.empty((2, longer.width), dtype=np.float32)
    longer.write(asked(user=["new", "u001"]), tensor)
    assert tensor[0, 44] == 1 and not tensor[0, len(KNOWN) : -1].any()
    assert tensor[1, len(KNOWN) : -1].any()


class TestFacts:
    def test_numbers_are_standardised_and_what_is_not_known_is_nothing(self) -> None:
        frame = pl.DataFrame({"age": [20.0, 40.0, None], "same": [1.0, 1.0, 1.0],
                              "own": [True, False, True]})  # fmt: skip
        columns = [Column("age", "number"), Column("same", "number"), Column("own", "boolean")]
        facts = Facts(learned(frame, columns))
        assert facts.names == ("age", "own")
        told = facts.told({"age": [20.0, 1e9, None, float("nan")],
                           "own": [True, "true", False, None]}, 4)  # fmt: skip
        assert told.tolist() == [[-1, 1], [8, 1], [0, 0], [0, 0]]

    def test_nothing_is_known_where_no_column_says_so(self) -> None:
        assert people_of(shop(), ("u000",)) is None


class TestRequests:
    reader = BasketReader(PEOPLE.schema)

    def test_one_of_the_ways_to_ask_is_enough(self) -> None:
        read = self.reader.rows([{"town": "t1"}, {"user": 7, "age": 30}, {"history": ["i01"]}])
        frame = self.reader.frame([read])
        assert frame["town"].to_list() == ["t1", None, None]
        assert frame["user"].to_list() == [None, "7", None]
        assert frame["age"].to_list() == [None, 30.0, None]
        table = self.reader.table({"town": ["t1", "t2"]})
        assert self.reader.frame([table, table])["town"].to_list() == ["t1", "t2"] * 2

    def test_what_cannot_be_read_is_refused(self) -> None:
        for row, word in (({"age": "old"}, "age"), ({"city": "t1"}, "user")):
            with pytest.raises(DataError, match=word):
                self.reader.rows([row])

    def test_the_document_says_so(self) -> None:
        schema = Schema(PEOPLE.schema.inputs)
        told = row_schema(schema, None, PEOPLE.schema.basket)
        assert {"required": ["town"]} in told["anyOf"] and "age" in told["properties"]
