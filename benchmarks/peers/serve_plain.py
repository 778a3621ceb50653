"""What most teams write first: FastAPI, pydantic, ONNX Runtime.

``serve_plain.py FOLDER PORT [WORKERS]``

It reads the graph and the input specification of a release of images, numbers and categories,
fills missing cells and encodes what each input of the graph wants: a release of several models
has several, in plain and in rich views.
"""

import json
import sys
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI
from numpy.typing import NDArray
from pydantic import BaseModel, create_model

CLIP = 8.0
TINY = 1e-9
NOTHING = {"", "?", "NA", "N/A", "NaN", "nan", "null", "None", "-"}
GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)

Rows = list[dict[str, Any]]
Floats = NDArray[np.float32]


def averaging(size: int, length: int) -> Floats:
    """Return the matrix that averages `length` pixels into `size`."""
    edges, pixel = np.linspace(0, length, size + 1), np.arange(length)
    overlap = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    weights = np.clip(overlap, 0, None)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def pixels(block: dict[str, Any], rows: Rows) -> Floats:
    images = np.array([row[block["column"]] for row in rows], dtype=np.float32)
    images = images[..., None] if images.ndim == 3 else images
    if block["size"] and block["grey"]:
        colour = images.shape[3] >= 3
        grey = images[..., :3] @ GREY if colour else images.mean(axis=3)
        images = grey[..., None]
    if block["size"]:
        stacked = np.moveaxis(images, 3, 1)
        (height, width), (down, across) = stacked.shape[2:], block["size"]
        images = averaging(down, height) @ stacked @ averaging(across, width).T
    elif block["channels_first"]:
        images = np.moveaxis(images, 3, 1)
    flat = images.reshape(len(rows), -1)
    if "mean" not in block:
        return flat
    return np.clip((flat - block["mean"]) / block["scale"], -CLIP, CLIP).astype(np.float32)


def numbers(block: dict[str, Any], rows: Rows) -> Floats:
    cells = [[row[name] for name in block["columns"]] for row in rows]
    values = np.array(cells, dtype=np.float64)  # None becomes NaN
    if "mean" not in block:
        return values.astype(np.float32)
    missing = np.isnan(values)
    values = np.where(missing, block["median"], values)
    values = np.clip((values - block["mean"]) / block["scale"], -CLIP, CLIP)
    flags = missing[:, [block["columns"].index(name) for name in block["missing"]]]
    return np.hstack([values, flags]).astype(np.float32)


def ordinal(block: dict[str, Any], rows: Rows) -> Floats:
    codes = {level: float(code) for code, level in enumerate(block["levels"])}
    cells = [[codes.get(row[block["column"]], np.nan)] for row in rows]
    return np.array(cells, dtype=np.float32)


def category(block: dict[str, Any], rows: Rows) -> Floats:
    levels, shares = block["levels"], block["shares"]
    hot = min(len(levels), block["hot"])
    width = hot + (1 + block["buckets"] if shares else 0) + bool(block["missing"])
    found = np.zeros((len(rows), width), dtype=np.float32)
    for index, row in enumerate(rows):
        level = row[block["column"]]
        if level is None:
            found[index, -1] = bool(block["missing"]) or found[index, -1]
        elif level in levels:
            code = levels.index(level)
            if code < hot:
                found[index, code] = 1
            if shares:
                found[index, hot] = shares[code]
                if code >= hot:
                    found[index, hot + 1 + crc32(level.encode()) % block["buckets"]] = 1
    return found


def settled(block: dict[str, Any], values: NDArray[np.float64]) -> Floats:
    """Scale what linear models read; the others read it raw."""
    if "mean" in block:
        values = (values - block["mean"]) / block["scale"]
        values = np.nan_to_num(np.clip(values, -CLIP, CLIP), nan=0.0)
    return values.astype(np.float32)


def column(rows: Rows, name: str) -> NDArray[np.float64]:
    return np.array([row[name] for row in rows], dtype=np.float64)


def facts(block: dict[str, Any], rows: Rows) -> Floats:
    level, *means = block["columns"]
    codes = {name: code for code, name in enumerate(block["levels"])}
    unseen = len(codes)
    asked = [row[level] for row in rows]
    places = [unseen + 1 if name is None else codes.get(name, unseen) for name in asked]
    known = np.array(block["table"], dtype=np.float64)[places]
    own = known.shape[1] - len(means)
    parts = [known[:, :own]]
    for place, name in enumerate(means):
        mean = known[:, own + place]
        parts += [mean[:, None], (column(rows, name) - mean)[:, None]]
    return settled(block, np.hstack(parts))


def pairs(block: dict[str, Any], rows: Rows) -> Floats:
    found = []
    for first, sign, second in block["pairs"]:
        one, two = column(rows, first), column(rows, second)
        if sign == "/":
            found.append(one / np.where(np.abs(two) < TINY, np.nan, two))
        else:
            found.append(one * two if sign == "*" else one - two)
    return settled(block, np.stack(found, axis=1))


def ramps(block: dict[str, Any], rows: Rows) -> Floats:
    parts = []
    for name, edges, median in zip(block["columns"], block["edges"], block["median"], strict=True):
        values = column(rows, name)
        values = np.where(np.isnan(values), median, values)[:, None]
        parts.append(np.clip((values - edges[:-1]) / np.diff(edges), 0, 1) - 0.5)
    return np.hstack(parts).astype(np.float32)


def gaps(block: dict[str, Any], rows: Rows) -> Floats:
    missing = [[row[name] is None for name in block["columns"]] for row in rows]
    return np.array(missing, dtype=np.float32).mean(axis=1, keepdims=True)


BLOCKS = {"pixels": pixels, "numbers": numbers, "ordinal": ordinal, "category": category,
          "facts": facts, "pairs": pairs, "ramps": ramps, "gaps": gaps}  # fmt: skip


def encoded(encoding: dict[str, Any], rows: Rows) -> Floats:
    parts = [BLOCKS[block["type"]](block, rows) for block in encoding["blocks"]]
    return np.hstack(parts).astype(np.float32).reshape(len(rows), *encoding["shape"])


def row_model(inputs: list[dict[str, Any]]) -> type[BaseModel]:
    """Return the pydantic model of a row: the columns that the inputs are made of."""
    fields: dict[str, Any] = {}
    for block in (block for row in inputs for block in row["encoding"]["blocks"]):
        if block["type"] not in BLOCKS:
            raise SystemExit(f"the peer has no encoding of {block['type']!r}")
        if block["type"] == "pixels":
            flat = list[list[float]]
            fields[block["column"]] = list[flat] if len(block["shape"]) == 3 else flat  # type: ignore[valid-type]
        elif block["type"] == "facts":
            fields[block["columns"][0]] = str | None
            fields |= {name: float | None for name in block["columns"][1:]}
        elif block["type"] in ("numbers", "pairs", "ramps"):
            fields |= {name: float | None for name in block["columns"]}
        elif block["type"] != "gaps":  # these read columns of other blocks
            fields[block["column"]] = str | None
    return create_model("Row", **{name: (kind, ...) for name, kind in fields.items()})


class Answers(BaseModel):
    predictions: list[str]
    confidence: list[float]


def made(folder: Path) -> FastAPI:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
    )
    inputs = json.loads((folder / "encoding.json").read_text("utf-8"))["inputs"]
    manifest = json.loads((folder / "release.json").read_text("utf-8"))
    classes, threshold = manifest["classes"], manifest["threshold"]
    steps = json.loads((folder / "preparation.json").read_text("utf-8"))
    fills = {k: v for step in steps for k, v in step["state"].get("fills", {}).items()}
    row = row_model(inputs)
    body_model = create_model("Rows", rows=(list[row], ...))  # type: ignore[valid-type]
    app = FastAPI()

    @app.post("/predict")
    def predict(body: body_model) -> Answers:  # type: ignore[valid-type]
        rows = [row.model_dump() for row in body.rows]  # type: ignore[attr-defined]
        for one in rows:
            cells = {k: v.strip() for k, v in one.items() if isinstance(v, str)}
            one.update({k: None if v in NOTHING else v for k, v in cells.items()})
            one.update({k: v for k, v in fills.items() if k in one and one[k] is None})
        feeds = {row["tensor"]: encoded(row["encoding"], rows) for row in inputs}
        found = session.run(["probabilities"], feeds)[0]
        labels = found.argmax(axis=1)
        if len(classes) == 2:
            labels = (found[:, 1] >= threshold).astype(int)
        return Answers(
            predictions=[classes[label] for label in labels],
            confidence=[float(row[label]) for row, label in zip(found, labels, strict=True)],
        )

    return app


def asked() -> FastAPI:
    """Return the app of the folder on the command line, in whichever worker."""
    return made(Path(sys.argv[1]))


if __name__ == "__main__":
    uvicorn.run(
        "serve_plain:asked", factory=True, host="127.0.0.1", port=int(sys.argv[2]),
        workers=int(sys.argv[3]) if len(sys.argv) > 3 else 1, access_log=False,
        loop="uvloop", http="httptools", log_level="warning",
    )  # fmt: skip
