"""Nets of tags, texts, spans and vectors: what each learns that a table of rows cannot."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.learn.reply_tables import logs, phrases, sides, tagged

from lingqu.core import catalog
from lingqu.core.errors import DataError, LingquError
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.learn.replies import tried
from lingqu.learn.replies.belonging import belonging
from lingqu.learn.replies.fitting import scores_of
from lingqu.learn.replies.reader import columns_of
from lingqu.learn.replies.tagged import read_tagged
from lingqu.release.runner import Runner

TEXTS = Schema((Column("text", "text"), Column("y", "text", "target")))


def fit(name: str, rows: Dataset, valid: Dataset | None = None, **options: Any) -> Model:
    held = Dataset(rows.frame.head(0), rows.schema) if valid is None else valid
    learner = catalog.build("algorithms", name, options)
    return learner.fit(rows, held, Budget(60.0, seed=0), lambda row: None)  # type: ignore[no-any-return]


def texts(*pairs: tuple[str, str]) -> Dataset:
    return Dataset(pl.DataFrame(pairs, schema=["text", "y"], orient="row"), TEXTS)


def test_a_tagger_reads_neighbours_where_a_table_cannot() -> None:
    draw = np.random.default_rng(0)
    both = [("we lock the gate", "P V D N"), ("the lock is full", "D N V A")]
    rows = texts(*(both[n] for n in draw.integers(0, 2, 60)))
    quick = {"epochs": 15, "width": 16, "batch": 8, "hidden_words": 0.0}
    table, net = (scores_of(m, rows)[0] for m in (fit("usual_tags", rows),
                                                  fit("tagger", rows, **quick)))  # fmt: skip
    assert net == 1.0 > table


def test_usual_tags_are_counted_and_strangers_get_those_of_rare_tokens() -> None:
    rows = texts(("a b", "X Y"), ("a c", "X Z"), ("a d", "Z Z"))
    model = fit("usual_tags", rows)
    said = Runner.of(model).predict(pl.DataFrame({"text": ["a b nobody"]})).replies
    assert said is not None and said.said == (["X", "Y", "Z"],)
    assert said.sure is not None and said.sure[0] == pytest.approx((2 / 3 + 1 + 2 / 3) / 3)


@pytest.mark.parametrize(
    ("pairs", "told"),
    [((("a b", "X"),), "Row 1 has 2 tokens"), ((("a", "X"), ("a b", "X X X")), "Row 2 has 2")],
)
def test_a_row_of_unequal_length_is_refused_by_its_number(
    pairs: tuple[tuple[str, str], ...], told: str
) -> None:
    with pytest.raises(DataError, match=told):
        read_tagged(texts(*pairs))


def test_lists_are_tags_as_well_as_texts() -> None:
    frame = pl.DataFrame({"text": ["a b"], "y": ["X Y"]})
    listed = frame.with_columns(pl.col("y").str.split(" "))
    assert read_tagged(Dataset(listed, TEXTS)).tags == read_tagged(Dataset(frame, TEXTS)).tags


QUICK = {
    "width": 32, "layers": 1, "heads": 2, "dropout": 0.0, "batch": 8, "epochs": 30,
    "learning_rate": 1e-2, "context": 48, "patience": 0,
}  # fmt: skip


@pytest.mark.slow
def test_a_decoder_puts_together_what_a_memory_never_saw() -> None:
    verbs = {
        "open": "开",
        "close": "关",
        "clean": "洗",
        "paint": "画",
        "guard": "守",
        "move": "移",
        "show": "示",
        "sell": "卖",
    }
    things = {
        "gate": "门",
        "boat": "船",
        "wall": "墙",
        "road": "路",
        "well": "井",
        "bell": "钟",
        "book": "书",
        "tree": "树",
    }
    pairs = [(f"{v} {t}", verbs[v] + things[t]) for v, t in itertools.product(verbs, things)]
    order = np.random.default_rng(1).permutation(len(pairs))
    held, known = (texts(*(pairs[n] for n in part)) for part in (order[:12], order[12:]))
    larger = {"width": 64, "layers": 2, "dropout": 0.1, "learning_rate": 5e-3, "epochs": 60}
    both = [fit("memory", known), fit("decoder", known, **(QUICK | larger))]
    table, net = (scores_of(m, held)[0] for m in both)
    assert net > 0.8 > table


def test_a_decoder_tells_its_perplexity_and_what_was_cut() -> None:
    rows, valid = sides(phrases())
    model = fit("decoder", rows, valid, **QUICK | {"epochs": 2, "context": 12, "most": 4})
    notes = model.members[0].notes
    said = " ".join(note["en"] for note in notes["told"])
    assert "Perplexity" in said and "`context`" in said
    asked = valid.frame.drop("y")
    runner = Runner.of(model)
    told = runner.with_truth(asked, runner.predict(asked), valid.frame["y"].to_list()).replies
    assert told is not None and min(told.beside["nats"]) > 0
    assert len(told.beside["tokens"]) == len(valid)


def test_a_stop_ends_an_answer_and_is_no_part_of_it() -> None:
    rows = texts(*[("a", "xyz"), ("b", "xyz")] * 12)
    plain, stopped = (fit("decoder", rows, **QUICK, **more) for more in ({}, {"stop": ["y"]}))
    said = [Runner.of(m).predict(rows.frame.drop("y")[:1]).replies for m in (plain, stopped)]
    assert [one.said[0] for one in said if one] == ["xyz", "x"]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("decoder", {"context": 2}), ("decoder", {"top_p": 0.0}), ("decoder", {"width": 30}),
        ("decoder", {"characters": 1}), ("tagger", {"width": 3}), ("reader", {"layers": 0}),
        ("reader", {"width": 30}), ("embedder", {"dimensions": 0}), ("ngram_axes", {"low": 5}),
        ("ngram_axes", {"width": 1}),
    ],
)  # fmt: skip
def test_options_that_cannot_be_are_refused(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(LingquError, match=next(iter(options)).replace("low", "high")):
        catalog.build("algorithms", name, options)


def test_a_reader_finds_out_which_text_is_which() -> None:
    assert columns_of(logs()) == (["asked"], "text")
    assert tried("answer", logs().schema) == ("memory", "reader")
    assert tried("answer", phrases().schema) == ("memory",)
    with pytest.raises(DataError, match="two features"):
        columns_of(phrases())


def test_answers_outside_their_text_are_counted_or_refused() -> None:
    rows = logs(24)
    strange = rows.frame.with_columns(y=pl.when(pl.int_range(24) < 4).then(pl.lit("none"))
                                      .otherwise("y"))  # fmt: skip
    model = fit("reader", Dataset(strange, rows.schema), epochs=1, width=8, heads=2)
    assert "4 of 24" in model.members[0].notes["told"][0]["en"]
    nowhere = Dataset(rows.frame.with_columns(y=pl.lit("none")), rows.schema)
    with pytest.raises(DataError, match="none of the 24"):
        fit("reader", nowhere)


def test_classes_are_embedded_from_any_mixture() -> None:
    frame = tagged(60).frame.select(
        "text", n=pl.col("text").str.len_chars().cast(pl.Float64),
        y=pl.when(pl.col("text").str.contains("canal")).then(pl.lit("c")).otherwise(pl.lit("o")),
    )  # fmt: skip
    schema = Schema((Column("text", "text"), Column("n", "number"),
                     Column("y", "category", "target", levels=("c", "o"))))  # fmt: skip
    rows = Dataset(frame, schema)
    quick = {"epochs": 15, "width": 16, "heads": 2, "dimensions": 8, "batch": 16}
    model = fit("embedder", rows, **quick)
    assert scores_of(model, rows)[0] > 0.9
    said = Runner.of(model).predict(frame.drop("y")).replies
    assert said is not None and np.allclose(np.linalg.norm(said.said, axis=1), 1, atol=1e-4)


def test_a_partner_must_be_of_the_kind_of_a_feature() -> None:
    schema = Schema((Column("n", "number"), Column("y", "text", "target")))
    with pytest.raises(DataError, match="kind text"):
        belonging(Dataset(pl.DataFrame({"n": [1.0], "y": ["a"]}), schema))
