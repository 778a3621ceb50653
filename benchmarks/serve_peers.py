"""The peers of `serve.py`: what is installed, how it is started, what it is sent and what it says.

Each is tuned as its documentation says: one ONNX Runtime thread a worker, no access log and no
metrics where there is a switch, batches of at most 32 where it has them. Each is run with one
worker and with one a core (MiniLM: with one thread of ONNX Runtime and with one a core); ours is
held against the faster. None of them knows keys, quotas or a log of predictions as ours has on.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from figures import peer_python

FOLDER = Path(__file__).resolve().parent / "peers"
BATCH = 32
MODEL = ("onnxruntime==1.31.1", "numpy==2.4.6", "tokenizers==0.23.3")
Rows = list[dict[str, Any]]
Answers = list[Any]


@dataclass(frozen=True)
class Place:
    """Where a peer is started.

    Args:
        python: Python of its environment.
        release: Folder of the release.
        scratch: Folder that it may fill.
        port: Where it listens.
        batch: Most requests of one run; 1 for no batches.
        threads: Threads of ONNX Runtime.
        workers: Processes that answer.
    """

    python: Path
    release: Path
    scratch: Path
    port: int
    batch: int = 1
    threads: int = 1
    workers: int = 1

    @property
    def variables(self) -> dict[str, str]:
        """What the peer reads from its environment."""
        return {
            "RELEASE": str(self.release), "PORT": str(self.port), "BATCH": str(self.batch),
            "THREADS": str(self.threads), "WORKERS": str(self.workers), "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(FOLDER),
            "TOKENIZERS_PARALLELISM": "false", "DO_NOT_TRACK": "1", "PYTHONDONTWRITEBYTECODE": "1",
            "BENTOML_DO_NOT_TRACK": "true", "BENTOML_HOME": str(self.scratch / "bento"),
            "RAY_USAGE_STATS_ENABLED": "0", "RAY_TMPDIR": str(self.scratch),
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "UVICORN_ACCESS_LOG": "false", "HOME": str(self.scratch),
            "PATH": f"{self.python.parent}:/usr/bin:/bin",
        }  # fmt: skip


Command = Callable[[Place], list[str]]


def script(name: str) -> Command:
    """Return the command of a peer that is a script."""
    return lambda place: [str(place.python), str(FOLDER / name)]


def plain(place: Place) -> list[str]:
    return [str(place.python), str(FOLDER / "serve_plain.py"), str(place.release), str(place.port),
            str(place.workers)]  # fmt: skip


def bentoml(place: Place) -> list[str]:
    program = str(place.python.with_name("bentoml"))
    return [program, "serve", "serve_bentoml:Service", "--host", "127.0.0.1",
            "--port", str(place.port)]  # fmt: skip


def mosec(place: Place) -> list[str]:
    return [str(place.python), str(FOLDER / "serve_mosec.py"), "--address", "127.0.0.1",
            "--port", str(place.port), "--log-level", "error"]  # fmt: skip


def mlflow(place: Place) -> list[str]:
    folder = place.scratch / "model"
    writing = [str(place.python), str(FOLDER / "serve_mlflow.py"), str(folder)]
    subprocess.run(writing, check=True, capture_output=True, cwd=FOLDER, env=place.variables)
    program = str(place.python.with_name("mlflow"))
    return [program, "models", "serve", "-m", str(folder), "--env-manager", "local",
            "--host", "127.0.0.1", "--port", str(place.port), "-w", str(place.workers)]  # fmt: skip


def mlserver(place: Place) -> list[str]:
    """Write its settings: no pool for one worker on digits, whose hop costs more."""
    model: dict[str, Any] = {"name": "m", "implementation": "serve_mlserver.Runtime"}
    if place.batch > 1:
        model |= {"max_batch_size": place.batch, "max_batch_time": 0.002}
    settings = {
        "http_port": place.port, "host": "127.0.0.1", "grpc_port": place.port + 1,
        "metrics_endpoint": None, "parallel_workers": _pool(place),
        "debug": False, "access_log": False, "use_structured_logging": False,
        "environments_dir": str(place.scratch / "envs"), "metrics_dir": str(place.scratch),
    }  # fmt: skip
    folder = place.scratch / "models"
    folder.mkdir()
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "model-settings.json").write_text(json.dumps(model))
    return [str(place.python.with_name("mlserver")), "start", str(folder)]


def _pool(place: Place) -> int:
    return 0 if place.batch == 1 and place.workers == 1 else place.workers


def rows_body(rows: Rows) -> dict[str, Any]:
    return {"rows": rows}


def cells_body(rows: Rows) -> dict[str, Any]:
    """MLflow's tensors."""
    return {"inputs": [cell for row in rows for cell in row.values()]}


def tensors_body(rows: Rows) -> dict[str, Any]:
    """The Open Inference Protocol."""
    name = next(iter(rows[0]))
    if name == "text":
        tensor = {"shape": [len(rows)], "datatype": "BYTES", "data": [row[name] for row in rows]}
    else:
        data = [float(pixel) for row in rows for line in row[name] for pixel in line]
        tensor = {"shape": [len(rows), 8, 8], "datatype": "FP32", "data": data}
    return {"inputs": [{"name": name, **tensor}]}


def _answers(told: Mapping[str, Any]) -> Answers:
    """Return what is said of each row: a vector, or a class and its probability."""
    if "vectors" in told:
        return list(told["vectors"])
    return list(zip(told["predictions"], told["confidence"], strict=True))


def bento_answers(said: Any) -> Answers:
    """Return the answers of BentoML, which replies to a batch with a list."""
    replies = said if isinstance(said, list) else [said]
    return [answer for reply in replies for answer in _answers(reply)]


def mlflow_answers(said: Any) -> Answers:
    return _answers(said["predictions"])


def tensors_answers(said: Any) -> Answers:
    told = {part["name"]: part["data"] for part in said["outputs"]}
    if "vectors" in told:
        width = said["outputs"][0]["shape"][1]
        flat = told["vectors"]
        told["vectors"] = [flat[at : at + width] for at in range(0, len(flat), width)]
    return _answers(told)


@dataclass(frozen=True)
class Peer:
    """A server beside ours.

    Args:
        name: As it is called on the command line.
        title: As it is called in the table.
        packages: What is installed, pinned.
        command: How it is started.
        path: Where it is asked.
        body: Rows → the JSON of a request.
        answers: The JSON of a reply → what is said of each row.
        ratio: How many times its requests a second ours must reach on digits; 0 for no target.
        batch: Most requests of a run on digits: as is faster there.
        texts: Whether it is measured on MiniLM.
        start_s: Longest that it may take to start.
    """

    name: str
    title: str
    packages: Sequence[str]
    command: Command
    path: str = "/predict"
    body: Callable[[Rows], dict[str, Any]] = rows_body
    answers: Callable[[Any], Answers] = field(default=_answers)
    ratio: float = 10.0
    batch: int = 1
    texts: bool = True
    start_s: float = 90.0

    def python(self) -> Path:
        """Return the Python of its environment, made on first use."""
        return peer_python(f"serve-{self.name}", [*self.packages, *MODEL])


_PEERS = (
    Peer("litserve", "LitServe", ("litserve==0.2.19",), script("serve_litserve.py")),
    Peer("bentoml", "BentoML", ("bentoml==1.4.39",), bentoml, answers=bento_answers, batch=BATCH),
    Peer("mlflow", "MLflow", ("mlflow==3.17.2",), mlflow, "/invocations", cells_body,
         mlflow_answers, texts=False),
    Peer("mlserver", "MLServer", ("mlserver==1.7.1", "uvloop<0.22"), mlserver,
         "/v2/models/m/infer", tensors_body, tensors_answers),
    Peer("ray", "Ray Serve", ("ray[serve]==2.60.0",), script("serve_ray.py")),
    Peer("fastapi", "plain FastAPI", ("fastapi==0.165.0", "uvicorn==0.54.0", "uvloop==0.23.0",
                                      "httptools==0.9.0", "pydantic==2.14.3"),
         plain, ratio=5.0, texts=False),
    Peer("mosec", "mosec", ("mosec==0.9.8", "msgspec==0.22.0"), mosec, "/inference", ratio=0.0,
         batch=BATCH),
)  # fmt: skip
PEERS: Mapping[str, Peer] = {peer.name: peer for peer in _PEERS}
