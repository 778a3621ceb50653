"""The nets: they learn, keep their budget, resume, and their graphs say what they say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import polars as pl
import pytest
import torch
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.model_selection import train_test_split
from torch import nn

from lingqu.core.catalog import build, load
from lingqu.core.errors import LingquError, SpecError, TrainError
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Algorithm, Budget
from lingqu.core.schema import Column, Schema
from lingqu.learn.deep import cnn, graph, mlp
from lingqu.learn.deep.cnn import Cnn
from lingqu.learn.deep.mlp import Mlp
from lingqu.learn.device import threads, work
from lingqu.learn.tabular.target import Bend
from lingqu.release.encode import encode, targets

Two = tuple[Dataset, Dataset]


def nothing(row: Any) -> None:
    """Take no notice of progress."""


def pictures(x: Any, y: Any, shape: tuple[int, ...], regress: bool = False) -> Dataset:
    cells = pl.Series(x.reshape(len(x), -1).tolist(), dtype=pl.Array(pl.Float32, x[0].size))
    target = (
        Column("y", "number", "target")
        if regress
        else Column("y", "category", "target", levels=tuple(sorted({str(v) for v in y})))
    )
    values = y.astype(float) if regress else y.astype(str)
    schema = Schema((Column("image", "image", shape=shape, low=0, high=16), target))
    return Dataset(pl.DataFrame({"image": cells, "y": values}), schema)


def digits(regress: bool = False) -> Two:
    """Give the seeds' training part, split once more; the test part is not touched."""
    x, y = load_digits(return_X_y=True)
    x, _, y, _ = train_test_split(x, y, test_size=0.2, random_state=42)
    a, b, ya, yb = train_test_split(x, y, test_size=0.1, random_state=0, stratify=y)
    return pictures(a, ya, (8, 8), regress), pictures(b, yb, (8, 8), regress)


def few(pair: Two, rows: int = 200) -> Two:
    train, valid = pair
    return Dataset(train.frame.head(rows), train.schema), valid


def numbers(x: Any, y: Any, regress: bool) -> Two:
    columns = {f"c{i}": x[:, i] for i in range(x.shape[1])}
    target = Column("y", "number", "target") if regress else Column("y", "category", "target")
    if not regress:
        target = Column("y", "category", "target", levels=tuple(sorted({str(v) for v in y})))
    frame = pl.DataFrame({**columns, "y": y.astype(float) if regress else y.astype(str)})
    schema = Schema((*(Column(name, "number") for name in columns), target))
    frame = frame.sample(fraction=1.0, shuffle=True, seed=0)
    cut = int(frame.height * 0.8)
    return Dataset(frame[:cut], schema), Dataset(frame[cut:], schema)


def answer(model: Model, dataset: Dataset) -> Any:
    member = model.members[0]
    return graph.answers(member.graph, encode(dataset.frame, member.encoding))


def score(model: Model, dataset: Dataset) -> float:
    """Accuracy, or R²; from the graph, which is what is released."""
    y, _ = targets(dataset, model.task)
    out = answer(model, dataset)
    if model.task == "classify":
        assert np.allclose(out.sum(1), 1, atol=1e-5)
        return float((out.argmax(1) == y).mean())
    return 1 - float(np.mean((out[:, 0] - y) ** 2) / np.var(np.asarray(y, float)))


def test_cnn_reads_digits() -> None:
    train, valid = digits()
    rows: list[Any] = []
    model = Cnn().fit(train, valid, Budget(60), rows.append)
    notes = model.members[0].notes
    assert score(model, valid) >= 0.98 and model.classes == tuple("0123456789")
    assert [row["epoch"] for row in rows] == list(range(1, 11)) and notes["curve"] == rows
    assert {"train_loss", "valid_loss", "valid_score", "learning_rate"} <= set(rows[0])
    assert notes["epochs"] == 10 and notes["refit"] == {"epochs": 10}
    assert notes["parameters"] == 33962


def test_mlp_reads_digits_in_the_form_of_the_seeds() -> None:
    train, valid = digits()
    seeds = Mlp(
        hidden=(64, 64), optimiser="adam", schedule="constant", learning_rate=1e-3, batch=32,
        epochs=10, dropout=0.0, weight_decay=0.0,
    )  # fmt: skip
    assert score(seeds.fit(train, valid, Budget(60), nothing), valid) >= 0.94


def test_mlp_classifies_a_table() -> None:
    train, valid = numbers(*load_breast_cancer(return_X_y=True), regress=False)
    model = Mlp().fit(train, valid, Budget(60), nothing)
    assert model.task == "classify" and score(model, valid) >= 0.94


def test_mlp_regresses_in_the_units_of_the_target() -> None:
    x, y = load_diabetes(return_X_y=True)
    train, valid = numbers(x, 1e4 + 100 * y, regress=True)
    model = Mlp().fit(train, valid, Budget(60), nothing)
    assert model.task == "regress" and model.classes == ()
    assert score(model, valid) > 0.35 and answer(model, valid).shape == (len(valid), 1)


def test_cnn_regresses_pictures() -> None:
    train, valid = digits(regress=True)
    model = Cnn(epochs=6).fit(train, valid, Budget(60), nothing)
    assert score(model, valid) > 0.75


def test_mlp_reads_every_kind_of_column() -> None:
    rng = np.random.default_rng(0)
    n = 160
    y = rng.integers(0, 2, n)
    frame = pl.DataFrame(
        {
            "a": [None if i % 9 == 0 else float(v) for i, v in enumerate(y + rng.normal(0, 1, n))],
            "b": [None if i % 11 == 0 else "xyz"[v + i % 2] for i, v in enumerate(y)],
            "c": (y + rng.integers(0, 2, n)) > 1,
            "d": ["very good indeed" if v else "rather bad, alas" for v in y],
            "v": pl.Series(
                rng.normal(y[:, None], 1, (n, 3)).tolist(), dtype=pl.Array(pl.Float32, 3)
            ),
            "y": np.where(y, "yes", "no"),
        }
    )
    schema = Schema(
        (
            Column("a", "number", nullable=True),
            Column("b", "category", nullable=True, levels=("x", "y", "z")),
            Column("c", "boolean"),
            Column("d", "text"),
            Column("v", "vector", shape=(3,)),
            Column("y", "category", "target", levels=("no", "yes")),
        )
    )
    train, valid = Dataset(frame[:120], schema), Dataset(frame[120:], schema)
    assert score(Mlp(epochs=20).fit(train, valid, Budget(60), nothing), valid) >= 0.9


def test_row_weights_count() -> None:
    x = np.zeros((60, 1))
    y = np.array([0, 1] * 30)
    frame = pl.DataFrame(
        {"a": x[:, 0] + np.arange(60) % 3, "w": np.where(y, 9.0, 1.0), "y": y.astype(str)}
    )
    schema = Schema(
        (
            Column("a", "number"),
            Column("w", "number", "weight"),
            Column("y", "category", "target", levels=("0", "1")),
        )
    )
    data = Dataset(frame, schema)
    model = Mlp(epochs=60, dropout=0.0).fit(data, data, Budget(60), nothing)
    assert answer(model, data)[:, 1].mean() == pytest.approx(0.9, abs=0.05)


@pytest.mark.parametrize("make", [lambda: Cnn(epochs=5000), lambda: Mlp(epochs=50_000)])
def test_a_small_budget_gives_a_usable_model_in_time(make: Callable[[], Algorithm]) -> None:
    train, valid = digits()
    rows: list[Any] = []
    model = make().fit(train, valid, Budget(1.5), rows.append)
    notes = model.members[0].notes
    assert score(model, valid) >= 0.8
    assert notes["epochs"] < 4000 and rows[-1]["learning_rate"] < 0.25 * max(
        row["learning_rate"] for row in rows
    )


@pytest.mark.parametrize("algorithm", [Cnn(), Mlp()])
def test_no_time_at_all_still_gives_a_model(algorithm: Algorithm) -> None:
    train, valid = few(digits())
    model = algorithm.fit(train, valid, Budget(0.0), nothing)
    assert answer(model, valid).shape == (len(valid), 10)


def test_a_fit_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    train, valid = few(digits())
    whole = Cnn(epochs=4).fit(train, valid, Budget(60), nothing)
    path = str(tmp_path / "cnn.checkpoint")

    class Stop(Exception):
        pass

    def stop(row: Any) -> None:
        if row["epoch"] == 3:
            raise Stop

    with pytest.raises(Stop):
        Cnn(epochs=4, checkpoint=path).fit(train, valid, Budget(60), stop)
    rows: list[Any] = []
    again = Cnn(epochs=4, checkpoint=path).fit(train, valid, Budget(60), rows.append)
    assert [row["epoch"] for row in rows] == [3, 4]
    assert again.members[0].graph == whole.members[0].graph
    assert list(tmp_path.iterdir()) == []


def test_a_fit_never_goes_on_from_a_net_that_saw_other_rows(tmp_path: Path) -> None:
    train, valid = few(digits())
    path = str(tmp_path / "cnn.checkpoint")

    def stop(row: Any) -> None:
        if row["epoch"] == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Cnn(epochs=3, checkpoint=path).fit(valid, train, Budget(60), stop)
    assert len(list(tmp_path.iterdir())) == 1
    rows: list[Any] = []
    Cnn(epochs=3, checkpoint=path).fit(train, valid, Budget(60), rows.append)
    assert [row["epoch"] for row in rows] == [1, 2, 3]


@pytest.mark.parametrize("algorithm", [Cnn(learning_rate=1e30), Mlp(learning_rate=1e30)])
def test_a_net_that_diverges_says_so(algorithm: Algorithm) -> None:
    train, valid = few(digits())
    with pytest.raises(TrainError) as caught:
        algorithm.fit(train, valid, Budget(60), nothing)
    assert caught.value.key == "deep.diverged" and "learning_rate" in str(caught.value)


def test_cnn_refuses_a_table() -> None:
    train, valid = numbers(*load_breast_cancer(return_X_y=True), regress=False)
    with pytest.raises(LingquError):
        Cnn().fit(train, valid, Budget(60), nothing)


def test_large_pictures_are_averaged_down_first() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 60)
    x = rng.uniform(0, 4, (60, 90, 70)).astype("float32")
    x[y == 1, 20:60, 20:50] += 10
    train, valid = pictures(x[:45], y[:45], (90, 70)), pictures(x[45:], y[45:], (90, 70))
    model = Cnn(epochs=6, batch=8, width=8).fit(train, valid, Budget(60), nothing)
    assert score(model, valid) >= 0.9
    assert max(model.members[0].notes["picture"]) <= 64


@pytest.mark.parametrize(
    ("channels", "size"),
    [(1, (1, 1)), (1, (2, 5)), (3, (5, 5)), (1, (8, 8)), (3, (28, 28)), (3, (64, 48))],
)
def test_the_net_fits_every_size_and_its_graph_agrees(channels: int, size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    net = cnn.network(channels, size, 4, width=8)
    x = torch.randn(5, channels, *size)
    net.train()
    for _ in range(3):
        net(x * 3 + 1)
    net.eval()
    data = graph.write(net, "image", (channels, *size), "probabilities")
    onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
    expected = net(x).softmax(1).detach().numpy()
    assert np.abs(graph.answers(data, {"image": x.numpy()}) - expected).max() < 1e-5
    assert b"BatchNormalization" not in data and b"Dropout" not in data


@pytest.mark.parametrize("layer", ["relu", "tanh", "sigmoid"])
def test_a_graph_gives_values_in_the_units_of_the_target(layer: str) -> None:
    torch.manual_seed(0)
    net = mlp.network(6, (5, 4), 1, layer, dropout=0.5).eval()
    x = torch.randn(7, 6)
    data = graph.write(net, "x", (6,), "values", Bend(unit=0.0, mean=150.0, scale=20.0))
    expected = (net(x) * 20 + 150).detach().numpy()
    assert np.allclose(graph.answers(data, {"x": x.numpy()}), expected, atol=1e-3)


def test_a_graph_bends_values_back() -> None:
    torch.manual_seed(0)
    net = mlp.network(6, (5, 4), 1).eval()
    x = torch.randn(7, 6) * 9
    bend = Bend(unit=3.0, mean=4.0, scale=2.0, low=-1.5, high=1.5, lift=1.1)
    data = graph.write(net, "x", (6,), "values", bend)
    onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
    expected = bend.backward(net(x).detach().double().numpy())
    assert np.abs(graph.answers(data, {"x": x.numpy()}) - expected).max() < 1e-5 * bend.size


def test_a_layer_without_a_graph_is_refused() -> None:
    with pytest.raises(TypeError, match="PReLU"):
        graph.write(nn.Sequential(nn.PReLU(), nn.Linear(2, 2)), "x", (2,), "values")
    plain = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2, affine=False))
    with pytest.raises(TypeError, match="normalisation"):
        graph.write(plain, "x", (2,), "values")


def test_a_graph_that_disagrees_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    real = graph.write
    monkeypatch.setattr(graph, "write", lambda net, *rest: real(other(net), *rest))
    train, valid = few(digits())
    with pytest.raises(TrainError) as caught:
        Mlp(epochs=2).fit(train, valid, Budget(60), nothing)
    assert caught.value.key == "deep.graph_differs" and "mlp" in str(caught.value)


def other(net: nn.Sequential) -> nn.Sequential:
    """Return a net of the same shape that says something else."""
    torch.manual_seed(1)
    return nn.Sequential(*net[:-1], nn.Linear(net[-1].in_features, net[-1].out_features))


def test_jiggle_moves_pictures_a_little_and_keeps_their_range() -> None:
    torch.manual_seed(0)
    x = torch.rand(20, 2, 8, 8)
    moved = cnn.jiggle(x)
    assert moved.shape == x.shape and not torch.equal(moved, x)
    assert moved.min() >= x.min() - 1e-6 and moved.max() <= x.max() + 1e-6
    flat = torch.full((3, 1, 8, 8), 0.7)
    assert torch.allclose(cnn.jiggle(flat), flat, atol=1e-6)


def test_only_steps_with_much_work_get_more_than_one_thread() -> None:
    seeds, large = mlp.network(64, (64, 64), 10), mlp.network(2000, (1000, 64), 10)
    assert work(seeds, torch.zeros(32, 64)) == 32 * (64 * 64 + 64 * 64 + 64 * 10)
    assert threads(work(seeds, torch.zeros(32, 64)), 2) == 1
    assert threads(work(large, torch.zeros(256, 2000)), 2) == 2
    pictures = cnn.network(3, (64, 48), 10)
    assert threads(work(pictures, torch.zeros(64, 3, 64, 48)), 2) == 2
    assert large.training and pictures.training


def test_the_catalogue_knows_both_with_checked_options() -> None:
    assert load("algorithms", "cnn") is Cnn and load("algorithms", "mlp") is Mlp
    assert build("algorithms", "mlp", {"hidden": [32, 16], "loss": "huber"}).hidden == (32, 16)
    with pytest.raises(SpecError):
        build("algorithms", "mlp", {"activation": "swish"})
    for kind in (Cnn, Mlp):
        assert kind.engine == "torch" and "Source:" in (kind.__doc__ or "")
        assert 0 < kind.cost(1000, 64, 10) < kind.cost(100_000, 64, 10)
