"""The ladder: each rung, when it climbs, when it stops, what it keeps and what it says."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import polars as pl
import pytest
import torch
from tests.learn.learn_tables import halves, with_column
from tests.learn.pretrained_folders import copied, image_folder, text_folder

from lingqu.core import catalog
from lingqu.core.errors import DataError, SpecError, TrainError
from lingqu.core.nouns import Dataset, Member, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.learn.candidate import write_scratch
from lingqu.learn.compress.forms import compress_one
from lingqu.learn.compress.int8 import quantised
from lingqu.learn.deep.graph import answers
from lingqu.learn.folds import Folds
from lingqu.learn.pretrained import finding
from lingqu.learn.pretrained.folder import Folder
from lingqu.learn.pretrained.held_out import Held
from lingqu.learn.pretrained.opened import encoder_of
from lingqu.release.encode import encode, targets
from lingqu.release.runner import predict_model

WORDS = ("the", "low", "middle", "high", "water", "lock", "gate", "today", "open", "now")
LADDER = ["words", "frozen", "lora", "full"]


def told(n: int = 120, task: str = "classify", order: bool = False) -> Dataset:
    """Texts of common words; one word tells the class, or, in another order, which comes first."""
    random = np.random.default_rng(0)
    y = random.permutation(np.arange(n) % 2)
    texts = []
    for label in y:
        words = list(random.choice(WORDS, 6))
        pair = ["good", "bad"] if label else ["bad", "good"]
        if order:
            words[1], words[4] = pair
        else:
            words[random.integers(6)] = pair[0]
        texts.append(" ".join(words))
    if task == "regress":
        frame = pl.DataFrame({"note": texts, "y": 40.0 + 5 * y + random.normal(0, 1, n)})
        target = Column("y", "number", "target")
    else:
        frame = pl.DataFrame({"note": texts, "y": np.where(y > 0, "good", "bad").tolist()})
        target = Column("y", "category", "target", levels=("bad", "good"))
    return Dataset(frame, Schema((Column("note", "text"), target)), "told")


def fit(
    data: Dataset, seconds: float = 60.0, seed: int = 0, valid: bool = True, **options: Any
) -> Model:
    options = {"path": str(text_folder()), "epochs": 3, "learning_rate": 3e-3, **options}
    learner = catalog.build("algorithms", "pretrained", options)
    train, held = halves(data)
    held = held if valid else Dataset(held.frame.clear(), held.schema)
    model: Model = learner.fit(train, held, Budget(seconds, seed=seed), lambda row: None)
    return model


def member(model: Model) -> Member:
    return model.members[0]


@pytest.mark.parametrize("task", ["classify", "regress"])
@pytest.mark.parametrize("rung", LADDER)
def test_every_rung_can_be_taken_alone(rung: str, task: str) -> None:
    data = told(task=task)
    model = fit(data, rung=rung)
    notes = member(model).notes
    assert notes["rung"] == notes["refit"]["rung"] == notes["settled"]["rung"] == rung
    assert ("epochs" in notes["refit"]) == (rung in ("lora", "full"))
    style = member(model).encoding["style"]
    assert style == ("linear" if rung == "words" else "pretrained")
    assert Held.by(model, halves(data)[1]).score > (0.8 if task == "classify" else 0.4)


def test_the_best_rung_on_held_out_rows_is_kept_and_the_story_is_told() -> None:
    data = told(order=True)  # who counts words alone cannot see which comes first
    model = fit(data, epochs=12, learning_rate=5e-3)
    notes = member(model).notes
    tried = {row["rung"]: row["loss"] for row in notes["ladder"]}
    assert list(tried) == LADDER[: len(tried)] and len(tried) > 1
    assert notes["rung"] == min(tried, key=lambda rung: tried[rung])
    assert Held.by(model, halves(data)[1]).loss == pytest.approx(min(tried.values()), abs=1e-5)
    (story,) = notes["told"]
    assert f"the rung {notes['rung']!r} of 'reader' is kept" in story["en"]
    assert all(f"{rung}: log loss {loss:.4g}" in story["en"] for rung, loss in tried.items())
    assert "采用" in story["zh"] and "对数损失" in story["zh"]
    json.dumps(notes)


def test_it_stops_where_a_rung_gains_nothing_and_keeps_the_cheap_one() -> None:
    data = told()
    # Both are one unknown piece to the encoder; who counts letters sees which is which.
    words = pl.col("note").str.replace("good", "zeta", literal=True)
    spelt = data.frame.with_columns(words.str.replace("bad", "omega", literal=True))
    model = fit(Dataset(spelt, data.schema, "spelt"))
    notes = member(model).notes
    assert notes["rung"] == "words" and member(model).encoding["style"] == "linear"
    assert [row["rung"] for row in notes["ladder"]] == ["words", "frozen"]
    assert "within the noise" in notes["told"][0]["en"]
    assert len(member(model).graph) < 100_000  # and nothing of the encoder is released


def test_no_rung_begins_that_cannot_end() -> None:
    data = told(order=True)
    fit(data, rung="frozen")
    measured = dict(finding.KEPT.paces)
    finding.KEPT.paces.update(dict.fromkeys(measured, 10.0))  # as on a very slow machine
    notes = member(fit(data, seconds=20.0)).notes
    finding.KEPT.paces.update(measured)
    assert [row["rung"] for row in notes["ladder"]] == ["words", "frozen"]
    assert notes["rung"] in ("words", "frozen")
    assert "since 'lora' would take about" in notes["told"][0]["en"]


def test_a_frozen_encoder_that_takes_too_long_is_not_read_to_the_end() -> None:
    finding.KEPT.forget()
    with pytest.raises(TrainError, match=r"'frozen' would take about .* s.*train.budget"):
        fit(told(4000), seconds=0.3, rung="frozen")


def test_other_columns_stand_beside_what_the_encoder_finds() -> None:
    data = told()
    random = np.random.default_rng(1)
    blank = data.frame.with_columns(pl.lit("the water").alias("note"))
    data = Dataset(blank, data.schema, "told")
    y = targets(data, "classify")[0]
    data = with_column(data, Column("level", "number"), y + random.normal(0, 0.2, len(y)))
    data = with_column(
        data, Column("bank", "category", levels=("l", "r")), np.where(y > 0, "r", "l").tolist()
    )
    for rung in ("frozen", "lora"):
        model = fit(data, rung=rung)
        kinds = [block["type"] for block in member(model).encoding["blocks"]]
        assert kinds == ["numbers", "category", "pieces"]
        assert Held.by(model, halves(data)[1]).score > 0.9


@pytest.mark.parametrize("size", [8, 40])
def test_pictures_of_any_size_are_seen(size: int) -> None:
    random = np.random.default_rng(0)
    y = random.permutation(np.arange(80) % 2)
    cells = random.integers(0, 60, (80, size, size, 3))
    cells[y > 0, : size // 2] += 150
    image = pl.Series(cells.astype(np.uint8), dtype=pl.Array(pl.UInt8, (size, size, 3)))
    frame = pl.DataFrame({"image": image, "y": [str(label) for label in y]})
    column = Column("image", "image", shape=(size, size, 3), low=0, high=209)
    target = Column("y", "category", "target", levels=("0", "1"))
    data = Dataset(frame, Schema((column, target)), "pictures")
    model = fit(data, path=str(image_folder()), rung="frozen")
    block = member(model).encoding["blocks"][-1]
    assert (block["mean"], block["scale"]) == (0.0, 255.0)
    assert block["size"] == (None if size <= 16 else [16, 16])
    assert Held.by(model, halves(data)[1]).score > 0.9
    tuned = fit(data, path=str(image_folder()), rung="lora")
    assert Held.by(tuned, halves(data)[1]).score > 0.9


def test_adapters_are_merged_before_the_graph_is_written() -> None:
    frozen, lora = (fit(told(), rung=rung) for rung in ("frozen", "lora"))
    graphs = [onnx.load_from_string(member(model).graph).graph for model in (frozen, lora)]
    products = [[n.op_type for n in g.node if n.op_type in ("MatMul", "Gemm")] for g in graphs]
    assert products[0] == products[1]  # no layer more
    one, two = ({t.name: t.raw_data for t in g.initializer} for g in graphs)
    changed = [name for name in one.keys() & two.keys() if one[name] != two[name]]
    assert changed and not any("embeddings" in name for name in changed)


def test_vectors_are_computed_once_for_rows_that_come_again() -> None:
    finding.KEPT.forget()
    fit(told(), rung="frozen")
    kept = dict(finding.KEPT.paces)
    fit(told(), rung="frozen", seed=1)
    assert finding.KEPT.paces == kept  # nothing was read, so nothing was measured anew


def test_the_oldest_vectors_are_forgotten() -> None:
    kept = finding.Findings(most=800)
    for row in range(4):
        kept.put(str(row).encode(), np.zeros(100, dtype=np.float32))
    assert [kept.get(str(row).encode()) is not None for row in range(4)] == [False] * 2 + [True] * 2
    kept.forget()
    assert kept.get(b"3") is None


def test_what_is_found_does_not_depend_on_what_is_kept() -> None:
    encoder = encoder_of(Folder.opened(text_folder()), ())
    x = torch.randint(1, 20, (90, 12)).float()
    x[:40, 5:] = 0
    x[50] = x[7]
    forever = time.monotonic() + 60
    whole, few = finding.Findings(), finding.Findings(most=5 * 32 * 4)
    first = finding.found_in(encoder, "one", x, 2, forever, whole)
    with torch.inference_mode():
        assert np.allclose(first, encoder(x[:, 2:]).numpy(), atol=1e-5)
    for kept in (whole, few, few):
        assert np.allclose(finding.found_in(encoder, "one", x, 2, forever, kept), first, atol=1e-5)


def test_long_texts_are_cut_where_that_is_said_and_refused_where_not() -> None:
    data = told()
    long = data.frame.with_columns(
        pl.when(pl.int_range(pl.len()) < 3)
        .then(pl.lit("good " * 60))
        .otherwise("note")
        .alias("note")
    )
    data = Dataset(long, data.schema, "told")
    with pytest.raises(TrainError, match=r"3 of 90 texts.*40; the longest has 62.*`context: 40`"):
        fit(data, rung="frozen")
    notes = member(fit(data, rung="frozen", context=10)).notes
    cut = int(data.frame[:90]["note"].str.split(" ").list.len().gt(8).sum())
    assert f"{cut} of 90 training texts were cut to 10 pieces" in notes["told"][0]["en"]
    with pytest.raises(SpecError, match=r"`context` is 41.*at most 40"):
        fit(data, context=41)


def test_a_longer_text_than_any_in_training_is_read_and_one_beyond_the_model_refused() -> None:
    model = fit(told(), rung="frozen")
    row = pl.DataFrame({"note": ["good " * 30]})
    assert len(predict_model(model, row).labels) == 1
    with pytest.raises(DataError, match="more pieces"):
        predict_model(model, pl.DataFrame({"note": ["good " * 39]}))


def test_answers_do_not_depend_on_the_rows_beside() -> None:
    model = fit(told(), rung="full")
    rows = pl.concat([told(200).frame, pl.DataFrame({"note": ["low " * 35], "y": ["bad"]})])
    together = predict_model(model, rows).probabilities
    alone = np.concatenate([predict_model(model, rows[at : at + 1]).probabilities
                            for at in (0, 77, 200)])  # fmt: skip
    assert together is not None and np.allclose(together[[0, 77, 200]], alone, atol=1e-5)


def test_a_folder_that_reads_something_else_is_refused() -> None:
    with pytest.raises(SpecError, match=r"reads image, and no feature column.*text"):
        fit(told(), path=str(image_folder()))


def test_without_held_out_rows_a_refit_repeats_what_was_settled() -> None:
    first = fit(told(order=True), rung="full")
    again = fit(told(order=True), valid=False, **member(first).notes["refit"])
    assert member(again).notes["rung"] == "full"
    assert member(again).notes["epochs"] == member(first).notes["refit"]["epochs"]


def test_another_folder_than_was_meant_is_refused(tmp_path: Path) -> None:
    folder = copied(text_folder(), tmp_path)
    digest = Folder.opened(folder).digest
    assert member(fit(told(), path=str(folder), rung="words", sha256=digest)).notes
    with pytest.raises(SpecError, match="SHA-256"):
        fit(told(), path=str(folder), sha256="0" * 64)


def test_gain_is_told_beside_its_noise() -> None:
    random = np.random.default_rng(0)
    before = random.exponential(1, 400)
    weight = np.ones(400)
    better = Held(before - 0.2 + random.normal(0, 0.1, 400), 0.0, weight)
    gain, noise = Held(before, 0.0, weight).gain(better)
    assert gain == pytest.approx(0.2, abs=0.02) and noise == pytest.approx(0.1 / 20, rel=0.2)
    doubled = Held(np.tile(before, 2), 0.0, np.repeat([2.0, 0.0], 400))
    assert doubled.loss == pytest.approx(before.mean())


def test_the_tensor_holds_no_more_places_than_the_texts_need() -> None:
    model = fit(told(), rung="frozen")
    x = encode(told().frame, member(model).encoding)["x"]
    assert x.shape == (120, 8) and (x[:, 0] == 3).all()  # [CLS] is 2, and one more


def test_eight_bits_make_it_a_third_and_hardly_change_its_answers() -> None:
    model = fit(told(), rung="lora")
    rows = encode(told().frame, member(model).encoding)["x"]
    small = quantised(member(model).graph, rows)
    assert small is not None
    sizes = [sum(len(t.raw_data) for t in onnx.load_from_string(g).graph.initializer)
             for g in (member(model).graph, small)]  # fmt: skip
    assert sizes[1] < 0.4 * sizes[0]
    one, two = (answers(graph, {"x": rows}) for graph in (member(model).graph, small))
    assert np.abs(one - two).max() < 0.05 and (one.argmax(1) == two.argmax(1)).mean() > 0.97
    alone = np.concatenate([answers(small, {"x": row[None]}) for row in rows[:4]])
    assert np.allclose(alone, two[:4], atol=1e-5)


def test_no_rung_begins_for_which_there_is_no_memory() -> None:
    train, held = halves(told(order=True))
    options = {"path": str(text_folder())}
    learner = catalog.build("algorithms", "pretrained", options)
    notes = (
        learner.fit(train, held, Budget(60.0, memory_mb=50.0), lambda row: None).members[0].notes
    )
    assert [row["rung"] for row in notes["ladder"]] == ["words", "frozen"]
    assert "MB, and 50 MB are allowed" in notes["told"][0]["en"]
    learner = catalog.build("algorithms", "pretrained", {**options, "rung": "full"})
    with pytest.raises(TrainError, match=r"'full' would take about .* MB.*train.memory"):
        learner.fit(train, held, Budget(60.0, memory_mb=50.0), lambda row: None)


def test_forms_of_a_fit_that_reads_texts_are_made(tmp_path: Path) -> None:
    data, kept = told(), np.arange(120)
    write_scratch(tmp_path, data, Folds("random", ((kept[:90], kept[90:]),), 1))
    found = member(fit(data, rung="frozen"))
    (tmp_path / "fit.onnx").write_bytes(found.graph)
    payload = {
        "scratch": str(tmp_path), "fold": 0, "seed": 0, "seconds": 60.0, "goal": "classify",
        "graph": str(tmp_path / "fit.onnx"), "encoding": found.encoding, "trains": True,
        "classes": ["bad", "good"], "algorithm": "pretrained", "forms": ["int8", "sparse"],
        "options": {"path": str(text_folder())},
    }  # fmt: skip
    made = compress_one(payload, lambda row: None)
    assert list(made["forms"]) == ["original", "int8"]
    assert "cannot be trained" in made["failed"]["sparse"]["english"]
