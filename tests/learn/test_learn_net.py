"""One net of any mixture of columns: each encoder, each fusion, texts of any length."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from tests.learn.learn_tables import halves
from tests.learn.test_learn_battery import mixture

from lingqu.core.errors import LingquError
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.learn.deep.attention import Block
from lingqu.learn.deep.encoders.recurrent import Recurrent
from lingqu.learn.deep.encoders.transformer import Transformer
from lingqu.learn.deep.net import Mixture, Net, Part, parts_of
from lingqu.learn.deep.pretrain import pretrain
from lingqu.learn.plan import Plan
from lingqu.release.encode import encode, fit_encoding
from lingqu.release.predictor import Runner, predict_model

SMALL: dict[str, Any] = {"width": 16, "heads": 2, "batch": 16}


def fitted(table: Dataset, epochs: int = 8, **options: Any) -> tuple[Model, Dataset]:
    train, valid = halves(table)
    net = Net(**{**SMALL, "epochs": epochs, **options})
    return net.fit(train, valid, Budget(60.0, seed=1), lambda row: None), valid


def texts(rows: list[str], name: str = "note") -> Dataset:
    """Rows of one text each; the first of two classes has the word ``low``."""
    frame = pl.DataFrame({name: rows, "y": ["no" if "low" in row else "yes" for row in rows]})
    target = Column("y", "category", "target", levels=("no", "yes"))
    return Dataset(frame, Schema((Column(name, "text"), target)), "texts")


@pytest.mark.parametrize(
    "options",
    [
        {"text": "lstm", "image": "resnet", "fusion": "attention"},
        {"text": "gru", "image": "vit", "fusion": "late", "members": 4, "activation": "gelu"},
    ],
    ids=lambda options: options["text"],
)
def test_every_encoder_and_fusion_learns_and_answers_one_row_as_many(
    options: dict[str, Any],
) -> None:
    model, valid = fitted(mixture("classify"), epochs=14, **options)
    said = predict_model(model, valid.frame)
    truth = valid.frame["y"].to_list()
    assert (
        np.mean([model.classes[label] == y for label, y in zip(said.labels, truth, strict=True)])
        > 0.8
    )
    alone = predict_model(model, valid.frame[5:6])
    assert said.probabilities is not None and alone.probabilities is not None
    assert np.allclose(alone.probabilities[0], said.probabilities[5], atol=1e-5)
    parts = model.members[0].notes["parts"]
    assert [part["kind"] for part in parts] == ["table", "image", "text"]


@pytest.mark.parametrize("kind", ["transformer", "lstm", "gru"])
def test_the_length_of_a_neighbour_does_not_change_an_answer(kind: str) -> None:
    torch.manual_seed(0)
    net = Mixture((Part("text", 0, 12, words=20),), Net(text=kind, width=8, heads=2), 2).eval()
    short = torch.tensor([[3.0, 9.0, 4.0]])
    beside = torch.zeros(2, 12)
    beside[0, :3], beside[1] = short, torch.arange(1, 13)
    with torch.inference_mode():
        assert torch.allclose(net(short)[0], net(beside)[0], atol=1e-6)
        # The order of words is read: both ways, and by their places.
        assert not torch.allclose(net(short), net(short.flip(1)), atol=1e-4)


def test_empty_and_missing_texts_are_answered() -> None:
    rows = ["low water", "high water", "low", "high"] * 12
    model, _ = fitted(texts(rows), epochs=20)
    frame = pl.DataFrame({"note": [None, "", "low", "unheard of words " * 30, "high"]})
    said = predict_model(model, frame)
    assert said.probabilities is not None and np.isfinite(said.probabilities).all()
    assert np.allclose(said.probabilities[0], said.probabilities[1])
    assert [model.classes[said.labels[place]] for place in (2, 4)] == ["no", "yes"]


def test_two_texts_are_one_sequence_that_keeps_them_apart() -> None:
    frame = pl.DataFrame({"a": ["one two", "one"], "b": ["three", "two three"], "y": ["p", "q"]})
    target = Column("y", "category", "target", levels=("p", "q"))
    schema = Schema((Column("a", "text"), Column("b", "text"), target))
    encoding = fit_encoding(Dataset(frame, schema), "net")
    first, second = encode(frame, encoding)["x"]
    assert sorted(first) == sorted(second) and list(first) != list(second)
    assert parts_of(encoding)[0].kind == "text" and encoding["shape"] == [None]


def test_a_long_text_is_refused_unless_it_may_be_cut() -> None:
    table = texts([f"{'low' if row % 2 else 'high'} " + "word " * 600 for row in range(24)])
    with pytest.raises(LingquError, match=r"601 words.*context: 512"):
        fitted(table, epochs=1)
    model, valid = fitted(table, epochs=1, context=20)
    assert model.members[0].encoding["blocks"][-1]["length"] == 20
    assert len(predict_model(model, valid.frame).labels) == len(valid)


def test_a_width_that_heads_do_not_divide_is_refused() -> None:
    with pytest.raises(LingquError, match="multiple of `heads`"):
        Net(width=10, heads=4)


def test_many_rows_are_answered_in_pieces_of_any_width() -> None:
    rows = ["low " + "water " * (row % 9) if row % 2 else "high" for row in range(90)]
    model, _ = fitted(texts(rows), epochs=4)
    runner = Runner.of(model)
    frame = pl.DataFrame({"note": rows * 3})
    whole = runner.predict(frame).probabilities
    assert whole is not None and len(whole) == 270
    for at in (0, 1, 150, 269):
        alone = runner.predict(frame[at : at + 1]).probabilities
        assert alone is not None and np.allclose(alone[0], whole[at], atol=1e-6)


def test_a_causal_block_sees_only_what_came_before() -> None:
    torch.manual_seed(0)
    block = Block(8, 2, causal=True).eval()
    x = torch.randn(1, 5, 8)
    other = x.clone()
    other[0, 3:] = 0
    with torch.inference_mode():
        one, two = block(x), block(other)
    assert torch.allclose(one[0, :3], two[0, :3], atol=1e-6)
    assert not torch.allclose(one[0, 3:], two[0, 3:], atol=1e-3)


def test_dropout_rests_when_the_net_answers() -> None:
    torch.manual_seed(0)
    reads = [
        Transformer(9, 6, 8, layers=1, heads=2, dropout=0.5),
        Recurrent(9, 8, layers=2, dropout=0.5),
    ]
    ids = torch.tensor([[3, 1, 2]])
    for net in reads:
        net.train()
        assert not torch.allclose(net(ids), net(ids))
        net.eval()
        assert torch.equal(net(ids), net(ids))


def test_guessing_hidden_words_learns_which_words_stand_together() -> None:
    random = np.random.default_rng(0)
    pairs = torch.tensor([[2, 3], [4, 5], [6, 7]])
    ids = pairs[torch.tensor(random.integers(0, 3, (400, 3)))].reshape(400, 6)
    torch.manual_seed(0)
    encoder = Transformer(words=8, longest=6, width=16, layers=1, heads=2)
    run = pretrain(encoder, ids, Plan(epochs=12, batch=32, learning_rate=5e-3), 60.0)
    losses = [row["train_loss"] for row in run.curve]
    # Six words come equally often; who knows the partner of a hidden word need not guess.
    assert losses[0] > 1.5 and losses[-1] < 0.6 * np.log(6)


def test_pretraining_is_noted_and_changes_the_net() -> None:
    table = texts(["low water", "high water", "low", "high gate"] * 8)
    plain, _ = fitted(table, epochs=2)
    model, _ = fitted(table, epochs=2, pretrain=3)
    assert len(model.members[0].notes["pretrained"]) == 3
    assert model.members[0].graph != plain.members[0].graph
    with pytest.raises(LingquError, match="text: transformer"):
        fitted(table, epochs=1, pretrain=1, text="gru")
