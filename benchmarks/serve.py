"""Our server beside a plain FastAPI server, the same model, one row a request.

Run ``python benchmarks/serve.py``; ``--release FOLDER`` serves a release that classifies images or
rows of numbers and categories instead of the one made here, ``--seconds`` sets the length of a
run. Prints one line per figure (name, ours, peer, target, reached) and exits 1 when a target is
missed.

Ours runs with a key, a quota and the prediction log on. The peer (`peers/serve_plain.py`) is what
most teams write first: FastAPI, a pydantic model, a plain ``def`` handler and ONNX Runtime, on
uvicorn with uvloop and httptools, its access log off, in a virtual environment of its own; it must
give the release's golden answers. Runs alternate, so that a busy machine slows both; the figures
are medians of the runs. The client is a process of its own and shares the machine with the server
it asks.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import numpy as np
import polars as pl
import psutil

from lingqu.core.nouns import Dataset, Member, Model
from lingqu.core.schema import Column, Schema
from lingqu.outlets import keys
from lingqu.outlets.server import Server
from lingqu.release.bundle import Contents, pack
from lingqu.release.encode import encode, fit_encoding
from lingqu.release.predictor import predict_model
from lingqu.release.profile import fit_profile, signals
from lingqu.release.release import Release
from lingqu.store.home import open_home

HERE = Path(__file__).resolve().parent
CONCURRENCY = 16
TARGETS = {"ratio": 4.0, "p99_ms": 10.0, "cpu_us": 110.0, "start_s": 1.0}
PEER = HERE / "peers" / "serve_plain.py"
CLIENT = r'''
import asyncio, json, sys, time
import uvloop

port, seconds, concurrency, path, key = (int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]),
                                         sys.argv[4], sys.argv[5])
bodies = json.load(sys.stdin)


def framed(body):
    data = json.dumps(body).encode()
    head = (f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {key}\r\nContent-Length: {len(data)}\r\n\r\n")
    return head.encode() + data


requests = [framed(body) for body in bodies]
times, failures, shared = [], [], {"stop": float("inf"), "open": 0}


class Caller(asyncio.Protocol):
    """Sends one request after the other on one connection."""

    def __init__(self, number):
        self.number, self.buffer = number, b""

    def connection_made(self, transport):
        self.transport = transport
        shared["open"] += 1
        self.ask()

    def ask(self):
        self.number += 1
        self.begun = time.perf_counter()
        self.transport.write(requests[self.number % len(requests)])

    def data_received(self, data):
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end].lower()
        at = head.index(b"content-length:") + 15
        length = int(head[at:].split(b"\r\n", 1)[0])
        if len(self.buffer) < end + 4 + length:
            return
        now = time.perf_counter()
        if not self.buffer.startswith(b"HTTP/1.1 200"):
            failures.append(self.buffer[:200].decode())
        times.append(now - self.begun)
        self.buffer = self.buffer[end + 4 + length:]
        if now < shared["stop"]:
            self.ask()
        else:
            shared["open"] -= 1
            self.transport.close()


async def main():
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    shared["stop"] = begun + seconds
    for number in range(concurrency):
        await loop.create_connection(lambda: Caller(number * 7), "127.0.0.1", port)
    await asyncio.sleep(seconds)
    while shared["open"]:
        await asyncio.sleep(0.01)
    took = time.perf_counter() - begun
    times.sort()
    print(json.dumps({"per_s": len(times) / took, "n": len(times), "failures": failures[:1],
                      "p50_ms": times[len(times) // 2] * 1e3,
                      "p99_ms": times[int(len(times) * 0.99)] * 1e3,
                      "client_us": time.process_time() / len(times) * 1e6}))


uvloop.run(main())
'''


def make_release(folder: Path, seed: int) -> None:
    """Fit a net 64-64-64-10 on scikit-learn's digits and write it as a release."""
    from onnx import TensorProto, helper, numpy_helper
    from sklearn.datasets import load_digits
    from sklearn.neural_network import MLPClassifier

    digits = load_digits()
    classes = tuple("0123456789")
    frame = pl.DataFrame(
        {
            "image": digits.images.astype(np.uint8),
            "digit": [classes[label] for label in digits.target],
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
    net.fit(encode(data.frame, encoding)["x"], digits.target[:1400])
    nodes, weights, name = [], [], "x"
    for index, (weight, bias) in enumerate(zip(net.coefs_, net.intercepts_, strict=True)):
        weights.append(numpy_helper.from_array(weight.astype(np.float32), f"w{index}"))
        weights.append(numpy_helper.from_array(bias.astype(np.float32), f"b{index}"))
        nodes.append(helper.make_node("Gemm", [name, f"w{index}", f"b{index}"], [f"g{index}"]))
        last = index == len(net.coefs_) - 1
        name = "probabilities" if last else f"r{index}"
        nodes.append(helper.make_node("Softmax" if last else "Relu", [f"g{index}"], [name]))
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "mlp",
        [tensor("x", TensorProto.FLOAT, ["n", 64])],
        [tensor("probabilities", TensorProto.FLOAT, ["n", 10])],
        weights,
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model = Model(
        "classify", classes, (Member("mlp", "mlp", 1.0, encoding, made.SerializeToString()),)
    )
    test = frame[1400:]
    contents = Contents(
        name="digits",
        model=model,
        schema=schema,
        golden_rows=test,
        operators=[],
        profile=fit_profile(signals(test, schema), predict_model(model, test)),
        findings=[],
        metrics={},
        facts={},
        lineage={},
        channel_text="channel: digits\n",
        channel="c" * 64,
        data="d" * 64,
        seed=seed,
    )
    home = open_home(folder.parent / "signer")
    pack(
        folder,
        contents,
        created=home.clock(),
        sign=home.signing_key.sign,
        public_key=home.signing_key.public_raw,
    )
    home.close()


def peer_python() -> str:
    """Return the Python of the peer's environment, made on first use."""
    root = HERE.parent
    folder = root / ".bench" / "serve"
    python = folder / "bin" / "python"
    if not (folder / "ready").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        wanted = ["fastapi", "uvicorn", "uvloop", "httptools", "onnxruntime", "numpy", "pydantic"]
        install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*install, "-c", str(root / "constraints.txt"), *wanted], check=True)
        (folder / "ready").write_text("\n".join(wanted))
    return str(python)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def peer(release: Release) -> Iterator[tuple[int, int, float]]:
    """Run the peer; yield its pid, port and the seconds until it took connections."""
    python = peer_python()
    port, begun = free_port(), time.perf_counter()
    command = [python, str(PEER), str(release.folder), str(port)]
    process = subprocess.Popen(command)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                break
            except OSError:
                if process.poll() is not None or time.perf_counter() - begun > 30:
                    raise SystemExit("the peer did not start") from None
                time.sleep(0.01)
        yield process.pid, port, time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait()


@contextmanager
def ours(folder: Path, release: Release) -> Iterator[tuple[int, int, float, str]]:
    """Run our server with a key, a quota and the log; yield pid, port, start time, secret."""
    home = open_home(folder / "workspace")
    key, secret = keys.make("bench", (release.name,), "100000000/min", created=home.clock())
    home.ledger.keys.add(key)
    home.close()
    driver = Server(channel=release.name, workspace=str(folder / "workspace"))
    begun = time.perf_counter()
    status = driver.open(str(release.folder))
    took = time.perf_counter() - begun
    try:
        yield status["pid"], int(status["address"].rpartition(":")[2]), took, secret
        final = driver.status()
        if final["dropped"] or final["errors"]:
            raise SystemExit(f"rows were dropped or failed: {final}")
    finally:
        driver.close()


def tree(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def cpu_s(pid: int) -> float:
    times = [process.cpu_times() for process in tree(pid)]
    return float(sum(t.user + t.system for t in times))


def load(pid: int, port: int, path: str, key: str, bodies: Any, seconds: float) -> dict[str, float]:
    """Ask for some seconds; return rate, latencies and CPU microseconds a request."""
    before = cpu_s(pid)
    arguments = [str(port), str(seconds), str(CONCURRENCY), path, key]
    done = subprocess.run(
        [sys.executable, "-c", CLIENT, *arguments],
        input=json.dumps(bodies),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    if found["failures"]:
        raise SystemExit(f"a request failed: {found['failures'][0]}")
    found["cpu_us"] = (cpu_s(pid) - before) / found["n"] * 1e6
    found["rss_mb"] = sum(process.memory_info().rss for process in tree(pid)) / 1e6
    return found


def same_answers(port: int, release: Release) -> None:
    """Refuse a peer that does other work: it must answer the golden rows as the release does.

    What it says of the probability may differ by float32 rounding.
    """
    rows = release.golden["rows"]
    data = json.dumps({"rows": [row["input"] for row in rows]}).encode()
    asked = Request(f"http://127.0.0.1:{port}/predict", data, {"Content-Type": "application/json"})
    with urlopen(asked) as reply:
        said = json.load(reply)
    for row, label, share in zip(rows, said["predictions"], said["confidence"], strict=True):
        wanted = row["output"]
        if label != wanted["prediction"] or abs(share - wanted["confidence"]) > 1e-4:
            raise SystemExit(f"the peer answers {label} ({share:.4f}), the release {wanted}")


def measure(
    release: Path, folder: Path, seconds: float, runs: int
) -> tuple[dict[str, float], dict[str, float]]:
    opened = Release.open(release)
    bodies = [{"rows": [row["input"]]} for row in opened.golden["rows"]]
    mine: list[dict[str, float]] = []
    theirs: list[dict[str, float]] = []
    with (
        ours(folder, opened) as (our_pid, our_port, our_start, key),
        peer(opened) as (peer_pid, peer_port, peer_start),
    ):
        same_answers(peer_port, opened)
        for pid, port, path in (
            (our_pid, our_port, f"/c/{opened.name}"),
            (peer_pid, peer_port, "/predict"),
        ):
            load(pid, port, path, key, bodies, 0.5)
        for _ in range(runs):
            mine.append(load(our_pid, our_port, f"/c/{opened.name}", key, bodies, seconds))
            theirs.append(load(peer_pid, peer_port, "/predict", "-", bodies, seconds))
    return (
        {**{k: statistics.median(r[k] for r in mine) for k in _FIGURES}, "start_s": our_start},
        {**{k: statistics.median(r[k] for r in theirs) for k in _FIGURES}, "start_s": peer_start},
    )


_FIGURES = ("per_s", "p50_ms", "p99_ms", "cpu_us", "rss_mb")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--release", type=Path, help="folder of a release that classifies")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lq-serve-") as name:
        folder = Path(name)
        release = given.release or folder / "release"
        if not given.release:
            make_release(release, given.seed)
        mine, theirs = measure(release, folder, given.seconds, given.runs)
    print(
        f"Python {platform.python_version()}, {psutil.cpu_count()} cores, "
        f"onnxruntime {version('onnxruntime')}, uvicorn {version('uvicorn')}, "
        f"fastapi {version('fastapi')}, concurrency {CONCURRENCY}, seed {given.seed}"
    )
    ratio = mine["per_s"] / theirs["per_s"]
    target = f"≥ {TARGETS['ratio']:g}x the peer ({ratio:.1f}x)"
    lines = [("requests/s", mine["per_s"], theirs["per_s"], target, ratio >= TARGETS["ratio"])]
    for title, figure in (
        ("latency p99, ms", "p99_ms"),
        ("CPU a request, µs", "cpu_us"),
        ("start, s", "start_s"),
    ):
        good = mine[figure] <= TARGETS[figure]
        lines.append((title, mine[figure], theirs[figure], f"≤ {TARGETS[figure]:g}", good))
    lines.insert(1, ("latency p50, ms", mine["p50_ms"], theirs["p50_ms"], "-", True))
    lines.append(("resident memory, MB", mine["rss_mb"], theirs["rss_mb"], "-", True))
    print(f"{'figure':<22}{'ours':>10}{'peer':>10}  {'target':<24}reached")
    for title, our, other, wanted, good in lines:
        print(f"{title:<22}{our:>10.2f}{other:>10.2f}  {wanted:<24}{'yes' if good else 'NO'}")
    return 0 if all(line[-1] for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
