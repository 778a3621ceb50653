"""What every peer answers with: the graph of a release, ONNX Runtime, numpy and tokenizers.

A peer reads where things are from its environment: ``RELEASE`` (folder), ``PORT``, ``THREADS`` (of
ONNX Runtime), ``WORKERS`` and ``BATCH`` (most requests of one run). It takes requests of rows and
gives one reply each, so that batching is one call, whatever the server calls it.
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

PORT = int(os.environ.get("PORT", "0"))
BATCH = int(os.environ.get("BATCH", "1"))
WORKERS = int(os.environ.get("WORKERS", "1"))
WAIT_S = 0.002
"""Longest that a request waits for others."""
CLIP = 8.0

Rows = list[dict[str, Any]]
Floats = NDArray[np.float32]


class Digits:
    """Pictures of digits → class and probability."""

    column = "image"

    def __init__(self, folder: Path, block: dict[str, Any]) -> None:
        self.classes: list[str] = json.loads((folder / "release.json").read_text())["classes"]
        self.mean = np.array(block["mean"], dtype=np.float32)
        self.scale = np.array(block["scale"], dtype=np.float32)

    def tensor(self, cells: list[Any]) -> Floats:
        x = np.array(cells, dtype=np.float32).reshape(len(cells), -1)
        return np.clip((x - self.mean) / self.scale, -CLIP, CLIP)

    def told(self, found: Floats) -> dict[str, list[Any]]:
        labels = found.argmax(axis=1)
        sure = found[np.arange(len(found)), labels]
        return {
            "predictions": [self.classes[label] for label in labels], "confidence": sure.tolist()
        }  # fmt: skip


class Texts:
    """Texts → vectors."""

    column = "text"

    def __init__(self, folder: Path, block: dict[str, Any]) -> None:
        from tokenizers import Tokenizer

        self.pieces = Tokenizer.from_str(block["encoding"]["blocks"][0]["tokenizer"])
        self.pieces.enable_padding()
        self.pieces.enable_truncation(int(block["encoding"]["blocks"][0]["length"]))

    def tensor(self, cells: list[Any]) -> Floats:
        found = self.pieces.encode_batch(cells)
        ids = np.array([one.ids for one in found], dtype=np.float32)
        there = np.array([one.attention_mask for one in found], dtype=np.float32)
        return (ids + 1) * there  # the graph takes 0 for no piece

    def told(self, found: Floats) -> dict[str, list[Any]]:
        return {"vectors": found.astype(np.float64).round(6).tolist()}


class Served:
    """The model of a release, ready to answer."""

    def __init__(self, folder: str = "") -> None:
        place = Path(folder or os.environ["RELEASE"])
        encoding = json.loads((place / "encoding.json").read_text())["inputs"][0]["encoding"]
        block = encoding["blocks"][0]
        kind = Texts if block["type"] == "embedder" else Digits
        self.kind: Digits | Texts = kind(place, block)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(os.environ.get("THREADS", "1"))
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(place / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def found(self, cells: list[Any]) -> Floats:
        """Ask the graph."""
        answers: Floats = self.session.run(None, {"x": self.kind.tensor(cells)})[0]
        return answers

    def answer(self, rows: Rows) -> dict[str, list[Any]]:
        """Answer one request."""
        return self.kind.told(self.found([row[self.kind.column] for row in rows]))

    def answers(self, requests: list[Rows]) -> list[dict[str, list[Any]]]:
        """Answer some requests with one run of the graph."""
        found = self.found([row[self.kind.column] for rows in requests for row in rows])
        replies, start = [], 0
        for rows in requests:
            replies.append(self.kind.told(found[start : start + len(rows)]))
            start += len(rows)
        return replies
