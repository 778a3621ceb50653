"""What ONNX Runtime does itself on all cores, without a server: ``serve_limit.py RELEASE SECONDS``.

Texts are cut into pieces beforehand. Sixteen rows are in flight, as with sixteen callers: as one
batch whose operators share the cores, or as one batch a core. Prints rows a second as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import polars as pl
from serve_releases import golden

from lingqu.release.encode import encode

ROWS = 16
CORES = os.cpu_count() or 1


def session(release: Path, threads: int, spins: bool = True) -> Any:
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spins)))
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        str(release / "model.onnx"), options, providers=["CPUExecutionProvider"]
    )


def tensor(release: Path) -> Any:
    """Return the golden texts as pieces, the shortest first, (N, T)."""
    block = json.loads((release / "encoding.json").read_text("utf-8"))["inputs"][0]["encoding"]
    frame = pl.DataFrame([row["input"] for row in golden(release)])
    x = encode(frame, block["blocks"][0]["encoding"])["x"]
    return x[np.argsort((x > 0).sum(axis=1), kind="stable")]


def rate(ask: Any, x: Any, seconds: float) -> float:
    """Return rows a second of asking with the same rows."""
    ask.run(None, {"x": x})
    begun, calls = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        ask.run(None, {"x": x})
        calls += 1
    return calls * len(x) / (time.perf_counter() - begun)


def shared(release: Path, x: Any, seconds: float, spins: bool) -> float:
    """One batch; its operators share the cores, by threads that wait awake (spin) or asleep."""
    return rate(session(release, CORES, spins), _cut(x), seconds)


def apart(release: Path, x: Any, seconds: float) -> float:
    """One batch a core, at the same time."""
    parts = [_cut(part) for part in np.array_split(x, CORES)]
    asked = [session(release, 1) for _ in parts]
    with ThreadPoolExecutor(CORES) as threads:
        work = [threads.submit(rate, one, part, seconds)
                for one, part in zip(asked, parts, strict=True)]  # fmt: skip
        return sum(one.result() for one in work)


def _cut(x: Any) -> Any:
    return np.ascontiguousarray(x[:, : int((x > 0).sum(axis=1).max())])


def main() -> int:
    release, seconds = Path(sys.argv[1]), float(sys.argv[2])
    x = tensor(release)[:ROWS]
    told = {
        "shared": shared(release, x, seconds, True),
        "shared asleep": shared(release, x, seconds, False),
        "apart": apart(release, x, seconds),
    }
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
