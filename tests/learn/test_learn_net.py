"""One net of any mixture of columns: each encoder, each fusion, texts of any length."""

from __future__ import annotations

from pathlib import Path
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
from lingqu.learn.deep.encoders.resnet import ResNet
from lingqu.learn.deep.encoders.transformer import Transformer
from lingqu.learn.deep.net import Mixture, Net, Part, parts_of
from lingqu.learn.deep.pretrain import Masked, pretrain, words_of
from lingqu.learn.listeners import checkpoint
from lingqu.learn.loop import Run, fit
from lingqu.learn.plan import Plan
from lingqu.release.encode import encode, fit_encoding
from lingqu.release.runner import Runner, predict_model

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


def _interrupted(path: Path, epoch: int, **options: Any) -> None:
    """Begin a fit that keeps what it learned, and break it off behind a pass."""

    def stop(row: Any) -> None:
        if row["epoch"] == epoch:
            raise KeyboardInterrupt

    train, valid = halves(texts(["low water", "high water", "low", "high gate"] * 8))
    net = Net(**SMALL, **options, checkpoint=str(path))
    with pytest.raises(KeyboardInterrupt):
        net.fit(train, valid, Budget(60.0, seed=1), stop)


def test_a_fit_that_goes_on_does_not_learn_the_language_again(tmp_path: Path) -> None:
    table, path = texts(["low water", "high water", "low", "high gate"] * 8), tmp_path / "net"
    options: dict[str, Any] = {"epochs": 4, "pretrain": 3}
    whole, _ = fitted(table, **options)
    _interrupted(path, 3, **options)
    (earlier,) = tmp_path.glob("*-before")
    kept = torch.load(earlier, weights_only=True)
    told = [row["train_loss"] for row in kept["curve"]]
    assert [round(loss, 4) for loss in told] == whole.members[0].notes["pretrained"]
    again, _ = fitted(table, **options, checkpoint=str(path))
    assert again.members[0] == whole.members[0]
    assert list(tmp_path.iterdir()) == []
    # What stands in the file is taken over, so nothing is learned twice.
    _interrupted(path, 3, **options)
    kept["curve"] = [{**row, "train_loss": 7.0} for row in kept["curve"]]
    torch.save(kept, earlier)
    again, _ = fitted(table, **options, checkpoint=str(path))
    assert again.members[0].notes["pretrained"] == [7.0] * 3
    assert again.members[0].graph == whole.members[0].graph


def test_learning_the_language_goes_on_where_it_was_broken_off(tmp_path: Path) -> None:
    ids = torch.randint(1, 8, (64, 6), generator=torch.Generator().manual_seed(0))
    plan = Plan(epochs=4, batch=16, learning_rate=5e-3)

    def made() -> Transformer:
        torch.manual_seed(0)
        return Transformer(words=8, longest=6, width=8, layers=1, heads=2)

    whole, broken = made(), made()
    pretrain(whole, ids, plan, 60.0)
    kept = tmp_path / "words"

    def stop(event: str, run: Run) -> None:
        if event == "step" and run.step == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(Masked(broken), words_of(ids), plan, [checkpoint(kept), stop])
    found = made()
    run = pretrain(found, ids, plan, 60.0, kept)
    assert run.step == 16
    learned = zip(whole.parameters(), found.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in learned)
    assert pretrain(found, ids, plan, 60.0, kept).step == 16


def test_texts_that_are_cut_are_counted() -> None:
    table = texts(["low water", "high water", "low", "high gate"] * 8)
    assert "told" not in fitted(table, epochs=1, context=2)[0].members[0].notes
    (note,) = fitted(table, epochs=1, context=1)[0].members[0].notes["told"]
    cut = int(halves(table)[0].frame["note"].str.contains(" ").sum())
    assert f"{cut} of {len(halves(table)[0])} training texts were cut to 1 words" in note["en"]
    assert "被截到 1 个词" in note["zh"]


def test_large_pictures_in_colour_are_learned_from() -> None:
    torch.manual_seed(0)
    net = ResNet(3, (64, 64), width=64, layers=2)
    for _ in range(3):  # torch's oneDNN once wrote outside its memory here
        net(torch.rand(32, 3, 64, 64)).sum().backward()
    assert all(bool(p.grad.isfinite().all()) for p in net.parameters() if p.grad is not None)
